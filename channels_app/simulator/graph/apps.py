"""Apps: `debug_token`, `/{app}/subscriptions`, `/{waba}/subscribed_apps` (reference 1.2, 1.6)."""

from __future__ import annotations

from typing import Any

from ..auth import MANAGEMENT, app_of_token, bearer, require_scope, require_waba, trouble_of
from ..entities import App, Waba
from ..errors import GraphError, unknown_object
from .call import Call

Json = dict[str, Any]
OBJECT = "whatsapp_business_account"
MAX_OVERRIDE = 200
WEBHOOK_FIELDS = frozenset(
    (
        "account_alerts", "account_review_update", "account_update", "automatic_events",
        "business_capability_update", "business_status_update", "business_username_update", "calls", "flows",
        "history", "message_echoes", "message_template_components_update", "message_template_quality_update",
        "message_template_status_update", "messages", "messaging_handovers", "payment_configuration_update",
        "partner_solutions", "phone_number_name_update", "phone_number_quality_update", "security",
        "smb_app_state_sync", "smb_message_echoes", "standby", "template_category_update",
        "template_correct_category_detection", "tracking_events", "user_preferences", "account_settings_update",
    )
)  # fmt: skip


def debug_token(call: Call) -> Json:
    """`GET /debug_token?input_token=`, authorized by the app token or a token of the same app."""
    value = bearer(call.request, call.params)
    app = app_of_token(call.sim, value)
    if app is None:
        if "|" in value:
            raise GraphError(190, message="Invalid OAuth access token signature.")
        app = call.sim.apps.get(call.token.app_id)
    given = str(call.params.get("input_token") or "")
    if not given:
        raise GraphError(100, message="(#100) The parameter input_token is required.")
    token = call.sim.tokens.get(given)
    if token is None or app is None:
        error = {"code": 190, "message": "The access token could not be decrypted"}
        return {"data": {"error": error, "is_valid": False, "scopes": []}}
    if token.app_id != app.id:
        raise GraphError(100, message="(#100) The App_id in the input_token did not match the Viewing App")
    granular: list[Json] = []
    for scope in token.scopes:
        targets = token.waba_ids if scope.startswith("whatsapp_") else token.portfolio_ids
        granular.append({"scope": scope, "target_ids": list(targets)})
    data: Json = {
        "app_id": token.app_id, "type": token.type, "application": app.name, "data_access_expires_at": 0,
        "expires_at": token.expires_at, "is_valid": True, "issued_at": token.issued_at, "scopes": list(token.scopes),
        "granular_scopes": granular, "user_id": token.user_id,
    }  # fmt: skip
    trouble = trouble_of(token)
    if trouble:
        data |= {"is_valid": False}
        data["error"] = {"code": 190, "message": trouble.message, "subcode": trouble.subcode}
    return {"data": data}


async def override_or_refuse(call: Call, url: str, verify_token: str) -> None:
    """Check an override: length, verify token, handshake; raises 100."""
    if len(url) > MAX_OVERRIDE:
        raise GraphError(
            100, message=f"(#100) Param override_callback_uri must be at most {MAX_OVERRIDE} characters long."
        )
    if not verify_token:
        raise GraphError(100, message="(#100) The parameter verify_token is required.")
    await handshake_or_refuse(call, url, verify_token)


async def handshake_or_refuse(call: Call, url: str, verify_token: str) -> None:
    """Run the GET verification of a callback URL; raises 100 when the challenge does not come back."""
    if not url.startswith(("http://", "https://")):
        raise GraphError(100, message="(#100) The callback URL must be an absolute URL.")
    if not await call.sim.webhooks.handshake(url, verify_token):
        raise GraphError(
            100,
            message="(#2200) Callback verification failed: the URL did not answer 200 with the hub.challenge value.",
        )


def _require_app_token(call: Call, app: App) -> None:
    owner = app_of_token(call.sim, bearer(call.request, call.params))
    if owner is None or owner.id != app.id:
        raise GraphError(
            190 if owner is None else 15, message="(#15) This method must be called with an app access_token.", http=400
        )


