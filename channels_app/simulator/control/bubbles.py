"""A kept line of a conversation as the phone page draws it: template filled in, media addressed, buttons listed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from ..entities import Template
from ..errors import status_error
from ..inbound_media import KINDS as MEDIA_KINDS
from ..ledger import STAGE_NAMES
from ..sending.template_check import fill, variables_of
from ..simulator import Simulator

Json = dict[str, Any]
_LOCAL = frozenset(("127.0.0.1", "localhost", "::1"))


def render(sim: Simulator, phone_id: str, bubble: Json) -> Json:
    """Give one line ready for the page."""
    item: Json = {"n": bubble["n"], "dir": bubble["dir"], "at": bubble["at"]}
    if bubble["dir"] == "note":
        return item | {"note": bubble["note"]}
    if bubble["dir"] == "in":
        return item | _inbound(bubble)
    index = bubble["sequence"] - sim.ledger.first
    message = next(iter(sim.ledger.rows(bubble["sequence"] - 1)), None) if index >= 0 else None
    if message is not None and message.sequence == bubble["sequence"]:
        item |= {"stage": STAGE_NAMES[message.stage], "wamid": sim.ledger.wamid_of(message)}
        if message.code:
            item |= {"code": message.code, "reason": status_error(message.code)["title"]}
    try:
        raw = json.loads(bubble["raw"])
    except ValueError:
        raw = {}
    template = sim.templates.get(bubble.get("template_id", ""))
    if template is not None:
        return item | _template(sim, template, raw.get("template") or {})
    return item | _free_form(bubble["type"], raw)


def _inbound(bubble: Json) -> Json:
    content = bubble["content"] if isinstance(bubble["content"], dict) else {}
    kind = bubble["type"]
    item: Json = {"type": kind, "wamid": bubble["id"], "context": bubble.get("context")}
    if kind == "reaction":
        return item | {"reaction": content.get("emoji", ""), "context": content["message_id"]}
    if kind in MEDIA_KINDS:
        return item | {"header": _asset(kind, content), "body": content.get("caption", "")}
    if kind == "location":
        return item | {"header": {"kind": "location", **content}, "body": ""}
    reply = content.get("button_reply") or content.get("list_reply") or {}
    text = content.get("body") or content.get("text") or reply.get("title")
    return item | {"body": text or f"[{content.get('type') or kind}]"}


def _asset(kind: str, asset: Json) -> Json:
    media: Json = {"kind": kind, "name": asset.get("filename") or ""}
    if asset.get("id"):
        media["url"] = f"/_control/media/{asset['id']}"
    elif asset.get("link"):
        parts = urlsplit(str(asset["link"]))
        media["name"] = media["name"] or parts.path.rpartition("/")[2]
        media["host"] = parts.hostname or ""
        if media["host"] in _LOCAL:
            media["url"] = asset["link"]
    return media


def _free_form(kind: str, raw: Json) -> Json:
    content = raw.get(kind) or {}
    if kind == "text":
        return {"type": kind, "body": content.get("body", "")}
    if kind == "location":
        return {"type": kind, "header": {"kind": "location", **content}, "body": ""}
    if kind == "interactive":
        action = content.get("action") or {}
        titles = [(button.get("reply") or {}).get("title", "") for button in action.get("buttons") or ()]
        titles += [row.get("title", "") for part in action.get("sections") or () for row in part.get("rows") or ()]
        buttons = [{"index": index, "type": "QUICK_REPLY", "text": title} for index, title in enumerate(titles)]
        header = content.get("header") or {}
        shown = {"kind": "text", "text": header.get("text", "")} if header.get("type") == "text" else None
        return {"type": kind, "header": shown, "body": (content.get("body") or {}).get("text", ""),
                "footer": (content.get("footer") or {}).get("text", ""), "buttons": buttons}  # fmt: skip
    if isinstance(content, dict) and (content.get("id") or content.get("link")):
        return {"type": kind, "header": _asset(kind, content), "body": content.get("caption", "")}
    return {"type": kind, "body": f"[{kind}]"}


def _values(text: str, parameters: list[Json], is_named: bool) -> dict[str, str]:
    texts: list[tuple[str, str]] = []
    for position, parameter in enumerate(parameters):
        value = parameter.get("text")
        if value is None:
            value = (parameter.get(str(parameter.get("type"))) or {}).get("fallback_value", "")
        texts.append((parameter.get("parameter_name") or str(position + 1), str(value)))
    return dict(texts) if variables_of(text) else {}


def _template(sim: Simulator, template: Template, sent: Json) -> Json:
    given: dict[str, list[Json]] = {}
    buttons: dict[str, list[Json]] = {}
    for component in sent.get("components") or ():
        kind = str(component.get("type", "")).lower()
        parameters = component.get("parameters") or []
        if kind == "button":
            buttons[str(component.get("index", 0))] = parameters
        else:
            given[kind] = parameters
    is_named = template.parameter_format == "NAMED"
    item: Json = {"type": "template", "template": template.name, "language": template.language,
                  "category": template.category}  # fmt: skip
    for component in template.components:
        kind = component["type"].lower()
        text = component.get("text", "")
        filled = fill(text, _values(text, given.get(kind, []), is_named))
        if kind == "header":
            item["header"] = _header(component, given.get("header", []), filled)
        elif kind in ("body", "footer"):
            item[kind] = filled
        elif kind == "buttons":
            item["buttons"] = [_button(i, b, buttons.get(str(i), [])) for i, b in enumerate(component["buttons"])]
    return item


def _header(component: Json, parameters: list[Json], filled: str) -> Json:
    kind = str(component.get("format", "TEXT")).lower()
    if kind == "text":
        return {"kind": "text", "text": filled}
    content = (parameters[0].get(kind) or {}) if parameters else {}
    if kind == "location":
        return {"kind": "location", **content}
    return _asset(kind, content)


def _button(index: int, button: Json, parameters: list[Json]) -> Json:
    shown: Json = {"index": index, "type": button["type"], "text": button.get("text", "")}
    value = next((str(item.get("text") or item.get("coupon_code") or "") for item in parameters), "")
    if button["type"] == "URL":
        shown["url"] = fill(button.get("url", ""), {"1": value}) if value else button.get("url", "")
    elif button["type"] == "COPY_CODE":
        shown["code"] = value
    elif button["type"] == "PHONE_NUMBER":
        shown["phone"] = button.get("phone_number", "")
    return shown
