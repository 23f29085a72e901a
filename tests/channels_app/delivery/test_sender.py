"""One run of the sender over a Meta in memory: who gets what, and where every row ends."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync
from django_q.brokers import get_broker

from channels_app.accounts.models import PhoneNumber
from channels_app.cloud_api.sender import SendClient
from channels_app.delivery import actions, queries, sender, tasks
from channels_app.delivery.desk import Desk
from channels_app.delivery.models import Hold, Message, SenderLease
from channels_app.delivery.statuses import apply_statuses
from console.audiences.models import Profile, Suppression
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.delivery import FakeMeta, make_messages, make_number, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(workspace: Workspace) -> PhoneNumber:
    return make_number(workspace)


def run(number: PhoneNumber, meta: FakeMeta, **options: Any) -> sender.Report:
    desk = Desk.open(number.pk, "test")
    assert desk is not None
    return async_to_sync(sender.run_once)(desk, client=SendClient(meta), **options)


def statuses_of(messages: list[Message]) -> list[str]:
    return list(Message.objects.filter(pk__in=[m.pk for m in messages]).order_by("pk").values_list("status", flat=True))


def test_everybody_gets_it_once_and_the_lease_is_given_back(number: PhoneNumber) -> None:
    messages = make_messages(number, 60)
    meta = FakeMeta()
    report = run(number, meta)
    assert len(meta.accepted) == 60 and not meta.twice
    assert (report.accepted, report.has_more) == (60, False)
    assert set(statuses_of(messages)) == {"accepted"}
    lease = SenderLease.objects.get(phone_number=number)
    assert lease.holder == "" and lease.until_at is None and lease.tokens_at is not None
    proof = queries.proof("campaign_run", 1)
    assert proof["accepted"] == proof["unique_message_ids"] == 60 and proof["adds_up"]


def test_the_callback_data_names_row_and_attempt(number: PhoneNumber) -> None:
    [message] = make_messages(number, 1)
    meta = FakeMeta()
    run(number, meta)
    assert meta.accepted[0][2] == f"wm1:{message.pk}:1"


@pytest.mark.parametrize(
    ("code", "status", "wanted"),
    [
        (130429, 400, "ready"),
        (131000, 500, "ready"),
        (131056, 400, "ready"),
        (131026, 400, "failed"),
        (100, 400, "failed"),
    ],
)
def test_a_refusal_decides_the_row(number: PhoneNumber, code: int, status: int, wanted: str) -> None:
    [message] = make_messages(number, 1)
    run(number, FakeMeta(lambda body: refusal(code, status=status)))
    message.refresh_from_db()
    assert (message.status, message.error_code) == (wanted, code)
    if wanted == "ready":
        assert message.due_at > message.claimed_at  # backs off


@pytest.mark.parametrize("error", [httpx.ReadTimeout("late"), httpx.ReadError("cut"), RuntimeError("odd")])
def test_no_answer_is_unknown_and_never_sent_again(number: PhoneNumber, workspace: Workspace, error: Exception) -> None:
    [message] = make_messages(number, 1)
    meta = FakeMeta(lambda body: error)
    run(number, meta)
    run(number, meta)
    message.refresh_from_db()
    assert message.status == "unknown" and meta.calls == 1
    meta.accepted = [(message.recipient, "wamid.late", f"wm1:{message.pk}:1")]
    apply_statuses(workspace, meta.statuses("delivered"))
    message.refresh_from_db()
    assert (message.status, message.wamid) == ("delivered", "wamid.late")


def test_without_a_connection_everything_waits_and_the_number_rests(number: PhoneNumber) -> None:
    messages = make_messages(number, 5)
    run(number, FakeMeta(lambda body: httpx.ConnectError("no route")))
    assert set(statuses_of(messages)) == {"ready"}
    lease = SenderLease.objects.get(phone_number=number)
    assert lease.rest_reason == "no_connection" and Desk.open(number.pk, "again") is None
    assert Message.objects.filter(attempt_count=0).count() == 5


def test_a_dead_token_stops_the_number_and_loses_nobody(number: PhoneNumber) -> None:
    messages = make_messages(number, 200)
    report = run(number, FakeMeta(lambda body: refusal(190, status=401)))
    assert set(statuses_of(messages)) == {"ready"} and not report.has_more
    assert SenderLease.objects.get(phone_number=number).rest_reason == "meta_190"


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [(190, 401, "dead"), (10, 403, "failing"), (131031, 403, "valid"), (131000, 500, "valid")],
)
def test_credentials_are_called_dead_only_by_metas_own_word(
    number: PhoneNumber, code: int, status: int, word: str
) -> None:
    messages = make_messages(number, 3)
    run(number, FakeMeta(lambda body: refusal(code, status=status)))
    number.account.credentials.refresh_from_db()
    assert number.account.credentials.status == word
    assert set(Message.objects.values_list("status", "attempt_count")) <= {("ready", 0), ("ready", 1)} and messages
    blockers = queries.blockers(number.workspace, "campaign_run", 1)
    assert ("credentials" in {one.code for one in blockers}) == (word == "dead")


def test_a_token_renewed_meanwhile_is_not_called_dead(number: PhoneNumber) -> None:
    make_messages(number, 1)
    credentials = number.account.credentials

    def script(body: dict[str, Any]) -> httpx.Response:
        type(credentials).objects.filter(pk=credentials.pk).update(access_token="another")
        return refusal(190, status=401)

    run(number, FakeMeta(script))
    credentials.refresh_from_db()
    assert credentials.status == "valid"


def test_no_connection_says_nothing_about_the_token(number: PhoneNumber) -> None:
    make_messages(number, 1)
    run(number, FakeMeta(lambda body: httpx.ConnectError("nobody there")))
    number.account.credentials.refresh_from_db()
    assert number.account.credentials.status == "valid"


def test_a_task_that_moves_nothing_does_not_ring_itself(
    number: PhoneNumber, monkeypatch: pytest.MonkeyPatch, bell: Callable[..., list[str]]
) -> None:
    make_messages(number, 5)

    def broken(self: Desk, limit: int) -> Any:
        raise RuntimeError("no claim today")

    monkeypatch.setattr(Desk, "claim", broken)
    report = run(number, FakeMeta())
    assert report.has_more and not report.wants_ring
    tasks.send(number.pk)
    assert get_broker().queue_size() == 0


def test_a_template_whose_hold_could_not_be_written_is_not_tried_over_and_over(
    number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_messages(number, 30)

    def broken(**options: Any) -> None:
        raise RuntimeError("no hold today")

    monkeypatch.setattr(actions, "hold_template", broken)
    meta = FakeMeta(lambda body: refusal(132015))
    report = run(number, meta, seconds=1.0)
    assert meta.calls <= 30 and not report.wants_ring
    assert Message.objects.filter(status="ready").count() == 30


@pytest.mark.parametrize(("reason", "crawls"), [("meta_131031", True), ("no_answer", True), ("no_connection", False)])
def test_after_a_rest_only_the_first_task_begins_slowly(number: PhoneNumber, reason: str, crawls: bool) -> None:
    past = clock.now() - timedelta(seconds=1)
    SenderLease.objects.create(phone_number=number, rest_until=past, rest_reason=reason)
    rates = []
    for holder in ("first", "second"):
        desk = Desk.open(number.pk, holder)
        assert desk is not None
        one = sender.Sender(desk, SendClient(FakeMeta()))
        rates.append(one.pace.rate)
        desk.close(900.0, 0.0)
    full = one.pace.full_rate
    assert (rates[0] < full / 20) == crawls and rates[1] > full * 0.9
    assert SenderLease.objects.get().rest_until is None


def test_a_paused_template_holds_only_its_own_messages(number: PhoneNumber) -> None:
    broken = make_messages(number, 3, source_id=1)
    fine = make_messages(number, 3, source_id=2)
    name = broken[0].template_version.translation.template.name
    meta = FakeMeta(lambda body: refusal(132015) if body["template"]["name"] == name else None)
    run(number, meta)
    assert set(statuses_of(broken)) == {"ready"} and set(statuses_of(fine)) == {"accepted"}
    assert Hold.objects.get().scope == "template"


def test_who_stopped_promotions_loses_consent_at_once(number: PhoneNumber) -> None:
    [message] = make_messages(number, 1)
    run(number, FakeMeta(lambda body: refusal(131050)))
    assert Profile.objects.get(pk=message.profile_id).marketing_consent == "withdrawn"


def test_a_missing_value_fails_alone(number: PhoneNumber) -> None:
    [message] = make_messages(number, 1, params={})
    meta = FakeMeta()
    run(number, meta)
    message.refresh_from_db()
    assert (message.status, message.error_code, meta.calls) == ("failed", -1, 0)


def test_a_stop_in_the_middle_is_a_stop(number: PhoneNumber, workspace: Workspace, actor: Actor) -> None:
    messages = make_messages(number, 300)
    meta = FakeMeta()

    def stopping() -> bool:
        if len(meta.accepted) >= 20 and not stopping.done:  # type: ignore[attr-defined]
            stopping.done = True  # type: ignore[attr-defined]
        return stopping.done  # type: ignore[attr-defined]

    stopping.done = False  # type: ignore[attr-defined]
    run(number, meta, should_stop=stopping)
    accepted_before = len(meta.accepted)
    assert 20 <= accepted_before < 300
    assert set(statuses_of(messages)) == {"accepted", "ready"}
    actions.stop_source(actor=actor, workspace=workspace, source_kind="campaign_run", source_id=1)
    run(number, meta)
    assert len(meta.accepted) == accepted_before
    counts = queries.buckets("campaign_run", 1)
    assert counts.canceled == 300 - accepted_before and counts.is_finished and counts.adds_up


def test_claimed_rows_of_a_stopped_send_end_canceled(number: PhoneNumber, workspace: Workspace, actor: Actor) -> None:
    make_messages(number, 3)
    desk = Desk.open(number.pk, "test")
    assert desk is not None
    batch = desk.claim(10)
    actions.stop_source(actor=actor, workspace=workspace, source_kind="campaign_run", source_id=1)
    assert queries.buckets("campaign_run", 1).claimed == 3
    one = sender.Sender(desk, SendClient(FakeMeta()))
    one.backlog.extend((claim, 0.0) for claim in batch.claims)
    one._give_back()
    desk.record(one.outbox.accepted, one.outbox.others, [])
    assert desk.claim(10).settled_count == 3
    assert queries.buckets("campaign_run", 1).canceled == 3


def test_the_same_person_in_a_burst_is_held_alone(number: PhoneNumber) -> None:
    [first] = make_messages(number, 1, source_id=100)
    Message.objects.bulk_create(
        Message(
            **{
                field.attname: getattr(first, field.attname)
                for field in Message._meta.concrete_fields
                if field.attname not in ("id", "source_id", "dedupe_key")
            },
            source_id=200 + i,
            dedupe_key="again",
        )
        for i in range(59)
    )
    meta = FakeMeta()
    run(number, meta)
    assert len(meta.accepted) == 45
    assert Message.objects.filter(status="ready").count() == 15


def test_suppressed_between_planning_and_sending(number: PhoneNumber, workspace: Workspace) -> None:
    messages = make_messages(number, 2)
    Suppression.objects.create(
        workspace=workspace, address=messages[0].recipient, reason="blocked", created_at=messages[0].created_at
    )
    meta = FakeMeta()
    run(number, meta)
    assert [to for to, _w, _d in meta.accepted] == [messages[1].recipient]
    assert queries.buckets("campaign_run", 1).excluded == {"suppressed": 1}


def test_a_database_that_stumbles_loses_no_outcome(number: PhoneNumber, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = make_messages(number, 10)
    real: Callable[..., None] = Desk.record
    broken = threading.Event()

    def stumble(self: Desk, *args: Any) -> None:
        if not broken.is_set():
            broken.set()
            raise RuntimeError("the database is away")
        real(self, *args)

    monkeypatch.setattr(Desk, "record", stumble)
    run(number, FakeMeta())
    assert set(statuses_of(messages)) == {"accepted"}
