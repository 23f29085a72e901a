"""One request to the Graph surface, read and authenticated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ..auth import authenticate
from ..entities import Token
from ..errors import GraphError

if TYPE_CHECKING:
    from ..simulator import Simulator

Json = dict[str, Any]


class Call:
    """What handlers work with: the simulator, the request, its parameters, its token (checked on first use)."""

    def __init__(self, simulator: Simulator, request: web.BaseRequest, params: Json, parts: list[str]) -> None:
        self.sim = simulator
        self.request = request
        self.params = params
        self.parts = parts
        self.method = request.method
        self._token: Token | None = None

    @property
    def token(self) -> Token:
        """Give the valid token or raise what Meta raises."""
        if self._token is None:
            self._token = authenticate(self.sim, self.request, self.params)
        return self._token

    @property
    def base(self) -> str:
        """Scheme and host the caller used."""
        return f"{self.request.scheme}://{self.request.host}"

    @property
    def url(self) -> str:
        """Absolute address of the request without its query."""
        return f"{self.base}{self.request.path}"


async def read_params(request: web.BaseRequest) -> Json:
    """Query and body in one: JSON, form or nothing. Multipart bodies are left to their handler."""
    params: Json = dict(request.query)
    if request.method not in ("POST", "DELETE") or not request.body_exists:
        return params
    kind = request.content_type
    if kind == "application/x-www-form-urlencoded":
        params.update({key: value for key, value in (await request.post()).items() if isinstance(value, str)})
    elif not kind.startswith("multipart/"):
        params.update(parse_object(await request.read()))
    return params


def parse_object(raw: bytes) -> Json:
    """Parse a JSON object; an empty body is an empty object. Raises 100 for anything else."""
    if not raw.strip():
        return {}
    try:
        data = json.loads(raw)
    except ValueError:
        raise GraphError(100, message="(#100) The request body is not valid JSON") from None
    if not isinstance(data, dict):
        raise GraphError(100, message="(#100) The request body must be a JSON object")
    return data
