"""The history of facts: what a reading, a webhook and a person change, kept once, with the alerts that follow."""

from datetime import timedelta
from typing import Any

import pytest

from channels_app.accounts import actions, tasks
from channels_app.accounts.fact_changes import TRACKED, note_all, note_changes
from channels_app.accounts.models import FactChange, PhoneNumber, Portfolio, WhatsAppAccount
from channels_app.accounts.readings import keep_account, keep_numbers
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.results import Number, Waba
from console.alerts.models import Alert
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.accounts import fake_meta, make_account, make_phone_number
from tests.factories.workspaces import make_workspace

pytestmark = pytest.mark.django_db
POLL, WEBHOOK = FactChange.Source.POLL, FactChange.Source.WEBHOOK
NODE = {
    "id": "320000000000003",
    "display_phone_number": "+1 555-000-1111",
    "verified_name": "Demo Bakery",
    "status": "CONNECTED",
    "quality_rating": "GREEN",
    "throughput": {"level": "STANDARD"},
    "whatsapp_business_manager_messaging_limit": "TIER_2K",
    "name_status": "APPROVED",
    "code_verification_status": "VERIFIED",
    "account_mode": "LIVE",
    "is_pin_enabled": True,
    "health_status": {"can_send_message": "AVAILABLE", "entities": []},
    "webhook_configuration": {"application": "https://a.example/", "phone_number": "https://b.example/"},
}
WABA = {
    "id": "210000000000002",
    "name": "Demo Bakery",
    "currency": "EUR",
    "account_review_status": "APPROVED",
    "business_verification_status": "verified",
    "primary_funding_id": "1",
    "owner_business_info": {"id": "900000000000001", "name": "Demo Group"},
    "health_status": {"can_send_message": "LIMITED"},
}


@pytest.fixture
def account(workspace: Workspace) -> WhatsAppAccount:
    return make_account(workspace, waba_id=WABA["id"], portfolio_id="900000000000001")


def read(account: WhatsAppAccount, **changed: Any) -> PhoneNumber:
    return keep_numbers(account, [Number.of({**NODE, **changed})], read_at=clock.now())[0]


def of_fact(fact: str) -> list[tuple[str, str, str]]:
    rows = FactChange.objects.filter(fact=fact).order_by("at", "id")
    return list(rows.values_list("before", "after", "source"))


def test_the_first_reading_is_kept_as_such_and_read_again_nothing(account: WhatsAppAccount) -> None:
    number = read(account)
    assert of_fact("quality_rating") == [("", "GREEN", "first")]
    assert of_fact("messaging_limit") == [("", "TIER_2K", "first")]
    assert (number.health_word, number.is_pin_enabled) == ("AVAILABLE", True)
    assert number.override_callback_url == "https://b.example/"
    assert number.messaging_limit == PhoneNumber.objects.get().messaging_limit == "TIER_2K"
    count = FactChange.objects.count()
    read(account)
    assert FactChange.objects.count() == count
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("fact", "changed", "after"),
    [
        ("quality_rating", {"quality_rating": "RED"}, "RED"),
        ("throughput_level", {"throughput": {"level": "HIGH"}}, "HIGH"),
        ("messaging_limit", {"whatsapp_business_manager_messaging_limit": "TIER_100K"}, "TIER_100K"),
        ("status", {"status": "FLAGGED"}, "FLAGGED"),
        ("name_status", {"name_status": "EXPIRED"}, "EXPIRED"),
        ("verified_name", {"verified_name": "Other Bakery"}, "Other Bakery"),
        ("code_verification_status", {"code_verification_status": "EXPIRED"}, "EXPIRED"),
        ("account_mode", {"account_mode": "SANDBOX"}, "SANDBOX"),
        ("is_pin_enabled", {"is_pin_enabled": False}, "false"),
        ("health_word", {"health_status": {"can_send_message": "BLOCKED"}}, "BLOCKED"),
        ("username", {"username": "bakery"}, "bakery"),
        ("status", {"status": "A_WORD_THAT_NOBODY_KNOWS_AND_THAT_IS_LONG"}, "A_WORD_THAT_NOBODY_KNOWS"),
    ],
)
def test_each_fact_has_its_history(account: WhatsAppAccount, fact: str, changed: Any, after: str) -> None:
    read(account)
    read(account, **changed)
    assert of_fact(fact)[-1][1] == after
    assert FactChange.objects.exclude(source="first").count() <= 1
    column = PhoneNumber.objects.values_list(fact, flat=True).get()
    assert str(column).lower().startswith(after.lower())


def test_facts_of_account_and_portfolio(account: WhatsAppAccount) -> None:
    keep_account(account, Waba.of(WABA), read_at=clock.now())
    other = {**WABA, "currency": "USD", "primary_funding_id": "", "business_verification_status": "revoked"}
    keep_account(account, Waba.of(other), read_at=clock.now(), is_subscribed=True)
    assert of_fact("currency") == [("", "EUR", "first"), ("EUR", "USD", "poll")]
    assert of_fact("has_payment_method") == [("", "true", "first"), ("true", "false", "poll")]
    assert of_fact("verification_status") == [("", "verified", "first"), ("verified", "revoked", "poll")]
    assert of_fact("is_subscribed") == [("false", "true", "poll")]
    assert Portfolio.objects.get().name == "Demo Group"


