"""Sends what is due for one number, for some seconds: claim, commit, send, record, all overlapping.

One event loop sends; the database work runs one statement after another in the calling thread. No transaction is
open during a call. Whatever happens to this process, a claimed row never becomes ready by itself.
"""

import asyncio
import gc
import logging
import random
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from asgiref.sync import sync_to_async

from channels_app.cloud_api.errors import CloudApiError
from channels_app.cloud_api.outcomes import Outcome
from channels_app.cloud_api.sender import SendClient, SendResult
from channels_app.content.payload import PayloadError
from channels_app.delivery import outcomes, pacing, queries
from channels_app.delivery.claims import CLAIM_LEASE_S, Claim
from channels_app.delivery.desk import Desk
from channels_app.delivery.effects import LASTING, Followed
from channels_app.delivery.leases import LEASE_S, RENEW_S
from channels_app.delivery.outcomes import Effect, Verdict, decide
from channels_app.delivery.reasons import NOT_BUILT
from channels_app.delivery.records import Accepted, NotAccepted
from console.kit import clock

log = logging.getLogger("waymark.delivery")
TASK_S = 20.0
FLUSH_S = 0.05
WATCH_S = 0.25
IDLE_S = 3.0  # waits this long for what is due very soon, instead of leaving it to the next ring
MOST_IN_FLIGHT = 400
LARGEST_CLAIM = 500
AHEAD_S = 0.25  # claims so much of sending ahead: what a killed sender held without having tried stays unknown
CALL_S = 45.0  # no call starts with less of its claim left
TURN_S = 0.0005  # the loop is busy: with the default of 5 ms the database thread waits that long at every row
NO_CONNECTION = "no_connection"
LAST_WORDS_S = 20.0  # how long outcomes are kept while the database can't be reached


class Client(Protocol):
    """What the sender needs of `cloud_api.sender.SendClient`."""

    async def send_message(
        self, *, phone_number_id: str, access_token: str, app_secret: str = "", payload: dict[str, Any]
    ) -> SendResult: ...


@dataclass
class Report:
    """What one task did; `has_more` says that more could be claimed at once.

    A task that moved nothing asks for no other ring: else it would ring itself for ever about rows that it can't move.
    """

    accepted: int = 0
    failed: int = 0
    unknown: int = 0
    returned: int = 0
    settled: int = 0
    has_more: bool = False

    @property
    def wants_ring(self) -> bool:
        return self.has_more and bool(self.accepted or self.failed or self.unknown or self.settled)


@dataclass
class Outbox:
    """Outcomes on their way to the database."""

    accepted: list[Accepted] = field(default_factory=list)
    others: list[NotAccepted] = field(default_factory=list)
    followed: list[Followed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.accepted or self.others or self.followed)


