"""WABAs and phone numbers: nodes and their lists (reference 1.4, 1.6)."""

from __future__ import annotations

import json
from typing import Any

from ..auth import MANAGEMENT, MESSAGING, require_scope, require_waba
from ..entities import Number, Waba
from ..errors import GraphError
from ..events.numbers import ask_name
from ..world import GRAPH_VERSION
from . import nodes
from .apps import override_or_refuse
from .call import Call
from .fields import Tree, matches, page, parse_fields
from .registration import change_pin
from .templates import list_templates

Json = dict[str, Any]
_ABOUT_LIMITS = {"about": 139, "address": 256, "description": 512, "email": 128}


def view_waba(call: Call, waba: Waba, tree: Tree) -> Json:
    edges: dict[str, Json] = {}
    if "phone_numbers" in tree:
        edges["phone_numbers"] = _numbers(call, waba, tree.pop("phone_numbers"), {})
        tree = {**tree, "phone_numbers": {}}
    if "message_templates" in tree:
        inner = tree.pop("message_templates")
        edges["message_templates"] = list_templates(call, waba, inner, {})
        tree = {**tree, "message_templates": {}}
    return nodes.select_waba(nodes.waba_node(call.sim, waba, edges, call.token.app_id), tree)


def read_waba(call: Call, waba: Waba) -> Json:
    """`GET /{waba}`."""
    require_waba(call.token, waba.id, waba.id, call.method)
    require_scope(call.token, MANAGEMENT)
    return view_waba(call, waba, parse_fields(str(call.params.get("fields", ""))))


def _view_number(call: Call, number: Number, tree: Tree) -> Json:
    return nodes.select_number(nodes.number_node(call.sim, number, call.token.app_id), tree)


def _numbers(call: Call, waba: Waba, tree: Tree, params: Json) -> Json:
    numbers = [item for item in call.sim.numbers.values() if item.waba_id == waba.id and item.status != "DELETED"]
    if params.get("filtering"):
        app_id = call.token.app_id
        numbers = [item for item in numbers if matches(nodes.number_node(call.sim, item, app_id), params)]
    url = f"{call.base}/{GRAPH_VERSION}/{waba.id}/phone_numbers"
    return page(
        numbers, params, url, lambda number: _view_number(call, number, tree), lambda number: number.id,
    )  # fmt: skip


def list_numbers(call: Call, waba: Waba) -> Json:
    """`GET /{waba}/phone_numbers`."""
    require_waba(call.token, waba.id, waba.id, call.method)
    require_scope(call.token, MANAGEMENT)
    return _numbers(call, waba, parse_fields(str(call.params.get("fields", ""))), call.params)


def read_number(call: Call, number: Number) -> Json:
    """`GET /{phone}`."""
    require_waba(call.token, number.waba_id, number.id, call.method)
    require_scope(call.token, MANAGEMENT, MESSAGING)
    return _view_number(call, number, parse_fields(str(call.params.get("fields", ""))))


async def change_number(call: Call, number: Number) -> Json:
    """`POST /{phone}`: the two-step PIN, a new display name, or the webhook override of this number."""
    require_waba(call.token, number.waba_id, number.id, call.method)
    require_scope(call.token, MANAGEMENT)
    known = [key for key in ("pin", "new_display_name", "webhook_configuration") if key in call.params]
    if not known:
        raise GraphError(100, message="(#100) Nothing to change: pin or webhook_configuration is required.")
    if "webhook_configuration" in known:
        await _override(call, number, call.params["webhook_configuration"])
    if "pin" in known:
        change_pin(call, number)
    if "new_display_name" in known:
        name = str(call.params["new_display_name"] or "").strip()
        if not name:
            raise GraphError(100, message="(#100) The parameter new_display_name is required.")
        ask_name(call.sim, number, name)
    return {"success": True}


async def _override(call: Call, number: Number, given: object) -> None:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = None
    if not isinstance(given, dict) or "override_callback_uri" not in given:
        raise GraphError(
            100, message="(#100) The parameter webhook_configuration['override_callback_uri'] is required."
        )
    url = str(given.get("override_callback_uri") or "")
    token = str(given.get("verify_token") or "")
    if url:
        await override_or_refuse(call, url, token)
    number.override_callback_uri, number.override_verify_token = url, token if url else ""
    call.sim.put(number)


def read_profile(call: Call, number: Number) -> Json:
    """`GET /{phone}/whatsapp_business_profile`."""
    require_waba(call.token, number.waba_id, number.id, call.method)
    require_scope(call.token, MANAGEMENT, MESSAGING)
    profile = {**number.profile, "messaging_product": "whatsapp"}
    tree = parse_fields(str(call.params.get("fields", "")))
    return {"data": [{key: value for key, value in profile.items() if not tree or key in (*tree, "messaging_product")}]}


def change_profile(call: Call, number: Number) -> Json:
    """`POST /{phone}/whatsapp_business_profile`."""
    require_waba(call.token, number.waba_id, number.id, call.method)
    require_scope(call.token, MANAGEMENT, MESSAGING)
    if call.params.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    changes: Json = {}
    for key, limit in _ABOUT_LIMITS.items():
        if key in call.params:
            if not isinstance(call.params[key], str) or len(call.params[key]) > limit:
                raise GraphError(100, message=f"(#100) Param {key} must be at most {limit} characters long.")
            changes[key] = call.params[key]
    websites = call.params.get("websites")
    if websites is not None:
        if not isinstance(websites, list) or len(websites) > 2 or any(len(str(site)) > 256 for site in websites):
            raise GraphError(100, message="(#100) Param websites must have at most 2 addresses.")
        changes["websites"] = websites
    if "vertical" in call.params:
        changes["vertical"] = call.params["vertical"]
    number.profile = {**number.profile, **changes}
    call.sim.put(number)
    return {"success": True}
