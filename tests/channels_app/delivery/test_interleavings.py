"""Senders that crash, lease takeovers, lost answers, webhooks in any order: nobody gets it twice, nobody gets lost.

A state machine drives the real ledger (claims, records, statuses, settlement) against a model of Meta that remembers
whom it accepted. Time is moved by hand.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from channels_app.delivery import actions, claims, leases, queries, settlement
from channels_app.delivery.claims import Claim
from channels_app.delivery.leases import Grip
from channels_app.delivery.models import Message
from channels_app.delivery.records import Accepted, NotAccepted, record
from channels_app.delivery.statuses import apply_statuses, match_unmatched
from console.kit import clock
from console.workspaces.actors import Actor
from tests.factories.delivery import make_messages, make_number, status_item
from tests.factories.workspaces import make_workspace

ACTOR = Actor.system("test")
SOURCES = (1, 2)
START = datetime.fromisoformat("2026-11-23T09:00:00+00:00")


class Ledger(RuleBasedStateMachine):
    """Two sender processes, one number, two sends."""

    def __init__(self) -> None:
        super().__init__()
        self.traveller = time_machine.travel(START, tick=False)
        self.time = self.traveller.start()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.workspace = make_workspace()
        self.number = make_number(self.workspace)
        for source in SOURCES:
            make_messages(self.number, 4, source_id=source)
        self.grips: dict[str, Grip] = {}
        self.hands: dict[str, list[Claim]] = {"one": [], "two": []}
        self.answers: list[tuple[str, Claim, str]] = []  # holder, claim, wamid: answered, not yet recorded
        self.accepted: dict[str, list[str]] = {}  # recipient -> ids
        self.reports: list[dict[str, Any]] = []
        self.stopped: set[int] = set()
        self.serial = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)
        self.traveller.stop()

    def _accept(self, claim: Claim) -> str:
        self.serial += 1
        wamid = f"wamid.{self.serial}"
        self.accepted.setdefault(claim.recipient, []).append(wamid)
        for word in ("sent", "delivered", "read"):
            self.reports.append(status_item(wamid, word, callback_data=claim.callback_data))
        return wamid

    @rule(holder=st.sampled_from(["one", "two"]))
    def take(self, holder: str) -> None:
        if grip := leases.take(self.number.pk, holder, clock.now()):
            self.grips[holder] = grip
            settlement.expire_claims(clock.now(), phone_number_id=self.number.pk)

    @rule(holder=st.sampled_from(["one", "two"]), limit=st.integers(1, 8))
    def claim(self, holder: str, limit: int) -> None:
        if holder not in self.grips:
            self.take(holder)
        if grip := self.grips.get(holder):
            batch = claims.claim(number=self.number, epoch=grip.epoch, limit=limit, now=clock.now())
            self.hands[holder] += batch.claims

    @rule(holder=st.sampled_from(["one", "two"]), count=st.integers(1, 8))
    def send_and_die(self, holder: str, count: int) -> None:
        """Meta takes some, nothing is recorded; later another worker comes and takes over."""
        for claim in self.hands[holder][:count]:
            self._accept(claim)
        self.crash(holder)
        self.wait(80)
        self.sweep()
        self.take("two" if holder == "one" else "one")

    @rule(holder=st.sampled_from(["one", "two"]), answered=st.booleans())
    def send(self, holder: str, answered: bool) -> None:
        """Meta takes it; the answer arrives or gets lost."""
        if self.hands[holder]:
            claim = self.hands[holder].pop(0)
            wamid = self._accept(claim)
            if answered:
                self.answers.append((holder, claim, wamid))
            else:
                record([], [NotAccepted(claim, "unknown", clock.now())])

    @rule(holder=st.sampled_from(["one", "two"]), counts=st.booleans(), status=st.sampled_from(["ready", "failed"]))
    def refuse(self, holder: str, counts: bool, status: str) -> None:
        """Meta refuses, or the sender hands the message back unsent."""
        if self.hands[holder]:
            claim = self.hands[holder].pop(0)
            record(
                [], [NotAccepted(claim, status, clock.now(), clock.now(), 131000, counts=counts or status == "failed")]
            )

    @precondition(lambda self: self.answers)
    @rule(index=st.integers(0, 9))
    def write_down(self, index: int) -> None:
        _holder, claim, wamid = self.answers.pop(index % len(self.answers))
        record([Accepted(claim, wamid, clock.now())], [])

    @rule(holder=st.sampled_from(["one", "two"]))
    def crash(self, holder: str) -> None:
        self.hands[holder] = []
        self.answers = [one for one in self.answers if one[0] != holder]
        self.grips.pop(holder, None)

    @rule(seconds=st.sampled_from([1, 16, 80]))
    def wait(self, seconds: int) -> None:
        self.time.shift(timedelta(seconds=seconds))

    @rule()
    def sweep(self) -> None:
        settlement.expire_claims(clock.now())
        match_unmatched()

    @precondition(lambda self: self.reports)
    @rule(index=st.integers(0, 99), again=st.booleans(), bare=st.booleans())
    def report(self, index: int, again: bool, bare: bool) -> None:
        item = self.reports[index % len(self.reports)]
        if not again:
            self.reports.remove(item)
        if bare and again:
            item = {key: value for key, value in item.items() if key != "biz_opaque_callback_data"}
        apply_statuses(self.workspace, [item])

    @rule(source=st.sampled_from(SOURCES), verb=st.sampled_from(["pause", "resume", "resume", "resume", "stop"]))
    def command(self, source: int, verb: str) -> None:
        act = {"pause": actions.pause_source, "resume": actions.resume_source, "stop": actions.stop_source}[verb]
        act(actor=ACTOR, workspace=self.workspace, source_kind="campaign_run", source_id=source, reason="test")
        if verb == "stop":
            self.stopped.add(source)

    @invariant()
    def nobody_twice(self) -> None:
        assert all(len(wamids) == 1 for wamids in self.accepted.values()), self.accepted

    @invariant()
    def buckets_add_up(self) -> None:
        for source in SOURCES:
            counts = queries.buckets("campaign_run", source)
            assert counts.audience == 4 and counts.adds_up
            assert counts.ready == 0 or source not in self.stopped or self._is_handed_back(source)

    def _is_handed_back(self, source: int) -> bool:
        """Rows that came back after the stop wait for the next claim, which cancels them."""
        return not claims.claim(number=self.number, epoch=-1, limit=9, now=clock.now()).claims

    @invariant()
    def a_recorded_id_is_the_one_meta_gave(self) -> None:
        for recipient, wamid in Message.objects.filter(wamid__isnull=False).values_list("recipient", "wamid"):
            assert self.accepted[recipient] == [wamid]

    def finish(self) -> None:
        """The dead are buried, every report arrives: then Meta's ledger and ours are the same."""
        self.hands, self.answers = {"one": [], "two": []}, []
        self.time.shift(timedelta(seconds=200))
        settlement.expire_claims(clock.now())
        items = [
            status_item(wamid, "read", callback_data=f"wm1:{Message.objects.get(recipient=to).pk}:1")
            for to, wamids in self.accepted.items()
            for wamid in wamids
        ]
        apply_statuses(self.workspace, items)
        match_unmatched()
        taken = dict(Message.objects.filter(wamid__isnull=False).values_list("recipient", "status"))
        assert taken.keys() == self.accepted.keys()
        assert set(taken.values()) <= {"read"}


class Finished(Ledger):
    def teardown(self) -> None:
        try:
            self.finish()
        finally:
            super().teardown()


@pytest.mark.slow
@pytest.mark.django_db
def test_any_interleaving_of_senders_crashes_and_webhooks() -> None:
    run_state_machine_as_test(
        Finished,
        settings=settings(
            max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