class Sender:
    """One run for one number. `should_stop` is asked all the time: a signal, a test."""

    def __init__(
        self,
        desk: Desk,
        client: Client,
        *,
        seconds: float = TASK_S,
        limit_per_s: float | None = None,
        most_in_flight: int = MOST_IN_FLIGHT,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.desk = desk
        self.client = client
        self.should_stop = should_stop
        self.report = Report()
        start = time.monotonic()
        self.end_at = start + seconds
        self.lease_end_at = start + LEASE_S
        self.renew_at = start + RENEW_S
        grip = desk.grip
        limit = limit_per_s or queries.limit_of(desk.number)
        self.pace = pacing.resumed(
            limit, rate=grip.rate_per_s, tokens=grip.tokens, tokens_at=grip.tokens_at, now=clock.now(), clock=start
        )
        if grip.rested_for and grip.rested_for != NO_CONNECTION:  # without a connection Meta has refused nothing
            self.pace.crawl()
        self.pairs = pacing.Pairs()
        self.claim_size = max(1, min(LARGEST_CLAIM, int(self.pace.rate * AHEAD_S)))
        self.slots = asyncio.Semaphore(max(8, min(most_in_flight, int(limit * 2))))
        self.backlog: deque[tuple[Claim, float]] = deque()
        self.calls: set[asyncio.Task[None]] = set()
        self.holds: set[tuple[str, str]] = set()
        self.refused_templates: set[str] = set()
        self.outbox = Outbox()
        self.silence = 0
        self.is_dry = self.is_lost = self.is_resting = self.is_done = False
        self.rest = (0.0, "")
        self.refused_code: int | None = None

    @property
    def is_ending(self) -> bool:
        """Whether no further call may start."""
        now = time.monotonic()
        return self.is_lost or self.is_resting or now >= min(self.end_at, self.lease_end_at) or self.should_stop()

    async def run(self) -> Report:
        """Sends until nothing is due or the time is up, then records everything and gives the lease back."""
        watch = asyncio.create_task(self._watch())
        write = asyncio.create_task(self._write())
        claim = asyncio.create_task(self._claim())
        try:
            await self._dispatch()
        finally:
            self.is_dry = True
            await claim
            self._give_back()
            if self.calls:
                await asyncio.wait(self.calls)
            self.is_done = True
            await asyncio.gather(write, return_exceptions=True)
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            await self._last_words()
        return self.report

    # --- claim ----------------------------------------------------------------------------------------------

    async def _claim(self) -> None:
        """Keeps the backlog at about a quarter of a second of sending."""
        try:
            while not self.is_dry and not self.is_ending:
                if len(self.backlog) > self.claim_size // 2:
                    await asyncio.sleep(0.01)
                    continue
                self.claim_size = max(1, min(LARGEST_CLAIM, int(self.pace.rate * AHEAD_S)))
                deadline = time.monotonic() + CLAIM_LEASE_S
                batch = await _in_database(self.desk.claim, self.claim_size)
                self.report.settled += batch.settled_count
                self.backlog.extend((one, deadline) for one in batch.claims)
                if batch.is_empty and not await self._is_worth_waiting():
                    return
        except Exception:  # what was claimed all the same turns unknown; what is in hand is sent and recorded
            log.exception("delivery: could not claim for number %s", self.desk.number.pk)
        finally:
            self.is_dry = True

    async def _is_worth_waiting(self) -> bool:
        if self.backlog or self.calls:
            await asyncio.sleep(0.1)
            return True
        due_at = await _in_database(self.desk.next_due_at)
        wait_s = (due_at - clock.now()).total_seconds() if due_at else None
        if wait_s is None or not 0 < wait_s <= IDLE_S:  # due and yet not claimable: it is held
            return False
        await asyncio.sleep(min(wait_s + 0.01, 0.5))
        return True

    # --- send -----------------------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        while not self.is_ending:
            if not self.backlog:
                if self.is_dry:
                    return
                await asyncio.sleep(0.005)
                continue
            wait_s = self.pace.wait_s(time.monotonic())
            if wait_s > 0:
                await asyncio.sleep(min(wait_s, 0.1))
                continue
            await self.slots.acquire()
            if self.is_ending or not self._start_next():
                self.slots.release()

    def _start_next(self) -> bool:
        """Starts one call; False when the next message may not go now after all, and was handed back."""
        claim, deadline = self.backlog.popleft()
        now = time.monotonic()
        if self._is_held(claim) or now > deadline - CALL_S:
            self._settle(claim, Verdict("ready", counts=False))
            return False
        try:
            payload = self.desk.catalog.payload(claim)
        except PayloadError as error:
            self._settle(claim, Verdict("failed"), NOT_BUILT, str(error))
            return False
        except Exception as error:  # a surprise in one message; Meta never saw it, and the others go on
            log.exception("delivery: message %s could not be built", claim.id)
            self._settle(claim, Verdict("failed"), NOT_BUILT, type(error).__name__)
            return False
        pair_wait_s = self.pairs.wait_s(claim.recipient, now)
        if pair_wait_s > 0:
            self._settle(claim, Verdict("ready", pair_wait_s, counts=False))
            return False
        if not self.pace.take(now):
            self.backlog.appendleft((claim, deadline))
            return False
        call = asyncio.create_task(self._call(claim, payload))
        self.calls.add(call)
        call.add_done_callback(self._called)
        return True

    def _called(self, call: "asyncio.Task[None]") -> None:
        self.calls.discard(call)
        self.slots.release()

    async def _call(self, claim: Claim, payload: dict[str, Any]) -> None:
        desk = self.desk
        try:
            result = await self.client.send_message(
                phone_number_id=desk.number.phone_number_id,
                access_token=desk.access_token,
                app_secret=desk.app_secret,
                payload=payload,
            )
        except CloudApiError as error:
            self._refused(claim, error)
        except Exception as error:  # whatever it was, Meta may have taken the message
            log.exception("delivery: message %s is in doubt", claim.id)
            self._settle(claim, Verdict("unknown"), None, type(error).__name__)
        else:
            self.silence = 0
            self.report.accepted += 1
            self.outbox.accepted.append(Accepted(claim, result.wamid, clock.now()))

    def _refused(self, claim: Claim, error: CloudApiError) -> None:
        verdict = decide(
            error.outcome,
            code=error.code,
            attempt=claim.attempt,
            retry_after_s=error.retry_after_s,
            jitter=random.random(),  # noqa: S311
        )
        self._settle(claim, verdict, error.code, error.details or type(error).__name__)
        if verdict.effect is Effect.SLOW_DOWN:
            self.pace.slow_down(time.monotonic())
        elif verdict.effect is Effect.REST:
            self._rest(verdict.rest_s, f"meta_{error.code}" if error.code is not None else NO_CONNECTION)
            if error.outcome is Outcome.STOP_CREDENTIALS:
                self.refused_code = error.code
        elif verdict.effect in LASTING:
            self.outbox.followed.append(Followed(verdict.effect, claim.id, error.code, clock.now()))
            if verdict.effect is Effect.HOLD_TEMPLATE and claim.template_version_id:
                self.refused_templates.add(str(claim.template_version_id))
        self.silence = self.silence + 1 if verdict.target == "unknown" else 0
        if self.silence >= outcomes.SILENCE_COUNT:
            self._rest(outcomes.SILENCE_REST_S, "no_answer")

    def _settle(self, claim: Claim, verdict: Verdict, code: int | None = None, detail: str = "") -> None:
        now = clock.now()
        due_at = now + timedelta(seconds=verdict.wait_s) if verdict.wait_s else None
        self.outbox.others.append(NotAccepted(claim, verdict.target, now, due_at, code, detail, verdict.counts))
        name = {"ready": "returned"}.get(verdict.target, verdict.target)
        setattr(self.report, name, getattr(self.report, name) + 1)

    def _is_held(self, claim: Claim) -> bool:
        holds, version = self.holds, str(claim.template_version_id)
        return version in self.refused_templates or (
            bool(holds)
            and (("all", "") in holds or ("source", claim.source_key) in holds or ("template", version) in holds)
        )

    def _give_back(self) -> None:
        while self.backlog:
            self._settle(self.backlog.popleft()[0], Verdict("ready", counts=False))

    def _rest(self, seconds: float, reason: str) -> None:
        if not self.is_resting:
            self.is_resting = True
            self.rest = (seconds, reason)

    # --- watch and write ------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Looks for holds four times a second and keeps the lease."""
        while True:
            try:
                sources = {one.source_key for one, _ in self.backlog}
                versions = {one.template_version_id for one, _ in self.backlog if one.template_version_id}
                self.holds = await _in_database(self.desk.held, sources, versions)
                if time.monotonic() >= self.renew_at:
                    await self._renew()
            except Exception:  # without news the lease runs out, and with it the sending
                log.exception("delivery: could not look for holds of number %s", self.desk.number.pk)
            await asyncio.sleep(WATCH_S)

    async def _renew(self) -> None:
        asked_at = time.monotonic()
        if await _in_database(self.desk.renew, self.pace.rate):
            self.lease_end_at, self.renew_at = asked_at + LEASE_S, asked_at + RENEW_S
        else:
            self.is_lost = True

    async def _write(self) -> None:
        while not self.is_done:
            await asyncio.sleep(FLUSH_S)
            await self._flush()

    async def _flush(self) -> bool:
        """Writes the outcomes so far; on a failure they stay for the next time. True when nothing is left."""
        if not self.outbox:
            return True
        full, self.outbox = self.outbox, Outbox()
        try:
            await _in_database(self.desk.record, full.accepted, full.others, full.followed)
        except Exception:
            log.exception("delivery: could not record %s outcomes yet", len(full.accepted) + len(full.others))
            self.outbox.accepted[:0] = full.accepted
            self.outbox.others[:0] = full.others
            self.outbox.followed[:0] = full.followed
            return False
        return not self.outbox

    async def _last_words(self) -> None:
        give_up_at = time.monotonic() + LAST_WORDS_S
        while not await self._flush() and time.monotonic() < give_up_at:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        self.pace.wait_s(time.monotonic())
        try:
            if self.refused_code is not None and await _in_database(self.desk.has_new_token):
                self.is_resting, self.rest = False, (0.0, "")  # what was refused is the token of yesterday
            has_more = await _in_database(self.desk.close, self.pace.rate, self.pace.tokens, *self.rest)
            self.report.has_more = has_more and not self.is_resting
        except Exception:  # the lease runs out by itself
            log.exception("delivery: could not give back the lease of number %s", self.desk.number.pk)
        if self.refused_code is not None:
            try:
                await _in_database(self.desk.note_refused_token, self.refused_code)
            except Exception:  # the next task is refused as well, and tells
                log.exception("delivery: could not note the refused token of number %s", self.desk.number.pk)


async def run_once(desk: Desk, *, client: Client | None = None, **options: Any) -> Report:
    """One run with a client of its own (or the given one)."""
    turn_s = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    gc.freeze()  # what is loaded already is not searched for garbage while we send: a tenth of the CPU of a message
    try:
        if client is not None:
            return await Sender(desk, client, **options).run()
        async with SendClient() as own:
            return await Sender(desk, own, **options).run()
    finally:
        gc.unfreeze()
        sys.setswitchinterval(turn_s)


async def _in_database(function: Callable[..., Any], *args: Any) -> Any:
    return await sync_to_async(function, thread_sensitive=True)(*args)
