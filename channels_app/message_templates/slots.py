"""The typed contract of a template: every place that needs a value when it is sent.

Source: meta-cloud-api.md 2.3, 2.4 and 3.3. Plain data in and out; what cannot be sent yet is a Gap, never a wrong send.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Component = dict[str, Any]

VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
BODY_LIMIT, HEADER_LIMIT, URL_LIMIT, COPY_CODE_LIMIT, OTP_LIMIT, PAYLOAD_LIMIT = 1024, 60, 2000, 20, 15, 128
FILENAME_LIMIT, PLACE_LIMIT = 240, 200
OTP_URL = "https://www.whatsapp.com/otp/"
MEDIA_KINDS = frozenset(("image", "video", "document"))
# No parameter when sent: the button works by itself.
SILENT_BUTTONS = frozenset(("PHONE_NUMBER", "VOICE_CALL", "REQUEST_CONTACT_INFO", "SPM"))

_MEDIA_LABELS = {"image": _("Header image"), "video": _("Header video"), "document": _("Header document")}
_PLACE_LABELS = {
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "name": _("Place name"),
    "address": _("Address"),
}
_GAP_SENTENCES = {
    "carousel": _("Not supported yet: cards that are swiped (carousel). Choose a template without them."),
    "limited_time_offer": _("Not supported yet: limited-time offers. Choose a template without one."),
    "flow": _("Not supported yet: buttons that open a flow. Choose a template without them."),
    "catalog": _("Not supported yet: catalogs and products. Choose a template without them."),
    "gif": _("Not supported yet: animated headers (GIF). Choose a template with an image or a video."),
    "payment": _("Not supported yet: orders and payments. Choose a template without them."),
    "other": _("Not supported yet: a part of this template (%(name)s) is unknown to Waymark. Choose another template."),
}


@dataclass(frozen=True)
class Slot:
    """One value that a send needs.

    `key` is stable: "header.text.1", "header.image", "header.document.filename", "header.location.latitude",
    "body.1", "body.first_name", "button.0.url", "button.2.code", "button.1.payload".
    `kind`: text, image, video, document, location, url_suffix, code, payload. `name` is Meta's parameter name of named
    templates, else empty. `index` is the button's place. `max_length` counts characters; body slots share theirs
    (what the fixed text leaves of 1,024). `same_as` names the slot whose value is sent here once more (one-time codes).
    """

    key: str
    kind: str
    required: bool = True
    name: str = ""
    index: int = -1
    example: str = ""
    max_length: int = 0
    same_as: str = ""

    @property
    def place(self) -> str:
        """header, body or button."""
        return self.key.partition(".")[0]

    @property
    def part(self) -> str:
        """The last word of the key: a variable's number or name, or what the slot is."""
        return self.key.rpartition(".")[2]

    @property
    def placeholder(self) -> str:
        """What the template's text shows in this place: {{1}}, or a short word."""
        if self.place == "body" or self.key.startswith("header.text."):
            return f"{{{{{self.part}}}}}"
        return {"url_suffix": "URL", "code": "CODE", "payload": "ID"}.get(self.kind, self.part.upper())

    @property
    def label(self) -> str | Promise:
        """The slot in words, translated when shown."""
        if self.kind in MEDIA_KINDS:
            return _MEDIA_LABELS[self.kind]
        if self.kind == "location":
            return _PLACE_LABELS[self.part]
        if self.key == "header.document.filename":
            return _("File name")
        if self.kind == "url_suffix":
            return _("End of the link")
        if self.kind == "payload":
            return _("Reply id, button %(number)d") % {"number": self.index + 1}
        if self.kind == "code":
            return _("Code")
        if self.name:
            return self.name.replace("_", " ").capitalize()
        return _("Header variable") if self.place == "header" else _("Variable %(number)s") % {"number": self.part}


_FIELDS = frozenset(Slot.__dataclass_fields__)


@dataclass(frozen=True)
class Gap:
    """A part of a template that Waymark cannot send yet."""

    code: str
    name: str = ""

    @property
    def sentence(self) -> str | Promise:
        text = _GAP_SENTENCES[self.code]
        return text % {"name": self.name} if self.code == "other" else text


def slots_of(components: Sequence[Component], parameter_format: str = "POSITIONAL") -> list[Slot]:
    """The slots in the order of the message: header, body, buttons. Parts that cannot be sent have none: see `gaps_of`."""
    is_named = parameter_format.upper() == "NAMED"
    header, body, buttons = _part(components, "HEADER"), _part(components, "BODY"), _part(components, "BUTTONS")
    otp = next((index for index, button in enumerate(_buttons(buttons)) if is_otp(button)), None)
    slots = [*_header_slots(header, is_named)]
    if otp is not None:
        example = _nth((body.get("example") or {}).get("body_text") or [[]], 0)
        slots.append(Slot("body.1", "code", example=_nth(example, 0), max_length=OTP_LIMIT))
    else:
        slots += _text_slots("body", body, "body_text", BODY_LIMIT, is_named)
    for index, button in enumerate(_buttons(buttons)):
        slots += _button_slots(index, button)
    return slots


def gaps_of(components: Sequence[Component]) -> list[Gap]:
    """What of the template cannot be sent yet, each kind once."""
    found: dict[tuple[str, str], Gap] = {}
    for code, name in _gap_codes(components):
        found.setdefault((code, name), Gap(code, name))
    return list(found.values())


