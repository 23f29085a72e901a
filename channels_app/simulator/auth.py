"""Who is calling: tokens, scopes, reach, app tokens, `appsecret_proof` (reference 1.2)."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .entities import App, Token
from .errors import GraphError, unknown_object

if TYPE_CHECKING:
    from .simulator import Simulator

MANAGEMENT, MESSAGING, BUSINESS = "whatsapp_business_management", "whatsapp_business_messaging", "business_management"
_NEEDS = {
    MESSAGING: "(#200) You do not have the necessary permissions required to send messages on behalf of this WhatsApp "
    "Business Account",
    MANAGEMENT: "(#200) You do not have permission to access this field: requires whatsapp_business_management",
    BUSINESS: "(#200) Requires business_management permission to manage the object",
}
_LOST = (
    "(#200) You do not have the necessary permissions to access this WhatsApp Business Account: the asset is not assigned "
    "to your system user"
)


def proof_of(app_secret: str, token: str) -> str:
    """Give the `appsecret_proof` of a token."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def bearer(request: web.BaseRequest, params: dict[str, Any]) -> str:
    """Give the token of a request: Bearer or OAuth header, or the parameter."""
    header = request.headers.get("Authorization", "")
    scheme, _, value = header.partition(" ")
    if scheme.lower() in ("bearer", "oauth") and value.strip():
        return value.strip()
    return str(request.query.get("access_token") or params.get("access_token") or "")


def app_of_token(simulator: Simulator, value: str) -> App | None:
    """Give the app of an app token `{id}|{secret}`."""
    app_id, bar, secret = value.partition("|")
    app = simulator.apps.get(app_id)
    return app if bar and app and hmac.compare_digest(app.secret, secret) else None


def _invalid(message: str, subcode: int = 0) -> GraphError:
    return GraphError(190, message=message, subcode=subcode)


def trouble_of(token: Token) -> GraphError | None:
    """Give the reason why a known token is not valid."""
    if token.is_revoked:
        return _invalid("Error validating access token: The session has been invalidated.", 460)
    if token.expires_at and token.expires_at <= time.time():
        when = time.strftime("%A, %d-%b-%y %H:%M:%S PST", time.gmtime(token.expires_at))
        return _invalid(f"Error validating access token: Session has expired on {when}.", 463)
    return None


def authenticate(simulator: Simulator, request: web.BaseRequest, params: dict[str, Any]) -> Token:
    """Give the valid token of a request or raise 104/190, or 100 for a wrong proof."""
    value = bearer(request, params)
    if not value:
        raise GraphError(104, message="(#104) An access token is required to request this resource.", http=401)
    token = simulator.tokens.get(value)
    if token is None:
        raise _invalid("Invalid OAuth access token - Cannot parse access token")
    trouble = trouble_of(token)
    if trouble:
        raise trouble
    app = simulator.apps.get(token.app_id)
    proof = request.query.get("appsecret_proof") or params.get("appsecret_proof")
    if app and app.require_proof and not proof:
        raise GraphError(
            100, message="API calls from the server require an appsecret_proof argument", kind="GraphMethodException"
        )
    if app and proof and not hmac.compare_digest(proof_of(app.secret, value).encode(), str(proof).encode()):
        raise GraphError(
            100, message="Invalid appsecret_proof provided in the API argument", kind="GraphMethodException"
        )
    return token


def require_scope(token: Token, *scopes: str) -> None:
    """Ask for one of the scopes; raises 200."""
    if not any(scope in token.scopes for scope in scopes):
        raise GraphError(200, message=_NEEDS[scopes[0]])


def require_waba(token: Token, waba_id: str, object_id: str, verb: str) -> None:
    """Ask that the token reaches a WABA; raises 100 with subcode 33 as for an unknown object, 200 for a lost one."""
    if waba_id in token.lost_waba_ids:
        raise GraphError(200, message=_LOST)
    if waba_id not in token.waba_ids:
        raise unknown_object(object_id, verb)
