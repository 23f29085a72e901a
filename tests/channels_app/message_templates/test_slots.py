"""The contract of every kind of component, and what cannot be sent yet."""

import pytest

from channels_app.message_templates import slots
from channels_app.message_templates.slots import dump, gaps_of, load, slots_of


def body(text: str, **example: object) -> dict[str, object]:
    return {"type": "BODY", "text": text, "example": example}


def buttons(*items: dict[str, object]) -> dict[str, object]:
    return {"type": "BUTTONS", "buttons": list(items)}


def keys(*components: dict[str, object], form: str = "POSITIONAL") -> list[str]:
    return [slot.key for slot in slots_of(components, form)]


def test_positional_variables_come_in_the_order_of_their_numbers_each_once() -> None:
    found = slots_of([body("Use {{2}} until {{1}}, {{2}} times {{10}}.", body_text=[["May", "25OFF"]])])
    assert [slot.key for slot in found] == ["body.1", "body.2", "body.10"]
    assert [slot.example for slot in found] == ["May", "25OFF", ""]
    assert found[0].max_length == 1024 - len("Use  until ,  times .")


def test_named_variables_keep_their_names_and_examples() -> None:
    component = {
        "type": "HEADER",
        "format": "TEXT",
        "text": "{{first_name}}, a treat",
        "example": {"header_text_named_params": [{"param_name": "first_name", "example": "Ada"}]},
    }
    found = slots_of([component, body("You have {{points}} points")], "NAMED")
    assert [(slot.key, slot.name, slot.example) for slot in found] == [
        ("header.text.first_name", "first_name", "Ada"),
        ("body.points", "points", ""),
    ]
    assert found[0].max_length == 60 - len(", a treat")
    assert str(found[1].label) == "Points"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("IMAGE", ["header.image"]),
        ("VIDEO", ["header.video"]),
        ("DOCUMENT", ["header.document", "header.document.filename"]),
        (
            "LOCATION",
            [
                "header.location.latitude",
                "header.location.longitude",
                "header.location.name",
                "header.location.address",
            ],
        ),
    ],
)
def test_media_and_location_headers_need_a_value_though_they_have_no_braces(form: str, expected: list[str]) -> None:
    found = slots_of([{"type": "HEADER", "format": form}])
    assert [slot.key for slot in found] == expected
    assert found[0].required


def test_buttons_count_over_all_kinds_and_only_variable_urls_need_a_suffix() -> None:
    component = buttons(
        {"type": "QUICK_REPLY", "text": "Stop"},
        {"type": "URL", "text": "Fixed", "url": "https://a.example/"},
        {"type": "URL", "text": "Shop", "url": "https://a.example/s?c={{1}}", "example": ["https://a.example/s?c=abc"]},
        {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+15550001111"},
        {"type": "COPY_CODE", "example": "25OFF"},
    )
    found = {slot.key: slot for slot in slots_of([component])}
    assert list(found) == ["button.0.payload", "button.2.url", "button.4.code"]
    assert not found["button.0.payload"].required
    assert found["button.2.url"].example == "abc"
    assert (found["button.4.code"].max_length, found["button.4.code"].example) == (20, "25OFF")


@pytest.mark.parametrize(
    "button",
    [
        {"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"},
        {"type": "URL", "text": "Copy", "url": "https://www.whatsapp.com/otp/code/?code=otp{{1}}"},
    ],
)
def test_a_one_time_code_is_one_value_for_body_and_button(button: dict[str, object]) -> None:
    found = slots_of([body("*{{1}}* is your code.", body_text=[["482913"]]), buttons(button)])
    assert [(slot.key, slot.kind, slot.same_as, slot.max_length) for slot in found] == [
        ("body.1", "code", "", 15),
        ("button.0.code", "code", "body.1", 15),
    ]


def test_a_template_without_variables_has_no_slots() -> None:
    assert keys({"type": "HEADER", "format": "TEXT", "text": "Hello"}, body("All the same"), {"type": "FOOTER"}) == []


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "CAROUSEL", "cards": []}, "carousel"),
        ({"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"has_expiration": True}}, "limited_time_offer"),
        (buttons({"type": "FLOW", "text": "Open"}), "flow"),
        (buttons({"type": "CATALOG", "text": "View"}), "catalog"),
        (buttons({"type": "MPM", "text": "View"}), "catalog"),
        ({"type": "HEADER", "format": "GIF"}, "gif"),
        ({"type": "HEADER", "format": "PRODUCT"}, "catalog"),
        (buttons({"type": "ORDER_DETAILS"}), "payment"),
        ({"type": "SOMETHING_NEW"}, "other"),
    ],
)
def test_what_cannot_be_sent_yet_is_named(component: dict[str, object], code: str) -> None:
    (gap,) = gaps_of([body("Text"), component])
    assert gap.code == code
    assert str(gap.sentence).startswith("Not supported yet:")


def test_stored_slots_come_back_the_same_and_survive_unknown_keys() -> None:
    found = slots_of([body("{{a}} and {{b}}"), buttons({"type": "COPY_CODE", "example": ["X"]})], "NAMED")
    stored = dump(found)
    assert load(stored) == found
    assert load([{**stored[0], "later": 1}]) == found[:1]


@pytest.mark.parametrize("odd", [{}, {"type": None}, {"type": "BODY"}, {"type": "BUTTONS", "buttons": None}])
def test_odd_components_break_nothing(odd: dict[str, object]) -> None:
    slots_of([odd])
    gaps_of([odd])


def test_every_kind_has_a_label_and_a_placeholder() -> None:
    found = slots_of(
        [
            {"type": "HEADER", "format": "DOCUMENT"},
            body("{{1}}"),
            buttons({"type": "URL", "url": "https://a/{{1}}"}, {"type": "QUICK_REPLY"}, {"type": "COPY_CODE"}),
        ]
    )
    assert all(str(slot.label) and slot.placeholder for slot in found)
    assert slots.Slot("body.1", "text").placeholder == "{{1}}"
