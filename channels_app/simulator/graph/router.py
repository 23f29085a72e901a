"""From a path to its handler: `GET /{id}` looks the id up in every kind of object."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from ..entities import App, Media, Number, Portfolio, Template, Waba
from ..errors import GraphError, unknown_object
from . import accounts, apps, media, portfolios, registration, templates
from .call import Call

Json = dict[str, Any]
Handler = Callable[[Call, Any], Json | Awaitable[Json]]

# (kind of object, edge, method) -> handler
ROUTES: dict[tuple[type, str, str], Handler] = {
    (Portfolio, "", "GET"): portfolios.read_portfolio,
    (Portfolio, "owned_whatsapp_business_accounts", "GET"): portfolios.list_owned,
    (Portfolio, "client_whatsapp_business_accounts", "GET"): portfolios.list_client,
    (Waba, "", "GET"): accounts.read_waba,
    (Waba, "phone_numbers", "GET"): accounts.list_numbers,
    (Waba, "phone_numbers", "POST"): registration.add_number,
    (Waba, "message_templates", "GET"): templates.read_list,
    (Waba, "subscribed_apps", "GET"): apps.read_subscribed_apps,
    (Waba, "subscribed_apps", "POST"): apps.subscribe_app,
    (Waba, "subscribed_apps", "DELETE"): apps.unsubscribe_app,
    (Number, "", "GET"): accounts.read_number,
    (Number, "", "POST"): accounts.change_number,
    (Number, "request_code", "POST"): registration.request_code,
    (Number, "verify_code", "POST"): registration.verify_code,
    (Number, "register", "POST"): registration.register,
    (Number, "deregister", "POST"): registration.deregister,
    (Number, "whatsapp_business_profile", "GET"): accounts.read_profile,
    (Number, "whatsapp_business_profile", "POST"): accounts.change_profile,
    (Number, "media", "POST"): media.upload,
    (Template, "", "GET"): templates.read_template,
    (Media, "", "GET"): media.read,
    (Media, "", "DELETE"): media.delete,
    (App, "subscriptions", "GET"): apps.read_subscriptions,
    (App, "subscriptions", "POST"): apps.change_subscriptions,
    (App, "subscriptions", "DELETE"): apps.remove_subscriptions,
}


def find_object(call: Call, object_id: str) -> App | Portfolio | Waba | Number | Template | Media | None:
    """Give the object behind an id, whatever it is; deleted accounts and numbers are not there any more."""
    sim = call.sim
    number = sim.numbers.get(object_id)
    waba = sim.wabas.get(number.waba_id if number else object_id)
    if (waba and waba.status == "DELETED") or (
        number and number.status == "DELETED" and call.parts[1:] != ["register"]
    ):
        return None
    return (
        number
        or waba
        or sim.templates.get(object_id)
        or sim.portfolios.get(object_id)
        or sim.media.get(object_id)
        or sim.apps.get(object_id)
    )


async def route(call: Call) -> Json:
    """Answer a request to the Graph surface (all but sending)."""
    parts = call.parts
    if not parts:
        raise GraphError(100, message="(#100) The request needs an object.")
    if parts == ["debug_token"]:
        return apps.debug_token(call)
    if len(parts) == 2 and parts[1] == "assigned_whatsapp_business_accounts" and parts[0] == call.token.user_id:
        return portfolios.list_assigned(call)
    found = find_object(call, parts[0])
    edge = parts[1] if len(parts) == 2 else ""
    handler = ROUTES.get((type(found), edge, call.method)) if found and len(parts) <= 2 else None
    if handler is None:
        if not (found and isinstance(found, App)):
            call.token  # noqa: B018 (a wrong token is told before a wrong path)
        if found and len(parts) == 2 and call.method == "GET" and not isinstance(found, App):
            raise GraphError(
                100,
                message=f"(#100) Tried accessing nonexisting field ({parts[1]}) on node type ({type(found).__name__})",
            )
        raise unknown_object(parts[0], call.method)
    answer = handler(call, found)
    return await answer if inspect.isawaitable(answer) else answer
