"""What Meta's webhooks say about accounts and numbers (reference section 4.10). Safe to apply twice."""

from typing import Any

from django.db import transaction

from channels_app.accounts.models import PhoneNumber, WhatsAppAccount
from console.kit import queue
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
NAME_DECISIONS = {"APPROVED": "APPROVED", "REJECTED": "DECLINED", "PENDING": "PENDING_REVIEW"}


def apply_number_event(*, workspace: Workspace, waba_id: str, field: str, value: dict[str, Any]) -> bool:
    """Writes what the event tells and has the account read again at Meta. False when the WABA is not of this workspace.

    A replay writes the same values; the audit entry is made only when something changed.
    """
    account = WhatsAppAccount.objects.filter(workspace=workspace, waba_id=waba_id).first()
    if account is None or field not in FIELDS:
        return False
    with transaction.atomic():
        changed = _apply(account, field, value)
        if account.events.get(field) != value:
            changed = True
            WhatsAppAccount.objects.filter(pk=account.pk).update(events={**account.events, field: value})
        if changed:
            what = {"field": field, "event": str(value.get("event") or value.get("decision") or "")[:60]}
            audit.record(Actor.system("webhook"), workspace, "accounts.apply_event", account, what)
            queue.ring("channels_app.accounts.tasks.refresh_accounts", account.pk)
    return True


def _apply(account: WhatsAppAccount, field: str, value: dict[str, Any]) -> bool:
    if field == "account_review_update" and value.get("decision"):
        return _set(WhatsAppAccount.objects.filter(pk=account.pk), review_status=str(value["decision"])[:24])
    if field == "business_capability_update":
        limit = value.get("max_daily_conversations_per_business")
        if isinstance(limit, str) and limit.startswith("TIER_"):
            return _set(PhoneNumber.objects.filter(account=account), messaging_limit=limit[:20])
    digits = "".join(filter(str.isdigit, str(value.get("display_phone_number") or "")))
    number = next((row for row in account.phone_numbers.all() if _digits(row) == digits), None) if digits else None
    if number is None:
        return False
    rows = PhoneNumber.objects.filter(pk=number.pk)
    if field == "phone_number_name_update" and value.get("decision") in NAME_DECISIONS:
        return _set(rows, name_status=NAME_DECISIONS[value["decision"]])
    if field == "phone_number_quality_update" and value.get("event") == "THROUGHPUT_UPGRADE":
        return _set(rows, throughput_level="HIGH")
    return False


def _digits(number: PhoneNumber) -> str:
    return "".join(filter(str.isdigit, number.display_number))


def _set(rows: Any, **fields: str) -> bool:
    return bool(rows.exclude(**fields).update(**fields))
