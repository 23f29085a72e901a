"""What becomes of stored bodies: applied once, in batches, a bad item alone."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from channels_app.accounts.models import PhoneNumber
from channels_app.webhooks import actions, tasks
from channels_app.webhooks.appliers import APPLIERS
from channels_app.webhooks.items import Item, UnreadableBody, split
from channels_app.webhooks.models import InboundMessage, QuarantinedItem, WebhookBody
from console.audiences.models import ConsentEntry, Profile
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.accounts import make_account, make_credentials, make_phone_number
from tests.factories.workspaces import make_workspace


@pytest.fixture
def number(workspace: Workspace) -> PhoneNumber:
    return make_phone_number(workspace, make_account(workspace, waba_id="210000000000002"))


def store(number: PhoneNumber, *changes: tuple[str, dict[str, Any]], raw: bytes | None = None) -> WebhookBody:
    entry = {"id": number.account.waba_id, "changes": [{"field": f, "value": v} for f, v in changes]}
    body = raw or json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    return WebhookBody.objects.create(
        workspace=number.workspace,
        credentials=number.account.credentials,
        sha256=hashlib.sha256(body).hexdigest(),
        body=body,
        received_at=clock.now(),
    )


def messages(number: PhoneNumber, **value: Any) -> tuple[str, dict[str, Any]]:
    return "messages", {"metadata": {"phone_number_id": number.phone_number_id}, **value}


def inbound(wamid: str = "wamid.IN1", **fields: Any) -> dict[str, Any]:
    text = {"body": "Do you open on Sunday?"}
    return {"from": "15550002222", "id": wamid, "timestamp": "1790430400", "type": "text", "text": text, **fields}


def status(wamid: str, word: str = "sent", **fields: Any) -> dict[str, Any]:
    return {"id": wamid, "status": word, "timestamp": "1790430400", "recipient_id": "15550002222", **fields}


class Listening:
    """Appliers that remember what they got and stumble over what they are told to."""

    def __init__(self, *, bad: Sequence[str] = ()) -> None:
        self.batches: list[list[str]] = []
        self.bad = set(bad)

    def __call__(self, workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
        ids = [item.data["id"] for item in items]
        if self.bad & set(ids):
            raise KeyError("x")
        self.batches.append(ids)
        return ()


def test_statuses_of_all_bodies_go_in_one_batch_in_order(number: PhoneNumber) -> None:
    listening = Listening()
    for start in (0, 2):
        store(number, messages(number, statuses=[status(f"w{start}"), status(f"w{start + 1}")]))
    assert actions.apply_batch(actions.claim(), {**APPLIERS, "status": listening}).item_count == 4
    assert listening.batches == [["w0", "w1", "w2", "w3"]]
    assert list(WebhookBody.objects.values_list("status", "item_count")) == [("applied", 2)] * 2


def test_bad_items_are_quarantined_alone(number: PhoneNumber) -> None:
    listening = Listening(bad=["w3", "w6"])
    first = store(number, messages(number, statuses=[status(f"w{n}") for n in range(5)]))
    second = store(number, messages(number, statuses=[status("w5"), "junk", {"id": 7}, status("w6")]))
    actions.apply_batch(actions.claim(), {**APPLIERS, "status": listening})
    assert sorted(wamid for batch in listening.batches for wamid in batch) == ["w0", "w1", "w2", "w4", "w5"]
    found = QuarantinedItem.objects.order_by("pk").values_list("body_id", "position", "failure")
    assert sorted(found) == [
        (first.pk, 3, "KeyError"),
        (second.pk, 1, "not an object"),
        (second.pk, 2, "no id"),
        (second.pk, 3, "KeyError"),
    ]
    assert set(WebhookBody.objects.values_list("status", flat=True)) == {"partly"}


def test_inbound_message_is_kept_once(number: PhoneNumber) -> None:
    store(number, messages(number, messages=[inbound()]))
    store(number, messages(number, messages=[inbound()], contacts=[]))
    tasks.apply_stored()
    kept = InboundMessage.objects.get()
    assert (kept.wamid, kept.sender, kept.kind) == ("wamid.IN1", "15550002222", "text")
    WebhookBody.objects.update(status="stored")
    tasks.apply_stored()
    assert InboundMessage.objects.count() == 1


def test_message_for_a_foreign_number_is_not_kept(number: PhoneNumber) -> None:
    foreign = make_phone_number(make_workspace())
    store(number, messages(foreign, messages=[inbound()]))
    tasks.apply_stored()
    assert not InboundMessage.objects.exists()


def preference(value: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    row = {
        "wa_id": "15550002222",
        "category": "marketing_messages",
        "value": value,
        "timestamp": 1790430600,
        "detail": "User requested to stop",
        **fields,
    }
    return "user_preferences", {"user_preferences": [row]}


def test_stop_withdraws_marketing_consent_with_its_evidence(number: PhoneNumber) -> None:
    now = clock.now()
    profile = Profile.objects.create(
        workspace=number.workspace,
        phone="+15550002222",
        marketing_consent="granted",
        created_at=now,
        updated_at=now,
    )
    stop, resume = preference("stop"), preference("resume", timestamp=1790430700)
    store(number, stop)
    tasks.apply_stored()
    profile.refresh_from_db()
    assert profile.marketing_consent == "withdrawn"
    WebhookBody.objects.update(status="stored")
    tasks.apply_stored()
    entry = ConsentEntry.objects.get()
    assert (entry.source, entry.evidence["value"]) == ("whatsapp", "stop")
    store(number, resume)
    tasks.apply_stored()
    profile.refresh_from_db()
    assert profile.marketing_consent == "granted"


@pytest.mark.parametrize(
    ("wa_id", "phone"),
    [("5215512345678", "+525512345678"), ("541123456789", "+5491123456789"), ("551181234567", "+5511981234567")],
)
def test_stop_finds_a_person_whose_number_meta_writes_otherwise(number: PhoneNumber, wa_id: str, phone: str) -> None:
    now = clock.now()
    facts = {"marketing_consent": "granted", "created_at": now, "updated_at": now}
    profile = Profile.objects.create(workspace=number.workspace, phone=phone, **facts)
    store(number, preference("stop", wa_id=wa_id))
    tasks.apply_stored()
    profile.refresh_from_db()
    assert profile.marketing_consent == "withdrawn"


def test_unknown_fields_are_stored_and_ignored(number: PhoneNumber) -> None:
    store(number, ("flows_of_2030", {"anything": 1}), messages(number))
    tasks.apply_stored()
    assert WebhookBody.objects.get().status == "applied"


def test_review_event_reaches_the_account(number: PhoneNumber) -> None:
    store(number, ("account_review_update", {"decision": "REJECTED"}))
    tasks.apply_stored()
    number.account.refresh_from_db()
    assert number.account.review_status == "REJECTED"


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[]", b'{"entry": 3}', b"[" * 100_000])
def test_unreadable_body_ends_as_such(number: PhoneNumber, raw: bytes) -> None:
    store(number, raw=raw)
    tasks.apply_stored()
    row = WebhookBody.objects.get()
    assert row.status == "unreadable" and row.failure


def test_two_workers_share_and_a_dead_ones_lease_ends(number: PhoneNumber, time_machine: Any) -> None:
    time_machine.move_to(clock.now(), tick=False)
    store(number, messages(number, statuses=[status("w1")]))
    assert len(actions.claim()) == 1
    assert actions.claim() == []
    time_machine.shift(timedelta(seconds=61))
    assert len(actions.claim()) == 1


def test_apply_again(number: PhoneNumber, actor: Actor, workspace: Workspace) -> None:
    body = store(number, messages(number, messages=[inbound(timestamp="never")]))
    tasks.apply_stored()
    item = body.quarantined.get()
    assert item.failure == "timestamp is not a time"
    with pytest.raises(Refused):
        actions.apply_again(actor=actor, workspace=workspace, quarantined=item)
    WebhookBody.objects.update(body=bytes(body.body).replace(b"never", b"1790430400"))
    item.refresh_from_db()
    item.body.refresh_from_db()
    actions.apply_again(actor=actor, workspace=workspace, quarantined=item)
    assert InboundMessage.objects.count() == 1
    body.refresh_from_db()
    assert body.status == "applied"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["entry", "changes", "value", "field", "statuses", "messages", "id", "metadata"]), inner
        )
    ),
    max_leaves=20,
)


@given(ANYTHING)
@hypothesis_settings(max_examples=150, deadline=None)
def test_no_body_breaks_the_splitter(body: Any) -> None:
    try:
        items = split(json.dumps(body).encode())
    except UnreadableBody:
        return
    assert [item.position for item in items] == list(range(len(items)))


def test_credentials_of_two_workspaces_stay_apart(workspace: Workspace, number: PhoneNumber) -> None:
    other = make_workspace()
    stranger = make_phone_number(other, make_account(other, make_credentials(other)))
    seen: list[tuple[int, int]] = []

    def listen(found: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
        seen.append((found.pk, len(items)))
        return ()

    store(number, messages(number, statuses=[status("w1")]))
    store(stranger, messages(stranger, statuses=[status("w2"), status("w3")]))
    actions.apply_batch(actions.claim(), {**APPLIERS, "status": listen})
    assert sorted(seen) == sorted([(workspace.pk, 1), (other.pk, 2)])
