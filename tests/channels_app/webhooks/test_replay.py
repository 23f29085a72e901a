"""Applying a range again: nothing twice, nothing backward, nothing of others; goes on after a worker died."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.accounts.models import FactChange, PhoneNumber
from channels_app.delivery.models import Message
from channels_app.webhooks import actions, applying, replaying, self_tests, tasks
from channels_app.webhooks.appliers import APPLIERS
from channels_app.webhooks.items import Item
from channels_app.webhooks.models import HeardDay, InboundMessage, QuarantinedItem, Replay, WebhookBody
from console.alerts.models import Alert
from console.audiences.models import ConsentEntry, Profile
from console.kit import clock
from console.kit.errors import MoveRefused, Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.channels_app.webhooks.test_applying import inbound, messages, preference, status, store
from tests.factories.accounts import make_account, make_credentials, make_phone_number
from tests.factories.delivery import make_messages
from tests.factories.workspaces import make_workspace

DAY = timedelta(days=1)


@pytest.fixture
def number(workspace: Workspace) -> PhoneNumber:
    return make_phone_number(workspace, make_account(workspace, waba_id="210000000000002"))


def start(number: PhoneNumber, actor: Actor, **more: Any) -> Replay:
    now = clock.now()
    values = {"from_at": now - DAY, "until_at": now + DAY, **more}
    return actions.start_replay(actor=actor, workspace=number.workspace, **values)


def replay(number: PhoneNumber, actor: Actor, **more: Any) -> Replay:
    found = start(number, actor, **more)
    tasks.run_replay(found.pk)
    found.refresh_from_db()
    return found


def test_statuses_never_move_backward(number: PhoneNumber, actor: Actor) -> None:
    message = make_messages(number, 1)[0]
    Message.objects.filter(pk=message.pk).update(wamid="wamid.R1", status="accepted", accepted_at=clock.now())
    for word in ("sent", "read", "delivered"):
        store(number, messages(number, statuses=[status("wamid.R1", word)]))
    tasks.apply_stored()
    before = Message.objects.values().get(pk=message.pk)
    assert before["status"] == "read"
    found = replay(number, actor)
    assert (found.status, found.body_count, found.done_count, found.bad_count) == ("done", 3, 3, 0)
    assert Message.objects.values().get(pk=message.pk) == before
    assert {"status": {"unchanged": 1}} in WebhookBody.objects.values_list("outcomes", flat=True)


def test_messages_and_consent_are_not_doubled(number: PhoneNumber, actor: Actor) -> None:
    now = clock.now()
    facts = {"marketing_consent": "granted", "created_at": now, "updated_at": now}
    profile = Profile.objects.create(workspace=number.workspace, phone="+15550002222", **facts)
    store(number, messages(number, messages=[inbound()]))
    store(number, preference("stop"))
    store(number, preference("resume", timestamp=1790430700))
    tasks.apply_stored()
    for _twice in range(2):
        assert replay(number, actor).status == "done"
    assert (InboundMessage.objects.count(), ConsentEntry.objects.count()) == (1, 2)
    profile.refresh_from_db()
    assert profile.marketing_consent == "granted"


def test_old_states_of_accounts_do_not_come_back_and_are_told_once(number: PhoneNumber, actor: Actor) -> None:
    store(number, ("account_review_update", {"decision": "REJECTED"}))
    tasks.apply_stored()
    store(number, ("account_review_update", {"decision": "APPROVED"}))
    quality = {"display_phone_number": number.display_number, "event": "FLAGGED", "current_limit": "TIER_1K"}
    store(number, ("phone_number_quality_update", quality))
    tasks.apply_stored()
    changes, alerts = FactChange.objects.count(), Alert.objects.count()
    replay(number, actor)
    number.account.refresh_from_db()
    assert number.account.review_status == "APPROVED"
    assert (FactChange.objects.count(), Alert.objects.count()) == (changes, alerts)


def test_what_was_heard_is_counted_once(number: PhoneNumber, actor: Actor) -> None:
    store(number, messages(number, statuses=[status("w1"), status("w2")]))
    tasks.apply_stored()
    number.refresh_from_db()
    heard_at = number.heard_at
    assert heard_at is not None
    store(number, raw=self_tests.body_of("x" * 43))
    tasks.apply_stored()
    replay(number, actor)
    number.refresh_from_db()
    assert number.heard_at == heard_at
    assert list(HeardDay.objects.values_list("field", "count")) == [("messages", 2)]


def test_a_mended_item_leaves_quarantine_and_a_broken_one_returns(number: PhoneNumber, actor: Actor) -> None:
    body = store(number, messages(number, messages=[inbound(timestamp="never")]))
    tasks.apply_stored()
    assert replay(number, actor).bad_count == 1
    bad = bytes(body.body)
    WebhookBody.objects.update(body=bad.replace(b"never", b"1790430400"))
    assert replay(number, actor).bad_count == 0
    body.refresh_from_db()
    assert body.status == "applied" and QuarantinedItem.objects.get().resolved_at
    WebhookBody.objects.update(body=bad)
    assert replay(number, actor).bad_count == 1
    assert QuarantinedItem.objects.get().resolved_at is None


def test_an_account_event_that_had_failed_is_applied_then(
    number: PhoneNumber, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
        raise KeyError("x")

    store(number, ("account_review_update", {"decision": "REJECTED"}))
    actions.apply_batch(actions.claim(), {**APPLIERS, "account": fail})
    replay(number, actor)
    number.account.refresh_from_db()
    assert number.account.review_status == "REJECTED"


def stored(number: PhoneNumber, how_many: int) -> None:
    for at in range(how_many):
        store(number, messages(number, messages=[inbound(f"wamid.{at}")]))
    tasks.apply_stored()


def test_goes_on_where_a_worker_died(
    number: PhoneNumber, actor: Actor, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    stored(number, 5)
    monkeypatch.setattr(replaying, "BATCH_BODIES", 2)
    time_machine.move_to(clock.now(), tick=False)
    found = start(number, actor)
    held = actions.take_replay(found.pk)
    assert held and actions.step_replay(held)
    assert actions.take_replay(found.pk) is None, "the dead worker's lease still holds"
    tasks.run_replay(found.pk)
    found.refresh_from_db()
    assert (found.status, found.done_count) == ("running", 2)
    assert actions.due_replays() == []
    time_machine.shift(timedelta(seconds=61))
    assert actions.due_replays() == [found.pk]
    tasks.run_replay(found.pk)
    found.refresh_from_db()
    assert (found.status, found.done_count, found.lease_until) == ("done", 5, None)
    assert actions.step_replay(held) is False, "the one thought dead finds it taken over"
    found.refresh_from_db()
    assert found.done_count == 5


def test_two_at_once_are_harmless(number: PhoneNumber, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(number, 4)
    monkeypatch.setattr(replaying, "BATCH_BODIES", 1)
    one, two = start(number, actor), start(number, actor)
    held = [actions.take_replay(one.pk), actions.take_replay(two.pk)]
    for _turn in range(5):  # four bodies, and the end
        for each in held:
            assert each is not None
            actions.step_replay(each)
    assert set(Replay.objects.values_list("status", "done_count")) == {("done", 4)}
    assert InboundMessage.objects.count() == 4


def test_cancel_ends_it_and_only_once(number: PhoneNumber, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(number, 3)
    monkeypatch.setattr(replaying, "BATCH_BODIES", 1)
    found = start(number, actor)
    held = actions.take_replay(found.pk)
    assert held and actions.step_replay(held)
    actions.cancel_replay(actor=actor, workspace=number.workspace, replay=found)
    assert actions.step_replay(held) is False
    found.refresh_from_db()
    assert (found.status, found.done_count) == ("canceled", 1)
    with pytest.raises(MoveRefused):
        actions.cancel_replay(actor=actor, workspace=number.workspace, replay=found)
    assert AuditEntry.objects.filter(action__in=("webhooks.start_replay", "webhooks.cancel_replay")).count() == 2


def test_another_workspaces_range_is_not_touched(number: PhoneNumber, actor: Actor) -> None:
    stored(number, 1)
    other = make_workspace()
    stranger = make_phone_number(other, make_account(other, make_credentials(other)))
    body = store(stranger, messages(stranger, messages=[inbound("wamid.S1")]))
    tasks.apply_stored()
    applied_at = WebhookBody.objects.get(pk=body.pk).applied_at
    assert replay(number, actor).done_count == 1
    assert WebhookBody.objects.get(pk=body.pk).applied_at == applied_at
    with pytest.raises(Refused):
        start(number, actor, credentials=stranger.account.credentials)


def test_only_the_field_and_the_connection_asked_for(number: PhoneNumber, actor: Actor) -> None:
    stored(number, 2)
    store(number, ("account_review_update", {"decision": "APPROVED"}))
    tasks.apply_stored()
    assert start(number, actor, field="account_review_update").body_count == 1
    assert start(number, actor, credentials=number.account.credentials).body_count == 3
    with pytest.raises(Refused):
        start(number, actor, credentials=make_credentials(number.workspace))


def test_what_waits_is_left_to_its_own_worker(number: PhoneNumber, actor: Actor) -> None:
    store(number, messages(number, messages=[inbound()]))
    with pytest.raises(Refused) as caught:
        start(number, actor)
    assert caught.value.code == "webhooks.replay_empty"


def test_only_some_run_at_a_time(number: PhoneNumber, actor: Actor) -> None:
    stored(number, 1)
    for _open in range(replaying.MOST_OPEN):
        start(number, actor)
    with pytest.raises(Refused):
        start(number, actor)


def test_batches_hold_no_more_bytes_than_a_worker_can(
    number: PhoneNumber, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(number, 3)
    monkeypatch.setattr(applying, "BATCH_BYTES", 10)
    held = actions.take_replay(start(number, actor).pk)
    assert held and actions.step_replay(held)
    assert Replay.objects.get().done_count == 1


RANGES = [
    ("2026-01-01T00:00", "2399-01-01T00:00", 200, "1 stored body"),
    ("2399-01-01T00:00", "2026-01-01T00:00", 200, "Nothing was received"),
    ("0001-01-01T00:00", "9999-12-31T23:59", 422, "Choose a year"),
    ("junk", "", 422, ""),
    ("2026-01-01T00:00\x00", "2030-01-01T00:00", 200, ""),
]


@pytest.mark.parametrize(("from_at", "until_at", "code", "text"), RANGES)
def test_the_page_counts_before_it_starts(
    number: PhoneNumber, owner_client: Client, from_at: str, until_at: str, code: int, text: str
) -> None:
    stored(number, 1)
    url = reverse("webhooks:replays", args=[number.workspace.slug])
    page = owner_client.get(url, {"from_at": from_at, "until_at": until_at})
    assert page.status_code == code and text in page.content.decode()
    assert not Replay.objects.exists()


def test_from_the_page_to_the_end(number: PhoneNumber, owner_client: Client, client_of: Any) -> None:
    stored(number, 2)
    url = reverse("webhooks:replays", args=[number.workspace.slug])
    data = {"from_at": "2026-01-01T00:00", "until_at": "2399-01-01T00:00", "field": "messages"}
    page = owner_client.post(url, data, follow=True)
    assert "Queued" in page.content.decode() and "Cancel replay" in page.content.decode()
    found = Replay.objects.get()
    tasks.run_replay(found.pk)
    page = owner_client.get(reverse("webhooks:replay", args=[number.workspace.slug, found.pk]))
    assert "Done" in page.content.decode() and "Cancel replay" not in page.content.decode()
    cancel = reverse("webhooks:cancel_replay", args=[number.workspace.slug, found.pk])
    assert owner_client.post(cancel).status_code == 409
    assert owner_client.post(url, {**data, "from_at": "2398-01-01T00:00"}).status_code == 409
