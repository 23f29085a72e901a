"""Takes one webhook body apart into items (reference sections 4.5 to 4.10). Pure: bytes in, plain data out."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from console.kit.plain import storable

MAX_ITEMS = 20_000  # Meta puts a thousand at most into a body
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
PEOPLE = {
    "messages": (("statuses", "status"), ("messages", "message")),
    "user_preferences": (("user_preferences", "preference"),),
}
OWN_KEYS = {"user": ("user_id",), "number": ("wa_id",)}
ROW_KEYS = {
    "user": ("from_user_id", "recipient_user_id", "user_id"),
    "number": ("from", "recipient_id", "wa_id"),
}
SAME_DIGITS = 8  # Brazil's, Mexico's and Argentina's two forms of a number agree in these


class UnreadableBody(Exception):
    """The bytes are not JSON, or not a body of Meta's."""


class BadItem(Exception):
    """One item that cannot be applied; the sentence is for the vault's page and holds no personal data."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing Meta tells. `kind`: status, message, preference, template, account, other (stored and ignored).

    `position` counts through the body and never changes; `data` is Meta's own object; `contact` is the entry of
    `contacts[]` that belongs to a status, a message or a preference; `told_at` is the time of its entry, as Meta wrote it.
    """

    position: int
    kind: str
    field: str
    waba_id: str
    phone_number_id: str
    data: Any
    contact: Any = None
    told_at: Any = None


def split(raw: bytes) -> list[Item]:
    """All items of a body in Meta's order. Raises UnreadableBody."""
    try:
        body = json.loads(raw, parse_constant=_refuse_constant, parse_float=_finite)
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


def _finite(text: str) -> float:
    """1e999 is read as infinity too."""
    number = float(text)
    return number if math.isfinite(number) else _refuse_constant(text)


Part = tuple[str, str, str, str, Any, Any]  # all of an Item but its position and its time


def _told_at(entry: Any) -> Any:
    return entry.get("time") if isinstance(entry, dict) else None


def _entry(entry: Any) -> Iterator[Part]:
    if not isinstance(entry, dict) or not isinstance(entry.get("changes"), list):
        yield "bad", "entry", "", "", entry, None
        return
    waba_id = _name(entry.get("id"))
    for change in entry["changes"]:
        if not isinstance(change, dict) or not isinstance(change.get("value"), dict):
            yield "bad", "change", waba_id, "", change, None
        else:
            yield from _change(waba_id, _name(change.get("field"))[:60], change["value"])


def _name(value: Any) -> str:
    """An id or a field as text that any database can be asked for; "" for what is none."""
    return str(storable(str(value))) if value and isinstance(value, str | int) else ""


def _change(waba_id: str, field: str, value: dict[str, Any]) -> Iterator[Part]:
    metadata = value.get("metadata")
    number = _name(metadata.get("phone_number_id")) if isinstance(metadata, dict) else ""
    if field in ("messages", "user_preferences"):
        contacts = Contacts(value.get("contacts"))
        for name, kind in PEOPLE[field]:
            for row in _list(value.get(name)):
                yield kind, field, waba_id, number, row, contacts.of(row)
    elif field in TEMPLATE_FIELDS:
        yield "template", field, waba_id, number, value, None
    elif field in ACCOUNT_FIELDS:
        yield "account", field, waba_id, number, value, None
    else:
        yield "other", field, waba_id, number, None, None


class Contacts:
    """The `contacts[]` of one value, found by user id or number; the only one is everybody's it doesn't contradict."""

    def __init__(self, value: Any) -> None:
        self.entries = [entry for entry in _list(value) if isinstance(entry, dict)]
        self._by_key: dict[tuple[str, str], Any] = {}
        for entry in self.entries:
            for kind, names in OWN_KEYS.items():
                for key in _texts(entry, names):
                    self._by_key.setdefault((kind, key), entry)

    def of(self, row: Any) -> Any:
        """The entry that belongs to a status, a message or a preference, or None."""
        if not isinstance(row, dict) or not self.entries:
            return None
        for kind, names in ROW_KEYS.items():
            for key in _texts(row, names):
                if (kind, key) in self._by_key:
                    return self._by_key[kind, key]
        only = self.entries[0] if len(self.entries) == 1 else None
        return None if only is None or self._contradicts(only, row) else only

    def _contradicts(self, entry: dict[str, Any], row: dict[str, Any]) -> bool:
        """Whether both name a number or both a user id, and none of them is the same (numbers: by their last digits)."""
        for kind, names in OWN_KEYS.items():
            theirs = {key[-SAME_DIGITS:] if kind == "number" else key for key in _texts(entry, names)}
            own = {key[-SAME_DIGITS:] if kind == "number" else key for key in _texts(row, ROW_KEYS[kind])}
            if theirs and own and not theirs & own:
                return True
        return False


def _texts(row: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    return [row[name] for name in names if isinstance(row.get(name), str) and row[name]]


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
        if not isinstance(instant, str | int) or not str(instant).isdigit():
            raise BadItem("no timestamp")
    if item.kind == "status" and not isinstance(data.get("errors", []), list):
        raise BadItem("errors is not a list")
