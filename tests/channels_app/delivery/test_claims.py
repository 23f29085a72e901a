"""Claiming: everything that forbids a message is asked in the statement that takes it, and two claimers never share one."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from channels_app.accounts.models import PhoneNumber
from channels_app.delivery import claims, leases, queries, settlement
from channels_app.delivery.ledger import add_messages
from channels_app.delivery.models import Hold, Message
from channels_app.delivery.records import Accepted, NotAccepted, record
from channels_app.message_templates.models import TemplateTranslation
from console.audiences.models import Profile, Suppression
from console.kit import clock
from console.workspaces.models import Workspace
from tests.factories.delivery import make_messages, make_number, make_people, make_version, new_message


@pytest.fixture
def number(workspace: Workspace) -> PhoneNumber:
    return make_number(workspace)


def take(number: PhoneNumber, holder: str = "one") -> leases.Grip:
    grip = leases.take(number.pk, holder, clock.now())
    assert grip is not None
    return grip


def claim(number: PhoneNumber, grip: leases.Grip, limit: int = 100) -> list[claims.Claim]:
    return claims.claim(number=number, epoch=grip.epoch, limit=limit, now=clock.now()).claims


def status(message: Message) -> tuple[str, str]:
    message.refresh_from_db()
    return message.status, message.exclusion_reason


@pytest.mark.django_db
def test_order_is_priority_then_due_then_id(number: PhoneNumber) -> None:
    late = make_messages(number, 2, source_id=1)
    urgent = make_messages(number, 2, source_id=2, priority=10)
    early = make_messages(number, 1, source_id=3, due_at=clock.now() - timedelta(hours=1))
    got = [one.id for one in claim(number, take(number))]
    assert got == [row.pk for row in [*urgent, *early, *late]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("purpose", "consent", "wanted"),
    [
        ("marketing", "granted", ("claimed", "")),
        ("marketing", "", ("excluded", "consent_missing")),
        ("marketing", "withdrawn", ("excluded", "consent_withdrawn")),
        ("utility", "", ("claimed", "")),
        ("utility", "withdrawn", ("excluded", "consent_withdrawn")),
        ("authentication", "", ("claimed", "")),
        ("authentication", "withdrawn", ("excluded", "consent_withdrawn")),
    ],
)
def test_consent_at_the_moment_of_sending(
    number: PhoneNumber, purpose: str, consent: str, wanted: tuple[str, str]
) -> None:
    [message] = make_messages(number, 1, purpose=purpose)
    Profile.objects.filter(pk=message.profile_id).update(**{f"{purpose}_consent": consent})
    claim(number, take(number))
    assert status(message) == wanted


@pytest.mark.django_db
def test_what_is_too_late_or_nobodys_or_suppressed_leaves_ready(number: PhoneNumber, workspace: Workspace) -> None:
    late, gone, suppressed, other = make_messages(number, 4)
    Message.objects.filter(pk=late.pk).update(late_at=clock.now() - timedelta(seconds=1))
    Profile.objects.filter(pk=gone.profile_id).delete()
    now = clock.now()
    Suppression.objects.create(workspace=workspace, address=suppressed.recipient, reason="x", created_at=now)
    Suppression.objects.create(
        workspace=workspace, address=other.recipient, reason="x", purpose="utility", created_at=now
    )
    assert [one.id for one in claim(number, take(number))] == [other.pk]
    assert status(late) == ("expired", "")
    assert status(gone) == ("excluded", "profile_gone")
    assert status(suppressed) == ("excluded", "suppressed")


HOLDS: list[Callable[[Message], tuple[str, str]]] = [
    lambda row: ("all", ""),
    lambda row: ("workspace", str(row.workspace_id)),
    lambda row: ("number", str(row.phone_number_id)),
    lambda row: ("template", str(row.template_version_id)),
    lambda row: ("source", f"{row.source_kind}:{row.source_id}"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("hold", HOLDS)
def test_every_scope_of_hold_keeps_rows_ready(number: PhoneNumber, hold: Callable[[Message], tuple[str, str]]) -> None:
    [message] = make_messages(number, 1)
    scope, key = hold(message)
    placed = Hold.objects.create(scope=scope, key=key, reason="x", placed_at=clock.now())
    grip = take(number)
    assert claim(number, grip) == [] and status(message) == ("ready", "")
    assert not claims.has_claimable(number=number, now=clock.now())
    placed.delete()
    assert len(claim(number, grip)) == 1


@pytest.mark.django_db
def test_a_paused_template_or_a_lost_number_sends_nothing(number: PhoneNumber) -> None:
    [message] = make_messages(number, 1)
    grip = take(number)
    TemplateTranslation.objects.update(status="PAUSED")
    assert claim(number, grip) == []
    TemplateTranslation.objects.update(status="APPROVED")
    PhoneNumber.objects.update(status="FLAGGED")
    assert claim(number, grip) == []
    PhoneNumber.objects.update(status="CONNECTED")
    assert [one.id for one in claim(number, grip)] == [message.pk]


@pytest.mark.django_db
def test_only_the_holder_of_the_epoch_claims(number: PhoneNumber) -> None:
    make_messages(number, 1)
    old = take(number)
    assert leases.take(number.pk, "two", clock.now()) is None
    later = clock.now() + timedelta(seconds=leases.LEASE_S + 1)
    new = leases.take(number.pk, "two", later)
    assert new is not None and new.epoch == old.epoch + 1 and new.is_takeover
    assert claim(number, old) == []
    assert not leases.renew(old, later, rate_per_s=1) and not leases.release(old, later, rate_per_s=1, tokens=9)
    assert len(claim(number, new)) == 1


@pytest.mark.django_db
def test_a_lost_claim_is_unknown_never_ready_and_its_own_answer_still_lands(number: PhoneNumber) -> None:
    [message] = make_messages(number, 1)
    [one] = claim(number, take(number))
    assert settlement.expire_claims(clock.now()) == 0
    late = clock.now() + timedelta(seconds=claims.CLAIM_LEASE_S + 1)
    assert settlement.expire_claims(late) == 1 and status(message)[0] == "unknown"
    assert record([], [NotAccepted(one, "ready", late)]) == 0 and status(message)[0] == "unknown"
    assert record([Accepted(one, "wamid.1", late)], []) == 1 and status(message)[0] == "accepted"


@pytest.mark.django_db
def test_a_stale_claim_records_nothing(number: PhoneNumber) -> None:
    [message] = make_messages(number, 1)
    grip = take(number)
    [first] = claim(number, grip)
    record([], [NotAccepted(first, "ready", clock.now())])
    [second] = claim(number, grip)
    assert (first.attempt, second.attempt) == (1, 2)
    assert record([Accepted(first, "wamid.old", clock.now())], [NotAccepted(first, "failed", clock.now(), code=1)]) == 0
    assert status(message)[0] == "claimed"


@pytest.mark.django_db
def test_an_id_that_meta_gave_twice_harms_only_itself(number: PhoneNumber) -> None:
    rows = make_messages(number, 3)
    batch = claim(number, take(number))
    now = clock.now()
    record(
        [Accepted(batch[0], "wamid.a", now), Accepted(batch[1], "wamid.a", now), Accepted(batch[2], "wamid.b", now)], []
    )
    assert [status(row)[0] for row in rows] == ["accepted", "unknown", "accepted"]


@pytest.mark.django_db
def test_a_second_row_for_a_number_is_excluded_and_a_repeated_one_is_nothing(number: PhoneNumber) -> None:
    version = make_version(number)
    one, two = make_people(number.workspace, 2)
    rows = [new_message(one, number, version), new_message(two, number, version, recipient=one.phone)]
    assert add_messages(rows) == 2
    assert add_messages(rows) == 0
    counts = queries.buckets("campaign_run", 1)
    assert (counts.audience, counts.ready, counts.excluded) == (2, 1, {"duplicate_number": 1}) and counts.adds_up


@pytest.mark.django_db(transaction=True)
def test_two_claimers_at_once_never_share_a_row(workspace: Workspace) -> None:
    number = make_number(workspace)
    make_messages(number, 400)
    grip, got = take(number), []
    lock = threading.Lock()

    def work() -> None:
        try:
            while batch := claims.claim(number=number, epoch=grip.epoch, limit=23, now=clock.now()).claims:
                with lock:
                    got.extend(one.id for one in batch)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(set(got)) == 400
