"""The webhook engine: batches updates per callback URL, signs the exact bytes, delivers, retries, keeps a log."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import random
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from .entities import Number

if TYPE_CHECKING:
    from .simulator import Simulator

Json = dict[str, Any]
USER_AGENT = "facebookexternalua"
TIMEOUT_S = 10.0
MAX_UPDATES, MAX_BYTES = 1_000, 3_000_000
GIVE_UP_AFTER_S = 7 * 86_400.0
RETRY_GAPS_S = (0.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 4 * 3_600.0, 12 * 3_600.0, 86_400.0)
MIN_RETRY_GAP_S = 0.05
CONCURRENCY_PER_URL = 4
LOG_SIZE, LOG_BYTES = 400, 24_000_000
_BYTES_PER_UPDATE = 2_500


def sign(secret: str, body: bytes) -> str:
    """Give the `X-Hub-Signature-256` value of a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def encode(payload: Json) -> bytes:
    """Serialize once: compact, everything above U+007F as an escape."""
    return json.dumps(payload, ensure_ascii=True, separators=(",", ":")).encode("ascii")


@dataclass
class Update:
    """One thing to tell: which list of `value` it belongs to, and its contact if it has one."""

    waba_id: str
    number: tuple[str, str]
    kind: str
    item: Json
    contact: Json | None


@dataclass
class Delivery:
    """One POST to a callback URL, with what came of it. Instants are real seconds, `born_at` virtual."""

    id: int
    url: str
    secret: str
    body: bytes
    updates: int
    created_at: float
    born_at: float
    attempts: int = 0
    state: str = "pending"
    http: int = 0
    error: str = ""
    took_ms: int = 0
    next_at: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)

    def dump(self) -> Json:
        """Give the log line."""
        return {
            "id": self.id, "url": self.url, "updates": self.updates, "bytes": len(self.body), "kinds": self.kinds,
            "created_at": self.created_at, "attempts": self.attempts, "state": self.state, "http": self.http,
            "error": self.error, "took_ms": self.took_ms,
        }  # fmt: skip


def value_of(number: tuple[str, str]) -> Json:
    """Start a `value` for a business number given as (id, digits)."""
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number[1], "phone_number_id": number[0]},
    }


def changes_of(updates: list[Update], per_change: int) -> list[Json]:
    """Pack the updates of one number into `changes[]`: delivered statuses together, failures without contacts."""
    changes: list[Json] = []
    current: Json | None = None
    current_kind = ""
    for update in updates:
        kind = update.kind if update.contact else f"{update.kind}-bare"
        room = current is not None and kind == current_kind and len(current[update.kind]) < per_change
        if not room or not kind.startswith("statuses"):
            current = value_of(update.number)
            if update.contact:
                current["contacts"] = []
            current[update.kind] = []
            current_kind = kind
            is_preference = update.kind == "user_preferences"
            changes.append({"value": current, "field": "user_preferences" if is_preference else "messages"})
        assert current is not None
        current[update.kind].append(update.item)
        if update.contact and update.contact not in current["contacts"]:
            current["contacts"].append(update.contact)
    return changes


def envelope(updates: Iterable[Update], per_change: int) -> Json:
    """Give the body for a batch: one entry per WABA, changes per number."""
    entries: dict[str, dict[tuple[str, str], list[Update]]] = {}
    for update in updates:
        entries.setdefault(update.waba_id, {}).setdefault(update.number, []).append(update)
    entry = [
        {"id": waba_id, "changes": [change for group in numbers.values() for change in changes_of(group, per_change)]}
        for waba_id, numbers in entries.items()
    ]
    return {"object": "whatsapp_business_account", "entry": entry}


