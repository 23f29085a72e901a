"""Making, changing and revoking access tokens from the control surface."""

from __future__ import annotations

import secrets
import time
from typing import Any

from .. import world
from ..entities import Token
from ..simulator import Simulator
from .http import Bad
from .records import assign, choose

Json = dict[str, Any]
TYPES = ("SYSTEM_USER", "USER", "PAGE")
USER_LIFE_S = 86_400
TOKEN_KEYS = {
    "label": str, "type": str, "user_id": str, "scopes": list, "waba_ids": list, "lost_waba_ids": list,
    "portfolio_ids": list, "is_revoked": bool, "expires_at": int,
}  # fmt: skip


def _expiry(data: Json, now: int, default: int) -> int:
    if "expires_at" in data:
        return int(data["expires_at"])
    return now + int(data["expires_in_s"]) if "expires_in_s" in data else default


def post(sim: Simulator, data: Json) -> Json:
    """`POST tokens`: make one, or revoke one with `{"revoke": token}`."""
    if data.get("revoke") is not None:
        return revoke(sim, str(data["revoke"]))
    now = int(time.time())
    app_id = str(data.get("app_id") or world.APP_ID)
    if app_id not in sim.apps:
        raise Bad("There is no such app.", 404)
    kind = choose(data, "type", TYPES, "SYSTEM_USER")
    default_user = world.SYSTEM_USER_ID if kind == "SYSTEM_USER" else "102100000000016"
    token = Token(
        str(data.get("token") or f"EAASIM{secrets.token_hex(24).upper()}"), app_id=app_id, type=kind,
        user_id=str(data.get("user_id") or default_user),
        scopes=_scopes(data.get("scopes", [world.MANAGEMENT, world.MESSAGING])),
        waba_ids=_known(sim.wabas, data.get("waba_ids", [world.WABA_ID])),
        lost_waba_ids=_known(sim.wabas, data.get("lost_waba_ids", [])),
        portfolio_ids=_known(sim.portfolios, data.get("portfolio_ids", [world.PORTFOLIO_ID])), issued_at=now,
        expires_at=_expiry(data, now, now + USER_LIFE_S if kind == "USER" else 0),
        label=str(data.get("label", "made by control")),
    )  # fmt: skip
    sim.put(token)
    return token.dump() | {"token": token.id}


def _scopes(given: object) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise Bad("scopes must be a list of texts.")
    return given


def _known(shelf: Json, given: object) -> list[str]:
    ids = [str(item) for item in given] if isinstance(given, list) else []
    unknown = [item for item in ids if item not in shelf]
    if unknown:
        raise Bad(f"There is no {', '.join(unknown)}.", 404)
    return ids


def _find(sim: Simulator, value: str) -> Token:
    token = sim.tokens.get(value)
    if token is None:
        raise Bad("There is no such token.", 404)
    return token


def change(sim: Simulator, value: str, data: Json) -> Json:
    """`POST tokens/{token}`: change what it may, reach or how long it lives (`expires_in_s`)."""
    token = _find(sim, value)
    data = dict(data)
    if "expires_in_s" in data:
        data["expires_at"] = int(time.time()) + int(data.pop("expires_in_s"))
    if data.get("app_id"):
        raise Bad("A token stays with its app. Make another one.")
    if "scopes" in data:
        data["scopes"] = _scopes(data["scopes"])
    for key, shelf in (("waba_ids", sim.wabas), ("lost_waba_ids", sim.wabas), ("portfolio_ids", sim.portfolios)):
        if key in data:
            data[key] = _known(shelf, data[key])
    assign(token, data, TOKEN_KEYS)
    sim.put(token)
    return token.dump() | {"token": token.id}


def revoke(sim: Simulator, value: str) -> Json:
    """End a token: 190 with subcode 460 from now on."""
    token = _find(sim, value)
    token.is_revoked = True
    sim.put(token)
    return token.dump() | {"token": token.id}
