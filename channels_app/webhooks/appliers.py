"""Brings items to the rooms they concern. Each function takes items of one workspace and may be run again."""

from collections.abc import Callable, Sequence
from datetime import datetime

from channels_app.accounts import actions as account_actions
from channels_app.delivery import statuses
from channels_app.message_templates import actions as template_actions
from channels_app.webhooks import learning
from channels_app.webhooks.items import BadItem, Item
from channels_app.webhooks.models import InboundMessage
from console.audiences import actions as audience_actions
from console.audiences.models import ConsentEntry
from console.kit import clock
from console.kit.plain import storable
from console.workspaces.models import Workspace

# Gives (index in the sequence, reason) of items it set aside; an exception means that nothing was applied.
Applier = Callable[[Workspace, Sequence[Item]], Sequence[tuple[int, str]]]
CONSENT = {"stop": "withdrawn", "resume": "granted", "signup": "granted"}
SOURCE = "whatsapp"
UNKNOWN_NUMBER = "unknown_number"  # kept as the code of the quarantined item: connecting the number heals it


def apply_statuses(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
    """One call for all: what became of messages."""
    applied = statuses.apply_statuses(workspace, [item.data for item in items])
    malformed = [(index, "malformed status") for index in applied.malformed]
    bad = set(applied.malformed)
    learning.learn_from_statuses(workspace, [item for index, item in enumerate(items) if index not in bad])
    notes = [(index, "waits") for index in applied.waiting] + [(index, "unchanged") for index in applied.stale]
    return malformed + notes


def apply_messages(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
    """Keeps what people wrote, once by Meta's id, and learns who they are; what is for a number that isn't connected
    here is set aside until it is. Two statements, and those of the address book.
    """
    known = learning.portfolios(workspace, items)
    now = clock.now()
    own = [item for item in items if item.phone_number_id in known]
    InboundMessage.objects.bulk_create([_inbound(workspace, item, now) for item in own], ignore_conflicts=True)
    learning.learn(workspace, own, known)
    return [(index, UNKNOWN_NUMBER) for index, item in enumerate(items) if item.phone_number_id not in known]


def _inbound(workspace: Workspace, item: Item, now: datetime) -> InboundMessage:
    data = item.data
    return InboundMessage(
        workspace=workspace,
        phone_number_id=item.phone_number_id[:32],
        wamid=data["id"][:200],
        sender=str(data.get("from") or data.get("from_user_id") or "")[:150],
        kind=data["type"][:24],
        payload=storable(data),
        sent_at=learning.instant(data["timestamp"]),
        received_at=now,
    )


def apply_preferences(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
    """Marketing stopped or resumed inside WhatsApp becomes a consent receipt with the event as evidence.

    Also of somebody nobody knows yet: a no must be there when their number is imported. One query for the receipts that
    are there already, three statements for each that isn't.
    """
    told = [item for item in items if _consent(item)]
    people = learning.learn(workspace, told, learning.portfolios(workspace, told)) if told else []
    known = set(
        ConsentEntry.objects.filter(
            profile_id__in={pk for ids in people for pk in ids}, purpose="marketing", source=SOURCE
        ).values_list("profile_id", "value", "given_at")
    )
    for item, ids in zip(told, people, strict=True):
        value, given_at = _consent(item), learning.instant(item.data.get("timestamp"))
        fresh = [pk for pk in sorted(ids) if (pk, value, given_at) not in known]
        known |= {(pk, value, given_at) for pk in fresh}
        if fresh:
            _record(workspace, item, fresh, value, given_at)
    return ()


def _consent(item: Item) -> str:
    is_marketing = item.data.get("category", "marketing_messages") == "marketing_messages"
    return CONSENT.get(item.data["value"], "") if is_marketing else ""


def _record(workspace: Workspace, item: Item, profile_ids: Sequence[int], value: str, given_at: datetime) -> None:
    audience_actions.record_consent(
        actor=learning.ACTOR,
        workspace=workspace,
        profile_ids=profile_ids,
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


def apply_templates(workspace: Workspace, items: Sequence[Item]) -> Sequence[tuple[int, str]]:
    for item in items:
        template_actions.apply_template_event(workspace, item.field, item.data, at=told_at(item))
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
        return learning.instant(item.told_at)
    except BadItem:
        return None


APPLIERS: dict[str, Applier] = {
    "status": apply_statuses,
    "message": apply_messages,
    "preference": apply_preferences,
    "template": apply_templates,
    "account": apply_accounts,
}
