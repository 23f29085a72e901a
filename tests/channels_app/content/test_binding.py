"""Rendering for many profiles: values fit for Meta whatever is in the profile, fallbacks, and what is missing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.content.binding import compile_content
from channels_app.content.cleaning import Unfit, clean, media_problem
from channels_app.content.context import profile_context
from channels_app.message_templates.slots import Slot, dump

BODY = Slot("body.1", "text", max_length=100)
OTHER = Slot("body.2", "text", max_length=100)
URL = Slot("button.0.url", "url_suffix", index=0, max_length=40)
CODE = Slot("button.1.code", "code", index=1, max_length=20)
IMAGE = Slot("header.image", "image", max_length=2000)


def render(slot: Slot, expression: str, fallback: str = "", **attributes: object):  # type: ignore[no-untyped-def]
    content = compile_content([slot], {slot.key: {"expression": expression, "fallback": fallback}})
    return content.render(profile_context({"name": "Ada", "attributes": attributes}))


def test_a_value_a_fallback_and_a_gap() -> None:
    assert render(BODY, "{{ profile.x }}", "there", x="Ada").params == {"body.1": "Ada"}
    fallback = render(BODY, "{{ profile.x }}", "there", x="  \n ")
    assert (fallback.params, fallback.fallbacks, fallback.missing) == ({"body.1": "there"}, ["body.1"], [])
    gap = render(BODY, "{{ profile.x }}")
    assert (gap.params, gap.missing, gap.is_complete) == ({}, ["body.1"], False)


def test_a_fallback_stands_in_for_a_value_that_can_not_be_worked_out() -> None:
    saved = render(BODY, "{{ profile.x | date: 'long' }}", "soon", x="no date")
    assert (saved.params, saved.errors, saved.notes) == ({"body.1": "soon"}, {}, {"body.1": "expression.date"})
    lost = render(BODY, "{{ profile.x | date: 'long' }}", x="no date")
    assert (lost.missing, lost.errors) == (["body.1"], {"body.1": "expression.date"})


def test_a_broken_expression_is_an_error_of_its_slot_not_of_the_run() -> None:
    rendered = render(BODY, "{% for x in y %}")
    assert (rendered.missing, rendered.errors) == (["body.1"], {"body.1": "expression.tag"})


def test_unbound_slots_are_missing_when_required_and_quiet_when_optional() -> None:
    optional = Slot("button.0.payload", "payload", required=False, index=0, max_length=128)
    rendered = compile_content([BODY, optional], {}).render(profile_context({}))
    assert (rendered.missing, rendered.params) == (["body.1"], {})


def test_stored_slots_work_as_well_as_loaded_ones() -> None:
    content = compile_content(dump([BODY]), {"body.1": {"expression": "Hello"}})
    assert content.render(profile_context({})).params == {"body.1": "Hello"}
    assert content.names == ()


def test_a_one_time_code_is_bound_once() -> None:
    again = Slot("button.0.code", "code", index=0, max_length=15, same_as="body.1")
    rendered = compile_content([BODY, again], {"body.1": {"expression": "482913"}}).render(profile_context({}))
    assert rendered.is_complete and rendered.params == {"body.1": "482913"}


@pytest.mark.parametrize(
    ("slot", "value", "result"),
    [
        (BODY, "a\tb\nc     d", "a b c d"),
        (BODY, " x ", "x"),
        (URL, "summer sale/ä", "summer%20sale/%C3%A4"),
        (CODE, "  SAVE20 ", "SAVE20"),
        (IMAGE, "https://cdn.lumen.example/a.png", "https://cdn.lumen.example/a.png"),
        (IMAGE, "650000000000007", "650000000000007"),
        (Slot("header.location.latitude", "location"), "51.5", "51.5"),
    ],
)
def test_values_are_made_fit_for_their_slot(slot: Slot, value: str, result: str) -> None:
    assert clean(slot, value) == result


@pytest.mark.parametrize(
    ("slot", "value", "code"),
    [
        (URL, "x" * 41, "too_long"),
        (CODE, "x" * 21, "too_long"),
        (CODE, "A B", "code"),
        (IMAGE, "http://lumen.example/a.png", "media_scheme"),
        (IMAGE, "javascript:alert(1)", "media_scheme"),
        (IMAGE, "https://localhost/a.png", "media_host"),
        (IMAGE, "https://10.0.0.1/a.png", "media_host"),
        (IMAGE, "https://[::1]/a.png", "media_host"),
        (IMAGE, "https://user:secret@lumen.example/a.png", "media_host"),
        (IMAGE, "https://lumen.example:8443/a.png", "media_host"),
        (Slot("header.location.latitude", "location"), "91", "location"),
        (Slot("header.location.longitude", "location"), "here", "location"),
    ],
)
def test_what_no_cleaning_can_save_is_named(slot: Slot, value: str, code: str) -> None:
    with pytest.raises(Unfit, match=code):
        clean(slot, value)


@given(st.text(max_size=300))
def test_text_values_never_hold_what_meta_refuses(value: str) -> None:
    text = render(BODY, "{{ profile.x }}", x=value).params.get("body.1", "filled")
    assert not re.search(r"[\n\r\t]| {5,}", text)
    assert "    " not in text
    assert 0 < len(text) <= 100
    assert text.strip()
    text.encode()


@given(st.text(max_size=90))
def test_link_endings_are_plain_ascii(value: str) -> None:
    text = render(URL, "{{ profile.x }}", x=value).params.get("button.0.url", "")
    assert text.isascii() and " " not in text and len(text) <= 40


@given(st.lists(st.text(alphabet="abc ", max_size=150), min_size=2, max_size=2))
def test_body_values_share_what_the_fixed_text_leaves(values: list[str]) -> None:
    bindings = {"body.1": {"expression": "{{ profile.a }}"}, "body.2": {"expression": "{{ profile.b }}"}}
    content = compile_content([BODY, OTHER], bindings)
    rendered = content.render(profile_context({"attributes": {"a": values[0], "b": values[1]}}))
    assert sum(len(text) for text in rendered.params.values()) <= 100
    assert all(rendered.params.values())


@given(st.text(max_size=60))
def test_media_addresses_never_raise(value: str) -> None:
    media_problem(value)


def test_standard_attributes_win_and_first_names_come_from_the_attribute_or_the_name() -> None:
    context = profile_context({"name": "Ada Lovell", "attributes": {"first_name": "Countess", "country": "XX"}})
    assert context["profile"]["first_name"] == "Countess"
    assert context["profile"]["country"] == ""
    assert profile_context({"name": "Ada Lovell"})["profile"]["last_name"] == "Lovell"
    assert profile_context({"name": "김서연"})["profile"]["first_name"] == "김서연"
