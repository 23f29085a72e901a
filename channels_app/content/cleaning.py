"""Makes a rendered value fit for its slot: what Meta refuses is removed or named. Pure, on the hot path.

Sources: meta-cloud-api.md 2.3 (no line break, tab or more than 4 spaces in a row), 3.3 (lengths), 9 (formatting marks).
"""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

from channels_app.message_templates.slots import MEDIA_KINDS, Slot
from channels_app.message_templates.whatsapp_text import neutral

# Everything that breaks a line or moves the cursor, and characters that have no place in a text.
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_SPACES = re.compile(r"[ \u00a0]{4,}")
_SUFFIX_SAFE = "/?&=#%-._~:@!$'()*+,;"
_UNSAFE_END = re.compile(r"[\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)


class Unfit(ValueError):
    """A value that no cleaning can save; the text is a code: too_long, media, location, code."""


def clean(slot: Slot, value: str) -> str:
    """The value as it may be sent in this slot; empty when nothing is left. Raises Unfit."""
    text = one_line(value)
    if not text:
        return ""
    if slot.kind == "text":
        text = neutral(text) if slot.place == "body" else text
        return shorten(text, slot.max_length)
    if slot.kind == "url_suffix":
        return _fitting(quote(text, safe=_SUFFIX_SAFE), slot)
    if slot.kind in MEDIA_KINDS:
        problem = media_problem(text)
        if problem:
            raise Unfit(problem)
        return _fitting(text, slot)
    if slot.kind == "location":
        return _location(slot, text)
    if slot.kind == "code" and " " in text:
        raise Unfit("code")
    return _fitting(text, slot)


def one_line(value: str) -> str:
    """Line breaks and tabs become spaces, four and more spaces one, the ends are bare."""
    text = _SPACES.sub(" ", _BREAKS.sub(" ", value)).strip(" \u00a0\u200b")
    return _UNSAFE_END.sub("", text)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something was left out."""
    if not limit or len(text) <= limit:
        return text
    return text[: limit - 1].rstrip(" \u200b") + "…" if limit > 1 else text[:limit]


def _fitting(text: str, slot: Slot) -> str:
    if slot.max_length and len(text) > slot.max_length:
        raise Unfit("too_long")
    return text


def _location(slot: Slot, text: str) -> str:
    if slot.part in ("name", "address"):
        return shorten(text, slot.max_length)
    limit = 90 if slot.part == "latitude" else 180
    if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,15})?", text) or abs(float(text)) > limit:
        raise Unfit("location")
    return text


@lru_cache(maxsize=4_096)
def media_problem(value: str) -> str:
    """Empty for a media id or an https address that Meta can fetch; else a code: media_scheme, media_host."""
    if value.isascii() and value.isdigit():
        return ""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "media_scheme"
    if parts.scheme != "https" or not host or " " in value:
        return "media_scheme"
    if (
        parts.username
        or parts.password
        or port not in (None, 443)
        or host.endswith((".local", ".internal", ".localhost"))
    ):
        return "media_host"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        ascii_host = _ascii(host)
        return "" if _HOST.fullmatch(ascii_host) else "media_host"
    return "media_host"


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""
