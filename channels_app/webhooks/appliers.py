"""Brings items to the rooms they concern. Each function takes items of one workspace and may be run again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from channels_app.accounts import actions as account_actions
from channels_app.accounts.models import PhoneNumber
from channels_app.delivery import statuses
from channels_app.message_templates import actions as template_actions
from channels_app.webhooks.items import BadItem, Item
from channels_app.webhooks.models import InboundMessage
from console.audiences import actions as audience_actions
from console.audiences import phones
from console.audiences.models import ConsentEntry, Profile
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

# Gives (index in the sequence, reason) of items it set aside; an exception means that nothing was applied.
Applier = Callable[[Workspace, Sequence[Item]], Sequence[tuple[int, str]]]
CONSENT = {"stop": "withdrawn", "resume": "granted", "signup": "granted"}
SOURCE = "whatsapp"


def apply_statuses(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
    """One call for all: what became of messages."""
    applied = statuses.apply_statuses(workspace, [item.data for item in items])
    return [(index, "malformed status") for index in applied.malformed]


def apply_messages(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
    """Keeps what people wrote, once by Meta's id; only for numbers of this workspace. Two statements."""
    wanted = {item.phone_number_id for item in items}
    own = set(
        PhoneNumber.objects.filter(workspace=workspace, phone_number_id__in=wanted).values_list(
            "phone_number_id", flat=True
        )
    )
    now = clock.now()
    rows = [_inbound(workspace, item, now) for item in items if item.phone_number_id in own]
    InboundMessage.objects.bulk_create(rows, ignore_conflicts=True)
    return ()


def _inbound(workspace: Workspace, item: Item, now: datetime) -> InboundMessage:
    data = item.data
    return InboundMessage(
        workspace=workspace,
        phone_number_id=item.phone_number_id[:32],
        wamid=data["id"][:200],
        sender=str(data.get("from") or data.get("from_user_id") or "")[:150],
        kind=data["type"][:24],
        payload=data,
        sent_at=instant(data["timestamp"]),
        received_at=now,
    )


def instant(value: Any) -> datetime:
    """Unix seconds, or milliseconds as one courier was seen to send. Raises BadItem."""
    try:
        seconds = int(value)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 100_000_000_000 else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise BadItem("timestamp is not a time") from error


def apply_preferences(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
    """Marketing stopped or resumed inside WhatsApp becomes a consent receipt with the event as evidence."""
    for item in items:
        value = CONSENT.get(item.data["value"])
        if value is None or item.data.get("category", "marketing_messages") != "marketing_messages":
            continue
        given_at = instant(item.data.get("timestamp"))
        profile_ids = _profiles(workspace, item.data)
        known = ConsentEntry.objects.filter(
            profile_id__in=profile_ids, purpose="marketing", value=value, source=SOURCE, given_at=given_at
        ).values_list("profile_id", flat=True)
        fresh = sorted(set(profile_ids) - set(known))
        if fresh:
            audience_actions.record_consent(
                actor=Actor.system("webhook"),
                workspace=workspace,
                profile_ids=fresh,
                purpose="marketing",
                value=value,
                source=SOURCE,
                evidence={
                    "field": item.field,
                    "value": item.data["value"],
                    "detail": str(item.data.get("detail") or "")[:200],
                    "phone_number_id": item.phone_number_id,
                },
                given_at=given_at,
            )
    return ()


def _profiles(workspace: Workspace, data: Mapping[str, Any]) -> list[int]:
    found: set[int] = set()
    profiles = Profile.objects.filter(workspace=workspace)
    if data.get("user_id"):
        found.update(profiles.filter(bsuid=str(data["user_id"])).values_list("pk", flat=True))
    if data.get("wa_id"):
        found.update(profiles.filter(phone__in=_written(str(data["wa_id"]))).values_list("pk", flat=True))
    return list(found)


def _written(wa_id: str) -> set[str]:
    """The number as Meta writes it and as profiles keep it: Mexico, Argentina and Brazil have two forms."""
    number = f"+{wa_id}"
    try:
        return {number, phones.normalize(number).e164}
    except phones.PhoneError:
        return {number}


def apply_templates(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
    for item in items:
        template_actions.apply_template_event(workspace, item.field, item.data)
    return ()


def apply_accounts(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
    for item in items:
        account_actions.apply_number_event(
            workspace=workspace, waba_id=item.waba_id, field=item.field, value=item.data, at=told_at(item)
        )
    return ()


def told_at(item: Item) -> datetime | None:
    """When Meta says it happened; None when the entry has no time that is one."""
    try:
        return instant(item.told_at)
    except BadItem:
        return None


APPLIERS: dict[str, Applier] = {
    "status": apply_statuses,
    "message": apply_messages,
    "preference": apply_preferences,
    "template": apply_templates,
    "account": apply_accounts,
}
