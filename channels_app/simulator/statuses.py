"""The status timeline: turns what will happen to a message into webhook updates at the right virtual instant."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import time
from typing import TYPE_CHECKING, Any

from . import inbound
from .entities import Number, Template
from .errors import status_error
from .identities import bsuid_of
from .ledger import DELIVERED, FAILED, READ, STAGE_NAMES, Message, Step
from .recipients import Behavior, fractions, plan

if TYPE_CHECKING:
    from .simulator import Simulator

FREE_SERVICE_PER_MONTH = 1_000
_BURST = 500


class Timeline:
    """A heap of what is due next; one task walks it."""

    def __init__(self, simulator: Simulator) -> None:
        self._sim = simulator
        self._heap: list[tuple[float, int, Message]] = []
        self._wake = asyncio.Event()
        self._free_service: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return len(self._heap)

    def clear(self) -> None:
        """Forget everything that is still to come."""
        self._heap.clear()
        self._free_service.clear()

    def wake(self) -> None:
        """Look at the clock again, after its speed changed."""
        self._wake.set()

    def begin(self, message: Message, behavior: Behavior, template: Template | None, forced_code: int = 0) -> None:
        """Plan what happens to a message that was just accepted."""
        now = self._sim.clock.now()
        luck = fractions(self._sim.seed, message.sequence, message.to)
        person = self._sim.recipients.overrides.get(message.to)
        steps: list[Step]
        if forced_code:
            steps = [(now + 0.5 + luck[0], FAILED, forced_code)]
        else:
            blocked = person is not None and message.phone_id in person.blocked_phone_ids
            marketing = template is not None and template.category == "MARKETING"
            steps = plan(behavior, now, (luck[0], luck[1]), marketing=marketing, blocked=blocked)
            if len(steps) == 3 and (behavior.disorder or luck[2] < self._sim.knobs.reorder_share):
                sent, delivered, _ = steps
                steps = [sent, (delivered[0], READ, 0), (delivered[0] + 1.0, DELIVERED, 0)]
        message.steps = tuple(steps)
        if behavior.status_first:
            self._fire(message)
        self.push(message)

    def push(self, message: Message) -> None:
        """Queue the next step of a message."""
        if message.steps:
            due = message.steps[0][0]
            heapq.heappush(self._heap, (due, message.sequence, message))
            if self._heap[0][1] == message.sequence:
                self._wake.set()

    def read_now(self, message: Message) -> None:
        """Let the person open the chat: a delivered message becomes read at once."""
        if message.stage == DELIVERED:
            message.steps = ((self._sim.clock.now(), READ, 0),)
            self.push(message)

    async def run(self) -> None:
        """Fire what is due until cancelled."""
        while True:
            fired = 0
            now = self._sim.clock.now()
            while self._heap and self._heap[0][0] <= now and fired < _BURST:
                message = heapq.heappop(self._heap)[2]
                self._fire(message)
                self.push(message)
                fired += 1
            if fired:
                await asyncio.sleep(0)
                continue
            self._wake.clear()
            delay = self._sim.clock.real_delay(self._heap[0][0]) if self._heap else None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(delay, 0.005) if delay is not None else None)

    def _fire(self, message: Message) -> None:
        steps = message.steps
        number = self._sim.numbers.get(message.phone_id)
        if not steps or number is None:
            message.steps = None
            return
        _, stage, code = steps[0]
        message.steps = steps[1:] or None
        if stage > message.stage or stage == FAILED:
            self._sim.ledger.move(message, stage, code)
        self._sim.store.note_message(message)
        behavior = self._sim.recipients.behavior(message.to)
        contact, status = self._update(message, number, behavior, stage, code)
        self._sim.webhooks.status(number, contact, status)
        luck = fractions(self._sim.seed, "twice", message.sequence, stage)[0]
        if behavior.disorder or luck < self._sim.knobs.duplicate_share:
            self._sim.webhooks.status(number, contact, status)
        if stage == READ and behavior.reply:
            inbound.automatic_reply(self._sim, number, message, behavior.reply)

    def _update(
        self, message: Message, number: Number, behavior: Behavior, stage: int, code: int
    ) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        status: dict[str, Any] = {
            "id": self._sim.ledger.wamid_of(message),
            "status": STAGE_NAMES[stage],
            "timestamp": str(int(time.time())),
        }
        bsuid = bsuid_of(message.to)
        shows_phone = not message.by_bsuid or behavior.phone_shared
        if shows_phone:
            status["recipient_id"] = message.to
        if stage != FAILED or message.by_bsuid:
            status["recipient_user_id"] = bsuid
        if message.callback:
            status["biz_opaque_callback_data"] = message.callback
        if stage == FAILED:
            status["errors"] = [status_error(code)]
            return None, status
        if stage == DELIVERED or (stage == READ and behavior.chat_open):
            status["pricing"] = self._pricing(message)
        contact: dict[str, Any] = {"profile": {"name": behavior.name}}
        if stage in (DELIVERED, READ) and behavior.username:
            contact["profile"]["username"] = behavior.username
        if shows_phone:
            contact["wa_id"] = message.to
        contact["user_id"] = bsuid
        return contact, status

    def _pricing(self, message: Message) -> dict[str, Any]:
        template = self._sim.templates.get(message.template_id)
        if template is not None:
            category = template.category.lower()
            return {"billable": True, "pricing_model": "PMP", "type": "regular", "category": category}
        key = (message.phone_id, time.strftime("%Y-%m", time.gmtime(self._sim.clock.now())))
        used = self._free_service[key] = self._free_service.get(key, 0) + 1
        if used <= FREE_SERVICE_PER_MONTH:
            return {"billable": False, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"}
        return {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}
