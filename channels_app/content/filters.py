"""The filters a personalization expression may use: few, each bounded in time and size. Pure.

Every filter takes the value first and raises FilterFailed for what it cannot do. Text longer than MAX_TEXT is refused,
numbers beyond MAX_NUMBER too, so that no chain of filters can grow without end.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import dateformat, formats, translation

MAX_TEXT, MAX_NUMBER = 4_096, 10**15


class FilterFailed(ValueError):
    """A value that a filter cannot work with."""


def as_text(value: object) -> str:
    """What a value looks like in a message: nothing for no value, yes/no values as true and false, whole numbers without '.0'."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < MAX_NUMBER:
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(as_text(item) for item in value)
    return "" if isinstance(value, dict) else str(value)


def as_number(value: object) -> int | float:
    """A number from a number or its text. Raises FilterFailed."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = as_text(value).strip()
        if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", text):
            raise FilterFailed("number")
        value = float(text) if "." in text else int(text)
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise FilterFailed("number")
    return value


def as_moment(value: object) -> datetime | date:
    """A date or an instant from ISO 8601 text, seconds since 1970, or itself. Raises FilterFailed."""
    if isinstance(value, (datetime, date)):
        return value
    text = as_text(value).strip()
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        if re.fullmatch(r"\d{9,10}", text):
            return datetime.fromtimestamp(int(text), UTC)
        return datetime.fromisoformat(text)
    except ValueError:
        raise FilterFailed("date") from None


# --- dates ---------------------------------------------------------------------------------------------------

_NAMED = {
    "long": "DATE_FORMAT", "short": "SHORT_DATE_FORMAT", "time": "TIME_FORMAT", "datetime": "DATETIME_FORMAT",
    "month": "YEAR_MONTH_FORMAT", "day": "MONTH_DAY_FORMAT",
}  # fmt: skip
# strftime (what Liquid knows) and Unicode patterns (what other tools use) to Django's letters, which know every language.
_STRFTIME = {
    "Y": "Y", "y": "y", "m": "m", "d": "d", "e": "j", "B": "F", "b": "M", "h": "M", "A": "l", "a": "D", "H": "H",
    "I": "h", "l": "g", "M": "i", "S": "s", "p": "A", "P": "a", "j": "z", "Z": "T", "z": "O", "u": "N", "-d": "j",
    "-m": "n", "-H": "G", "-I": "g", "F": "Y-m-d", "R": "H:i", "T": "H:i:s",
}  # fmt: skip
_PATTERN = {
    "EEEE": "l", "EEE": "D", "MMMM": "F", "MMM": "M", "MM": "m", "M": "n", "dd": "d", "d": "j", "yyyy": "Y", "yy": "y",
    "HH": "H", "H": "G", "hh": "h", "h": "g", "mm": "i", "ss": "s", "a": "A",
}  # fmt: skip
_STRFTIME_TOKEN = re.compile(r"%(-?[A-Za-z%])")
_PATTERN_TOKEN = re.compile(r"E{3,4}|M{1,4}|d{1,2}|y{4}|y{2}|H{1,2}|h{1,2}|mm|ss|a|'[^']*'")


def format_moment(value: object, pattern: str, language: str, zone: tzinfo | None) -> str:
    """A date in the language and, when it is an instant, in the time zone of the person. Raises FilterFailed."""
    moment = as_moment(value)
    if isinstance(moment, datetime) and zone is not None:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        moment = moment.astimezone(zone).replace(tzinfo=None, second=moment.second, microsecond=0)
    return _format(moment, pattern, language)


@lru_cache(maxsize=4_096)
def _format(moment: datetime | date, pattern: str, language: str) -> str:
    with translation.override(known_language(language)):
        if pattern in _NAMED:
            letters = formats.get_format(_NAMED[pattern])
        elif pattern == "weekday":
            letters = "l"
        elif "%" in pattern:
            letters = _translate(pattern, _STRFTIME_TOKEN, lambda match: _STRFTIME.get(match[1]))
        else:
            letters = _translate(pattern, _PATTERN_TOKEN, lambda match: _PATTERN.get(match[0]))
        try:
            full = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)
            return dateformat.format(full, letters)
        except (TypeError, ValueError, OverflowError):
            raise FilterFailed("date") from None


def _translate(pattern: str, token: re.Pattern[str], letters_of: Callable[[re.Match[str]], str | None]) -> str:
    """A pattern in Django's letters; what is no token stands for itself."""
    made, end = [], 0
    for match in token.finditer(pattern):
        made.append(_literal(pattern[end : match.start()]))
        letters = letters_of(match)
        made.append(letters if letters is not None else _literal(match[0].strip("'").removeprefix("%")))
        end = match.end()
    return "".join(made) + _literal(pattern[end:])


def _literal(text: str) -> str:
    return "".join(f"\\{character}" for character in text)


