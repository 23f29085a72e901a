"""What became of each item of one body, as things are now: for the body's page. Reads only."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from channels_app.delivery.models import Message, UnmatchedStatus
from channels_app.webhooks import self_tests
from channels_app.webhooks.items import Item, UnreadableBody, split
from channels_app.webhooks.models import InboundMessage, QuarantinedItem, WebhookBody

MOST_ITEMS = 200
Row = dict[str, Any]
APPLIED = ("ok", "circle-check")


def item_rows(body: WebhookBody) -> tuple[list[Row], int]:
    """(rows of the first items, how many there are). Five queries at most."""
    try:
        items = split(bytes(body.body))
    except UnreadableBody:
        return [], 0
    shown = items[:MOST_ITEMS]
    bad = {row.position: row for row in body.quarantined.filter(position__lte=MOST_ITEMS).order_by("position")}
    wamids = {wamid for item in shown if (wamid := _id_of(item))}
    known = Message.objects.filter(workspace=body.workspace_id, wamid__in=wamids).values_list("wamid", "pk")
    messages = {wamid: pk for wamid, pk in known if wamid}
    waiting = set(_known(UnmatchedStatus, body, wamids))
    inbound = set(_known(InboundMessage, body, wamids))
    slug = body.workspace.slug
    return [_row(item, body, bad.get(item.position), messages, waiting, inbound, slug) for item in shown], len(items)


def _known(model: Any, body: WebhookBody, wamids: set[str]) -> Sequence[str]:
    return list(model.objects.filter(workspace=body.workspace_id, wamid__in=wamids).values_list("wamid", flat=True))


def _id_of(item: Item) -> str:
    found = item.data.get("id") if isinstance(item.data, dict) else None
    return found[:200].replace("\x00", "").encode("utf-8", "replace").decode() if isinstance(found, str) else ""


def _row(
    item: Item,
    body: WebhookBody,
    bad: QuarantinedItem | None,
    messages: dict[str, int],
    waiting: set[str],
    inbound: set[str],
    slug: str,
) -> Row:
    wamid = _id_of(item)
    row: Row = {"position": item.position, "field": _clean(item.field), "about": _about(item), "url": "", "again": None}
    if bad is not None and bad.resolved_at is None:
        if bad.code == "unknown_number":
            text = _("Waits until its number is connected")
            return row | {"tone": "warn", "icon": "clock", "text": text, "again": bad.pk}
        text = _("In quarantine: %(reason)s") % {"reason": bad.failure}
        return row | {"tone": "bad", "icon": "alert-triangle", "text": text, "again": bad.pk}
    if body.status == "stored":
        return row | {"tone": "info", "icon": "clock", "text": _("Waiting")}
    if item.kind == "status" and wamid in messages:
        url = reverse("delivery:message", args=[slug, messages[wamid]])
        return row | _told(_("Applied to a message")) | {"url": url}
    if item.kind == "status" and wamid in waiting:
        return row | {"tone": "mute", "icon": "clock", "text": _("Kept: no message has this id yet")}
    return row | _of_kind(item, is_kept=wamid in inbound)


def _of_kind(item: Item, *, is_kept: bool) -> Row:
    quiet = {"tone": "mute", "icon": "circle-minus"}
    if item.field == self_tests.FIELD:
        return _told(_("Our own test event"))
    if item.kind == "status":
        return quiet | {"text": _("About a message that was not sent from here")}
    if item.kind == "message":
        return _told(_("Kept as a message to us")) if is_kept else quiet | {"text": _("Not kept")}
    if item.kind == "other":
        return quiet | {"text": _("Ignored: Waymark does nothing with this field")}
    return _told(_("Applied"))


def _told(text: str) -> Row:
    tone, icon = APPLIED
    return {"tone": tone, "icon": icon, "text": text}


def _about(item: Item) -> str:
    """What an item concerns, without what a person wrote."""
    data = item.data if isinstance(item.data, dict) else {}
    if item.kind == "status":
        return _clean(f"{data.get('status', '')} {data.get('id', '')}")
    if item.kind == "message":
        return _clean(f"{data.get('type', '')} {data.get('id', '')}")
    if item.kind == "preference":
        return _clean(data.get("value", ""))
    names = ("event", "decision", "message_template_name", "display_phone_number")
    return _clean(" ".join(str(data[name]) for name in names if isinstance(data.get(name), str)))


def _clean(value: Any) -> str:
    return str(value)[:120].replace("\x00", "").encode("utf-8", "replace").decode()
