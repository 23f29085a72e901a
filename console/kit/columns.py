"""What a list page is declared from: columns, tabs, bulk actions; and what its template gets: chips and lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Q
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Column:
    """One column: drawn by `template` (a `file.html#part`) or read from `attr` (a dotted path on the row)."""

    key: str
    label: Text
    template: str = ""
    attr: str = ""
    sort: str = ""
    is_key: bool = False
    is_numeric: bool = False
    is_shown: bool = True
    is_secondary: bool = False
    kind: Literal["text", "when", "number", "state"] = "text"
    value: Callable[[Any], Any] | None = None

    def read(self, row: Any) -> Any:
        """The plain value of a row, for the cell without a template and for CSV."""
        if self.value:
            return self.value(row)
        for name in (self.attr or self.key).split("."):
            row = getattr(row, name, None)
            if callable(row):
                row = row()
        return row


@dataclass(frozen=True)
class Tab:
    """One counted tab; the empty key is the default one."""

    key: str
    label: Text
    condition: Q | None = None
    tone: str = ""


@dataclass(frozen=True)
class BulkAction:
    """One button of the bulk bar; hidden from people without the capability."""

    name: str
    label: Text
    icon: str = ""
    capability: str = ""
    is_danger: bool = False


@dataclass(frozen=True)
class Chip:
    """A filter as the bar shows it: its form field, and its value in words when it is set."""

    name: str
    label: Text
    field: Any
    is_set: bool
    words: str
    kept: Sequence[tuple[str, str]] = ()
    clear_url: str = ""


@dataclass(frozen=True)
class Line:
    """One row with what the list says about it."""

    row: Any
    url: str
    tone: str
    is_expandable: bool
    is_open: bool
    is_selected: bool