def read_subscriptions(call: Call, app: App) -> Json:
    """`GET /{app}/subscriptions` with the app token."""
    _require_app_token(call, app)
    if not app.callback_url:
        return {"data": []}
    fields = [{"name": name, "version": "v26.0"} for name in app.webhook_fields]
    return {"data": [{"object": OBJECT, "callback_url": app.callback_url, "active": True, "fields": fields}]}


async def change_subscriptions(call: Call, app: App) -> Json:
    """`POST /{app}/subscriptions` with the app token: callback URL and fields, after the handshake."""
    _require_app_token(call, app)
    params = call.params
    if params.get("object") != OBJECT:
        raise GraphError(100, message=f"(#100) Param object must be {OBJECT}.")
    fields = params.get("fields") or []
    names = [name.strip() for name in fields.split(",")] if isinstance(fields, str) else [str(name) for name in fields]
    names = [name for name in names if name]
    unknown = [name for name in names if name not in WEBHOOK_FIELDS]
    if unknown:
        raise GraphError(100, message=f"(#100) Param fields has unknown values: {', '.join(unknown)}.")
    url = str(params.get("callback_url") or "")
    verify_token = str(params.get("verify_token") or "")
    if not url or not verify_token:
        raise GraphError(100, message="(#100) The parameters callback_url and verify_token are required.")
    await handshake_or_refuse(call, url, verify_token)
    app.callback_url, app.verify_token = url, verify_token
    app.webhook_fields = sorted({*app.webhook_fields, *names})
    call.sim.put(app)
    return {"success": True}


def remove_subscriptions(call: Call, app: App) -> Json:
    """`DELETE /{app}/subscriptions`: the named fields, or all of it."""
    _require_app_token(call, app)
    fields = str(call.params.get("fields") or "")
    if fields:
        app.webhook_fields = [name for name in app.webhook_fields if name not in fields.split(",")]
    else:
        app.callback_url, app.verify_token, app.webhook_fields = "", "", []
    call.sim.put(app)
    return {"success": True}


def _reachable(call: Call, waba: Waba) -> App:
    require_waba(call.token, waba.id, waba.id, call.method)
    require_scope(call.token, MANAGEMENT)
    app = call.sim.apps.get(call.token.app_id)
    if app is None:
        raise unknown_object(call.token.app_id, call.method)
    return app


def read_subscribed_apps(call: Call, waba: Waba) -> Json:
    """`GET /{waba}/subscribed_apps`."""
    _reachable(call, waba)
    data: list[Json] = []
    for app_id, override in waba.subscribed.items():
        app = call.sim.apps[app_id]
        link = f"https://www.facebook.com/games/?app_id={app_id}"
        item: Json = {"whatsapp_business_api_data": {"id": app_id, "link": link, "name": app.name}}
        if override.get("override_callback_uri"):
            item["override_callback_uri"] = override["override_callback_uri"]
        data.append(item)
    return {"data": data}


async def subscribe_app(call: Call, waba: Waba) -> Json:
    """`POST /{waba}/subscribed_apps`; with an override after its handshake, without one it removes the override."""
    app = _reachable(call, waba)
    url = str(call.params.get("override_callback_uri") or "")
    verify_token = str(call.params.get("verify_token") or "")
    override: dict[str, str] = {}
    if url:
        await override_or_refuse(call, url, verify_token)
        override = {"override_callback_uri": url, "verify_token": verify_token}
    waba.subscribed[app.id] = override
    call.sim.put(waba)
    return {"success": True}


def unsubscribe_app(call: Call, waba: Waba) -> Json:
    """`DELETE /{waba}/subscribed_apps`: nothing is delivered any more."""
    app = _reachable(call, waba)
    waba.subscribed.pop(app.id, None)
    call.sim.put(waba)
    return {"success": True}
