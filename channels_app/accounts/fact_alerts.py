"""Which changes of facts are alerts: raised when it gets worse, resolved when it is good again. Kinds: alert_kinds.py."""

from collections.abc import Callable
from typing import Any

from channels_app.accounts.models import FactChange, PhoneNumber, Portfolio, WhatsAppAccount
from console.alerts import actions as alerts

QUALITY_TONES = {"YELLOW": "warn", "RED": "bad"}
STATUS_TONES = {
    "FLAGGED": "warn",
    "RATE_LIMITED": "warn",
    "RESTRICTED": "bad",
    "DISCONNECTED": "bad",
    "BANNED": "bad",
    "MIGRATED": "bad",
    "DELETED": "bad",
}
NAME_DECISIONS = {"APPROVED": "APPROVED", "REJECTED": "DECLINED", "PENDING": "PENDING_REVIEW"}  # -> name_status
DECIDED_NAMES = {"APPROVED": "ok", "DECLINED": "bad", "EXPIRED": "bad"}
STANDING_TONES = {"violation": "warn", "disable_scheduled": "bad"}
SECURITY_TONES = {"PIN_REQUEST_SUCCESS": "info", "PIN_RESET_SUCCESS": "info"}
REVIEW_TONES = {"REJECTED": "bad", "DEFERRED": "warn"}
LADDER = ("TIER_50", "TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")


def rank(tier: str) -> int:
    """Where a messaging limit stands among all of them; -1 for a word that nobody knows."""
    return LADDER.index(tier) if tier in LADDER else -1


def tell(subject: Any, change: FactChange) -> None:
    """Raises or resolves what this change means. No statement when it means nothing to anybody."""
    teller = TELLERS.get((type(subject), change.fact))
    if teller:
        teller(subject, change)


def _of_number(number: PhoneNumber, change: FactChange) -> dict[str, Any]:
    return {
        "number_pk": number.pk,
        "number": number.display_number,
        "name": number.verified_name,
        "before": change.before,
        "after": change.after,
    }


def _quality(number: PhoneNumber, change: FactChange) -> None:
    tone = QUALITY_TONES.get(change.after)
    if tone:
        _raise(number, "accounts.quality", number.phone_number_id, _of_number(number, change), tone)
    else:
        alerts.resolve_alert(number.workspace, "accounts.quality", key=number.phone_number_id)


def _state(number: PhoneNumber, change: FactChange) -> None:
    tone = STATUS_TONES.get(change.after)
    if tone:
        _raise(number, "accounts.number_state", number.phone_number_id, _of_number(number, change), tone)
    elif change.after == "CONNECTED":
        alerts.resolve_alert(number.workspace, "accounts.number_state", key=number.phone_number_id)


def _name_status(number: PhoneNumber, change: FactChange) -> None:
    """A decision that no webhook told: the others come as decisions."""
    told = NAME_DECISIONS.get(str(number.name_review.get("decision", "")))
    if change.source == FactChange.Source.POLL and change.before and change.after not in ("", told):
        _raise_name(number, change, change.after)


def _decision(number: PhoneNumber, change: FactChange) -> None:
    _raise_name(number, change, NAME_DECISIONS.get(change.after, ""))


def _raise_name(number: PhoneNumber, change: FactChange, status: str) -> None:
    tone = DECIDED_NAMES.get(status)
    if tone:
        facts = _of_number(number, change) | {
            "after": status,
            "requested": str(change.details.get("requested") or number.verified_name)[:200],
            "reason": str(change.details.get("reason") or "")[:60],
        }
        _raise(number, "accounts.name_decision", number.phone_number_id, facts, tone)


def _security(number: PhoneNumber, change: FactChange) -> None:
    facts = _of_number(number, change)
    _raise(number, "accounts.security", number.phone_number_id, facts, SECURITY_TONES.get(change.after, "warn"))


def _limit(subject: Portfolio | WhatsAppAccount, change: FactChange) -> None:
    if not change.before:
        return
    before, after = rank(change.before), rank(change.after)
    direction = "changed" if -1 in (before, after) else "up" if after > before else "down"
    facts = {"portfolio": str(subject), "before": change.before, "after": change.after, "direction": direction}
    key = subject.portfolio_id if isinstance(subject, Portfolio) else subject.waba_id
    _raise(subject, "accounts.limit", key, facts, {"up": "ok", "down": "warn"}.get(direction, "info"))


def _standing(account: WhatsAppAccount, change: FactChange) -> None:
    if not change.after:
        alerts.resolve_alert(account.workspace, "accounts.account_standing", key=account.waba_id)
        return
    facts = {"account": str(account), "after": change.after, "standing": account.standing_facts}
    _raise(account, "accounts.account_standing", account.waba_id, facts, STANDING_TONES.get(change.after, "bad"))


def _review(account: WhatsAppAccount, change: FactChange) -> None:
    key, tone = f"{account.waba_id}:review", REVIEW_TONES.get(change.after)
    if tone:
        facts = {"account": str(account), "after": f"review_{change.after.lower()}", "standing": {}}
        _raise(account, "accounts.account_standing", key, facts, tone)
    elif change.after == "APPROVED":
        alerts.resolve_alert(account.workspace, "accounts.account_standing", key=key)


def _raise(subject: Any, kind: str, key: str, facts: dict[str, Any], tone: str) -> None:
    alerts.raise_alert(subject.workspace, kind, key=key, subject=str(subject), facts=facts, tone=tone)


TELLERS: dict[tuple[type[Any], str], Callable[[Any, FactChange], None]] = {
    (PhoneNumber, "quality_rating"): _quality,
    (PhoneNumber, "status"): _state,
    (PhoneNumber, "name_status"): _name_status,
    (PhoneNumber, "name_decision"): _decision,
    (PhoneNumber, "security"): _security,
    (Portfolio, "messaging_limit"): _limit,
    (WhatsAppAccount, "messaging_limit"): _limit,
    (WhatsAppAccount, "standing"): _standing,
    (WhatsAppAccount, "review_status"): _review,
}
