"""Expressions: what they give, what is refused with which sentence, and that nothing a person types can break or hang it."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels_app.content.context import profile_context, suggestions
from channels_app.content.liquid import ExpressionError, compile_expression

NOW = datetime(2026, 3, 12, 23, 30, tzinfo=UTC)
ADA = {
    "name": "Ada Lovell",
    "language": "en_GB",
    "country": "GB",
    "time_zone": "Asia/Seoul",
    "attributes": {
        "points": 12345,
        "ends_on": "2026-03-14",
        "starts_at": "2026-03-14T22:00:00+00:00",
        "is_member": True,
        "empty": "",
        "vacant": " ",
        "city": "São Paulo",
        "ratio": 2.0,
    },
}


def give(expression: str, **changes: object) -> str:
    context = profile_context({**ADA, **changes}, workspace_name="Lumen", now=NOW)
    return compile_expression(expression).render(context)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("plain text", "plain text"),
        ("{{ profile.first_name }}", "Ada"),
        ("Hi {{ profile.first_name }}!", "Hi Ada!"),
        ("{{ profile.nothing | default: 'there' }}", "there"),
        ('{{ profile.empty | default: "x" }}', "x"),
        ("{{ profile.nothing }}", ""),
        ("{{profile.points}}", "12345"),
        ("{{ profile.points | number }}", "12,345"),
        ("{{ profile.ratio }}", "2"),
        ("{{ profile.is_member }}", "true"),
        ("{{ profile.name | upcase }}", "ADA LOVELL"),
        ("{{ profile.name | downcase | capitalize }}", "Ada lovell"),
        ("{{ profile.name | truncate: 5 }}", "Ada…"),
        ("{{ profile.city | slugify }}", "são-paulo"),
        ("{{ profile.city | url_encode }}", "S%C3%A3o%20Paulo"),
        ("{{ profile.ends_on | date: '%A %-d %B' }}", "Saturday 14 March"),
        ("{{ profile.ends_on | date: 'EEEE d MMMM' }}", "Saturday 14 March"),
        ("{{ profile.starts_at | date: '%H:%M' }}", "07:00"),
        ("{{ now | date: '%Y-%m-%d' }}", "2026-03-13"),
        ("{{ workspace.name }}", "Lumen"),
        ("{% if profile.is_member %}club{% else %}shop{% endif %}", "club"),
        ("{% case profile.country %}{% when 'GB' %}UK{% else %}world{% endcase %}", "UK"),
        ("{{ profile.points | times: 2 | plus: 1 }}", "24691"),
        ("{{ profile.points | divided_by: 10 | round }}", "1234"),
    ],
)
def test_what_expressions_give(expression: str, text: str) -> None:
    assert give(expression) == text


def test_dates_and_numbers_speak_the_persons_language() -> None:
    assert give("{{ profile.ends_on | date: 'long' }}", language="ko") == "2026년 3월 14일"
    assert give("{{ profile.ends_on | date: '%A' }}", language="de") == "Samstag"
    assert give("{{ profile.points | number: 1 }}", language="de_AT") == "12.345,0"
    assert give("{{ profile.ends_on | date: '%A' }}", language="no-such") == "Saturday"


@pytest.mark.parametrize(
    ("expression", "code", "words"),
    [
        ("{% for i in (1..1000000000) %}x{% endfor %}", "expression.tag", "Loops can't be used here"),
        ("{% tablerow i in (1..9) %}{% endtablerow %}", "expression.tag", "Loops"),
        ("{% assign x = 1 %}", "expression.tag", "“{% assign %}” can't be used here (at character 1)"),
        ("a{% capture x %}{% endcapture %}", "expression.tag", "at character 2"),
        ("{% include 'secrets' %}", "expression.tag", "can't be used"),
        ("{% render 'x' %}", "expression.tag", "can't be used"),
        ("{{ (1..1000000000) | first }}", "expression.range", "Ranges"),
        ("{{ profile.x", "expression.syntax", "character 1"),
        ("{{ profile.x | nonsense }}", "expression.filter", "There is no filter “nonsense” (at character 16)"),
        ("{{ customer.name }}", "expression.name", "“customer” is unknown"),
        ("{% if profile.x %}a", "expression.syntax", "expected tag endif"),
        ("{{ x }}" * 200, "expression.long", "longer than 600 characters"),
    ],
)
def test_what_is_refused_and_how_it_is_said(expression: str, code: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(expression)
    assert caught.value.code == code
    assert words in str(caught.value.sentence)
    assert caught.value.status == 422


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("{{ profile.name | date: 'long' }}", "expression.date"),
        ("{{ profile.name | plus: 1 }}", "expression.number"),
        ("{{ profile.points | divided_by: 0 }}", "expression.number"),
        ("{{ profile.points | times: 999999999999999 }}", "expression.number"),
    ],
)
def test_values_that_do_not_fit_are_named(expression: str, code: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        give(expression)
    assert caught.value.code == code


def test_text_can_not_grow_without_end() -> None:
    bomb = "{{ profile.name" + f" | replace: 'a', '{'a' * 60}'" * 6 + " }}"
    with pytest.raises(ExpressionError) as caught:
        give(bomb)
    assert caught.value.code == "expression.long"


_pieces = st.sampled_from(
    [
        "{{", "}}", "{%", "%}", "{%-", "-}}", " ", "profile.", "first_name", "now", "|", "default:", "date:", "'%A'", '"x"',
        "(1..99999999999)", "for i in", "if", "endif", "else", "case", "when", "==", "and", "contains", "1", "99999999999",
        "1e999999", "-", ".", "[", "]", "[0]", "first", "size", "truncate:", "round:", "times:", "replace:", ",", "comment",
        "endcomment", "raw", "liquid", "echo", "#", "\n", "é", "\x00",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_pieces, max_size=24).map("".join) | st.text(max_size=60))
@example("{{ 1e999999999 | round }}")
@example("{{ '1e999999999' | round }}")
@example("{{ profile | upcase }}{{ profile.first_name.a.b.c }}")
@example("{{ " + "(" * 200)
@example("{{ profile" + "[0]" * 180 + " }}")
@example("{% if " + "profile.a and " * 35 + "profile.a %}x{% endif %}")
def test_arbitrary_text_raises_nothing_but_the_declared_error_and_ends_fast(source: str) -> None:
    started = time.perf_counter()
    try:
        text = give(source)
    except ExpressionError as error:
        assert str(error.sentence)
    else:
        assert isinstance(text, str)
    assert time.perf_counter() - started < 1.0


@given(
    st.sampled_from(["first_name", "points", "vacant", "nothing", "is_member", "ratio"]),
    st.none() | st.sampled_from(["there", "", "0"]),
)
def test_the_quick_form_gives_what_the_interpreter_gives(name: str, fallback: str | None) -> None:
    tail = "" if fallback is None else f" | default: '{fallback}'"
    quick = give(f"{{{{ profile.{name}{tail} }}}}")
    # A second output keeps the expression from the quick form.
    slow = give(f"{{{{ profile.{name}{tail} }}}}{{{{ profile.nothing }}}}")
    assert quick == slow


def test_an_expression_is_parsed_once() -> None:
    assert compile_expression("{{ profile.name | upcase }}") is compile_expression("{{ profile.name | upcase }}")
    assert compile_expression("{{ profile.name | upcase }}").names == ("profile.name",)


def test_suggestions_have_standard_attributes_first_and_only_usable_names() -> None:
    found = suggestions(["points", "first_name", "two words"])
    assert found[0] == ("{{ profile.name }}", "Name")
    assert ("{{ profile.points }}", "Points") in found
    assert not any("two words" in expression for expression, _label in found)
    assert len({expression for expression, _label in found}) == len(found)
