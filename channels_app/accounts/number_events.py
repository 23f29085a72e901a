"""What Meta's webhooks say about accounts and numbers (reference section 4.10). Safe to apply twice and out of order."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from channels_app.accounts import standing
from channels_app.accounts.fact_alerts import LADDER, NAME_DECISIONS
from channels_app.accounts.fact_changes import note_changes, note_happening, note_limit, portfolio_of
from channels_app.accounts.models import FactChange, PhoneNumber, WhatsAppAccount
from channels_app.accounts.number_actions import hear_events
from console.kit import clock, queue
from console.kit.plain import storable
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

FIELDS = frozenset(
    {
        "phone_number_quality_update",
        "phone_number_name_update",
        "account_update",
        "account_alerts",
        "account_review_update",
        "business_capability_update",
        "security",
    }
)
TIERS = {250: "TIER_250", 1000: "TIER_1K", 2000: "TIER_2K", 10_000: "TIER_10K", 100_000: "TIER_100K", -1: LADDER[-1]}
DETAILS_KEPT = 12
DETAIL_LENGTH = 300
WEBHOOK = FactChange.Source.WEBHOOK
Value = dict[str, Any]


def apply_number_event(
    *, workspace: Workspace, waba_id: str, field: str, value: Value, at: datetime | None = None
) -> bool:
    """Writes what the event tells and has the account read again at Meta. False when the WABA is not of this workspace.

    `at` is the time Meta put on the webhook. A replay and a late event change nothing; the audit entry is made only
    when something changed.
    """
    if field not in FIELDS:
        return False
    with transaction.atomic():
        rows = WhatsAppAccount.objects.select_for_update(of=("self",), no_key=True).select_related("workspace")
        account = rows.filter(workspace=workspace, waba_id=waba_id).first()
        if account is None:
            return False
        if at is None and account.events.get(field) == storable(value):
            return True  # without a time this is all that tells a replay
        told_at = min(at, clock.now()) if at else clock.now()
        has_changed = APPLY[field](account, value, told_at)
        if _keep_event(account, field, value, told_at) or has_changed:
            what = {"field": field, "event": (word(value, "event") or word(value, "decision"))[:60]}
            audit.record(Actor.system("webhook"), workspace, "accounts.apply_event", account, what)
            _hear(account, value, told_at)
            queue.ring("channels_app.accounts.tasks.refresh_accounts", account.pk)
    return True


def _hear(account: WhatsAppAccount, value: Value, told_at: datetime) -> None:
    """An event that names a number by its digits counts as heard of it; the others carry its id and count already."""
    number = _number(account, value)
    if number is not None:
        ids = {number.phone_number_id}
        hear_events(workspace=account.workspace, waba_ids=(), phone_number_ids=ids, at=told_at)


def _keep_event(account: WhatsAppAccount, field: str, value: Value, told_at: datetime) -> bool:
    """Remembers the last event of each field; True when this one is news."""
    value, times = storable(value), account.events.get("told_at", {})
    if account.events.get(field) == value or times.get(field, 0) > told_at.timestamp():
        return False
    account.events = {**account.events, field: value, "told_at": {**times, field: int(told_at.timestamp())}}
    WhatsAppAccount.objects.filter(pk=account.pk).update(events=account.events)
    return True


def word(value: Any, name: str) -> str:
    """A word in Meta's object, as text; "" when it is missing or of another kind."""
    found = value.get(name) if isinstance(value, dict) else None
    is_text = isinstance(found, str | int) and not isinstance(found, bool)
    return str(found).replace("\x00", "").strip()[:DETAIL_LENGTH] if is_text else ""


def tier_of(limit: Any) -> str:
    """A messaging limit as Meta's word: TIER_2K stays, 2000 and "2000" become it, -1 is no limit. "" for nonsense."""
    if isinstance(limit, str) and limit.startswith(("TIER_", "UNTIERED")):
        return limit
    try:
        return "" if isinstance(limit, bool) else TIERS.get(int(limit), "")
    except (TypeError, ValueError, OverflowError):
        return ""


def _review(account: WhatsAppAccount, value: Value, at: datetime) -> bool:
    return bool(note_changes(account, {"review_status": word(value, "decision")}, source=WEBHOOK, at=at))


def _capability(account: WhatsAppAccount, value: Value, at: datetime) -> bool:
    limit = tier_of(value.get("max_daily_conversations_per_business"))
    return bool(note_limit(account, limit, source=WEBHOOK, at=at))


