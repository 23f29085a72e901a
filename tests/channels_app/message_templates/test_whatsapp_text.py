"""WhatsApp's marks as HTML, and that nothing else ever becomes HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.message_templates.whatsapp_text import neutral, to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold*", "<strong>bold</strong>"),
        ("_italic_ ~gone~", "<em>italic</em> <s>gone</s>"),
        ("`code *x*`", "<code>code *x*</code>"),
        ("```a\n*b*```", "<pre>a\n*b*</pre>"),
        ("a\n```b```\nc", "a<pre>b</pre>c"),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("a*b*c and snake_case_name", "a*b*c and snake_case_name"),
        ("* not bold *", "<ul><li>not bold *</li></ul>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("*over\nlines*", "*over<br>lines*"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("1. one\n3. two", '<ol><li value="1">one</li><li value="3">two</li></ol>'),
        ("> said", "<blockquote>said</blockquote>"),
        ("a\n\nb", "a<br><br>b"),
        ("(*bold*)!", "(<strong>bold</strong>)!"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("***", "***"),
    ],
)
def test_marks(text: str, html: str) -> None:
    assert to_html(text) == html


TAGS = re.compile(r"</?(strong|em|s|code|pre|ul|ol|li|blockquote|br)( value=\"\d{1,3}\")?>")


@given(st.text(alphabet=st.sampled_from("ab <>&\"'*_~`\n-.1>\u200b"), max_size=80) | st.text(max_size=80))
def test_input_never_becomes_markup_and_tags_are_balanced(text: str) -> None:
    html = to_html(text)
    rest = TAGS.sub("", html)
    assert "<" not in rest and ">" not in rest and '"' not in rest
    assert re.sub(r"&(amp|lt|gt|quot|#x27);", "", rest).count("&") == 0
    stack: list[str] = []
    for tag in re.finditer(r"<(/?)(\w+)[^>]*>", html):
        if tag[2] == "br":
            continue
        if tag[1]:
            assert stack.pop() == tag[2]
        else:
            stack.append(tag[2])
    assert stack == []


@given(st.text(alphabet=st.sampled_from("ab *_~`->1."), max_size=20))
def test_a_neutral_value_restyles_nothing(value: str) -> None:
    html = to_html(f"Hi *{{}}*, it is _yours_: {neutral(value)}!")
    assert html.startswith("Hi <strong>{}</strong>, it is <em>yours</em>: ")
    assert not re.search(r"<", html.split("</em>", 1)[1])


def test_neutral_leaves_ordinary_values_alone() -> None:
    assert neutral("snake_case_name") == "snake_case_name"
    assert neutral("Ada") == "Ada"
    assert neutral("*Jones*") != "*Jones*"


def test_many_marks_take_no_time() -> None:
    to_html("*a _b ~c " * 120)
    to_html("*" * 1024)
    to_html("`" * 1024)
