"""Webhooks tell who is who: people without a number, changed numbers, stops, and contacts that make no sense."""

import hashlib
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.accounts.models import PhoneNumber
from channels_app.delivery.models import Message
from channels_app.webhooks import tasks
from channels_app.webhooks.appliers import apply_messages, apply_statuses
from channels_app.webhooks.items import Item, split
from channels_app.webhooks.models import InboundMessage, QuarantinedItem, WebhookBody
from channels_app.webhooks.people import sighting
from console.audiences.models import ConsentEntry, IdentityChange, PossibleDuplicate, Profile, ProfileMerge
from console.kit import clock
from console.workspaces.models import Workspace
from tests.factories.accounts import make_account, make_phone_number
from tests.factories.audiences import make_profile
from tests.factories.delivery import make_messages
from tests.factories.workspaces import make_workspace

PHONE, WA_ID, ID = "+15550002222", "15550002222", "US.40000000000000000005"
NEW_WA_ID, NEW_ID = "15550004444", "US.40000000000000000006"
CONTACT = {"profile": {"name": "Ada Demo", "username": "ada_demo"}, "wa_id": WA_ID, "user_id": ID}
TIME = 1_790_430_400


@pytest.fixture
def number(workspace: Workspace) -> PhoneNumber:
    account = make_account(workspace, waba_id="210000000000002", portfolio_id="P1")
    return make_phone_number(workspace, account)


