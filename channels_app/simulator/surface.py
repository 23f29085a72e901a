"""The HTTP surface: splits requests between Graph, media bytes and control; applies faults, latency, usage headers."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import time
from typing import Any

from aiohttp import web

from . import sample_media
from .control.api import Control
from .errors import GraphError
from .faults import ENDPOINTS, OUTGOING, Fault
from .graph import media
from .graph.call import Call, parse_object, read_params
from .graph.router import route
from .recipients import MAGIC_ANSWERS
from .sending.endpoint import send
from .simulator import Simulator

log = logging.getLogger(__name__)

_VERSION = re.compile(r"^v\d{1,3}\.\d$")
HANG_S = 120.0
MAX_BODY = 110_000_000
EDGES = frozenset(ENDPOINTS) - {"debug_token", "node", "any", *OUTGOING}
# What an acceptance fault does instead of answering, by the last four digits of the recipient.
_MAGIC_FAULTS = {"0014": "timeout_after", "0015": "error_after", "0016": "http_500", "0017": "cut_after"}
_HTML_500 = (
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1></body></html>"
)


def answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Give a JSON answer as Meta writes it."""
    return web.Response(
        body=json.dumps(data, separators=(",", ":")).encode(), status=status, headers=headers,
        content_type="application/json", charset="UTF-8",
    )  # fmt: skip


class Surface:
    """The one handler of the server."""

    def __init__(self, simulator: Simulator) -> None:
        self.sim = simulator
        self.control = Control(simulator)
        self._calls: dict[str, list[float]] = {}
        self._usage: dict[str, str] = {}
        self._usage_at = 0.0

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        path = request.path
        if not self.sim.base_url:
            self.sim.base_url = f"{request.scheme}://{request.host}"
        if path.startswith("/_control") or path == "/":
            return await self.control(request)
        if path.startswith("/_scontent/"):
            found = sample_media.sample(path)
            return web.Response(body=found[0], content_type=found[1]) if found else web.Response(status=404)
        try:
            return await self._graph(request, path)
        except GraphError as error:
            return answer(error.envelope(), error.http, {**self._headers(path), **error.headers})
        except (ConnectionResetError, asyncio.CancelledError):
            raise
        except Exception:
            log.exception("simulator: a request failed")
            return answer(GraphError(131000).envelope(), 500)

    async def _graph(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        parts = [part for part in path.split("/") if part]
        if parts and _VERSION.match(parts[0]):
            parts.pop(0)
        endpoint = self._endpoint(parts)
        fault = self.sim.faults.pick(endpoint) if self.sim.faults.active else None
        if fault:
            early = await self._before(request, fault)
            if early is not None:
                return early
        if endpoint == "messages" and request.method == "POST":
            return await self._message(request, parts, fault)
        call = Call(self.sim, request, await read_params(request), parts)
        if parts[:1] == ["_lookaside"]:
            return media.download(call)
        return await self._finish(request, await route(call), fault, path)

    @staticmethod
    def _endpoint(parts: list[str]) -> str:
        if len(parts) == 2 and parts[1] in EDGES:
            return parts[1]
        return "debug_token" if parts == ["debug_token"] else "node"

    async def _message(self, request: web.BaseRequest, parts: list[str], fault: Fault | None) -> web.StreamResponse:
        raw = await request.read()
        if request.content_type == "application/x-www-form-urlencoded":
            params = await read_params(request)
        else:
            params = parse_object(raw)
        tail = str(params.get("to") or "")[-4:]
        if fault is None and tail in MAGIC_ANSWERS and tail in _MAGIC_FAULTS:
            fault = Fault(0, kind=_MAGIC_FAULTS[tail])
            early = await self._before(request, fault)
            if early is not None:
                return early
        data, message = send(Call(self.sim, request, params, parts), raw)
        knobs = self.sim.knobs
        if message is not None and knobs.latency_max_ms:
            low, high = sorted((knobs.latency_min_ms, knobs.latency_max_ms))
            await asyncio.sleep(random.uniform(low, high) / 1000)  # noqa: S311
        return await self._finish(request, data, fault, request.path)

    # --- faults ---------------------------------------------------------------------------------------------------
    async def _before(self, request: web.BaseRequest, fault: Fault) -> web.Response | None:
        if fault.kind in ("error", "throttle", "http_500", "cut_before"):
            await request.read()
        if fault.kind == "error":
            raise GraphError(fault.code, http=fault.http)
        if fault.kind == "throttle":
            raise GraphError(130429, headers={"Retry-After": str(max(1, int(fault.seconds)))})
        if fault.kind == "http_500":
            return web.Response(status=fault.http or 500, text=_HTML_500, content_type="text/html")
        if fault.kind == "cut_before":
            return self._cut(request)
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return None

    async def _finish(self, request: web.BaseRequest, data: Any, fault: Fault | None, path: str) -> web.Response:
        if fault is not None:
            if fault.kind == "timeout_after":
                await self._hang(request)
                return self._cut(request)
            if fault.kind == "cut_after":
                return self._cut(request)
            if fault.kind == "error_after":
                return web.Response(status=fault.http or 500, text=_HTML_500, content_type="text/html")
            if fault.kind == "malformed":
                broken = json.dumps(data)[: max(1, len(json.dumps(data)) // 2)]
                return web.Response(text=broken, content_type="application/json")
        return answer(data, 200, self._headers(path))

    @staticmethod
    async def _hang(request: web.BaseRequest) -> None:
        until = time.monotonic() + HANG_S
        while time.monotonic() < until and request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
            await asyncio.sleep(0.1)

    @staticmethod
    def _cut(request: web.BaseRequest) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    # --- usage headers --------------------------------------------------------------------------------------------
    def _headers(self, path: str) -> dict[str, str]:
        now = time.monotonic()
        waba_id = self._waba_of(path)
        calls = self._calls.setdefault(waba_id, [0.0, now])
        if now - calls[1] > 3600:
            calls[:] = [0.0, now]
        calls[0] += 0.0 if path.endswith("/messages") else 1.0
        if now - self._usage_at > 1.0:
            self._usage_at = now
            self._usage.clear()
        text = self._usage.get(waba_id)
        if text is None:
            share = min(100, int(calls[0] / 50))
            usage = {"call_count": share, "total_cputime": share // 2, "total_time": share // 2}
            case = {"type": "whatsapp_business_management", **usage, "estimated_time_to_regain_access": 0}
            self._usage[waba_id] = text = json.dumps(usage) + "\n" + json.dumps({waba_id: [case]})
        app_usage, business_usage = text.split("\n")
        headers = {"X-App-Usage": app_usage, "facebook-api-version": "v26.0"}
        if waba_id:
            headers["X-Business-Use-Case-Usage"] = business_usage
        return headers

    def _waba_of(self, path: str) -> str:
        for part in path.split("/", 3)[1:3]:
            number = self.sim.numbers.get(part)
            if number:
                return number.waba_id
            if part in self.sim.wabas:
                return part
            template = self.sim.templates.get(part)
            if template:
                return template.waba_id
        return ""
