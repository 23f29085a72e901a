"""A template's contract and the check of a send against it, with Meta's codes and `details` texts (reference 2.3, 6.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..entities import Template
from ..errors import GraphError

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
_BAD_TEXT = re.compile(r"[\n\r\t]| {5,}")
_BAD_TEXT_DETAILS = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
BODY_LIMIT = 1024
MEDIA_FORMATS = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document", "GIF": "gif"}

# Created button type -> (sub_type at send, name in details)
SUB_TYPES = {
    "QUICK_REPLY": ("quick_reply", "QuickReply"),
    "URL": ("url", "Url"),
    "COPY_CODE": ("copy_code", "CopyCode"),
    "PHONE_NUMBER": ("phone_number", "PhoneNumber"),
    "OTP": ("url", "Url"),
    "FLOW": ("flow", "Flow"),
    "CATALOG": ("catalog", "Catalog"),
}

Json = dict[str, Any]


def variables_of(text: str) -> list[str]:
    """Names of the variables of a text, each once, in the order of appearance."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))


def fill(text: str, values: dict[str, str]) -> str:
    """Replace the variables of a text."""
    return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


@dataclass(slots=True)
class Contract:
    """What a send of this template must bring."""

    is_named: bool = False
    header_format: str = ""
    header_text: str = ""
    header_names: list[str] = field(default_factory=list)
    body_text: str = ""
    body_names: list[str] = field(default_factory=list)
    buttons: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def body_length(self) -> int:
        """Length of the body's fixed text."""
        return len(_VARIABLE.sub("", self.body_text))


def contract_of(template: Template) -> Contract:
    """Read a template's components into its contract."""
    contract = Contract(is_named=template.parameter_format == "NAMED")
    for component in template.components:
        kind = str(component.get("type", "")).upper()
        if kind == "HEADER":
            contract.header_format = str(component.get("format", "TEXT")).upper()
            if contract.header_format == "TEXT":
                contract.header_text = component.get("text", "")
                contract.header_names = _ordered(variables_of(contract.header_text), contract.is_named)
        elif kind == "BODY":
            contract.body_text = component.get("text", "")
            contract.body_names = _ordered(variables_of(contract.body_text), contract.is_named)
        elif kind == "BUTTONS":
            for button in component.get("buttons", ()):
                button_type = str(button.get("type", "")).upper()
                needs = button_type in ("COPY_CODE", "OTP") or (
                    button_type == "URL" and bool(_VARIABLE.search(button.get("url", "")))
                )
                contract.buttons.append((button_type, needs))
    return contract


def _ordered(names: list[str], is_named: bool) -> list[str]:
    return names if is_named else sorted(names, key=lambda name: int(name) if name.isdigit() else 0)


class Contracts:
    """Contracts by template id, read again when the template's record changed."""

    def __init__(self) -> None:
        self._cache: dict[str, tuple[int, Contract]] = {}

    def get(self, template: Template) -> Contract:
        """Give the contract of a template."""
        kept = self._cache.get(template.id)
        stamp = id(template.components)
        if kept is None or kept[0] != stamp:
            kept = self._cache[template.id] = (stamp, contract_of(template))
        return kept[1]


def check(contract: Contract, components: list[Json]) -> list[tuple[str, str]]:
    """Hold `components[]` of a send against the contract; raise what Meta raises.

    Gives the (kind, media id) pairs that must exist, for example `("image", "650...")`.
    """
    header: list[Json] = []
    body: list[Json] = []
    buttons: dict[int, Json] = {}
    for component in components:
        kind = str(component.get("type", "")).lower()
        parameters = component.get("parameters") or []
        if not isinstance(parameters, list) or not all(isinstance(item, dict) for item in parameters):
            raise GraphError(131009, f"{kind}: parameters must be a list of objects")
        if kind == "header":
            header = parameters
        elif kind == "body":
            body = parameters
        elif kind == "button":
            buttons[_index(component)] = component
        elif kind not in ("footer", "carousel", "limited_time_offer", "tap_target_configuration"):
            raise GraphError(131009, f"Unexpected component type {kind!r} in template['components']")
    media = _check_header(contract, header)
    values = _check_texts("body", body, contract.body_names, contract.is_named)
    if contract.body_length + sum(map(len, values)) > BODY_LIMIT:
        raise GraphError(
            132005, f"body: text is longer than {BODY_LIMIT} characters after the parameters are filled in"
        )
    _check_buttons(contract, buttons)
    return media


