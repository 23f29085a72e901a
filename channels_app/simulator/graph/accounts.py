"""Portfolios, WABAs and phone numbers: nodes and their lists (reference 1.4, 1.6)."""

from __future__ import annotations

import json
from typing import Any

from ..auth import BUSINESS, MANAGEMENT, MESSAGING, require_scope, require_waba
from ..entities import Number, Portfolio, Waba
from ..errors import GraphError, unknown_object
from ..world import GRAPH_VERSION
from . import nodes
from .apps import handshake_or_refuse
from .call import Call
from .fields import Tree, page, parse_fields, select
from .templates import list_templates

Json = dict[str, Any]
_ABOUT_LIMITS = {"about": 139, "address": 256, "description": 512, "email": 128}


def read_portfolio(call: Call, portfolio: Portfolio) -> Json:
    """`GET /{portfolio}`."""
    if portfolio.id not in call.token.portfolio_ids:
        raise unknown_object(portfolio.id, call.method)
    require_scope(call.token, BUSINESS)
    tree = parse_fields(str(call.params.get("fields", "")))
    return select(nodes.portfolio_node(portfolio), tree, ("id", "name"), "Business", frozenset())


def list_owned_wabas(call: Call, portfolio: Portfolio) -> Json:
    """`GET /{portfolio}/owned_whatsapp_business_accounts`."""
    if portfolio.id not in call.token.portfolio_ids:
        raise unknown_object(portfolio.id, call.method)
    require_scope(call.token, BUSINESS)
    wabas = [
        waba for waba in call.sim.wabas.values()
        if waba.portfolio_id == portfolio.id and waba.id in call.token.waba_ids
    ]  # fmt: skip
    tree = parse_fields(str(call.params.get("fields", "")))
    return page(wabas, call.params, call.url, lambda waba: _waba(call, waba, tree), lambda waba: waba.id)


def list_assigned_wabas(call: Call) -> Json:
    """`GET /{system user}/assigned_whatsapp_business_accounts`."""
    require_scope(call.token, MANAGEMENT)
    wabas = [waba for waba in call.sim.wabas.values() if waba.id in call.token.waba_ids]
    tree = parse_fields(str(call.params.get("fields", "")))
    return page(wabas, call.params, call.url, lambda waba: _waba(call, waba, tree), lambda waba: waba.id)


def _waba(call: Call, waba: Waba, tree: Tree) -> Json:
    edges: dict[str, Json] = {}
    if "phone_numbers" in tree:
        edges["phone_numbers"] = _numbers(call, waba, tree.pop("phone_numbers"), {})
        tree = {**tree, "phone_numbers": {}}
    if "message_templates" in tree:
        inner = tree.pop("message_templates")
        edges["message_templates"] = list_templates(call, waba, inner, {})
        tree = {**tree, "message_templates": {}}
    return nodes.select_waba(nodes.waba_node(call.sim, waba, edges), tree)


def read_waba(call: Call, waba: Waba) -> Json:
    """`GET /{waba}`."""
    require_waba(call.token, waba.id, waba.id, call.method)
    require_scope(call.token, MANAGEMENT)
    return _waba(call, waba, parse_fields(str(call.params.get("fields", ""))))


def _numbers(call: Call, waba: Waba, tree: Tree, params: Json) -> Json:
    numbers = [number for number in call.sim.numbers.values() if number.waba_id == waba.id]
    url = f"{call.base}/{GRAPH_VERSION}/{waba.id}/phone_numbers"
    return page(
        numbers, params, url, lambda number: nodes.select_number(nodes.number_node(call.sim, number), tree),
        lambda number: number.id,
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
    return nodes.select_number(nodes.number_node(call.sim, number), parse_fields(str(call.params.get("fields", ""))))


async def change_number(call: Call, number: Number) -> Json:
    """`POST /{phone}`: the webhook override of one number."""
    require_waba(call.token, number.waba_id, number.id, call.method)
    require_scope(call.token, MANAGEMENT)
    given = call.params.get("webhook_configuration")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = None
    if not isinstance(given, dict):
        raise GraphError(100, message="(#100) Nothing to change: webhook_configuration is required.")
    url = str(given.get("override_callback_uri") or "")
    token = str(given.get("verify_token") or "")
    if url:
        await handshake_or_refuse(call, url, token)
    number.override_callback_uri, number.override_verify_token = url, token if url else ""
    call.sim.put(number)
    return {"success": True}


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
