"""The envelope of `POST /{phone}/messages`: required keys, recipient, type (reference 2.1, 2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import identities
from ..errors import GraphError

Json = dict[str, Any]
FREE_FORM = frozenset(
    ("text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "interactive")
)
_MEDIA = frozenset(("image", "video", "audio", "document", "sticker"))
TEXT_LIMIT, CAPTION_LIMIT, CALLBACK_LIMIT = 4096, 1024, 512


@dataclass(slots=True)
class Addressed:
    """Who a request is for: `digits` is the WhatsApp id, `given` what the caller wrote."""

    digits: str
    given: str
    by_bsuid: bool


def address(body: Json) -> Addressed:
    """Give the recipient of a request: `to` wins over `recipient`."""
    to = body.get("to")
    if to:
        to = str(to) if isinstance(to, int) else to
        digits = identities.clean_phone(to)
        if digits is None:
            raise GraphError(131009, "Parameter 'to' is not a valid phone number")
        return Addressed(identities.wa_id_of(digits), to, False)
    recipient = body.get("recipient")
    if not recipient:
        raise GraphError(100, message="(#100) The parameter to is required.")
    digits = identities.phone_of_bsuid(recipient)
    if digits is None:
        raise GraphError(131009, "Parameter 'recipient' is not a business-scoped user ID of this portfolio")
    return Addressed(digits, recipient, True)


def check_envelope(body: Json) -> str:
    """Check what every message has in common; gives the message type."""
    if body.get("messaging_product") != "whatsapp":
        if not body.get("messaging_product"):
            raise GraphError(100, message="(#100) The parameter messaging_product is required.")
        raise GraphError(
            100, message="(#100) Param messaging_product must be one of {WHATSAPP} - got "
            f"\"{body['messaging_product']}\"."
        )  # fmt: skip
    callback = body.get("biz_opaque_callback_data")
    if callback is not None and (not isinstance(callback, str) or len(callback) > CALLBACK_LIMIT):
        raise GraphError(
            100, message=f"(#100) Param biz_opaque_callback_data must be at most {CALLBACK_LIMIT} characters long."
        )
    if body.get("category"):
        raise GraphError(100, "Direct Send isn't enabled for this account")
    if body.get("recipient_type", "individual") not in ("individual", "group"):
        raise GraphError(
            100, message="(#100) Param recipient_type must be one of {INDIVIDUAL, GROUP} - got "
            f"\"{body['recipient_type']}\"."
        )  # fmt: skip
    kind = body.get("type") or "text"
    if kind != "template" and kind not in FREE_FORM:
        raise GraphError(131051, f"Message type {kind!r} is not supported")
    if not isinstance(body.get(kind), dict if kind != "contacts" else list):
        raise GraphError(100, message=f"(#100) The parameter {kind} is required.")
    return str(kind)


def check_free_form(kind: str, content: Any) -> list[tuple[str, str]]:
    """Check the content of a free-form message; gives the (kind, media id) pairs that must exist."""
    if kind == "text":
        text = content.get("body")
        if not isinstance(text, str) or not text:
            raise GraphError(100, message="(#100) The parameter text['body'] is required.")
        if len(text) > TEXT_LIMIT:
            raise GraphError(100, message=f"(#100) Param text['body'] must be at most {TEXT_LIMIT} characters long.")
    elif kind in _MEDIA:
        if bool(content.get("id")) == bool(content.get("link")):
            raise GraphError(131009, f"{kind}: exactly one of id and link is required")
        if len(str(content.get("caption") or "")) > CAPTION_LIMIT:
            raise GraphError(131009, f"{kind}: caption is longer than {CAPTION_LIMIT} characters")
        if content.get("id"):
            return [(kind, str(content["id"]))]
    elif kind == "interactive":
        _check_interactive(content)
    elif kind == "reaction" and not content.get("message_id"):
        raise GraphError(131008, "reaction: message_id is required")
    elif kind == "location" and ("latitude" not in content or "longitude" not in content):
        raise GraphError(131008, "location: latitude and longitude are required")
    return []


def _check_interactive(content: Json) -> None:
    action = content.get("action")
    if not content.get("type") or not isinstance(action, dict):
        raise GraphError(131008, "interactive: type and action are required")
    if content["type"] == "button":
        buttons = action.get("buttons")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            raise GraphError(131009, "interactive: between 1 and 3 buttons are allowed")
        for button in buttons:
            title = (button.get("reply") or {}).get("title") if isinstance(button, dict) else None
            if not title or len(title) > 20:
                raise GraphError(131009, "interactive: a button title must have 1 to 20 characters")


def check_template_head(content: Json) -> tuple[str, str, list[Json]]:
    """Give (name, language, components) of a template send."""
    name, language = content.get("name"), content.get("language")
    if not isinstance(name, str) or not name:
        raise GraphError(100, message="(#100) The parameter template['name'] is required.")
    code = language.get("code") if isinstance(language, dict) else None
    if not isinstance(code, str) or not code:
        raise GraphError(100, message="(#100) The parameter template['language']['code'] is required.")
    components = content.get("components") or []
    if not isinstance(components, list) or not all(isinstance(item, dict) for item in components):
        raise GraphError(100, message="(#100) Param template['components'] must be an array.")
    return name, code, components
