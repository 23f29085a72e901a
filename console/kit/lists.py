"""Declarative list pages: tabs by state, search, filters, sorting, keyset paging, columns, bulk and CSV, all in the URL.

docs/ui.md, section 4, shows one in full; templates/kit/list.html draws it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from console.kit.columns import BulkAction, Chip, Column, Line, Tab, Text
from console.kit.exports import csv_response
from console.kit.keyset import KeysetPage, decode_cursor, keyset_page

MOST_LISTS = 100
__all__ = ["BulkAction", "Column", "ListPage", "Tab", "keep_columns"]


class ListPage:
    """One list for one request. Lazy: rows are read when the template (or the export) asks for them."""

    key: ClassVar[str] = ""
    columns: ClassVar[Sequence[Column]] = ()
    tabs: ClassVar[Sequence[Tab]] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    search_label: ClassVar[Text] = ""
    filterset_class: ClassVar[type[django_filters.FilterSet] | None] = None
    default_sort: ClassVar[str] = "-pk"
    page_sizes: ClassVar[Sequence[int]] = (25, 50, 100)
    bulk_actions: ClassVar[Sequence[BulkAction]] = ()
    bulk_url: str = ""
    row_template: ClassVar[str] = ""
    row_menu_template: ClassVar[str] = ""
    row_target: ClassVar[str] = ""
    empty_template: ClassVar[str] = ""
    no_results_title: ClassVar[Text] = ""
    mobile: ClassVar[Sequence[str]] = ()
    is_live: bool = False
    columns_url: Text = ""
    poll_every: ClassVar[int] = 15
    csv_name: ClassVar[str] = ""
    note: Text = ""
    part: ClassVar[str] = "list"

    def __init__(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        *,
        counts: Callable[[], Mapping[str, int]] | None = None,
        can: Callable[[str], bool] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self.request = request
        self.base = queryset
        self.query = request.GET
        self.context = dict(context or {})
        self._counts = counts
        self._can = can or (lambda capability: True)

    # --- hooks of a list ---------------------------------------------------------------------------------------
    def row_url(self, row: Any) -> str:
        """Where the key column links to."""
        return ""

    def row_tone(self, row: Any) -> str:
        """'bad' or 'warn' tints the row."""
        return ""

    def row_is_expandable(self, row: Any) -> bool:
        return bool(self.row_template)

    def row_is_open(self, row: Any) -> bool:
        return False

    def row_is_selected(self, row: Any) -> bool:
        return False

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Every word must be in one of the search fields."""
        for word in words.split()[:8]:
            match = Q()
            for name in self.search_fields:
                match |= Q(**{f"{name}__icontains": word})
            queryset = queryset.filter(match)
        return queryset

    # --- what the URL says -------------------------------------------------------------------------------------
    @cached_property
    def words(self) -> str:
        return self.query.get("q", "").replace("\x00", "").strip()[:200] if self.search_fields else ""

    @cached_property
    def tab(self) -> Tab | None:
        wanted = self.query.get("state", "")
        return next((tab for tab in self.tabs if tab.key == wanted), self.tabs[0] if self.tabs else None)

    @cached_property
    def size(self) -> int:
        wanted = self.query.get("size", "")
        sizes = {str(size): size for size in self.page_sizes}
        return sizes.get(wanted, self.page_sizes[0])

    @cached_property
    def sort(self) -> tuple[str, bool]:
        """Column key and whether it goes down; only declared keys, else the default."""
        for wanted in (self.query.get("sort", ""), self.default_sort):
            key = wanted.removeprefix("-")
            if key == "pk" or any(column.key == key and column.sort for column in self.columns):
                return key, wanted.startswith("-")
        return "pk", True

    @cached_property
    def sort_path(self) -> str:
        key = self.sort[0]
        return next((column.sort for column in self.columns if column.key == key), "pk")

    @cached_property
    def filterset(self) -> django_filters.FilterSet | None:
        if self.filterset_class is None:
            return None
        filterset = self.filterset_class(self.query, self.base, request=self.request)
        filterset.form.optional_note = False
        return filterset

    # --- rows --------------------------------------------------------------------------------------------------
    @cached_property
    def matching(self) -> QuerySet[Any]:
        """All rows that tab, search and filters leave, in no particular order.

        A filter that can't be read leaves nothing: else "all that match" of a bulk action would mean everybody.
        """
        rows = self.base
        if self.filterset:
            rows = self.filterset.filter_queryset(rows) if self.filterset.is_valid() else rows.none()
        if self.tab and self.tab.condition is not None:
            rows = rows.filter(self.tab.condition)
        return self.search(rows, self.words) if self.words else rows

    @cached_property
    def page(self) -> KeysetPage[Any]:
        return keyset_page(
            self.matching,
            sort=self.sort_path,
            is_descending=self.sort[1],
            size=self.size,
            cursor=decode_cursor(self.query.get("cursor", "")),
        )

    @property
    def rows(self) -> Sequence[Any]:
        return self.page.rows

    def selected(self) -> QuerySet[Any]:
        """The rows a posted bulk form names: the ticked ones, or all that match; never beyond this list."""
        if self.request.POST.get("all_matching") == "1":
            return self.matching
        ids = [value for value in self.request.POST.getlist("ids") if value.isdecimal() and len(value) < 19]
        return self.base.filter(pk__in=ids[:1000])

    # --- columns -----------------------------------------------------------------------------------------------
    @cached_property
    def shown(self) -> list[Column]:
        """The chosen columns in declared order: from the URL, else the person's preference, else the default."""
        chosen = self._chosen_columns()
        shown = [column for column in self.columns if column.is_key or column.key in chosen]
        return shown or list(self.columns[:1])

    @property
    def shown_keys(self) -> set[str]:
        return {column.key for column in self.shown}

    def _chosen_columns(self) -> set[str]:
        if "columns" in self.query:
            return {key for value in self.query.getlist("columns") for key in value.split(",")}
        preferences = getattr(self.request.user, "preferences", None) or {}
        kept = preferences.get("columns", {}).get(self.key) if isinstance(preferences, dict) else None
        return set(kept) if kept else {column.key for column in self.columns if column.is_shown}

    @cached_property
    def cells(self) -> list[dict[str, Any]]:
        """The shown columns with their classes: numeric, hidden on small screens, which line of a phone row."""
        states = [column.key for column in self.shown if column.key in {"status", "state"}][:1]
        lines = dict(zip(self.mobile, ("is-line-1", "is-line-2", "is-line-end"), strict=False))
        lines = lines or {self.shown[0].key: "is-line-1", **dict.fromkeys(states, "is-line-end")}
        key, is_descending = self.sort
        return [
            {
                "column": column,
                "css": " ".join(
                    filter(
                        None,
                        (
                            "wm-num" if column.is_numeric else "",
                            "is-secondary" if column.is_secondary else "",
                            lines.get(column.key, ""),
                        ),
                    )
                ),
                "sort_url": self.sort_url(column) if column.sort else "",
                "order": ("descending" if is_descending else "ascending") if column.key == key else "",
            }
            for column in self.shown
        ]

    @cached_property
    def lines(self) -> list[Line]:
        """The rows of this page with link, tint and expandability. Reads the page."""
        return [
            Line(
                row,
                self.row_url(row),
                self.row_tone(row),
                self.row_is_expandable(row),
                self.row_is_open(row),
                self.row_is_selected(row),
            )
            for row in self.rows
        ]

    # --- for the template --------------------------------------------------------------------------------------
    @cached_property
    def counts(self) -> Mapping[str, int]:
        return self._counts() if self._counts else {}

    @cached_property
    def tab_items(self) -> list[dict[str, Any]]:
        return [
            {
                "label": tab.label,
                "url": self.url(state=tab.key, cursor=None),
                "count": self.counts.get(tab.key),
                "is_current": tab is self.tab,
                "tone": tab.tone,
            }
            for tab in self.tabs
        ]

    @cached_property
    def chips(self) -> list[Chip]:
        if not self.filterset:
            return []
        form = self.filterset.form
        return [
            Chip(
                name,
                form[name].label or name,
                form[name],
                self.is_filtered_by(name),
                self._words_of(form[name]),
                self.kept(*_keys_of(name)),
                self.url(cursor=None, **dict.fromkeys(_keys_of(name))),
            )
            for name in form.fields
        ]

    def is_filtered_by(self, name: str) -> bool:
        return any(value for key in _keys_of(name) for value in self.query.getlist(key))

    def _words_of(self, bound: Any) -> str:
        values = [str(value) for value in self.query.getlist(bound.name) if value]
        choices = {str(key): str(label) for key, label in _flat_choices(getattr(bound.field, "choices", ()))}
        return ", ".join(choices.get(value, value) for value in values[:3])

    @property
    def is_filtered(self) -> bool:
        has_tab = bool(self.tab and self.tabs and self.tab is not self.tabs[0])
        return has_tab or bool(self.words) or any(chip.is_set for chip in self.chips)

    @property
    def bulk_action_url(self) -> str:
        """The bulk form's address: with the list's own query, so that "all that match" means what is on the screen."""
        return f"{self.bulk_url}?{self.query.urlencode()}" if self.query else self.bulk_url

    @property
    def bulk(self) -> list[BulkAction]:
        if not self.bulk_url:
            return []
        return [action for action in self.bulk_actions if not action.capability or self._can(action.capability)]

    @property
    def column_count(self) -> int:
        """Cells of one row, for cells that span all of them."""
        return len(self.shown) + sum(map(bool, (self.bulk, self.row_template, self.row_menu_template)))

    @property
    def previous_url(self) -> str:
        return self.url(cursor=self.page.previous) if self.page.previous else ""

    @property
    def next_url(self) -> str:
        return self.url(cursor=self.page.next) if self.page.next else ""

    @property
    def csv_url(self) -> str:
        return self.url(format="csv", cursor=None) if self.csv_name else ""

    @property
    def here(self) -> str:
        return self.url()

    @property
    def clear_url(self) -> str:
        """The list without search, tab and filters; sorting and page size stay."""
        kept = {key: self.query[key] for key in ("sort", "size") if key in self.query}
        query = self.query.copy()
        query.clear()
        query.update(kept)
        return self._url(query)

    def sort_url(self, column: Column) -> str:
        """Sorts by a column; a second time turns it around."""
        key, is_descending = self.sort
        goes_down = not is_descending if key == column.key else column.is_numeric or column.kind == "when"
        return self.url(sort=f"-{column.key}" if goes_down else column.key, cursor=None)

    @property
    def search_kept(self) -> list[tuple[str, str]]:
        return self.kept("q")

    @property
    def columns_kept(self) -> list[tuple[str, str]]:
        return self.kept("columns")

    @property
    def size_kept(self) -> list[tuple[str, str]]:
        return self.kept("size")

    def kept(self, *without: str) -> list[tuple[str, str]]:
        """The query as hidden inputs of a GET form, without some keys and the cursor."""
        return [
            (key, value)
            for key, values in self.query.lists()
            for value in values
            if key not in {*without, "cursor", "format"}
        ]

    def url(self, **changes: object) -> str:
        query = self.query.copy()
        query.pop("format", None)
        for key, value in changes.items():
            if value is None or value == "":
                query.pop(key, None)
            else:
                query[key] = str(value)
        return self._url(query)

    def _url(self, query: Any) -> str:
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    # --- export ------------------------------------------------------------------------------------------------
    @property
    def wants_csv(self) -> bool:
        return bool(self.csv_name) and self.query.get("format") == "csv"

    def csv_response(self) -> StreamingHttpResponse:
        """All matching rows as CSV, streamed page by page in the list's order; never all in memory."""
        columns = [column for column in self.shown if column.attr or column.value or not column.template]
        return csv_response(
            self.csv_name,
            [str(column.label) for column in columns],
            ([c.read(row) for c in columns] for row in self._all()),
        )

    def _all(self) -> Iterator[Any]:
        cursor = None
        while True:
            page: KeysetPage[Any] = keyset_page(
                self.matching, sort=self.sort_path, is_descending=self.sort[1], size=1000, cursor=cursor
            )
            yield from page.rows
            cursor = decode_cursor(page.next)
            if cursor is None:
                return


def _keys_of(name: str) -> tuple[str, ...]:
    """A filter's own URL key and those of its ranges."""
    return (name, *(f"{name}_{end}" for end in ("min", "max", "after", "before")))


def _flat_choices(choices: Any) -> Iterator[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


def keep_columns(user: Any, key: str, chosen: Sequence[str]) -> None:
    """Keeps a person's choice of columns for one list, of the newest MOST_LISTS lists. One write."""
    kept = {name: names for name, names in user.preferences.get("columns", {}).items() if name != key}
    columns = dict([*kept.items(), (key, list(chosen))][-MOST_LISTS:])
    user.preferences = {**user.preferences, "columns": columns}
    user.save(update_fields=["preferences"])
