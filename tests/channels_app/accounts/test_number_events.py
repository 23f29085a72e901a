"""Webhooks about accounts and numbers (reference 4.10): once, twice, out of order, with hostile values; never across
workspaces."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels_app.accounts import actions
from channels_app.accounts.fact_changes import note_changes
from channels_app.accounts.models import FactChange, PhoneNumber, Portfolio, WhatsAppAccount
from console.alerts.models import Alert
from console.workspaces.models import AuditEntry, Workspace
from tests.factories.accounts import make_account, make_phone_number
from tests.factories.workspaces import make_workspace

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DIGITS = "15550001111"
PORTFOLIO = "900000000000001"
pytestmark = pytest.mark.django_db


@pytest.fixture
def account(workspace: Workspace) -> WhatsAppAccount:
    return make_account(workspace, portfolio_id=PORTFOLIO)


@pytest.fixture
def number(account: WhatsAppAccount) -> PhoneNumber:
    return make_phone_number(account.workspace, account, display_number="+1 555-000-1111")


def tell(account: WhatsAppAccount, field: str, value: dict[str, Any], at: datetime | None = AT) -> bool:
    return actions.apply_number_event(
        workspace=account.workspace, waba_id=account.waba_id, field=field, value=value, at=at
    )


def of_number(**value: Any) -> dict[str, Any]:
    return {"display_phone_number": DIGITS, **value}


def open_alerts(kind: str) -> list[Alert]:
    return list(Alert.objects.filter(kind=kind, resolved_at=None))


def rows() -> tuple[int, int, int]:
    return FactChange.objects.count(), Alert.objects.count(), AuditEntry.objects.count()


EVENTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("phone_number_quality_update", of_number(event="THROUGHPUT_UPGRADE"), "throughput_level", "HIGH"),
    ("phone_number_quality_update", of_number(event="FLAGGED"), "status", "FLAGGED"),
    ("phone_number_quality_update", of_number(event="ONBOARDING"), "event", "ONBOARDING"),
    (
        "phone_number_quality_update",
        of_number(event="UPGRADE", max_daily_conversations_per_business="TIER_10K"),
        "messaging_limit",
        "TIER_10K",
    ),
    (
        "phone_number_quality_update",
        of_number(event="UPGRADE", current_limit="TIER_10K"),
        "messaging_limit",
        "TIER_10K",
    ),
    ("phone_number_name_update", of_number(decision="REJECTED"), "name_status", "DECLINED"),
    ("business_capability_update", {"max_daily_conversations_per_business": "TIER_10K"}, "messaging_limit", "TIER_10K"),
    ("business_capability_update", {"max_daily_conversations_per_business": 10000}, "messaging_limit", "TIER_10K"),
    ("business_capability_update", {"max_daily_conversations_per_business": "10000"}, "messaging_limit", "TIER_10K"),
    ("business_capability_update", {"max_daily_conversations_per_business": -1}, "messaging_limit", "TIER_UNLIMITED"),
    ("account_review_update", {"decision": "REJECTED"}, "review_status", "REJECTED"),
    ("security", of_number(event="PIN_CHANGED"), "security", "PIN_CHANGED"),
    ("security", of_number(event="PIN_RESET_REQUEST", requester="61000000000020"), "security", "PIN_RESET_REQUEST"),
    ("account_update", {"event": "VERIFIED_ACCOUNT"}, "verification_status", "verified"),
    ("account_update", {"event": "ACCOUNT_DELETED"}, "standing", "deleted"),
    ("account_update", {"event": "ACCOUNT_OFFBOARDED"}, "standing", "offboarded"),
    (
        "account_update",
        {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "December 1, 2026"}},
        "standing",
        "disabled",
    ),
    (
        "account_update",
        {"event": "PARTNER_REMOVED", "disconnection_info": {"reason": "PRIMARY_INACTIVITY"}},
        "event",
        "PARTNER_REMOVED",
    ),
    ("account_update", {"event": "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "country": "DE"}, "event", None),
    ("account_alerts", {"entity_type": "BUSINESS", "alert_info": {"alert_type": "OBA_APPROVED"}}, "notice", None),
]


@pytest.mark.parametrize(("field", "value", "fact", "after"), EVENTS)
def test_each_event_is_kept_once(
    account: WhatsAppAccount, number: PhoneNumber, field: str, value: dict[str, Any], fact: str, after: str | None
) -> None:
    assert tell(account, field, value)
    change = FactChange.objects.get(fact=fact)
    assert (change.source, change.at) == ("webhook", AT)
    assert change.after == (after or change.after)
    once = rows()
    assert AuditEntry.objects.filter(action="accounts.apply_event").count() == 1
    assert tell(account, field, value)
    assert rows() == once


@pytest.mark.parametrize(("field", "value", "fact", "after"), EVENTS)
def test_without_a_time_a_replay_changes_nothing_either(
    account: WhatsAppAccount, number: PhoneNumber, field: str, value: dict[str, Any], fact: str, after: str | None
) -> None:
    tell(account, field, value, None)
    once = rows()
    tell(account, field, value, None)
    assert rows() == once


def test_the_events_of_another_workspace_change_nothing(account: WhatsAppAccount, number: PhoneNumber) -> None:
    event = {"waba_id": account.waba_id, "field": "account_review_update", "value": {"decision": "REJECTED"}}
    assert not actions.apply_number_event(workspace=make_workspace(), **event)
    assert rows() == (0, 0, 0)


def test_a_late_webhook_does_not_bring_the_old_state_back(account: WhatsAppAccount, number: PhoneNumber) -> None:
    flagged, lifted = of_number(event="FLAGGED"), of_number(event="UNFLAGGED")
    tell(account, "phone_number_quality_update", flagged, AT)
    assert [alert.tone for alert in open_alerts("accounts.number_state")] == ["warn"]
    tell(account, "phone_number_quality_update", lifted, AT + timedelta(hours=1))
    tell(account, "phone_number_quality_update", flagged, AT)
    tell(account, "phone_number_quality_update", flagged, AT - timedelta(hours=1))
    number.refresh_from_db()
    assert number.status == "CONNECTED"
    assert not open_alerts("accounts.number_state")


def test_a_limit_is_one_change_of_the_portfolio_for_all_numbers(workspace: Workspace) -> None:
    one = make_account(workspace, portfolio_id=PORTFOLIO)
    two = make_account(workspace, portfolio_id=PORTFOLIO)
    numbers = [make_phone_number(workspace, account) for account in (one, two)]
    Portfolio.objects.create(
        workspace=workspace, portfolio_id=PORTFOLIO, messaging_limit="TIER_2K", created_at=AT - timedelta(days=1)
    )
    for account in (one, two):
        tell(account, "business_capability_update", {"max_daily_conversations_per_business": "TIER_10K"})
    change = FactChange.objects.get()
    assert (change.before, change.after, change.phone_number, change.account) == ("TIER_2K", "TIER_10K", None, None)
    assert set(
        PhoneNumber.objects.filter(pk__in=[row.pk for row in numbers]).values_list("messaging_limit", flat=True)
    ) == {"TIER_10K"}
    alert = Alert.objects.get(kind="accounts.limit")
    assert (alert.facts["direction"], alert.tone) == ("up", "ok")


def test_without_a_portfolio_the_limit_is_the_accounts(workspace: Workspace) -> None:
    account = make_account(workspace)
    numbers = [make_phone_number(workspace, account, messaging_limit="TIER_10K") for _two in range(2)]
    tell(account, "business_capability_update", {"max_daily_conversations_per_business": "TIER_2K"})
    assert FactChange.objects.get().account == account
    assert Alert.objects.get(kind="accounts.limit").facts["direction"] == "down"
    numbers[0].refresh_from_db()
    assert numbers[0].messaging_limit == "TIER_2K"


def test_a_name_decision_is_told_with_its_reason(account: WhatsAppAccount, number: PhoneNumber) -> None:
    declined = of_number(
        decision="REJECTED", requested_verified_name="BEST BAKERY!!!", rejection_reason="NAME_FORMAT_UNACCEPTABLE"
    )
    tell(account, "phone_number_name_update", declined)
    number.refresh_from_db()
    assert (number.verified_name, number.name_review["decision"]) == ("Demo Bakery", "REJECTED")
    assert number.name_status == "APPROVED"  # of the name in use
    alert = Alert.objects.get(kind="accounts.name_decision")
    assert (alert.tone, alert.facts["reason"]) == ("bad", "NAME_FORMAT_UNACCEPTABLE")
    approved = of_number(decision="APPROVED", requested_verified_name="Best Bakery", rejection_reason=None)
    tell(account, "phone_number_name_update", approved, AT + timedelta(days=1))
    tell(account, "phone_number_name_update", declined)
    number.refresh_from_db()
    assert (number.verified_name, number.name_status) == ("Best Bakery", "APPROVED")
    assert number.name_review["decision"] == "APPROVED"


def test_the_first_name_is_declined_itself(account: WhatsAppAccount, number: PhoneNumber) -> None:
    PhoneNumber.objects.filter(pk=number.pk).update(name_status="PENDING_REVIEW")
    tell(account, "phone_number_name_update", of_number(decision="REJECTED", requested_verified_name="Demo Bakery"))
    number.refresh_from_db()
    assert number.name_status == "DECLINED"
    assert Alert.objects.filter(kind="accounts.name_decision").count() == 1
    note_changes(number, {"name_status": "DECLINED"}, source=FactChange.Source.POLL)
    assert Alert.objects.filter(kind="accounts.name_decision").count() == 1


def test_a_decision_that_only_a_reading_shows_is_told_too(number: PhoneNumber) -> None:
    note_changes(number, {"name_status": "EXPIRED"}, source=FactChange.Source.POLL)
    assert Alert.objects.get(kind="accounts.name_decision").facts["after"] == "EXPIRED"


def test_a_deferred_name_keeps_its_state(account: WhatsAppAccount, number: PhoneNumber) -> None:
    tell(account, "phone_number_name_update", of_number(decision="DEFERRED", requested_verified_name="New Bakery"))
    number.refresh_from_db()
    assert (number.name_status, number.name_review["decision"]) == ("APPROVED", "DEFERRED")


def test_a_restriction_ends_by_itself(account: WhatsAppAccount) -> None:
    soon = datetime.now(UTC) + timedelta(hours=3)
    kind = "RESTRICTED_BIZ_INITIATED_MESSAGING"
    value = {
        "event": "ACCOUNT_RESTRICTION",
        "restriction_info": [{"restriction_type": kind, "expiration": int(soon.timestamp())}],
    }
    tell(account, "account_update", value)
    account.refresh_from_db()
    assert account.standing == "restricted"
    assert len(open_alerts("accounts.account_standing")) == 1
    assert actions.end_restrictions(soon - timedelta(minutes=1)) == 0
    assert actions.end_restrictions(soon + timedelta(minutes=1)) == 1
    assert actions.end_restrictions(soon + timedelta(minutes=2)) == 0
    account.refresh_from_db()
    assert account.standing == ""
    assert not open_alerts("accounts.account_standing")


def test_bans_come_and_go_in_their_own_order(account: WhatsAppAccount) -> None:
    def ban(state: str, hours: int) -> None:
        info = {"waba_ban_state": state, "waba_ban_date": "December 1, 2026"}
        tell(account, "account_update", {"event": "DISABLED_UPDATE", "ban_info": info}, AT + timedelta(hours=hours))
        account.refresh_from_db()

    ban("SCHEDULE_FOR_DISABLE", 0)
    assert account.standing == "disable_scheduled"
    ban("REINSTATE", 2)
    ban("DISABLE", 1)
    assert account.standing == ""
    assert not open_alerts("accounts.account_standing")


def test_a_violation_does_not_hide_a_restriction(account: WhatsAppAccount) -> None:
    restriction = [{"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": None}]
    tell(account, "account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": restriction})
    later = AT + timedelta(hours=1)
    spam = {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SPAM"}}
    tell(account, "account_update", spam, later)
    account.refresh_from_db()
    assert account.standing == "restricted"
    assert account.standing_facts["violation"]["type"] == "SPAM"


HOSTILE: list[Any] = [None, "", 7, -1, True, [], {}, "x" * 5000, "NEW_WORD_OF_META", {"deep": [1, {"er": 2}]}, "\x00"]
NAMES = {
    "phone_number_quality_update": ("event", "current_limit", "max_daily_conversations_per_business"),
    "phone_number_name_update": ("decision", "requested_verified_name", "rejection_reason"),
    "business_capability_update": ("max_daily_conversations_per_business",),
    "account_review_update": ("decision",),
    "security": ("event", "display_phone_number"),
    "account_update": ("event", "violation_info", "restriction_info", "ban_info"),
    "account_alerts": ("alert_info", "entity_type", "entity_id"),
}


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("field", sorted(NAMES))
def test_hostile_values_break_nothing(account: WhatsAppAccount, number: PhoneNumber, field: str, hostile: Any) -> None:
    good = {
        "phone_number_name_update": {"decision": "APPROVED"},
        "account_update": {"event": "ACCOUNT_RESTRICTION"},
        "phone_number_quality_update": {"event": "UPGRADE"},
    }
    for name in NAMES[field]:
        assert tell(account, field, of_number(**{**good.get(field, {}), name: hostile}))
    assert tell(account, "account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [hostile]})
    rule = {"restriction_type": "X", "expiration": hostile, "remediation": hostile}
    assert tell(account, "account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [rule]})
    number.refresh_from_db()
    assert number.messaging_limit in ("TIER_2K", "TIER_UNLIMITED")


def test_when_it_was_heard_is_written_once_a_minute(account: WhatsAppAccount, number: PhoneNumber) -> None:
    def hear(at: datetime) -> None:
        actions.hear_events(
            workspace=account.workspace,
            waba_ids={account.waba_id},
            phone_number_ids={number.phone_number_id},
            at=at,
        )
        account.refresh_from_db()
        number.refresh_from_db()

    hear(AT)
    hear(AT + timedelta(seconds=59))
    assert account.heard_at == number.heard_at == AT
    hear(AT + timedelta(seconds=61))
    assert account.heard_at == number.heard_at == AT + timedelta(seconds=61)
    hear(AT - timedelta(days=3))
    assert number.heard_at == AT + timedelta(seconds=61)


def test_an_event_that_names_a_number_is_heard_of_it(account: WhatsAppAccount, number: PhoneNumber) -> None:
    other = make_phone_number(account.workspace, account)
    tell(account, "phone_number_quality_update", of_number(event="FLAGGED"))
    tell(account, "phone_number_quality_update", of_number(event="UNFLAGGED"), at=AT - timedelta(hours=1))
    number.refresh_from_db()
    other.refresh_from_db()
    assert (number.heard_at, other.heard_at) == (AT, None)