@lru_cache(maxsize=512)
def known_language(language: str) -> str:
    """The nearest language that Django can write dates in; English when there is none."""
    try:
        return translation.get_supported_language_variant(language.replace("_", "-").lower() or "en")
    except LookupError:
        short = language.replace("_", "-").lower().partition("-")[0]
        return short if translation.check_for_language(short) else "en"


@lru_cache(maxsize=512)
def known_zone(name: str) -> tzinfo:
    """A time zone by its IANA name; UTC when unknown."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


# --- the filters ---------------------------------------------------------------------------------------------


def default(value: object, fallback: object = "") -> object:
    return fallback if value is None or value is False or not as_text(value).strip() else value


def capitalize(value: object) -> str:
    return as_text(value).capitalize()


def titlecase(value: object) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in as_text(value).split(" "))


def truncate(value: object, length: object = 50, ending: object = "…") -> str:
    text, size, end = as_text(value), int(as_number(length)), as_text(ending)
    return text if len(text) <= size else text[: max(0, size - len(end))].rstrip() + end


def truncatewords(value: object, count: object = 15, ending: object = "…") -> str:
    words, size = as_text(value).split(), max(1, int(as_number(count)))
    return " ".join(words) if len(words) <= size else " ".join(words[:size]) + as_text(ending)


def replace(value: object, old: object, new: object = "") -> str:
    text, gone, put = as_text(value), as_text(old), as_text(new)
    if not gone:
        return text
    if text.count(gone) * len(put) > MAX_TEXT:
        raise FilterFailed("long")
    return text.replace(gone, put)


def slugify(value: object) -> str:
    text = unicodedata.normalize("NFKC", as_text(value)).lower()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text)).strip("-_")


def divided_by(value: object, other: object) -> int | float:
    divisor = as_number(other)
    if divisor == 0:
        raise FilterFailed("number")
    number = as_number(value)
    return number // divisor if isinstance(number, int) and isinstance(divisor, int) else number / divisor


def rounded(value: object, digits: object = 0) -> int | float:
    places = max(0, min(6, int(as_number(digits))))
    return round(as_number(value), places) if places else round(as_number(value))


def pick(value: object, position: int) -> object:
    items = value if isinstance(value, (list, tuple, str)) else as_text(value)
    return items[position] if items else ""


def date_filter(value: object, pattern: object = "long", *, context: Any) -> str:
    if isinstance(value, str) and value.strip().lower() in ("now", "today"):
        value = context.resolve("now")
    if value is None or not as_text(value).strip():
        return ""
    profile = context.resolve("profile", default={})
    profile = profile if isinstance(profile, dict) else {}
    language, zone = as_text(profile.get("language")), known_zone(as_text(profile.get("time_zone")))
    return format_moment(value, as_text(pattern), language, zone)


def number_filter(value: object, decimals: object = None, *, context: Any) -> str:
    number = as_number(value)
    places = None if decimals is None or not as_text(decimals) else max(0, min(6, int(as_number(decimals))))
    profile = context.resolve("profile", default={})
    language = as_text(profile.get("language")) if isinstance(profile, dict) else ""
    with translation.override(known_language(language)):
        return formats.number_format(number, decimal_pos=places, use_l10n=True, force_grouping=True)


date_filter.with_context = True  # type: ignore[attr-defined]  # python-liquid passes its context by this mark
number_filter.with_context = True  # type: ignore[attr-defined]


def bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter with the size of what goes in and comes out held down."""

    @wraps(function)
    def call(value: object, *args: object, **kwargs: object) -> object:
        if len(as_text(value)) > MAX_TEXT:
            raise FilterFailed("long")
        result = function(value, *args, **kwargs)
        if isinstance(result, str) and len(result) > MAX_TEXT:
            raise FilterFailed("long")
        return as_number(result) if isinstance(result, (int, float)) and not isinstance(result, bool) else result

    if getattr(function, "with_context", False):
        call.with_context = True  # type: ignore[attr-defined]
    return call


_ALL: dict[str, Callable[..., Any]] = {
    "default": default,
    "capitalize": capitalize,
    "titlecase": titlecase,
    "upcase": lambda value: as_text(value).upper(),
    "downcase": lambda value: as_text(value).lower(),
    "strip": lambda value: as_text(value).strip(),
    "truncate": truncate,
    "truncatewords": truncatewords,
    "append": lambda value, other: as_text(value) + as_text(other),
    "prepend": lambda value, other: as_text(other) + as_text(value),
    "replace": replace,
    "remove": lambda value, other: replace(value, other, ""),
    "slugify": slugify,
    "url_encode": lambda value: quote(as_text(value), safe=""),
    "urlencode": lambda value: quote(as_text(value), safe=""),
    "first": lambda value: pick(value, 0),
    "last": lambda value: pick(value, -1),
    "plus": lambda value, other: as_number(value) + as_number(other),
    "minus": lambda value, other: as_number(value) - as_number(other),
    "times": lambda value, other: as_number(value) * as_number(other),
    "divided_by": divided_by,
    "round": rounded,
    "number": number_filter,
    "date": date_filter,
}
FILTERS = {name: bounded(function) for name, function in _ALL.items()}
