"""The JSON of template sends: every kind of component, held against Meta's published OpenAPI file."""

from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml

from channels_app.content.payload import PayloadError, guess_format, template_payload
from channels_app.message_templates.slots import dump, slots_of
from tests.support.reference import OPENAPI


def send(
    components: list[dict[str, Any]], params: dict[str, str], form: str = "POSITIONAL", **more: Any
) -> dict[str, Any]:
    return template_payload(
        recipient=more.pop("recipient", "+15550002222"),
        template_name="welcome_discount",
        language="en_US",
        components=components,
        slots=slots_of(components, form),
        params=params,
        **more,
    )


def parts(payload: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = payload["template"]["components"]
    return found


def test_the_envelope() -> None:
    payload = send([{"type": "BODY", "text": "Fixed"}], {}, callback_data="m:7")
    assert payload == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+15550002222",
        "type": "template",
        "template": {"name": "welcome_discount", "language": {"code": "en_US"}},
        "biz_opaque_callback_data": "m:7",
    }


def test_a_business_scoped_user_id_is_a_recipient_not_a_number() -> None:
    payload = send([], {}, recipient="GB.13491208655302741918")
    assert payload["recipient"] == "GB.13491208655302741918" and "to" not in payload


def test_positional_and_named_parameters() -> None:
    body = [{"type": "BODY", "text": "{{2}} and {{1}}"}]
    assert parts(send(body, {"body.1": "A", "body.2": "B"})) == [
        {"type": "body", "parameters": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]}
    ]
    named = [{"type": "HEADER", "format": "TEXT", "text": "{{sale}}"}, {"type": "BODY", "text": "{{first_name}}"}]
    assert parts(send(named, {"header.text.sale": "Spring", "body.first_name": "Ada"}, "NAMED")) == [
        {"type": "header", "parameters": [{"type": "text", "parameter_name": "sale", "text": "Spring"}]},
        {"type": "body", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Ada"}]},
    ]


@pytest.mark.parametrize(
    ("form", "params", "parameter"),
    [
        ("IMAGE", {"header.image": "650000000000007"}, {"type": "image", "image": {"id": "650000000000007"}}),
        (
            "VIDEO",
            {"header.video": "https://a.example/v.mp4"},
            {"type": "video", "video": {"link": "https://a.example/v.mp4"}},
        ),
        (
            "DOCUMENT",
            {"header.document": "650", "header.document.filename": "offer.pdf"},
            {"type": "document", "document": {"id": "650", "filename": "offer.pdf"}},
        ),
        (
            "LOCATION",
            {"header.location.latitude": "52.5", "header.location.longitude": "13.4", "header.location.name": "Shop"},
            {"type": "location", "location": {"latitude": "52.5", "longitude": "13.4", "name": "Shop"}},
        ),
    ],
)
def test_headers(form: str, params: dict[str, str], parameter: dict[str, Any]) -> None:
    assert parts(send([{"type": "HEADER", "format": form}], params)) == [{"type": "header", "parameters": [parameter]}]


BUTTONS = [
    {
        "type": "BUTTONS",
        "buttons": [
            {"type": "QUICK_REPLY", "text": "Stop"},
            {"type": "URL", "text": "Shop", "url": "https://a.example/{{1}}"},
            {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+1555"},
            {"type": "COPY_CODE", "example": "X"},
        ],
    }
]


def test_buttons_carry_the_place_they_were_created_in() -> None:
    params = {"button.0.payload": "stop", "button.1.url": "summer25", "button.3.code": "WELCOME25"}
    assert parts(send(BUTTONS, params)) == [
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "0",
            "parameters": [{"type": "payload", "payload": "stop"}],
        },
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "summer25"}]},
        {
            "type": "button",
            "sub_type": "copy_code",
            "index": "3",
            "parameters": [{"type": "coupon_code", "coupon_code": "WELCOME25"}],
        },
    ]


def test_a_quick_reply_without_an_id_needs_no_component() -> None:
    assert len(parts(send(BUTTONS, {"button.1.url": "x", "button.3.code": "Y"}))) == 2


def test_a_one_time_code_is_sent_twice() -> None:
    components = [
        {"type": "BODY", "text": "*{{1}}*"},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Copy"}]},
    ]
    assert parts(send(components, {"body.1": "482913"})) == [
        {"type": "body", "parameters": [{"type": "text", "text": "482913"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "482913"}]},
    ]


def test_a_missing_value_is_refused_here_and_not_by_meta() -> None:
    with pytest.raises(PayloadError) as caught:
        send([{"type": "BODY", "text": "{{1}}"}], {})
    assert caught.value.key == "body.1"


def test_slots_may_be_stored_or_left_out() -> None:
    components: list[dict[str, Any]] = [
        {"type": "BODY", "text": "{{a}}", "example": {"body_text_named_params": [{"param_name": "a", "example": "x"}]}}
    ]
    expected = send(components, {"body.a": "A"}, "NAMED")
    for slots in (dump(slots_of(components, "NAMED")), None):
        assert expected == template_payload(
            recipient="+15550002222",
            template_name="welcome_discount",
            language="en_US",
            components=components,
            slots=slots,
            params={"body.a": "A"},
        )
    assert guess_format(components) == "NAMED"


# --- Meta's own schema --------------------------------------------------------------------------------------------


@cache
def schemas() -> dict[str, Any]:
    if not OPENAPI.exists():
        pytest.skip(f"Meta's OpenAPI file is not at {OPENAPI}; set WAYMARK_REFERENCE_DIR.")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load(OPENAPI.read_text(encoding="utf-8"), Loader=loader)["components"]["schemas"]  # noqa: S506
    # Two slips of the published file: `policy` is legacy (reference 2.3), and the pattern of `index` matches no index.
    found["LanguageObject"]["required"] = ["code"]
    for name in ("TemplateComponent",):
        found[name]["properties"]["index"].pop("pattern", None)
    found["ButtonComponent"]["allOf"][1]["properties"]["index"].pop("pattern", None)
    return found


def validate(name: str, value: Any) -> None:
    document = {"components": {"schemas": schemas()}, "$ref": f"#/components/schemas/{name}"}
    jsonschema.Draft202012Validator(document).validate(value)


def test_payloads_are_what_metas_openapi_file_describes() -> None:
    components = [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "{{1}}"},
        {"type": "BUTTONS", "buttons": BUTTONS[0]["buttons"][:2]},  # type: ignore[index]
    ]
    params = {
        "header.image": "https://a.example/x.png",
        "body.1": "Ada",
        "button.0.payload": "stop",
        "button.1.url": "x",
    }
    payload = send(components, params)
    validate("TemplateObject", payload["template"])
    by_type = {"header": "HeaderComponent", "body": "BodyComponent", "button": "ButtonComponent"}
    parameters = {"image": "ImageParameter", "text": "TextParameter"}
    for part in parts(payload):
        validate(by_type[part["type"]], part)
        for parameter in part["parameters"]:
            if part["type"] == "button":
                kind = "ButtonPayloadParameter" if parameter["type"] == "payload" else "ButtonTextParameter"
                validate(kind, parameter)
            else:
                validate(parameters[parameter["type"]], parameter)
