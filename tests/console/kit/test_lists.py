"""List pages: every row once and in order, whatever the sorting; the URL says everything; nothing undeclared is obeyed."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import django_filters
import pytest
from django.db.models import Q
from django.test import RequestFactory
from django_q.models import Schedule
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from console.kit.exports import safe_cell
from console.kit.keyset import Cursor, decode_cursor, keyset_page
from console.kit.lists import BulkAction, Column, ListPage, Tab, keep_columns
from console.kit.views import save_columns


class Person:
    """A signed-in person with kept columns."""

    is_authenticated = True

    def __init__(self, columns: list[str] | None = None) -> None:
        self.preferences: dict[str, Any] = {"columns": {"schedules": columns}} if columns else {}
        self.saved: list[str] = []

    def save(self, update_fields: list[str]) -> None:
        self.saved += update_fields


class TypeFilter(django_filters.FilterSet):
    class Meta:
        model = Schedule
        fields = ("schedule_type",)


class ScheduleList(ListPage):
    key = "schedules"
    columns = (
        Column("name", "Name", sort="name", is_key=True),
        Column("repeats", "Repeats", sort="repeats", is_numeric=True),
        Column("next_run", "Next run", sort="next_run", kind="when"),
        Column("func", "Task", is_shown=False),
    )
    tabs = (Tab("", "All"), Tab("endless", "Endless", Q(repeats__lt=0)))
    search_fields = ("name", "func")
    filterset_class = TypeFilter
    default_sort = "-next_run"
    page_sizes: ClassVar[tuple[int, ...]] = (2, 10)
    bulk_actions = (BulkAction("archive", "Archive", capability="archive"), BulkAction("tag", "Tag"))
    bulk_url = "/bulk/"
    csv_name = "schedules"


def page_of(
    query: str = "", *, person: Person | None = None, post: dict[str, Any] | None = None, **kwargs: Any
) -> ScheduleList:
    factory = RequestFactory()
    request = factory.post(f"/list/?{query}", post) if post is not None else factory.get(f"/list/?{query}")
    request.user = person or Person()  # type: ignore[assignment]
    return ScheduleList(request, Schedule.objects.all(), **kwargs)


def make_schedule(name: str | None, **fields: Any) -> Schedule:
    return Schedule.objects.create(name=name, func=fields.pop("func", "a.b"), **fields)


def query_of(url: str) -> str:
    return urlsplit(url).query


rows = st.lists(
    st.tuples(st.one_of(st.none(), st.sampled_from(["", "a", "B", "ä", "b"])), st.one_of(st.none(), st.integers(0, 3))),
    max_size=12,
)


class PagingTest(TestCase):
    @given(
        rows=rows, size=st.integers(1, 5), is_descending=st.booleans(), sort=st.sampled_from(["name", "next_run", "pk"])
    )
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_paging_forward_and_back_visits_every_row_once_in_order(
        self, rows: list[Any], size: int, is_descending: bool, sort: str
    ) -> None:
        start = datetime(2026, 3, 9, tzinfo=UTC)
        Schedule.objects.bulk_create(
            Schedule(name=name, func="f", next_run=None if at is None else start + timedelta(microseconds=at))
            for name, at in rows
        )
        whole = keyset_page(Schedule.objects.all(), sort=sort, is_descending=is_descending, size=100, cursor=None).rows
        kept = {"sort": sort, "is_descending": is_descending, "size": size}

        forward, cursor, pages = [], None, []
        while True:
            page = keyset_page(Schedule.objects.all(), cursor=cursor, **kept)  # type: ignore[arg-type]
            pages.append(page)
            forward += page.rows
            if not page.next:
                break
            cursor = decode_cursor(page.next)
        assert [row.pk for row in forward] == [row.pk for row in whole]
        assert len(forward) == len(rows)

        page, backward = pages[-1], list(pages[-1].rows)
        while page.previous:
            page = keyset_page(Schedule.objects.all(), cursor=decode_cursor(page.previous), **kept)  # type: ignore[arg-type]
            backward = [*page.rows, *backward]
        assert [row.pk for row in backward] == [row.pk for row in whole]

    @given(text=st.text(max_size=40))
    @settings(max_examples=60)
    def test_any_text_as_a_cursor_is_at_worst_the_first_page(self, text: str) -> None:
        make_schedule("only")
        cursor = decode_cursor(text)
        found = keyset_page(Schedule.objects.all(), sort="next_run", is_descending=True, size=5, cursor=cursor)
        assert cursor is not None or [row.name for row in found.rows] == ["only"]


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", [Cursor("not a date", 1), Cursor(None, "x"), Cursor(5, 10**30)])
def test_a_cursor_that_does_not_fit_the_column_shows_the_first_page(cursor: Cursor) -> None:
    make_schedule("only")
    assert [row.name for row in page_of(f"cursor={cursor.encode()}").rows] == ["only"]


@pytest.mark.django_db
def test_when_the_rows_behind_a_cursor_are_gone_the_first_page_is_shown() -> None:
    make_schedule("a")
    assert [row.name for row in page_of(f"sort=name&cursor={Cursor('z', 9).encode()}").rows] == ["a"]


@pytest.mark.django_db
def test_a_page_needs_one_query_and_no_count(django_assert_num_queries: Any) -> None:
    for name in "abc":
        make_schedule(name)
    with django_assert_num_queries(1) as asked:
        page = page_of("sort=name")
        assert [row.name for row in page.rows] == ["a", "b"]
        assert page.next_url
        assert not page.previous_url
    assert "COUNT" not in asked.captured_queries[0]["sql"].upper()


@pytest.mark.django_db
def test_links_keep_what_else_the_url_says() -> None:
    for name in "abcde":
        make_schedule(name, repeats=-1)
    page = page_of("state=endless&sort=name&q=a.b")
    following = parse_qs(query_of(page.next_url))
    assert following.keys() == {"state", "sort", "q", "cursor"}
    second = page_of(query_of(page.next_url))
    assert [row.name for row in second.rows] == ["c", "d"]
    assert [row.name for row in page_of(query_of(second.previous_url)).rows] == ["a", "b"]
    assert "cursor" not in parse_qs(query_of(second.tab_items[0]["url"]))


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", ["password", "-func", "name__length", "", "user__email", "-"])
def test_only_declared_sort_keys_are_obeyed(wanted: str) -> None:
    assert page_of(f"sort={wanted}").sort == ("next_run", True)


@pytest.mark.django_db
def test_tab_search_and_filter_narrow_together() -> None:
    make_schedule("spring", repeats=-1, schedule_type="D")
    make_schedule("spring once", repeats=1, schedule_type="D")
    make_schedule("summer", repeats=-1, schedule_type="D")
    make_schedule("spring weekly", repeats=-1, schedule_type="W")
    page = page_of("state=endless&q=spring&schedule_type=D")
    assert [row.name for row in page.rows] == ["spring"]
    assert page.is_filtered
    assert [(chip.name, chip.is_set, chip.words) for chip in page.chips] == [("schedule_type", True, "Daily")]
    assert page.clear_url == "/list/"


@pytest.mark.django_db
def test_a_filter_that_cannot_be_read_never_means_everybody() -> None:
    make_schedule("spring")
    assert list(page_of("schedule_type=nonsense").matching) == []


@pytest.mark.django_db
def test_columns_come_from_the_url_then_from_the_person_then_from_the_list() -> None:
    assert [column.key for column in page_of().shown] == ["name", "repeats", "next_run"]
    person = Person(["func"])
    assert [column.key for column in page_of(person=person).shown] == ["name", "func"]
    assert [column.key for column in page_of("columns=repeats", person=person).shown] == ["name", "repeats"]
    keep_columns(person, "schedules", ["repeats"])
    assert person.preferences["columns"]["schedules"] == ["repeats"]
    assert person.saved == ["preferences"]


@pytest.mark.django_db
def test_a_bulk_form_never_reaches_beyond_the_list() -> None:
    inside, outside = make_schedule("in", repeats=-1), make_schedule("out", repeats=3)
    page = page_of("state=endless", post={"all_matching": "1"})
    assert list(page.selected()) == [inside]
    ticked = page_of(post={"ids": [str(outside.pk), "999999", "x", "1 OR 1=1"]})
    assert list(ticked.selected()) == [outside]
    assert page.bulk_action_url == "/bulk/?state=endless"


@pytest.mark.django_db
def test_bulk_actions_need_their_capability() -> None:
    assert [action.name for action in page_of(can=lambda capability: False).bulk] == ["tag"]


@pytest.mark.django_db
def test_csv_streams_every_matching_row_in_the_list_s_order() -> None:
    for name in ("=cmd()", "b", "c", "d"):
        make_schedule(name, repeats=2)
    page = page_of("format=csv&sort=name")
    assert page.wants_csv
    text = b"".join(page.csv_response().streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    table = list(csv.reader(io.StringIO(text)))
    assert table[0] == ["Name", "Repeats", "Next run"]
    assert [line[0] for line in table[1:]] == ["'=cmd()", "b", "c", "d"]


@pytest.mark.parametrize(("value", "cell"), [("+1", "'+1"), (-3, -3), (None, ""), ("a", "a"), ("@x", "'@x")])
def test_no_cell_becomes_a_formula(value: object, cell: object) -> None:
    assert safe_cell(value) == cell


@pytest.mark.parametrize(("following", "target"), [("/list/?q=a", "/list/?q=a"), ("https://evil.example/", "/")])
def test_a_choice_of_columns_is_kept_and_leads_back_to_the_list(following: str, target: str) -> None:
    request = RequestFactory().post("/columns/", {"key": "schedules", "columns": ["func"], "next": following})
    person = Person()
    request.user = person  # type: ignore[assignment]
    response = save_columns(request)
    assert response["Location"] == target
    assert person.preferences["columns"] == {"schedules": ["func"]}
