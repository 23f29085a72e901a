"""Takes one webhook body apart into items (reference sections 4.5 to 4.10). Pure: bytes in, plain data out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

MAX_ITEMS = 20_000  # Meta puts a thousand at most into a body
KEPT_DEPTH = 32
TEMPLATE_FIELDS = frozenset(
    {
        "message_template_status_update",
        "message_template_quality_update",
        "message_template_components_update",
        "template_category_update",
        "template_correct_category_detection",
    }
)
ACCOUNT_FIELDS = frozenset(
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


class UnreadableBody(Exception):
    """The bytes are not JSON, or not a body of Meta's."""


class BadItem(Exception):
    """One item that cannot be applied; the sentence is for the vault's page and holds no personal data."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing Meta tells. `kind`: status, message, preference, template, account, other (stored and ignored).

    `position` counts through the body and never changes; `data` is Meta's own object; `told_at` is the time of its
    entry, as Meta wrote it.
    """

    position: int
    kind: str
    field: str
    waba_id: str
    phone_number_id: str
    data: Any
    told_at: Any = None


def split(raw: bytes) -> list[Item]:
    """All items of a body in Meta's order. Raises UnreadableBody."""
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise UnreadableBody("not JSON") from error
    entries = body.get("entry") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        raise UnreadableBody("no list of entries")
    found = ((part, _told_at(entry)) for entry in entries for part in _entry(entry))
    items = [Item(position, *part, told_at) for position, (part, told_at) in enumerate(islice(found, MAX_ITEMS + 1))]
    if len(items) > MAX_ITEMS:
        raise UnreadableBody("too many items")
    return items


def _refuse_constant(name: str) -> Any:
    """NaN and Infinity are no JSON: Python reads them, no database keeps them."""
    raise ValueError(name)


def storable(value: Any, depth: int = KEPT_DEPTH) -> Any:
    """The value as any database keeps it as JSON: no NUL, no half characters, nothing nested deeper than `depth`."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict | list) and not depth:
        return "…"
    if isinstance(value, dict):
        return {storable(name): storable(item, depth - 1) for name, item in value.items()}
    return [storable(item, depth - 1) for item in value] if isinstance(value, list) else value


Part = tuple[str, str, str, str, Any]


def _told_at(entry: Any) -> Any:
    return entry.get("time") if isinstance(entry, dict) else None


def _entry(entry: Any) -> Iterator[Part]:
    if not isinstance(entry, dict) or not isinstance(entry.get("changes"), list):
        yield "bad", "entry", "", "", entry
        return
    waba_id = str(entry.get("id") or "")
    for change in entry["changes"]:
        if not isinstance(change, dict) or not isinstance(change.get("value"), dict):
            yield "bad", "change", waba_id, "", change
        else:
            yield from _change(waba_id, str(change.get("field") or "")[:60], change["value"])


def _change(waba_id: str, field: str, value: dict[str, Any]) -> Iterator[Part]:
    metadata = value.get("metadata")
    number = str(metadata.get("phone_number_id") or "") if isinstance(metadata, dict) else ""
    if field == "messages":
        yield from (("status", field, waba_id, number, row) for row in _list(value.get("statuses")))
        yield from (("message", field, waba_id, number, row) for row in _list(value.get("messages")))
    elif field == "user_preferences":
        yield from (("preference", field, waba_id, number, row) for row in _list(value.get("user_preferences")))
    elif field in TEMPLATE_FIELDS:
        yield "template", field, waba_id, number, value
    elif field in ACCOUNT_FIELDS:
        yield "account", field, waba_id, number, value
    else:
        yield "other", field, waba_id, number, None


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def check_shape(item: Item) -> None:
    """Raises BadItem unless the item has what everything that applies it relies on."""
    data = item.data
    if item.kind == "other":
        return
    if item.kind == "bad" or not isinstance(data, dict):
        raise BadItem("not an object")
    needed = {"status": ("id", "status"), "message": ("id", "timestamp", "type"), "preference": ("value",)}
    for name in needed.get(item.kind, ()):
        if not isinstance(data.get(name), str) or not data[name]:
            raise BadItem(f"no {name}")
    if item.kind == "status":
        instant = data.get("timestamp")
        if not str(instant).isdigit():
            raise BadItem("no timestamp")
    if item.kind == "status" and not isinstance(data.get("errors", []), list):
        raise BadItem("errors is not a list")