def _quality(account: WhatsAppAccount, value: Value, at: datetime) -> bool:
    event, number = word(value, "event"), _number(account, value)
    limit = tier_of(value.get("max_daily_conversations_per_business")) or tier_of(value.get("current_limit"))
    has_changed = limit in LADDER and bool(note_limit(account, limit, source=WEBHOOK, at=at))
    if number is None:
        return has_changed
    after: dict[str, Any] = {}
    if event == "THROUGHPUT_UPGRADE":
        after["throughput_level"] = "HIGH"
    elif event == "FLAGGED":
        after["status"] = "FLAGGED"
    elif event == "UNFLAGGED" and number.status == "FLAGGED":
        after["status"] = "CONNECTED"
    elif event == "ONBOARDING":
        has_changed = note_happening(number, "event", event, at=at) is not None or has_changed
    return bool(note_changes(number, after, source=WEBHOOK, at=at)) or has_changed


def _name(account: WhatsAppAccount, value: Value, at: datetime) -> bool:
    """A decision about the display name. The one in use keeps its own state while Meta decides about another."""
    number, decision = _number(account, value), word(value, "decision")
    if number is None or not decision:
        return False
    requested, reason = word(value, "requested_verified_name")[:200], word(value, "rejection_reason")
    review = {"requested": requested, "decision": decision[:40], "reason": reason[:60], "at": at.isoformat()}
    is_late = str(number.name_review.get("at", "")) > review["at"]
    if is_late or number.name_review == review:
        return False
    details = {"requested": requested, "reason": reason}
    after: dict[str, Any] = {"name_review": review}
    is_of_another = requested not in ("", number.verified_name) and number.name_status != "PENDING_REVIEW"
    if decision in NAME_DECISIONS and (decision == "APPROVED" or not is_of_another):
        after["name_status"] = NAME_DECISIONS[decision]
    if decision == "APPROVED":
        after["verified_name"] = requested
    note_changes(number, after, source=WEBHOOK, at=at, details=details)
    note_happening(number, "name_decision", decision, at=at, details=details)
    return True


def _security(account: WhatsAppAccount, value: Value, at: datetime) -> bool:
    number, event = _number(account, value), word(value, "event")
    if number is None or not event or note_happening(number, "security", event, at=at) is None:
        return False
    if event == "PIN_CHANGED":
        note_changes(number, {"is_pin_enabled": True}, source=WEBHOOK, at=at)
    return True


def _notice(account: WhatsAppAccount, value: Value, at: datetime) -> bool:
    """An account alert: about a number, or about the business."""
    info = value.get("alert_info") if isinstance(value.get("alert_info"), dict) else value
    kind, entity = word(info, "alert_type"), word(value, "entity_id")
    if not kind:
        return False
    details = {name: word(info, name) for name in ("alert_severity", "alert_status", "alert_description")}
    numbers = account.phone_numbers.select_related("workspace").filter(phone_number_id=entity)
    number = numbers.first() if word(value, "entity_type") == "PHONE_NUMBER" else None
    return note_happening(number or account, "notice", kind, at=at, details=details) is not None


def _account(account: WhatsAppAccount, value: Value, at: datetime) -> bool:
    event = word(value, "event")
    facts = standing.apply_event(account.standing_facts, value, at)
    if facts != account.standing_facts:
        after = {"standing_facts": facts, "standing": standing.word_of(facts, clock.now())}
        note_changes(account, after, source=WEBHOOK, at=at, details={"event": event})
        return True
    if event == "VERIFIED_ACCOUNT" and account.portfolio_id:
        told = {"verification_status": "verified"}
        return bool(note_changes(portfolio_of(account), told, source=WEBHOOK, at=at))
    if not event or event in standing.EVENTS:
        return False
    return note_happening(account, "event", event, at=at, details=_details(value)) is not None


def _details(value: Value) -> dict[str, str]:
    """The plain words of an event and of the objects right inside it."""
    rows = [value, *(part for part in value.values() if isinstance(part, dict))]
    words = {str(name)[:60]: word(row, name) for row in rows for name in row if name != "event" and word(row, name)}
    return dict(list(words.items())[:DETAILS_KEPT])


def _number(account: WhatsAppAccount, value: Value) -> PhoneNumber | None:
    """The number that the event names by its digits."""
    digits = _digits(word(value, "display_phone_number"))
    rows = account.phone_numbers.select_related("workspace", "account") if digits else ()
    return next((row for row in rows if _digits(row.display_number) == digits), None)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


APPLY: dict[str, Callable[[WhatsAppAccount, Value, datetime], bool]] = {
    "phone_number_quality_update": _quality,
    "phone_number_name_update": _name,
    "account_update": _account,
    "account_alerts": _notice,
    "account_review_update": _review,
    "business_capability_update": _capability,
    "security": _security,
}
