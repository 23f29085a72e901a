"""The simulated Meta as one object: all state, and the parts that move it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar, cast

from .agenda import Agenda
from .clock import VirtualClock
from .conversations import Conversations
from .entities import App, Appointment, Media, Number, Person, Portfolio, Record, Template, Token, Waba
from .events.table import HAPPENINGS
from .faults import Faults
from .inbound import NO_WINDOW
from .ledger import Ledger
from .recipients import Recipients
from .sending.limits import DAY_S, Limits
from .sending.template_check import Contracts
from .statuses import Timeline
from .store import Store
from .webhooks import Webhooks
from .world import build_world

R = TypeVar("R", bound=Record)


@dataclass
class Knobs:
    """What can be tuned while it runs. Latency and linger are real milliseconds, a name's review virtual seconds."""

    latency_min_ms: int = 30
    latency_max_ms: int = 90
    linger_ms: int = 60
    batch_max: int = 1_000
    statuses_per_change: int = 20
    duplicate_share: float = 0.005
    reorder_share: float = 0.01
    enforce_limits: bool = True
    name_review_s: int = 3_600
    random_codes: bool = False

    def change(self, data: dict[str, Any]) -> None:
        """Set some knobs; raises ValueError with a sentence for an unknown name or a wrong type."""
        kinds = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        for key, value in data.items():
            if key not in kinds:
                raise ValueError(f"Unknown knob {key!r}.")
            good = isinstance(value, (int, float)) and isinstance(value, bool) == (kinds[key] is bool)
            if not good or value < 0:
                raise ValueError(f"{key} must be a {kinds[key].__name__} from 0.")
        for key, value in data.items():
            setattr(self, key, kinds[key](value))


class Simulator:
    """All of the simulated Meta. Lives in one event loop; nothing in it is shared with another thread."""

    def __init__(self, *, seed: int = 1, speed: float = 1.0, store_path: str | None = None, base_url: str = "") -> None:
        self.store = Store(store_path)
        kept = self.store.values()
        self.seed = int(kept.get("seed", seed))
        self.base_url = base_url
        self.clock = VirtualClock(speed, start=kept.get("now"))
        self.knobs = Knobs(**kept.get("knobs", {}))
        self.faults = Faults()
        self.limits = Limits()
        self.salt = int(kept.get("salt", secrets.randbits(48)))
        self.ledger = Ledger(self.salt)
        self.recipients = Recipients(self.seed)
        self.conversations = Conversations(self.store)
        self.contracts = Contracts()
        self.timeline = Timeline(self)
        self.webhooks = Webhooks(self)
        self.agenda = Agenda(self, HAPPENINGS)
        self.inbound_count = 0
        self.requests: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._empty()
        records = list(self.store.records())
        self._fill(records or build_world(), fresh=not records)

    # --- records --------------------------------------------------------------------------------------------------
    def _empty(self) -> None:
        self.apps: dict[str, App] = {}
        self.tokens: dict[str, Token] = {}
        self.portfolios: dict[str, Portfolio] = {}
        self.wabas: dict[str, Waba] = {}
        self.numbers: dict[str, Number] = {}
        self.templates: dict[str, Template] = {}
        self.appointments: dict[str, Appointment] = {}
        self.media: dict[str, Media] = {}
        self.media_bytes: dict[str, bytes] = {}
        self.template_index: dict[tuple[str, str, str], Template] = {}
        self._shelves: dict[str, dict[str, Any]] = {
            "app": self.apps, "token": self.tokens, "portfolio": self.portfolios, "waba": self.wabas,
            "number": self.numbers, "template": self.templates, "media": self.media,
            "person": self.recipients.overrides, "appointment": self.appointments,
        }  # fmt: skip

    def _fill(self, records: list[Record], *, fresh: bool) -> None:
        for record in records:
            self.put(record, note=fresh)
        if fresh:
            self._note_seed()

    def _note_seed(self) -> None:
        self.store.note_value("seed", self.seed)
        self.store.note_value("salt", self.salt)

    def put(self, record: Record, *, note: bool = True) -> None:
        """Keep a new or changed record."""
        self._shelves[record.kind][record.id] = record
        if isinstance(record, Template):
            self.reindex()
        if note:
            self.store.note(record)

    def reindex(self) -> None:
        """Rebuild the way from (WABA, name, language) to a template."""
        self.template_index = {(item.waba_id, item.name, item.language): item for item in self.templates.values()}

    def drop(self, record: Record) -> None:
        """Remove a record."""
        self._shelves[record.kind].pop(record.id, None)
        if isinstance(record, Media):
            self.media_bytes.pop(record.id, None)
        if isinstance(record, Template):
            self.reindex()
        self.store.forget(record)

    def person(self, digits: str) -> Person:
        """Give the record of a person, made on first use."""
        return self.recipients.overrides.setdefault(digits, Person(digits))

    def next_id(self, kind: type[R], floor: int) -> str:
        """Give the next free numeric id of a kind."""
        shelf = cast(dict[str, R], self._shelves[kind.kind])
        return str(max((int(key) for key in shelf if key.isdigit()), default=floor) + 1)

    # --- life -----------------------------------------------------------------------------------------------------
    async def start(self) -> None:
        """Take up what the store remembers and begin to move."""
        for media_id, data in self.store.media():
            self.media_bytes[media_id] = data
        now = self.clock.now()
        for message in self.store.messages():
            self.ledger.restore(message)
            self.timeline.push(message)
        for number_id, phone_id, person, bubble in self.store.bubbles():
            self.conversations.restore(number_id, phone_id, person, bubble)
            if bubble.get("dir") == "in":
                self.inbound_count = max(self.inbound_count, number_id)
                if bubble.get("type") not in NO_WINDOW and now - bubble.get("opened_at", 0) < DAY_S:
                    self.limits.open_window(phone_id, person, bubble["opened_at"])
        for delivery_id, about, body in self.store.deliveries():
            self.webhooks.restore(delivery_id, about, body)
        self._tasks = [
            asyncio.create_task(self.timeline.run()),
            asyncio.create_task(self.agenda.run()),
            asyncio.create_task(self.store.run()),
            asyncio.create_task(self._note_clock()),
        ]

    async def _note_clock(self) -> None:
        while True:
            self.store.note_value("now", self.clock.now())
            await asyncio.sleep(1.0)

    async def stop(self) -> None:
        """Stop moving, try to deliver what has gathered, write the rest to the store."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.webhooks.close()
        self.store.note_value("now", self.clock.now())
        self.store.note_value("knobs", asdict(self.knobs))
        await self.store.close()

    def reset(self, *, world: bool) -> None:
        """Forget all traffic; with `world` also all records, so that the default world stands again."""
        self.ledger.clear()
        self.timeline.clear()
        self.webhooks.clear()
        self.conversations.clear()
        self.limits.clear()
        self.faults.remove()
        self.requests.clear()
        self.inbound_count = 0
        self.store.wipe()
        if world:
            self.knobs = Knobs()
            self.recipients.overrides.clear()
            self._empty()
            self._fill(build_world(), fresh=True)
            return
        for shelf in self._shelves.values():
            for record in shelf.values():
                self.store.note(record)
        for media_id, data in self.media_bytes.items():
            self.store.note_media(media_id, data)
        self._note_seed()
