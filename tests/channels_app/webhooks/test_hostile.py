"""Bodies made to harm: signed with a real secret, so stored, but never in the way of another workspace's bodies."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from channels_app.accounts.models import PhoneNumber
from channels_app.webhooks import actions, applying, items, watching
from channels_app.webhooks.items import UnreadableBody, split
from channels_app.webhooks.models import HeardDay, InboundMessage, QuarantinedItem
from console.alerts.models import Alert
from console.kit import clock
from console.workspaces.models import Workspace
from tests.channels_app.webhooks.test_applying import inbound, messages, status, store
from tests.factories.accounts import make_account, make_credentials, make_phone_number
from tests.factories.workspaces import make_workspace


@pytest.fixture
def number(workspace: Workspace) -> PhoneNumber:
    return make_phone_number(workspace, make_account(workspace, waba_id="210000000000002"))


@pytest.fixture
def victim() -> PhoneNumber:
    other = make_workspace()
    account = make_account(other, waba_id="210000000000009", credentials=make_credentials(other))
    return make_phone_number(other, account, phone_number_id="310000000000009")


def deep(levels: int) -> Any:
    value: Any = "x"
    for _level in range(levels):
        value = [value]
    return value


HOSTILE: dict[str, dict[str, Any]] = {
    "NUL in an id": {"messages": [inbound("wamid.\u0000", text={"body": "a\u0000b"})]},
    "half a character": {"messages": [inbound("wamid.\ud800", type="te\ud800xt")]},
    "no number": {"messages": [inbound("wamid.inf", timestamp="1", type="text", x=float("nan"), text=None)]},
    "deep message": {"messages": [inbound("wamid.deep", text=deep(700), timestamp="no")]},
    "deep price": {"statuses": [status("wamid.price", "delivered", pricing={"a": deep(700)})]},
    "half a character in an error": {
        "statuses": [status("wamid.err", "failed", errors=[{"code": 131026, "message": "\ud800"}])]
    },
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_body_does_not_hold_up_the_next_one(name: str, number: PhoneNumber, victim: PhoneNumber) -> None:
    bad = store(number, messages(number, **HOSTILE[name]))
    good = store(victim, messages(victim, messages=[inbound("wamid.GOOD")]))
    actions.apply_batch(actions.claim())
    bad.refresh_from_db()
    good.refresh_from_db()
    assert good.status == "applied"
    assert InboundMessage.objects.filter(workspace=victim.workspace, wamid="wamid.GOOD").exists()
    assert bad.status != "stored", "it is not taken again and again"
    for row in QuarantinedItem.objects.all():
        json.dumps(row.item, allow_nan=False).encode()


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_the_page_of_a_hostile_body_opens(name: str, number: PhoneNumber, owner_client: Client) -> None:
    body = store(number, messages(number, **HOSTILE[name]))
    actions.apply_batch(actions.claim())
    assert owner_client.get(f"/w/{number.workspace.slug}/webhooks/{body.pk}/").status_code == 200


NUMBERLESS = '{"entry": [{"id": %s, "time": %s, "changes": [{"field": "messages", "value": %s}]}]}'
HOSTILE_ENVELOPES = {
    "infinity in what is kept": NUMBERLESS % ('"1"', "1", '{"messages": [{"id": 5, "x": 1e999}]}'),
    "infinity as the time": NUMBERLESS % ('"1"', "-1e999", '{"messages": [{"id": 5}]}'),
    "half a character as the account": NUMBERLESS % ('"\\ud800"', "1", "{}"),
    "NUL as the account": NUMBERLESS % ('"\\u0000"', "1", "{}"),
    "half a character as the number": NUMBERLESS
    % ('"1"', "1", '{"metadata": {"phone_number_id": "\\ud800"}, "statuses": [{"id": "w", "status": "sent"}]}'),
    "brackets as the account": NUMBERLESS % ("[" * 800 + "]" * 800, "1", "{}"),
    "brackets as a time": NUMBERLESS
    % ('"1"', "1", '{"statuses": [{"id": "w", "status": "sent", "timestamp": ' + "[" * 800 + "]" * 800 + "}]}"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE_ENVELOPES))
def test_a_hostile_envelope_does_not_hold_up_the_next_body(name: str, number: PhoneNumber, victim: PhoneNumber) -> None:
    bad = store(number, raw=HOSTILE_ENVELOPES[name].encode())
    good = store(victim, messages(victim, messages=[inbound("wamid.GOOD")]))
    actions.apply_batch(actions.claim())
    bad.refresh_from_db()
    good.refresh_from_db()
    assert good.status == "applied"
    assert bad.status != "stored", "it is not taken again and again"


def test_brackets_without_end_are_shown_as_text(number: PhoneNumber, owner_client: Client) -> None:
    body = store(number, raw=b"[" * 100_000)
    actions.apply_batch(actions.claim())
    body.refresh_from_db()
    assert body.status == "unreadable"
    assert owner_client.get(f"/w/{number.workspace.slug}/webhooks/{body.pk}/").status_code == 200


def test_a_body_of_countless_items_is_not_taken_apart() -> None:
    statuses = b"1," * items.MAX_ITEMS + b"1"
    value = b'{"field": "messages", "value": {"statuses": [' + statuses + b"]}}"
    with pytest.raises(UnreadableBody):
        split(b'{"entry": [{"id": "1", "changes": [' + value + b"]}]}")


def test_a_worker_takes_no_more_bytes_than_it_can_hold(number: PhoneNumber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "BATCH_BYTES", 1_000)
    small = store(number, messages(number, messages=[inbound("wamid.1")]))
    large = store(number, messages(number, messages=[inbound("wamid.2", text={"body": "x" * 5_000})]))
    assert [body.pk for body in actions.claim()] == [small.pk]
    assert [body.pk for body in actions.claim()] == [large.pk], "one is always taken, however large"


def test_the_vault_survives_a_strange_page_mark(workspace: Workspace, owner_client: Client) -> None:
    for mark in ("²", "9" * 40, "-1", "\u0000"):
        assert owner_client.get(f"/w/{workspace.slug}/webhooks/", {"before": mark}).status_code == 200


def test_made_up_numbers_ring_only_so_often(number: PhoneNumber) -> None:
    made_up = [
        ("messages", {"metadata": {"phone_number_id": str(5000 + at)}, "messages": [inbound(f"wamid.{at}")]})
        for at in range(30)
    ]
    store(number, *made_up)
    actions.apply_batch(actions.claim())
    for _minute in range(2):
        assert actions.watch_unknown_numbers() == 30
        assert Alert.objects.filter(kind="webhooks.unknown_number").count() == watching.MOST_UNKNOWN
    QuarantinedItem.objects.filter(phone_number_id="5000").update(resolved_at=clock.now())
    actions.watch_unknown_numbers()
    open_ones = Alert.objects.filter(kind="webhooks.unknown_number", resolved_at__isnull=True)
    assert open_ones.count() == watching.MOST_UNKNOWN, "another one has its place"


def test_made_up_fields_cost_only_so_much(number: PhoneNumber) -> None:
    store(number, messages(number, messages=[inbound("wamid.1")]), *((f"made_up_{at}", {}) for at in range(200)))
    actions.apply_batch(actions.claim())
    assert HeardDay.objects.count() == applying.MOST_FIELDS


def test_a_flood_of_account_events_costs_only_so_much(number: PhoneNumber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "MOST_STATES", 2)
    body = store(number, *(("account_update", {"event": f"MADE_UP_{at}"}) for at in range(5)), messages(number))
    actions.apply_batch(actions.claim())
    body.refresh_from_db()
    assert body.outcomes["account"] == {"applied": 2, "quarantined": 3}


def test_healing_holds_one_body_at_a_time(number: PhoneNumber, victim: PhoneNumber) -> None:
    later = "310000000000077"
    items = [inbound(f"wamid.{at}") for at in range(3)]
    store(number, ("messages", {"metadata": {"phone_number_id": later}, "messages": items}))
    actions.apply_batch(actions.claim())
    make_phone_number(number.workspace, number.account, phone_number_id=later)
    with CaptureQueriesContext(connection) as queries:
        assert actions.heal() == 3
    assert not [
        one["sql"] for one in queries if '"webhooks_webhookbody"."body"' in one["sql"] and "LIMIT 500" in one["sql"]
    ]
    assert InboundMessage.objects.filter(phone_number_id=later).count() == 3
