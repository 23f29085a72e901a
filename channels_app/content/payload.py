"""The JSON of a template send, exactly as Meta wants it (meta-cloud-api.md 2.3, 2.4). Pure, on the hot path: no I/O, no Django."""

from collections.abc import Mapping, Sequence
from typing import Any

from channels_app.message_templates.slots import MEDIA_KINDS, Component, Slot, load, slots_of

Json = dict[str, Any]


class PayloadError(ValueError):
    """A required value is missing: the message would be refused. `.key` is the slot."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no value for {key}")
        self.key = key


def template_payload(
    *,
    recipient: str,
    template_name: str,
    language: str,
    components: Sequence[Component] = (),
    slots: Sequence[Slot | Mapping[str, Any]] | None = None,
    params: Mapping[str, str],
    callback_data: str = "",
) -> Json:
    """The body of POST /{phone_number_id}/messages.

    `recipient` is E.164 with + or a business-scoped user id; `params` {slot key: cleaned value} as `binding` renders it.
    `slots` are those of the version, loaded once (`slots.load`) for speed, or as stored; None reads them from
    `components`. Raises PayloadError when a required value is missing.
    """
    known = slots_of(components, guess_format(components)) if slots is None else load(slots)
    parts = _components(known, params)
    template: Json = {"name": template_name, "language": {"code": language}}
    if parts:
        template["components"] = parts
    payload: Json = {"messaging_product": "whatsapp", "recipient_type": "individual", "type": "template"}
    payload["to" if recipient[:1] in "+0123456789" else "recipient"] = recipient
    payload["template"] = template
    if callback_data:
        payload["biz_opaque_callback_data"] = callback_data
    return payload


def guess_format(components: Sequence[Component]) -> str:
    """NAMED when an example has named parameters, else POSITIONAL: for callers that only have the components."""
    examples = [component.get("example") or {} for component in components]
    return "NAMED" if any(key.endswith("_named_params") for example in examples for key in example) else "POSITIONAL"


def _components(slots: Sequence[Slot], params: Mapping[str, str]) -> list[Json]:
    header: list[Json] = []
    body: list[Json] = []
    buttons: list[Json] = []
    location: Json = {}
    for slot in slots:
        value = params.get(slot.same_as or slot.key, "")
        if not value:
            if slot.required:
                raise PayloadError(slot.key)
            continue
        place = slot.place
        if place == "body":
            body.append(_text(slot, value))
        elif place == "button":
            buttons.append(_button(slot, value))
        elif slot.kind in MEDIA_KINDS:
            header.append(_media(slot.kind, value, params))
        elif slot.kind == "location":
            location[slot.part] = value
        elif slot.key != "header.document.filename":
            header.append(_text(slot, value))
    if location:
        header.append({"type": "location", "location": location})
    parts: list[Json] = []
    if header:
        parts.append({"type": "header", "parameters": header})
    if body:
        parts.append({"type": "body", "parameters": body})
    return parts + buttons


def _text(slot: Slot, value: str) -> Json:
    if slot.name:
        return {"type": "text", "parameter_name": slot.name, "text": value}
    return {"type": "text", "text": value}


def _media(kind: str, value: str, params: Mapping[str, str]) -> Json:
    asset = {"id": value} if value.isdigit() else {"link": value}
    filename = params.get("header.document.filename", "")
    if kind == "document" and filename:
        asset["filename"] = filename
    return {"type": kind, kind: asset}


def _button(slot: Slot, value: str) -> Json:
    if slot.kind == "payload":
        sub_type, parameter = "quick_reply", {"type": "payload", "payload": value}
    elif slot.kind == "code" and not slot.same_as:
        sub_type, parameter = "copy_code", {"type": "coupon_code", "coupon_code": value}
    else:
        sub_type, parameter = "url", {"type": "text", "text": value}
    return {"type": "button", "sub_type": sub_type, "index": str(slot.index), "parameters": [parameter]}
