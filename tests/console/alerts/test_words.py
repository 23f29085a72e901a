"""An alert in words: whatever its facts hold, whatever the code has forgotten."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from console.alerts.kinds import KINDS, AlertKind, register
from console.alerts.models import Alert
from console.alerts.words import Worded
from tests.console.alerts.conftest import LASTING

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def worded(kind: str = "tests.lasting", facts: Any = None, **fields: Any) -> Worded:
    return Worded(Alert(kind=kind, facts={} if facts is None else facts, tone="warn", raised_at=AT, **fields), "acme")


def test_the_facts_fill_the_places() -> None:
    said = worded(facts={"name": "one", "words": "no"}, subject="Main")
    assert (said.title, said.text, said.label) == ("Test one of Main broke", "It said no.", "A test broke")
    assert said.url == "/w/acme/alerts/" and said.full_url.startswith("http") and said.full_url.endswith(said.url)


@pytest.mark.parametrize("facts", [{}, {"name": None}, [], "x", {"name": {"deep": [1]}}, None])
def test_missing_or_odd_facts_break_nothing(facts: Any) -> None:
    said = worded(facts=facts)
    assert said.title.startswith("Test ") and said.text


def test_a_kind_that_the_code_has_forgotten_still_has_a_line() -> None:
    said = worded("tests.of_last_year", subject="Main", facts={"x": 1})
    assert (said.title, said.text, said.url, said.label) == ("Main", "", "", "Other")
    assert worded("tests.of_last_year").title
    assert said.full_url.endswith("/w/acme/alerts/")


def test_words_that_do_not_fit_fall_back_to_the_label(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(facts: Any) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(KINDS, "tests.lasting", AlertKind("tests.lasting", "Tests", "A test broke", broken, broken))
    assert (worded().title, worded().text) == ("A test broke", "")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("100% sure", "100% sure"),
        ("100%% sure of %(name)s", "100% sure of one"),
        ("%(count)d times", "– times"),
        ("%(name.__class__)s %s %d %(", "%(name.__class__)s %s %d %("),
    ],
)
def test_places_are_names_and_nothing_else(monkeypatch: pytest.MonkeyPatch, sentence: str, said: str) -> None:
    monkeypatch.setitem(KINDS, "tests.lasting", AlertKind("tests.lasting", "Tests", "A test broke", sentence, ""))
    assert worded(facts={"name": "one"}).title == said


def test_an_address_whose_facts_or_page_are_gone_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, facts in (("alerts:endpoint", ("endpoint_pk",)), ("nowhere:page", ()), ("alerts:endpoint", ("name",))):
        kind = AlertKind("tests.lasting", "Tests", "Test", "Test", "", url_name=name, url_facts=facts)
        monkeypatch.setitem(KINDS, "tests.lasting", kind)
        assert worded(facts={"name": "//evil.example"}).url == ""
    kind = AlertKind(
        "tests.lasting", "Tests", "Test", "Test", "", url_name="alerts:endpoint", url_facts=("endpoint_pk",)
    )
    monkeypatch.setitem(KINDS, "tests.lasting", kind)
    assert worded(facts={"endpoint_pk": 7}).url == "/w/acme/alerts/webhooks/7/"


def test_a_tone_nobody_knows_reads_as_information() -> None:
    said = Worded(Alert(kind="tests.lasting", tone="purple", raised_at=AT), "acme")
    assert (said.tone, str(said.tone_word), said.icon) == ("info", "For your information", "info-circle")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(facts=st.dictionaries(st.sampled_from(["name", "words", "subject", "number", "after", "count", "reason"]), JSON))
def test_every_kind_of_every_room_can_be_worded_with_any_facts(facts: dict[str, Any]) -> None:
    for name in KINDS:
        for language in ("en", "ko"):
            with translation.override(language):
                said = worded(name, facts)
                assert isinstance(said.title, str) and said.title
                assert isinstance(said.text, str) and isinstance(said.url, str)


def test_a_kind_is_declared_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        register(LASTING)


def test_every_kind_of_every_room_is_known_and_may_be_seen_by_whoever_hears_of_it() -> None:
    assert {"alerts.endpoint_off", "accounts.number_state"} <= set(KINDS)
    for kind in KINDS.values():
        assert kind.tone in ("bad", "warn", "info", "ok"), kind.name
        assert kind.name.count(".") == 1 and str(kind.label) and str(kind.group), kind.name