def _index(component: Json) -> int:
    try:
        return int(component.get("index", 0))
    except (TypeError, ValueError):
        raise GraphError(131009, "buttons: index must be an integer") from None


def _check_header(contract: Contract, parameters: list[Json]) -> list[tuple[str, str]]:
    expected = contract.header_format
    if expected in MEDIA_FORMATS or expected == "LOCATION":
        received = str(parameters[0].get("type", "unknown")).upper() if parameters else "UNKNOWN"
        if received != expected:
            raise GraphError(132012, f"header: Format mismatch, expected {expected}, received {received}")
        return _check_asset(expected, parameters[0])
    if not expected and parameters:
        raise GraphError(132018, "header: the template has no header but parameters were given")
    _check_texts("header", parameters, contract.header_names, contract.is_named)
    return []


def _check_asset(expected: str, parameter: Json) -> list[tuple[str, str]]:
    if expected == "LOCATION":
        location = parameter.get("location")
        if not isinstance(location, dict) or "latitude" not in location or "longitude" not in location:
            raise GraphError(131008, "header: Location requires latitude and longitude")
        return []
    kind = MEDIA_FORMATS[expected]
    asset = parameter.get(kind)
    if not isinstance(asset, dict) or bool(asset.get("id")) == bool(asset.get("link")):
        raise GraphError(131008, f"header: {kind} requires exactly one of id and link")
    if asset.get("id"):
        return [(kind, str(asset["id"]))]
    if not str(asset["link"]).startswith(("https://", "http://")):
        raise GraphError(131009, f"header: {kind} link is not a valid URL")
    return []


def _check_texts(place: str, parameters: list[Json], names: list[str], is_named: bool) -> list[str]:
    if len(parameters) != len(names):
        raise GraphError(
            132000,
            f"{place}: number of localizable_params ({len(parameters)}) does not match the expected number of params "
            f"({len(names)})",
        )
    values: list[str] = []
    for position, parameter in enumerate(parameters):
        kind = parameter.get("type", "text")
        if is_named:
            given = parameter.get("parameter_name")
            if not given:
                raise GraphError(100, f"{place}: Parameter name is missing or empty")
            if given not in names:
                raise GraphError(132012, f"{place}: parameter_name {given} does not exist in the template")
        if kind == "text":
            text = parameter.get("text")
        elif kind in ("currency", "date_time"):
            text = (parameter.get(kind) or {}).get("fallback_value")
        else:
            raise GraphError(132012, f"{place}: Format mismatch, expected TEXT, received {str(kind).upper()}")
        if not isinstance(text, str) or not text.strip():
            raise GraphError(131008, f"{place}: Parameter of type text is missing text value at index {position}")
        if _BAD_TEXT.search(text):
            raise GraphError(132018, _BAD_TEXT_DETAILS)
        values.append(text)
    if is_named and len({parameter["parameter_name"] for parameter in parameters}) != len(names):
        raise GraphError(132012, f"{place}: a parameter_name is given more than once")
    return values


def _check_buttons(contract: Contract, given: dict[int, Json]) -> None:
    for index, component in given.items():
        if not 0 <= index < len(contract.buttons):
            raise GraphError(132018, f"buttons: Button at index {index} does not exist in the template")
        sub_type, name = SUB_TYPES.get(contract.buttons[index][0], ("", "Unknown"))
        if str(component.get("sub_type", "")).lower() != sub_type:
            raise GraphError(132018, f"buttons: Button at index {index} must be of type {name}")
    for index, (button_type, needs_parameter) in enumerate(contract.buttons):
        found = given.get(index)
        parameters = (found.get("parameters") or []) if found else []
        if needs_parameter and not parameters:
            name = SUB_TYPES[button_type][1]
            raise GraphError(131008, f"buttons: Button at index {index} of type {name} requires a parameter")
        if parameters:
            _check_button_value(button_type, index, parameters[0])


def _check_button_value(button_type: str, index: int, parameter: Json) -> None:
    key, limit = {"QUICK_REPLY": ("payload", 256), "COPY_CODE": ("coupon_code", 20)}.get(button_type, ("text", 2000))
    if button_type in ("FLOW", "CATALOG"):
        return
    value = parameter.get(key)
    if not isinstance(value, str) or not value:
        raise GraphError(131008, f"buttons: Button at index {index} requires {key}")
    if _BAD_TEXT.search(value):
        raise GraphError(132018, _BAD_TEXT_DETAILS)
    if len(value) > limit:
        raise GraphError(131009, f"buttons: Button at index {index}: {key} is longer than {limit} characters")
