"""Paging by key instead of by offset: stable while rows come and go, equally fast on every page.

A cursor names the sort value and the primary key of one row. Empty values sort last in ascending order and first in
descending order, on every database alike, because emptiness is made a sort key of its own.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Cursor:
    """The row next to a page: `is_before` asks for the page that ends before it."""

    value: Any
    pk: Any
    is_before: bool = False

    def encode(self) -> str:
        text = json.dumps([_plain(self.value), _plain(self.pk), int(self.is_before)], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor | None:
    """The cursor in a URL; None for anything that is not one, never an error."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        value, pk, is_before = raw
    except (ValueError, TypeError, binascii.Error):
        return None
    if isinstance(value, list | dict) or isinstance(pk, list | dict) or pk is None or is_before not in (0, 1):
        return None
    return Cursor(value, pk, bool(is_before))


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """One page of rows and the cursors of its neighbours (empty where there is none)."""

    rows: Sequence[Row]
    previous: str
    next: str


def keyset_page(
    queryset: QuerySet[Row], *, sort: str, is_descending: bool, size: int, cursor: Cursor | None
) -> KeysetPage[Row]:
    """One page in the order (sort, pk). `sort` is a field path or an annotation. One query, size + 1 rows.

    A cursor whose values do not fit the column is treated as none: the first page.
    """
    cursor = _fitting(queryset, sort, cursor)
    is_backward = bool(cursor and cursor.is_before)
    rows_down = is_descending != is_backward
    found = queryset.order_by(*_order(sort, rows_down))
    if cursor:
        found = found.filter(_beyond(queryset, sort, cursor, rows_down))
    rows = list(found[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    if is_backward:
        rows.reverse()
    if cursor and not rows:  # the rows around the cursor were deleted
        return keyset_page(queryset, sort=sort, is_descending=is_descending, size=size, cursor=None)
    has_previous, has_next = (has_more, True) if is_backward else (cursor is not None, has_more)
    return KeysetPage(
        rows,
        Cursor(_read(rows[0], sort), rows[0].pk, is_before=True).encode() if rows and has_previous else "",
        Cursor(_read(rows[-1], sort), rows[-1].pk).encode() if rows and has_next else "",
    )


def _order(sort: str, rows_down: bool) -> list[Any]:
    if sort == "pk":
        return ["-pk" if rows_down else "pk"]
    first = F(sort).desc(nulls_first=True) if rows_down else F(sort).asc(nulls_last=True)
    return [first, "-pk" if rows_down else "pk"]


def _beyond(queryset: QuerySet[Any], sort: str, cursor: Cursor, rows_down: bool) -> Q:
    """Rows strictly after the cursor in reading direction; None counts as greater than every value.

    The bound that says less than the rest (`lte` beside `lt or equal and pk`) lets an index begin at the cursor.
    """
    side = "lt" if rows_down else "gt"
    by_pk = Q(**{f"pk__{side}": cursor.pk})
    if sort == "pk":
        return by_pk
    if cursor.value is None:
        same = Q(**{f"{sort}__isnull": True}) & by_pk
        return same | Q(**{f"{sort}__isnull": False}) if rows_down else same
    after = Q(**{f"{sort}__{side}": cursor.value}) | (Q(**{sort: cursor.value}) & by_pk)
    column = _field(queryset, sort)
    if rows_down or (column is not None and not column.null and "__" not in sort):
        return Q(**{f"{sort}__{side}e": cursor.value}) & after
    return after | Q(**{f"{sort}__isnull": True})


def _fitting(queryset: QuerySet[Any], sort: str, cursor: Cursor | None) -> Cursor | None:
    """The cursor with its values as the columns' own types; None when they do not fit."""
    if cursor is None:
        return None
    try:
        pk = queryset.model._meta.pk.to_python(cursor.pk)
        column = _field(queryset, sort)
        value = cursor.value if column is None or cursor.value is None else column.to_python(cursor.value)
    except (ValidationError, ValueError, TypeError, OverflowError):
        return None
    if isinstance(pk, int) and abs(pk) >= 2**63:
        return None
    return Cursor(value, pk, cursor.is_before)


def _field(queryset: QuerySet[Any], sort: str) -> "Field[Any, Any] | None":
    if sort == "pk":
        return queryset.model._meta.pk
    annotation = queryset.query.annotations.get(sort)
    if annotation is not None:
        return getattr(annotation, "output_field", None)
    model, field = queryset.model, None
    for name in sort.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        model = field.related_model or model
    return field if isinstance(field, Field) else None


def _read(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name, None)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool) or value is None or isinstance(value, int | float | str):
        return value
    return str(value)
