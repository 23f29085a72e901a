"""What all control endpoints share: loopback only, JSON in and out, errors as one sentence."""

from __future__ import annotations

import ipaddress
import json
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

Json = dict[str, Any]
_LOCAL_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))


class Bad(Exception):
    """A control request that makes no sense: HTTP status and a sentence."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def reply(data: Any, status: int = 200) -> web.Response:
    """Give a JSON answer."""
    return web.json_response(data, status=status, headers={"Cache-Control": "no-store"})


def is_loopback(address: str | None) -> bool:
    """Whether a peer address is this machine."""
    try:
        return ipaddress.ip_address((address or "").partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_strangers(request: web.BaseRequest) -> None:
    """Only this machine, and no web page of another origin that uses this machine's browser."""
    if not is_loopback(request.remote):
        raise Bad("The control surface answers only to this machine.", 403)
    if (urlsplit(f"//{request.host}").hostname or "") not in _LOCAL_NAMES:
        raise Bad("The control surface answers only under a loopback name.", 403)
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.host:
        raise Bad("The control surface does not answer to pages of other origins.", 403)


async def read_json(request: web.BaseRequest) -> Json:
    """Give the JSON object of a request; an empty body is an empty object."""
    raw = await request.read()
    if not raw.strip():
        return {}
    if request.content_type != "application/json":
        raise Bad("Send the body as application/json.", 415)
    try:
        data = json.loads(raw)
    except ValueError:
        raise Bad("The body is not valid JSON.") from None
    if not isinstance(data, dict):
        raise Bad("The body must be a JSON object.")
    return data


def whole(request: web.BaseRequest, name: str, default: int, most: int) -> int:
    """Give a whole number of the query, kept within 0..most."""
    text = request.query.get(name, "")
    if not text:
        return default
    if not text.isdigit():
        raise Bad(f"{name} must be a whole number.")
    return min(most, int(text))