class Webhooks:
    """Everything between an update and somebody's callback URL."""

    def __init__(self, simulator: Simulator) -> None:
        self._sim = simulator
        self._session: aiohttp.ClientSession | None = None
        self._buffers: dict[tuple[str, str], list[Update]] = {}
        self._flushes: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ids = itertools.count(1)
        self._logged_bytes = 0
        self.log: deque[Delivery] = deque()
        self.waiting: dict[int, Delivery] = {}
        self.counts = {"updates": 0, "unrouted": 0, "delivered": 0, "retries": 0, "dropped": 0}

    # --- what to tell ---------------------------------------------------------------------------------------------
    def status(self, number: Number, contact: Json | None, status: Json) -> None:
        """Tell a status of a message."""
        self._tell(number, "statuses", status, contact)

    def inbound(self, number: Number, contact: Json | None, message: Json) -> None:
        """Tell an inbound message; `system` ones come without a contact."""
        self._tell(number, "messages", message, contact)

    def number_error(self, number: Number, error: Json) -> None:
        """Tell an error of a number that belongs to no message."""
        self._tell(number, "errors", error, None)

    def preference(self, number: Number, contact: Json, preference: Json) -> None:
        """Tell a marketing stop or resume."""
        self._tell(number, "user_preferences", preference, contact)

    def account(self, waba_id: str, webhook_field: str, value: Json) -> None:
        """Tell something about a WABA or a template: goes to the app's URL, alone, with `time`."""
        change = {"value": value, "field": webhook_field}
        entry = {"id": waba_id, "time": int(time.time()), "changes": [change]}
        body = encode({"object": "whatsapp_business_account", "entry": [entry]})
        for url, secret in self._routes(waba_id, None, webhook_field):
            self._post(url, secret, body, 1, {webhook_field: 1})

    def odd(
        self, waba_id: str, webhook_field: str, value: Json, *, entry_id: str = "", name: str = "", secret: str = ""
    ) -> None:
        """Send what does not fit to those who listen to a field: another entry id, field name or signing secret."""
        shown = name or webhook_field
        change = {"value": value, "field": shown}
        body = encode(
            {"object": "whatsapp_business_account", "entry": [{"id": entry_id or waba_id, "changes": [change]}]}
        )
        for url, known in self._routes(waba_id, None, webhook_field):
            self._post(url, secret or known, body, 1, {shown: 1})

    def _routes(self, waba_id: str, number: Number | None, webhook_field: str) -> list[tuple[str, str]]:
        waba = self._sim.wabas.get(waba_id)
        found: list[tuple[str, str]] = []
        for app_id, override in waba.subscribed.items() if waba else ():
            app = self._sim.apps.get(app_id)
            if app is None:
                continue
            url = app.callback_url if webhook_field in app.webhook_fields else ""
            if number is not None and webhook_field == "messages":
                url = number.override_callback_uri or override.get("override_callback_uri") or url
            if url:
                found.append((url, app.secret))
        return found

    def _tell(self, number: Number, kind: str, item: Json, contact: Json | None) -> None:
        self.counts["updates"] += 1
        webhook_field = "user_preferences" if kind == "user_preferences" else "messages"
        routes = self._routes(number.waba_id, number, webhook_field)
        if not routes:
            self.counts["unrouted"] += 1
        update = Update(number.waba_id, (number.id, number.digits), kind, item, contact)
        for route in routes:
            buffer = self._buffers.setdefault(route, [])
            buffer.append(update)
            if len(buffer) >= min(self._sim.knobs.batch_max, MAX_UPDATES, MAX_BYTES // _BYTES_PER_UPDATE):
                self.flush(route)
            elif route not in self._flushes:
                loop = asyncio.get_running_loop()
                self._flushes[route] = loop.call_later(self._sim.knobs.linger_ms / 1000, self.flush, route)

    # --- batches --------------------------------------------------------------------------------------------------
    def flush(self, route: tuple[str, str]) -> None:
        """Send what has gathered for a callback URL."""
        timer = self._flushes.pop(route, None)
        if timer:
            timer.cancel()
        updates = self._buffers.pop(route, [])
        if not updates:
            return
        if len(updates) > 1 and random.random() < self._sim.knobs.reorder_share:  # noqa: S311
            random.shuffle(updates)
        kinds: dict[str, int] = {}
        for update in updates:
            kinds[update.kind] = kinds.get(update.kind, 0) + 1
        body = encode(envelope(updates, self._sim.knobs.statuses_per_change))
        self._post(route[0], route[1], body, len(updates), kinds)

    def flush_all(self) -> None:
        """Send everything that has gathered."""
        for route in list(self._buffers):
            self.flush(route)

    def _post(self, url: str, secret: str, body: bytes, updates: int, kinds: dict[str, int]) -> Delivery:
        delivery = Delivery(
            next(self._ids), url, secret, body, updates, time.time(), self._sim.clock.now(), kinds=kinds
        )
        self.log.append(delivery)
        self._logged_bytes += len(body)
        while len(self.log) > LOG_SIZE or self._logged_bytes > LOG_BYTES:
            self._logged_bytes -= len(self.log.popleft().body)
        self._start(delivery)
        return delivery

    def restore(self, delivery_id: int, data: Json, body: bytes) -> None:
        """Take up a delivery that an earlier process could not finish."""
        self._ids = itertools.count(delivery_id + 1)
        delivery = Delivery(
            delivery_id, data["url"], data["secret"], body, data["updates"], data["created_at"], data["born_at"],
            kinds=data["kinds"],
        )  # fmt: skip
        self.log.append(delivery)
        self._start(delivery)

    def _start(self, delivery: Delivery) -> None:
        self.waiting[delivery.id] = delivery
        kept = {key: getattr(delivery, key) for key in ("url", "secret", "updates", "created_at", "born_at", "kinds")}
        self._sim.store.note_delivery(delivery.id, kept, delivery.body)
        task = asyncio.get_running_loop().create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- delivery -------------------------------------------------------------------------------------------------
    async def _deliver(self, delivery: Delivery) -> None:
        gate = self._gates.setdefault(delivery.url, asyncio.Semaphore(CONCURRENCY_PER_URL))
        while True:
            async with gate:
                await self._attempt(delivery)
            if delivery.state == "delivered":
                self.counts["delivered"] += 1
                break
            gap = RETRY_GAPS_S[min(delivery.attempts - 1, len(RETRY_GAPS_S) - 1)]
            if self._sim.clock.now() + gap - delivery.born_at > GIVE_UP_AFTER_S:
                delivery.state = "dropped"
                self.counts["dropped"] += 1
                break
            self.counts["retries"] += 1
            await self._wait(gap)
        self.waiting.pop(delivery.id, None)
        self._sim.store.note_delivery(delivery.id, None)

    async def _wait(self, gap: float) -> None:
        due = self._sim.clock.now() + gap
        await asyncio.sleep(MIN_RETRY_GAP_S)
        while (left := self._sim.clock.real_delay(due)) > 0:  # noqa: ASYNC110 (the clock may change its speed)
            await asyncio.sleep(min(left, 0.5))

    async def _attempt(self, delivery: Delivery) -> None:
        delivery.attempts += 1
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "X-Hub-Signature-256": sign(delivery.secret, delivery.body),
        }
        started = time.monotonic()
        delivery.error = ""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), trust_env=False)
        fault = self._sim.faults.pick("webhook", delivery.url)
        try:
            if fault and fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            elif fault:
                raise ConnectionError("fault: the delivery was not made")
            async with self._session.post(
                delivery.url, data=delivery.body, headers=headers, allow_redirects=False
            ) as response:
                delivery.http = response.status
                await response.read()
                delivery.state = "delivered" if response.status == 200 else "failing"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            delivery.http = 0
            delivery.error = f"{type(error).__name__}: {error}"[:200]
            delivery.state = "failing"
        delivery.took_ms = int((time.monotonic() - started) * 1000)

    def redeliver(self, delivery_id: int) -> Delivery | None:
        """Send a logged delivery again, the same bytes."""
        for delivery in self.log:
            if delivery.id == delivery_id:
                return self._post(delivery.url, delivery.secret, delivery.body, delivery.updates, delivery.kinds)
        return None

    def find(self, delivery_id: int) -> Delivery | None:
        """Give a delivery of the log."""
        return next((delivery for delivery in self.log if delivery.id == delivery_id), None)

    async def handshake(self, url: str, verify_token: str) -> bool:
        """Make the GET verification and tell whether the challenge came back."""
        if self._sim.faults.pick("handshake", url):
            return False
        challenge = str(random.randrange(10**8, 10**10))  # noqa: S311
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), trust_env=False)
        try:
            async with self._session.get(
                url, params=query, headers={"User-Agent": USER_AGENT}, allow_redirects=False
            ) as response:
                return response.status == 200 and (await response.text()).strip() == challenge
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return False

    def clear(self) -> None:
        """Forget the log and everything still waiting."""
        for task in self._tasks:
            task.cancel()
        for timer in self._flushes.values():
            timer.cancel()
        self._buffers.clear()
        self._flushes.clear()
        self.log.clear()
        self.waiting.clear()
        self._logged_bytes = 0
        self.counts = dict.fromkeys(self.counts, 0)

    async def close(self) -> None:
        """Make one last try for what has gathered, keep the rest for the next start."""
        self.flush_all()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        for task in self._tasks:
            task.cancel()
        if self._session:
            await self._session.close()
