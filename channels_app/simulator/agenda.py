"""What happens by itself later: a review ends, a restriction lifts. Kept as records, due on the virtual clock."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .entities import Appointment

if TYPE_CHECKING:
    from .simulator import Simulator

log = logging.getLogger(__name__)
Json = dict[str, Any]
Happening = Callable[["Simulator", str, Json], None]
FIRST_ID = 770_100_000_000_000


class Agenda:
    """The appointments of a simulator. `happenings` says what each kind does."""

    def __init__(self, simulator: Simulator, happenings: dict[str, Happening]) -> None:
        self._sim = simulator
        self._happenings = happenings
        self._wake = asyncio.Event()

    def add(self, what: str, about: str, after_s: float, **data: Any) -> Appointment:
        """Make an appointment in `after_s` virtual seconds."""
        sim = self._sim
        appointment = Appointment(sim.next_id(Appointment, FIRST_ID), sim.clock.now() + after_s, what, about, data)
        sim.put(appointment)
        self._wake.set()
        return appointment

    def cancel(self, what: str, about: str) -> int:
        """Take back the appointments of a kind about a record; gives how many."""
        found = [item for item in self._sim.appointments.values() if item.what == what and item.about == about]
        for item in found:
            self._sim.drop(item)
        return len(found)

    def find(self, what: str, about: str) -> Appointment | None:
        """Give the next appointment of a kind about a record."""
        found = [item for item in self._sim.appointments.values() if item.what == what and item.about == about]
        return min(found, key=lambda item: item.due, default=None)

    def wake(self) -> None:
        """Look at the clock again."""
        self._wake.set()

    def keep(self) -> None:
        """Let everything happen that is due."""
        now = self._sim.clock.now()
        due = sorted((item for item in self._sim.appointments.values() if item.due <= now), key=lambda item: item.due)
        for item in due:
            self._sim.drop(item)
            try:
                self._happenings[item.what](self._sim, item.about, item.data)
            except Exception:
                log.exception("simulator: an appointment failed")

    async def run(self) -> None:
        """Keep appointments until cancelled."""
        while True:
            self._wake.clear()
            self.keep()
            due = min((item.due for item in self._sim.appointments.values()), default=None)
            delay = None if due is None else max(0.01, self._sim.clock.real_delay(due))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), delay)
