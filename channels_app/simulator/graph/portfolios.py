"""Business portfolios: the node, the accounts they own or may use, the accounts of a system user (reference 1.4)."""

from __future__ import annotations

from typing import Any

from ..auth import BUSINESS, MANAGEMENT, require_scope
from ..entities import Portfolio, Waba
from ..errors import unknown_object
from . import nodes
from .accounts import view_waba
from .call import Call
from .fields import matches, page, parse_fields, select

Json = dict[str, Any]


def _reach(call: Call, portfolio: Portfolio) -> None:
    if portfolio.id not in call.token.portfolio_ids:
        raise unknown_object(portfolio.id, call.method)
    require_scope(call.token, BUSINESS)


def _page(call: Call, wabas: list[Waba]) -> Json:
    tree = parse_fields(str(call.params.get("fields", "")))
    return page(wabas, call.params, call.url, lambda waba: view_waba(call, waba, dict(tree)), lambda waba: waba.id)


def _reachable(call: Call) -> list[Waba]:
    return [call.sim.wabas[key] for key in call.token.waba_ids if call.sim.wabas[key].status != "DELETED"]


def read_portfolio(call: Call, portfolio: Portfolio) -> Json:
    """`GET /{portfolio}`."""
    _reach(call, portfolio)
    tree = parse_fields(str(call.params.get("fields", "")))
    return select(nodes.portfolio_node(portfolio), tree, ("id", "name"), "Business", frozenset())


def list_owned(call: Call, portfolio: Portfolio) -> Json:
    """`GET /{portfolio}/owned_whatsapp_business_accounts`: those of them that the token reaches."""
    _reach(call, portfolio)
    require_scope(call.token, MANAGEMENT)
    return _page(call, [waba for waba in _reachable(call) if waba.portfolio_id == portfolio.id])


def list_client(call: Call, portfolio: Portfolio) -> Json:
    """`GET /{portfolio}/client_whatsapp_business_accounts`: accounts that others shared with it; takes `filtering`."""
    _reach(call, portfolio)
    require_scope(call.token, MANAGEMENT)
    return _page(call, [
        waba for waba in _reachable(call) if portfolio.id in waba.shared_with and _matches(call, waba)
    ])  # fmt: skip


def _matches(call: Call, waba: Waba) -> bool:
    return matches(nodes.waba_node(call.sim, waba, {}, call.token.app_id), call.params)


def list_assigned(call: Call) -> Json:
    """`GET /{system user}/assigned_whatsapp_business_accounts`."""
    require_scope(call.token, MANAGEMENT)
    return _page(call, _reachable(call))