def dump(slots: Iterable[Slot]) -> list[dict[str, Any]]:
    """For TemplateVersion.slots; `load` reads it back."""
    return [{name: value for name, value in asdict(slot).items() if value not in ("", -1)} for slot in slots]


def load(items: Iterable["Slot | Mapping[str, Any]"]) -> list[Slot]:
    """The slots of a stored version; keys of a later release are left out, loaded slots stay as they are."""
    return [
        item if isinstance(item, Slot) else Slot(**{name: item[name] for name in item if name in _FIELDS})
        for item in items
    ]


def variables_of(text: str, *, is_named: bool) -> list[str]:
    """The variables of a text, each once: positional ones in the order of their numbers, named ones as they appear."""
    names = list(dict.fromkeys(VARIABLE.findall(text)))
    return names if is_named else sorted((n for n in names if n.isdigit()), key=int)


def is_otp(button: Component) -> bool:
    """A one-time-code button; Meta gives it back as a URL button that points at WhatsApp."""
    return _kind(button) == "OTP" or (_kind(button) == "URL" and str(button.get("url", "")).startswith(OTP_URL))


def _kind(part: Component) -> str:
    return str(part.get("type", "")).upper()


def _part(components: Sequence[Component], kind: str) -> Component:
    return next((component for component in components if _kind(component) == kind), {})


def _buttons(component: Component) -> list[Component]:
    return list(component.get("buttons") or ())


def _nth(values: Any, position: int) -> Any:
    if isinstance(values, (list, tuple)):
        return values[position] if 0 <= position < len(values) else ""
    return values if position == 0 and values is not None else ""


def _text_slots(place: str, component: Component, example_key: str, limit: int, is_named: bool) -> list[Slot]:
    text = str(component.get("text") or "")
    example = component.get("example") or {}
    named = {
        str(item.get("param_name")): item.get("example") for item in example.get(f"{example_key}_named_params") or ()
    }
    listed = example.get(example_key) or []
    if example_key == "body_text":
        listed = _nth(listed, 0) or []
    room = max(1, limit - len(VARIABLE.sub("", text)))
    key = "header.text" if place == "header" else place
    return [
        Slot(
            f"{key}.{name}",
            "text",
            name=name if is_named else "",
            example=str((named.get(name) if is_named else _nth(listed, position)) or ""),
            max_length=room,
        )
        for position, name in enumerate(variables_of(text, is_named=is_named))
    ]


def _header_slots(header: Component, is_named: bool) -> list[Slot]:
    form = str(header.get("format", "TEXT")).lower()
    if form == "text":
        return _text_slots("header", header, "header_text", HEADER_LIMIT, is_named)
    if form == "location":
        return [
            Slot(
                f"header.location.{part}", "location", required=part not in ("name", "address"), max_length=PLACE_LIMIT
            )
            for part in _PLACE_LABELS
        ]
    if form not in MEDIA_KINDS:
        return []
    handle = str(_nth((header.get("example") or {}).get("header_handle") or [], 0) or "")
    media = Slot(f"header.{form}", form, example=handle, max_length=URL_LIMIT)
    if form == "document":
        return [media, Slot("header.document.filename", "text", required=False, max_length=FILENAME_LIMIT)]
    return [media]


def _button_slots(index: int, button: Component) -> list[Slot]:
    kind, example = _kind(button), str(_nth(button.get("example"), 0) or "")
    if is_otp(button):
        return [Slot(f"button.{index}.code", "code", index=index, max_length=OTP_LIMIT, same_as="body.1")]
    if kind == "COPY_CODE":
        return [Slot(f"button.{index}.code", "code", index=index, example=example, max_length=COPY_CODE_LIMIT)]
    if kind == "QUICK_REPLY":
        return [Slot(f"button.{index}.payload", "payload", required=False, index=index, max_length=PAYLOAD_LIMIT)]
    url = str(button.get("url") or "")
    if kind == "URL" and VARIABLE.search(url):
        base = VARIABLE.sub("", url)
        room = max(1, URL_LIMIT - len(base))
        return [
            Slot(f"button.{index}.url", "url_suffix", index=index, example=example.removeprefix(base), max_length=room)
        ]
    return []


def _gap_codes(components: Sequence[Component]) -> Iterable[tuple[str, str]]:
    for component in components:
        kind = _kind(component)
        if kind == "CAROUSEL":
            yield "carousel", ""
        elif kind == "LIMITED_TIME_OFFER":
            yield "limited_time_offer", ""
        elif kind == "HEADER":
            form = str(component.get("format", "TEXT")).upper()
            if form == "GIF":
                yield "gif", ""
            elif form == "PRODUCT":
                yield "catalog", ""
            elif form not in ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"):
                yield "other", form
        elif kind == "BUTTONS":
            yield from _button_gaps(_buttons(component))
        elif kind not in ("BODY", "FOOTER"):
            yield "other", kind or "?"


def _button_gaps(buttons: Iterable[Component]) -> Iterable[tuple[str, str]]:
    for button in buttons:
        kind = _kind(button)
        if kind in ("FLOW", "CATALOG", "MPM", "SPM"):
            yield ("flow" if kind == "FLOW" else "catalog"), ""
        elif kind in ("ORDER_DETAILS", "ORDER_STATUS", "PAYMENT_REQUEST"):
            yield "payment", ""
        elif kind not in ("URL", "OTP", "COPY_CODE", "QUICK_REPLY") and kind not in SILENT_BUTTONS:
            yield "other", kind or "?"