@pytest.mark.parametrize("missing", [*NODE, "everything"])
def test_what_meta_does_not_say_takes_nothing_away(account: WhatsAppAccount, missing: str) -> None:
    read(account)
    count = FactChange.objects.count()
    gone = {name: None for name in NODE if name != "id"} if missing == "everything" else {missing: None}
    read(account, **{**gone, "id": NODE["id"]})
    assert FactChange.objects.count() == count
    assert PhoneNumber.objects.get().quality_rating == "GREEN"


def test_a_reading_older_than_a_webhook_does_not_undo_it(account: WhatsAppAccount) -> None:
    number = read(account)
    asked_at = clock.now()
    note_changes(number, {"quality_rating": "YELLOW"}, source=WEBHOOK, at=clock.now())
    keep_numbers(account, [Number.of(NODE)], read_at=asked_at)
    assert PhoneNumber.objects.get().quality_rating == "YELLOW"
    keep_numbers(account, [Number.of(NODE)], read_at=clock.now())
    assert PhoneNumber.objects.get().quality_rating == "GREEN"


def test_quality_alerts_rise_and_end(account: WhatsAppAccount) -> None:
    number = read(account)
    for rating, tones in (("YELLOW", ["warn"]), ("RED", ["bad"]), ("GREEN", []), ("UNKNOWN", [])):
        note_changes(number, {"quality_rating": rating}, source=POLL)
        assert [alert.tone for alert in Alert.objects.filter(kind="accounts.quality", resolved_at=None)] == tones


@pytest.mark.parametrize("status", ["FLAGGED", "RESTRICTED", "DISCONNECTED", "BANNED"])
def test_a_number_in_trouble_is_told_until_it_is_connected(account: WhatsAppAccount, status: str) -> None:
    number = read(account)
    note_changes(number, {"status": status}, source=POLL)
    assert Alert.objects.get(kind="accounts.number_state").resolved_at is None
    note_changes(number, {"status": "CONNECTED"}, source=POLL)
    assert Alert.objects.get(kind="accounts.number_state").resolved_at is not None


def test_an_event_of_tomorrow_is_taken_as_now(account: WhatsAppAccount) -> None:
    number = read(account)
    note_changes(number, {"status": "FLAGGED"}, source=WEBHOOK, at=clock.now() + timedelta(days=900))
    assert FactChange.objects.get(after="FLAGGED").at <= clock.now()
    note_changes(number, {"status": "CONNECTED"}, source=WEBHOOK, at=clock.now())
    assert PhoneNumber.objects.get().status == "CONNECTED"


def test_many_rows_cost_no_more_statements(account: WhatsAppAccount, django_assert_max_num_queries: Any) -> None:
    numbers = [make_phone_number(account.workspace, account) for _each in range(20)]
    for number in numbers:
        number.account = account
    with django_assert_max_num_queries(16):
        note_all([(row, {"account_mode": "LIVE", "messaging_limit": "TIER_10K"}) for row in numbers], source=POLL)
    assert FactChange.objects.filter(fact="account_mode").count() == 20
    assert FactChange.objects.filter(fact="messaging_limit").count() == 1


def test_tracked_columns_exist() -> None:
    for model, names in TRACKED.items():
        assert names <= {field.name for field in model._meta.get_fields()}


def test_a_number_of_another_workspace_is_refused(account: WhatsAppAccount) -> None:
    make_phone_number(make_workspace(), phone_number_id=NODE["id"])
    with pytest.raises(Refused, match=r"accounts\.number_elsewhere"):
        read(account)


def test_a_number_that_another_workspace_connects_in_this_moment_stays_theirs(
    account: WhatsAppAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = PhoneNumber.objects.bulk_create

    def be_late(rows: Any, **options: Any) -> Any:
        make_phone_number(make_workspace(), phone_number_id=NODE["id"])
        return write(rows, **options)

    monkeypatch.setattr(PhoneNumber.objects, "bulk_create", be_late)
    with pytest.raises(Refused, match=r"accounts\.number_elsewhere"):
        read(account)
    assert not account.phone_numbers.filter(phone_number_id=NODE["id"]).exists()


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch, account: WhatsAppAccount) -> dict[str, Any]:
    answers: dict[str, Any] = {
        f"GET {account.waba_id}": (200, WABA),
        f"GET {account.waba_id}/phone_numbers": (200, {"data": [NODE]}),
    }
    monkeypatch.setattr(ManagementClient, "default_transport", fake_meta(answers))
    return answers


def test_each_account_is_read_once_an_hour(account: WhatsAppAccount, meta: Any) -> None:
    assert list(actions.due_for_reading(clock.now())) == [account]
    tasks.refresh_accounts(account.pk)
    account.refresh_from_db()
    assert (account.currency, account.read_failure) == ("EUR", None)
    assert PhoneNumber.objects.get().quality_rating == "GREEN"
    assert not actions.due_for_reading(clock.now())
    assert actions.due_for_reading(clock.now() + timedelta(hours=1)).exists()


def test_a_failed_reading_is_noted_and_waits_for_its_turn(account: WhatsAppAccount, meta: Any) -> None:
    expired = {"error": {"code": 190, "error_subcode": 463, "message": "expired", "type": "OAuthException"}}
    meta[f"GET {account.waba_id}/phone_numbers"] = (401, expired)
    with pytest.raises(Refused, match=r"accounts\.meta_190"):
        actions.refresh_account(actor=Actor.system("test"), workspace=account.workspace, account=account)
    account.refresh_from_db()
    assert account.read_failure == 190
    assert not actions.due_for_reading(clock.now())
