"""The phone's data: values in place, gaps shown, nothing restyled by data."""

from hypothesis import given
from hypothesis import strategies as st

from channels_app.message_templates import rendering, slots

COMPONENTS = [
    {"type": "HEADER", "format": "IMAGE"},
    {"type": "BODY", "text": "Hi *{{1}}*,\nsee you at {{2}}."},
    {"type": "FOOTER", "text": "Reply STOP"},
    {
        "type": "BUTTONS",
        "buttons": [
            {"type": "URL", "text": "Open", "url": "https://a.example/{{1}}"},
            {"type": "QUICK_REPLY", "text": "Stop"},
            {"type": "PHONE_NUMBER", "text": "Call"},
            {"type": "COPY_CODE"},
        ],
    },
]


def test_values_are_marked_and_gaps_are_named() -> None:
    message = rendering.preview(COMPONENTS, {"body.1": "Ada"}, business_name="Lumen Coffee")
    assert '<strong><mark class="wm-var">Ada</mark></strong>' in message["body_html"]
    assert '<mark class="wm-gap">no value</mark>' in message["body_html"]
    assert message["initials"] == "LC"
    assert message["footer"] == "Reply STOP"
    assert [button["kind"] for button in message["buttons"]] == ["url", "quick_reply", "phone", "copy_code"]
    assert message["notice"]


def test_a_complete_message_has_no_notice() -> None:
    values = {
        "header.image": "https://a.example/x.png",
        "body.1": "A",
        "body.2": "B",
        "button.0.url": "u",
        "button.3.code": "C",
    }
    message = rendering.preview(COMPONENTS, values)
    assert message["notice"] == ""
    assert message["header"] == {"kind": "image", "url": "", "filename": "x.png", "text": "x.png"}


@given(st.text(max_size=40))
def test_a_value_stands_escaped_inside_its_mark(value: str) -> None:
    html = rendering.preview([{"type": "BODY", "text": "*{{1}}* <i>"}], {"body.1": value})["body_html"]
    assert "<i>" not in html
    assert html.count("<mark") == 1 and html.endswith("</strong> &lt;i&gt;")


def test_the_templates_own_samples_fill_it() -> None:
    known = slots.slots_of([{"type": "BODY", "text": "{{1}}", "example": {"body_text": [["Ada"]]}}])
    assert rendering.sample_values(known) == {"body.1": "Ada"}


def test_odd_components_break_nothing() -> None:
    rendering.preview([{}, {"type": "HEADER"}, {"type": "BUTTONS", "buttons": [{}]}, {"type": "BODY"}], {})


def test_the_summary_is_one_short_line() -> None:
    assert rendering.summary([{"type": "BODY", "text": "Hi {{1}},\n\nwelcome"}]) == "Hi {{1}}, welcome"
    assert len(rendering.summary([{"type": "BODY", "text": "x" * 500}])) == 140
