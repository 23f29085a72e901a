"""A template with values in place, as `templates/kit/phone.html` shows it on a phone. Plain data in and out."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from channels_app.message_templates import whatsapp_text
from channels_app.message_templates.slots import VARIABLE, Component, Slot, is_otp, slots_of

_BUTTON_KINDS = {"URL": "url", "PHONE_NUMBER": "phone", "VOICE_CALL": "phone", "QUICK_REPLY": "quick_reply",
                 "COPY_CODE": "copy_code", "FLOW": "flow"}  # fmt: skip
# Variables stand in the text as one private-use character each while it is formatted, so that a value
# can neither restyle the template nor cut a tag in two.
_FIRST_MARK = 0xE000
_MARKS = dict.fromkeys(range(_FIRST_MARK, 63743 + 1))


def preview(
    components: Sequence[Component],
    values: Mapping[str, str],
    *,
    parameter_format: str = "POSITIONAL",
    slots: Sequence[Slot] | None = None,
    business_name: str = "",
    language: str = "",
    time: str = "",
    is_verified: bool = False,
) -> dict[str, Any]:
    """The message for the phone part; `values` is {slot key: text}, a required slot without one is shown as a gap.

    Media headers show a picture only when the value is a path of ours (the strict Content-Security-Policy allows no other).
    """
    known = list(slots) if slots is not None else slots_of(components, parameter_format)
    message: dict[str, Any] = {
        "business_name": business_name,
        "initials": "".join(word[0] for word in business_name.split()[:2]).upper(),
        "is_verified": is_verified,
        "language": language.replace("_", "-"),
        "time": time,
        "header": None,
        "body_html": "",
        "footer": "",
        "buttons": [],
    }
    for component in components:
        kind = str(component.get("type", "")).upper()
        if kind == "HEADER":
            message["header"] = _header(component, values)
        elif kind == "BODY":
            message["body_html"] = _body(component, values)
        elif kind == "FOOTER":
            message["footer"] = _footer(component)
        elif kind == "BUTTONS":
            message["buttons"] = [_button(button) for button in component.get("buttons") or ()]
    message["notice"] = _notice(known, values)
    return message


def sample_values(slots: Sequence[Slot]) -> dict[str, str]:
    """The template's own examples, as they were given to Meta for review."""
    values = {slot.key: slot.example for slot in slots if slot.example}
    return {**values, **{slot.key: values[slot.same_as] for slot in slots if slot.same_as in values}}


def summary(components: Sequence[Component], *, length: int = 140) -> str:
    """The body's first words on one line, variables as they stand in the template: for lists and pickers."""
    text = next((str(c.get("text") or "") for c in components if str(c.get("type", "")).upper() == "BODY"), "")
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _gap() -> SafeString:
    return format_html('<mark class="wm-gap">{}</mark>', _("no value"))


def _filled(value: str) -> SafeString:
    return format_html('<mark class="wm-var">{}</mark>', value)


def _with_variables(text: str, prefix: str, values: Mapping[str, str], *, is_formatted: bool) -> SafeString:
    marked: list[SafeString] = []

    def hold(match: Any) -> str:
        value = values.get(f"{prefix}.{match[1]}", "")
        marked.append(_filled(value) if value.strip() else _gap())
        return chr(_FIRST_MARK + len(marked) - 1)

    held = VARIABLE.sub(hold, text.translate(_MARKS))
    html = str(whatsapp_text.to_html(held) if is_formatted else escape(held))
    for position, mark in enumerate(marked):
        html = html.replace(chr(_FIRST_MARK + position), mark)
    return mark_safe(html)  # noqa: S308 - escaped by whatsapp_text or escape, marks by format_html


def _body(component: Component, values: Mapping[str, str]) -> SafeString:
    return _with_variables(str(component.get("text") or ""), "body", values, is_formatted=True)


def _header(component: Component, values: Mapping[str, str]) -> dict[str, Any]:
    form = str(component.get("format", "TEXT")).lower()
    if form == "text":
        text = _with_variables(str(component.get("text") or ""), "header.text", values, is_formatted=False)
        return {"kind": "text", "text": text}
    if form == "location":
        name = values.get("header.location.name") or _("Location")
        return {"kind": "location", "text": name, "address": values.get("header.location.address", "")}
    value = values.get(f"header.{form}", "")
    filename = values.get("header.document.filename") or value.partition("?")[0].rstrip("/").rpartition("/")[2]
    return {
        "kind": form if form in ("image", "video", "document") else "image",
        "url": value if value.startswith("/") and not value.startswith("//") else "",
        "filename": filename,
        "text": filename,
    }


def _footer(component: Component) -> str:
    text = str(component.get("text") or "")
    minutes = component.get("code_expiration_minutes")
    return text or (_("This code expires in %(minutes)s minutes.") % {"minutes": minutes} if minutes else "")


def _button(button: Component) -> dict[str, str]:
    kind = str(button.get("type", "")).upper()
    if is_otp(button):
        return {"kind": "copy_code", "text": str(button.get("text") or _("Copy code"))}
    text = str(
        button.get("text") or (_("Copy offer code") if kind == "COPY_CODE" else kind.replace("_", " ").capitalize())
    )
    return {"kind": _BUTTON_KINDS.get(kind, "quick_reply"), "text": text}


def _notice(slots: Sequence[Slot], values: Mapping[str, str]) -> str:
    """Said below the phone when Meta would refuse the message as it stands."""
    if any(s.required and not values.get(s.same_as or s.key, "").strip() for s in slots):
        return _("Meta would refuse this message: a value is missing.")
    return ""
