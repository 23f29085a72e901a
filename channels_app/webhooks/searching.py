"""Finds text in the raw bytes of bodies: newest first, a bounded stretch at a time, and says how far it looked."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BinaryField, BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Length

from channels_app.webhooks.models import WebhookBody
from console.kit.keyset import Cursor, decode_cursor

SCAN_BODIES = 2_000
SCAN_BYTES = 32 * 1024 * 1024
MOST_FOUND = 500
SHORTEST = 3
PHONE = re.compile(r"^\+?[\d\s().-]{5,}$")


class Holds(Func):
    """Whether the bytes of the first expression hold those of the second."""

    arity = 2
    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="INSTR(%(expressions)s) > 0", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        turned = self.copy()  # PostgreSQL names the part first, SQLite the whole
        turned.set_source_expressions(list(reversed(self.get_source_expressions())))
        template = "POSITION(%(expressions)s) > 0"
        return turned.as_sql(compiler, connection, template=template, arg_joiner="::bytea IN ", **context)


@dataclass(frozen=True)
class Scan:
    """What a search found: ids of bodies, how many it looked through, back to when; `further` is where the next begins."""

    ids: tuple[int, ...] = ()
    looked: int = 0
    back_to: datetime | None = None
    further: str = ""
    is_too_short: bool = False


def scan(rows: QuerySet[WebhookBody], words: str, back: str = "") -> Scan:
    """Looks through the next stretch of `rows` (newest first, from the mark `back` on) for the words as they stand.

    Two queries: which bodies belong to the stretch, by the index of time, and which of them hold the text. Never more than
    SCAN_BODIES bodies or SCAN_BYTES bytes, whatever is asked for.
    """
    if len(words) < SHORTEST:
        return Scan(is_too_short=True)
    ordered = _before(rows, back).order_by("-received_at", "-pk")
    taken: list[tuple[int, datetime]] = []
    total, is_more = 0, False
    for pk, received_at, size in ordered.values_list("pk", "received_at", Length("body"))[: SCAN_BODIES + 1]:
        total += size
        if taken and (len(taken) == SCAN_BODIES or total > SCAN_BYTES):
            is_more = True
            break
        taken.append((pk, received_at))
    if not taken:
        return Scan()
    found = WebhookBody.objects.filter(pk__in=[pk for pk, _at in taken]).filter(_holds(words))
    last_pk, last_at = taken[-1]
    further = Cursor(last_at, last_pk).encode() if is_more else ""
    ids = tuple(found.order_by("-received_at", "-pk").values_list("pk", flat=True)[:MOST_FOUND])
    return Scan(ids, len(taken), last_at, further)


def _before(rows: QuerySet[WebhookBody], back: str) -> QuerySet[WebhookBody]:
    mark = decode_cursor(back)
    if mark is None or not isinstance(mark.pk, int) or not isinstance(mark.value, str) or abs(mark.pk) >= 2**63:
        return rows
    try:
        at = datetime.fromisoformat(mark.value)
    except ValueError:
        return rows
    if at.tzinfo is None or not 2000 < at.year < 9000:
        return rows
    return rows.filter(received_at__lte=at).exclude(received_at=at, pk__gte=mark.pk)


def _holds(words: str) -> Q:
    condition = Q()
    for needle in sorted(needles(words)):
        expressions = F("body"), Value(needle, output_field=BinaryField())
        condition |= Q(Holds(*expressions))
    if words.isascii() and words.isdecimal() and len(words) < 19:
        condition |= Q(pk=int(words))
    return condition


def needles(words: str) -> set[bytes]:
    """The text as Meta may have written it: plain, with \\uXXXX escapes, with escaped slashes; a phone by its digits."""
    escaped = json.dumps(words)[1:-1]
    plain = json.dumps(words, ensure_ascii=False)[1:-1]
    found = {text.encode("utf-8", "replace") for text in (words, plain, escaped)}
    found |= {text.replace(b"/", b"\\/") for text in found}
    digits = re.sub(r"\D", "", words)
    if PHONE.match(words) and len(digits) >= SHORTEST:
        found.add(digits.encode())
    return found
