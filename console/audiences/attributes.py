"""Attribute keys and typed values as an import, a form or a rule writes them. Pure."""

import re
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KEY = re.compile(r"[^\W\d]\w{0,39}")  # what Liquid can name; never a number, so it can't be an array index
MAX_TEXT = 2_000
MAX_COUNT = 200

KINDS: dict[str, str | Promise] = {
    "text": _("Text"),
    "number": _("Number"),
    "date": _("Date"),
    "boolean": _("Yes or no"),
}
YES = frozenset({"yes", "y", "true", "t", "1", "on", "예", "네", "참", "o"})
NO = frozenset({"no", "n", "false", "f", "0", "off", "아니오", "아니요", "거짓", "x"})
ISO_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?\.?")
NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def key_of(label: str) -> str:
    """ "Last order on" -> "last_order_on"; empty when nothing usable is left."""
    key = re.sub(r"\W+", "_", label.strip().lower()).strip("_")[:40]
    key = f"a_{key}"[:40] if key and key[0].isdigit() else key
    return key if KEY.fullmatch(key) else ""


def parse_value(text: str, kind: str) -> Any:
    """The text of a cell or a field as str, int, float, bool or an ISO date text. Raises ValueError when it doesn't fit."""
    text = text.strip()
    if kind == "number":
        return _number(text)
    if kind == "boolean":
        return _boolean(text)
    if kind == "date":
        return _iso_date(text)
    return text.replace("\x00", "")[:MAX_TEXT]


def kind_of(value: Any) -> str:
    """The kind of a stored value: a text that is an ISO date counts as a date."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "date" if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else "text"


def guess_kind(samples: list[str]) -> str:
    """The narrowest kind that fits every filled sample; numbers with a leading zero stay texts (postcodes, ids)."""
    filled = [sample.strip() for sample in samples if sample.strip()]
    if not filled:
        return "text"
    if all(_fits(sample, "date") for sample in filled):
        return "date"
    if all(_fits(sample, "number") and not re.match(r"[+]|-?0\d", sample) and len(sample) < 16 for sample in filled):
        return "number"
    words = {sample.lower() for sample in filled}
    return "boolean" if words <= (YES | NO) - {"o", "x", "t", "f", "1", "0"} else "text"


def show_value(value: Any) -> str:
    """A stored value as a form or a file shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _fits(text: str, kind: str) -> bool:
    try:
        parse_value(text, kind)
    except ValueError:
        return False
    return True


def _number(text: str) -> int | float:
    plain = text.replace(",", "") if GROUPED.fullmatch(text) else text.replace("−", "-")
    if not NUMBER.fullmatch(plain):
        raise ValueError(text)
    return float(plain) if "." in plain else int(plain)


def _boolean(text: str) -> bool:
    word = text.lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError(text)


def _iso_date(text: str) -> str:
    match = ISO_DATE.fullmatch(text)
    if match:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    return datetime.strptime(text, "%d.%m.%Y").date().isoformat()