def store(number: PhoneNumber, field: str = "messages", **value: Any) -> WebhookBody:
    value = {"metadata": {"phone_number_id": number.phone_number_id}, **value}
    entry = {"id": number.account.waba_id, "changes": [{"field": field, "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    return WebhookBody.objects.create(
        workspace=number.workspace,
        credentials=number.account.credentials,
        sha256=hashlib.sha256(body).hexdigest(),
        body=body,
        received_at=clock.now(),
    )


def tell(number: PhoneNumber, field: str = "messages", **value: Any) -> None:
    store(number, field, **value)
    tasks.apply_stored()


def inbound(**fields: Any) -> dict[str, Any]:
    text = {"id": "wamid.IN1", "timestamp": str(TIME), "type": "text", "text": {"body": "Hello"}}
    return {"from": WA_ID, "from_user_id": ID, **text, **fields}


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def moved(kind: str = "user_changed_number", **system: Any) -> dict[str, Any]:
    facts = {"wa_id": NEW_WA_ID, "user_id": NEW_ID, "previous_user_id": ID, "type": kind, **system}
    row = inbound(type="system", system=facts, timestamp=str(TIME + 60), id="wamid.SYS")
    return without(row, "text")


def sent_message(number: PhoneNumber, profile: Profile, wamid: str) -> Message:
    (message,) = make_messages(number, 1)
    Message.objects.filter(pk=message.pk).update(
        profile=profile, recipient=profile.phone or profile.bsuid, wamid=wamid, status="accepted"
    )
    return message


def status(wamid: str, **fields: Any) -> dict[str, Any]:
    word = {"id": wamid, "status": "delivered", "timestamp": str(TIME)}
    return {**word, "recipient_id": WA_ID, "recipient_user_id": ID, **fields}


def test_somebody_without_a_number_becomes_a_profile(number: PhoneNumber) -> None:
    tell(number, contacts=[without(CONTACT, "wa_id")], messages=[without(inbound(), "from")])
    ada = Profile.objects.get()
    assert (ada.phone, ada.bsuid, ada.bsuid_portfolio_id) == (None, ID, "P1")
    assert (ada.name, ada.username, ada.country, ada.source) == ("Ada Demo", "ada_demo", "US", "whatsapp")
    assert ada.marketing_consent == ""
    assert InboundMessage.objects.get().sender == ID


def test_a_user_id_where_a_number_should_be(number: PhoneNumber) -> None:
    tell(number, contacts=[{**CONTACT, "wa_id": ID}], messages=[inbound(**{"from": ID})])
    ada = Profile.objects.get()
    assert (ada.phone, ada.bsuid, ada.wa_id) == (None, ID, None)


def test_the_number_comes_later_and_makes_two_one(number: PhoneNumber) -> None:
    imported = make_profile(number.workspace, phone=PHONE, external_id="A-1", marketing_consent="granted")
    tell(number, contacts=[without(CONTACT, "wa_id")], messages=[without(inbound(), "from")])
    assert Profile.objects.count() == 2
    tell(number, contacts=[CONTACT], messages=[inbound(id="wamid.IN2", timestamp=str(TIME + 5))])
    ada = Profile.objects.get()
    assert (ada.pk, ada.phone, ada.bsuid, ada.marketing_consent) == (imported.pk, PHONE, ID, "granted")
    assert ProfileMerge.objects.get().reason == "same_person"


def test_a_status_teaches_the_user_id_but_makes_nobody(number: PhoneNumber) -> None:
    ada = make_profile(number.workspace, phone=PHONE)
    sent_message(number, ada, "wamid.1")
    tell(number, contacts=[CONTACT], statuses=[status("wamid.1")])
    ada.refresh_from_db()
    assert (ada.bsuid, ada.username, ada.name) == (ID, "ada_demo", "Ada Demo")
    count = Profile.objects.count()
    tell(number, contacts=[{**CONTACT, "user_id": "US.9", "wa_id": "15550009999"}], statuses=[
        status("wamid.2", recipient_id="15550009999", recipient_user_id="US.9")
    ])  # fmt: skip
    assert Profile.objects.count() == count


def test_a_status_of_a_number_that_meta_spells_otherwise(number: PhoneNumber) -> None:
    ada = make_profile(number.workspace, phone="+15550007777")
    sent_message(number, ada, "wamid.1")
    tell(number, contacts=[CONTACT], statuses=[status("wamid.1")])
    ada.refresh_from_db()
    assert (ada.phone, ada.wa_id, ada.bsuid) == ("+15550007777", WA_ID, ID)


def test_number_change(number: PhoneNumber) -> None:
    ada = make_profile(number.workspace, phone=PHONE, bsuid=ID, utility_consent="granted")
    tell(number, messages=[moved()])
    ada.refresh_from_db()
    assert (ada.phone, ada.bsuid, ada.utility_consent) == ("+15550004444", NEW_ID, "granted")
    change = IdentityChange.objects.get(kind="phone")
    assert (change.before, change.after, change.evidence["event"]) == (PHONE, "+15550004444", "user_changed_number")
    WebhookBody.objects.update(status="stored")
    tasks.apply_stored()
    assert IdentityChange.objects.filter(kind="phone").count() == 1
    tell(number, contacts=[CONTACT], messages=[inbound(id="wamid.LATE")])
    assert Profile.objects.count() == 1
    stranger = {**CONTACT, "user_id": "US.77"}
    row = inbound(id="wamid.NEXT", from_user_id="US.77", timestamp=str(TIME + 600))
    tell(number, contacts=[stranger], messages=[row])
    assert set(Profile.objects.values_list("phone", "bsuid")) == {("+15550004444", NEW_ID), (PHONE, "US.77")}


def test_the_older_form_of_a_number_change(number: PhoneNumber) -> None:
    ada = make_profile(number.workspace, phone=PHONE)
    system = {"body": "changed", "new_wa_id": NEW_WA_ID, "type": "customer_changed_number"}
    tell(number, messages=[without(inbound(type="system", system=system), "from_user_id")])
    ada.refresh_from_db()
    assert ada.phone == "+15550004444"


def test_a_user_id_that_changed(number: PhoneNumber) -> None:
    ada = make_profile(number.workspace, phone=None, bsuid=ID)
    system = {"user_id": NEW_ID, "previous_user_id": ID, "type": "user_changed_user_id"}
    tell(number, messages=[without(inbound(type="system", system=system), "from", "from_user_id")])
    ada.refresh_from_db()
    assert ada.bsuid == NEW_ID


@pytest.mark.parametrize("kind", ["customer_identity_changed", "of_2030", "", None, 7, {"a": 1}])
def test_other_system_messages_are_kept(number: PhoneNumber, kind: Any) -> None:
    tell(number, messages=[moved(kind)])
    assert InboundMessage.objects.get().kind == "system"
    assert not Profile.objects.exists()


def preference(value: str, **fields: Any) -> dict[str, Any]:
    facts = {"category": "marketing_messages", "value": value, "timestamp": TIME, "detail": "x"}
    return {"wa_id": WA_ID, "user_id": ID, **facts, **fields}


def test_a_stop_finds_a_person_by_a_former_id(number: PhoneNumber) -> None:
    ada = make_profile(number.workspace, phone=PHONE, bsuid=ID, marketing_consent="granted")
    tell(number, messages=[moved()])
    tell(number, "user_preferences", user_preferences=[without(preference("stop"), "wa_id")])
    ada.refresh_from_db()
    assert ada.marketing_consent == "withdrawn"


def test_a_stop_of_somebody_unknown_waits_for_the_import(number: PhoneNumber) -> None:
    for _ in range(2):
        WebhookBody.objects.all().delete()
        tell(number, "user_preferences", user_preferences=[preference("stop"), preference("stop")], contacts=[CONTACT])
    ada = Profile.objects.get()
    assert (ada.phone, ada.bsuid, ada.marketing_consent) == (PHONE, ID, "withdrawn")
    assert ConsentEntry.objects.count() == 1


def test_a_stop_of_two_that_may_be_one_counts_for_both(number: PhoneNumber) -> None:
    make_profile(number.workspace, phone=PHONE, external_id="A", marketing_consent="granted")
    make_profile(number.workspace, phone=None, bsuid=ID, external_id="B", marketing_consent="granted")
    tell(number, "user_preferences", user_preferences=[preference("stop")])
    assert list(Profile.objects.values_list("marketing_consent", flat=True)) == ["withdrawn", "withdrawn"]
    assert PossibleDuplicate.objects.count() == 1


def test_a_number_that_is_not_connected_waits(number: PhoneNumber) -> None:
    foreign = make_phone_number(make_workspace())
    value = {"metadata": {"phone_number_id": foreign.phone_number_id}, "contacts": [CONTACT], "messages": [inbound()]}
    tell(number, **value)
    item = QuarantinedItem.objects.get()
    assert item.failure == "unknown_number"
    assert not Profile.objects.exists()
    assert not InboundMessage.objects.exists()


HOSTILE: list[Any] = [
    None,
    "x",
    {"wa_id": 1},
    [None, 3, "x", []],
    [{}],
    [{"wa_id": None, "user_id": ["US.1"], "profile": "Ada"}],
    [{**CONTACT, "profile": {"name": "A\x00da\u202e" * 5000, "username": "no spaces, please"}}],
    [{**CONTACT, "profile": {"name": "\ud800", "username": "\x00"}}],
    [{**CONTACT, "wa_id": "0" * 4000, "user_id": "US." + "9" * 4000, "parent_user_id": {"a": 1}}],
    [{"wa_id": f"1555000{place:04}", "user_id": f"US.{place}"} for place in range(10_000)],
]


@pytest.mark.parametrize("contacts", HOSTILE)
def test_contacts_that_make_no_sense(number: PhoneNumber, contacts: Any) -> None:
    make_profile(number.workspace, phone=PHONE)
    rows = [inbound(), inbound(id="wamid.2", **{"from": 7, "from_user_id": {}}), inbound(id="wamid.3", **{"from": ""})]
    tell(number, contacts=contacts, messages=rows, statuses=[status("w1"), status("w2", recipient_user_id=[1])])
    assert not QuarantinedItem.objects.exists()
    assert InboundMessage.objects.count() == 3
    ada = Profile.objects.get(phone=PHONE)
    assert ada.bsuid == ID
    assert len(ada.name) <= 200
    assert "\x00" not in ada.name
    assert Profile.objects.count() == 1


def items(value: dict[str, Any], field: str = "messages") -> list[Item]:
    body = {"entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]}
    return split(json.dumps(body).encode())


def test_each_item_has_its_own_contact() -> None:
    other = {"wa_id": "15550003333", "user_id": "US.3", "profile": {"name": "Bo"}}
    rows = [
        inbound(),
        inbound(**{"from": "15550003333", "from_user_id": "US.3"}),
        inbound(**{"from": "4", "from_user_id": "X"}),
    ]
    found = items({"contacts": [other, CONTACT], "messages": rows})
    assert [item.contact for item in found] == [CONTACT, other, None]
    assert [item.position for item in found] == [0, 1, 2]


def test_one_contact_is_everybodys_it_does_not_contradict() -> None:
    rows = [
        inbound(**{"from": "5511981234567"}),
        without(inbound(), "from", "from_user_id"),
        inbound(from_user_id="US.9"),
    ]
    brazilian = {"wa_id": "551181234567", "profile": {"name": "Ana"}}
    assert [item.contact for item in items({"contacts": [brazilian], "messages": rows})] == [brazilian, brazilian, None]


def test_groups_are_nobody() -> None:
    (item,) = items({"contacts": [CONTACT], "messages": [inbound(group_id="G1")]})
    assert sighting(item, clock.now(), "").is_empty


@pytest.mark.parametrize(
    "field", ["history", "smb_message_echoes", "smb_app_state_sync", "standby", "messaging_handovers"]
)
def test_fields_of_other_uses_are_ignored(field: str) -> None:
    assert [item.kind for item in items({"messages": [inbound()], "contacts": [CONTACT]}, field)] == ["other"]


def cost(function: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        function()
    sql = [query["sql"] for query in captured.captured_queries]
    return sum(not line.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) for line in sql)


def test_what_statuses_that_say_nothing_new_cost(number: PhoneNumber) -> None:
    people = [make_profile(number.workspace, phone=f"+155500{place:05}", bsuid=f"US.{place}", name="A", wa_id=None,
                           bsuid_portfolio_id="P1") for place in range(200)]  # fmt: skip
    rows = [status(f"w{one.pk}", recipient_id=one.phone[1:], recipient_user_id=one.bsuid) for one in people]  # type: ignore[index]
    found = items({"metadata": {"phone_number_id": number.phone_number_id}, "statuses": rows})
    named = cost(lambda: apply_statuses(number.workspace, found))
    silent = [Item(item.position, "status", item.field, item.waba_id, item.phone_number_id, without(item.data, "recipient_user_id"))
              for item in found]  # fmt: skip
    assert named - cost(lambda: apply_statuses(number.workspace, silent)) == 2


def test_what_messages_cost(number: PhoneNumber) -> None:
    rows = [
        inbound(id=f"w{place}", **{"from": f"155500{place:05}", "from_user_id": f"US.{place}"}) for place in range(90)
    ]
    found = items({"metadata": {"phone_number_id": number.phone_number_id}, "messages": rows})
    assert cost(lambda: apply_messages(number.workspace, found)) == 7
    assert Profile.objects.count() == 90
