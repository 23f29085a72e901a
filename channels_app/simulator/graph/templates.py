"""Message templates: list with filters and summary, node (reference 3.1). Creation and review come in a later issue."""

from __future__ import annotations

from typing import Any

from ..auth import MANAGEMENT, require_scope, require_waba
from ..entities import Template, Waba
from ..world import GRAPH_VERSION
from . import nodes
from .call import Call
from .fields import Tree, page, parse_fields

Json = dict[str, Any]
TEMPLATE_LIMIT = 6_000


def _wanted(value: object) -> set[str]:
    text = str(value or "").strip().strip("[]")
    return {part.strip().strip("\"'") for part in text.split(",") if part.strip()}


def _text_of(template: Template) -> str:
    texts = [str(component.get("text", "")) for component in template.components]
    return " ".join(texts).lower()


def _matches(template: Template, params: Json) -> bool:
    if params.get("name") and str(params["name"]).lower() not in template.name:
        return False
    for key in ("status", "category", "language"):
        if params.get(key) and getattr(template, key).upper() not in {item.upper() for item in _wanted(params[key])}:
            return False
    if params.get("quality_score") and template.quality not in _wanted(params["quality_score"]):
        return False
    if params.get("content") and str(params["content"]).lower() not in _text_of(template):
        return False
    search = str(params.get("name_or_content") or "").lower()
    if search and search not in template.name and search not in _text_of(template):
        return False
    return params.get("source") != "AUTO_GENERATED"


def list_templates(call: Call, waba: Waba, tree: Tree, params: Json) -> Json:
    """One page of a WABA's templates; the token has been checked."""
    everything = [template for template in call.sim.templates.values() if template.waba_id == waba.id]
    matching = [template for template in everything if _matches(template, params)]
    result = page(
        matching, params, f"{call.base}/{GRAPH_VERSION}/{waba.id}/message_templates",
        lambda template: nodes.select_template(nodes.template_node(call.sim, template, call.base, call.token.app_id), tree),
        lambda template: template.id,
    )  # fmt: skip
    asked = _wanted(params.get("summary"))
    if asked:
        summary = {
            "total_count": len(matching),
            "message_template_count": len(everything),
            "message_template_limit": TEMPLATE_LIMIT,
            "are_translations_complete": False,
        }
        result["summary"] = {key: value for key, value in summary.items() if key in asked}
    return result


def read_list(call: Call, waba: Waba) -> Json:
    """`GET /{waba}/message_templates`."""
    require_waba(call.token, waba.id, waba.id, call.method)
    require_scope(call.token, MANAGEMENT)
    return list_templates(call, waba, parse_fields(str(call.params.get("fields", ""))), call.params)


def read_template(call: Call, template: Template) -> Json:
    """`GET /{template}`."""
    require_waba(call.token, template.waba_id, template.id, call.method)
    require_scope(call.token, MANAGEMENT)
    tree = parse_fields(str(call.params.get("fields", "")))
    return nodes.select_template(nodes.template_node(call.sim, template, call.base, call.token.app_id), tree)
