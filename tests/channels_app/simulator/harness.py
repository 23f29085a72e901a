"""A running simulator and a callback URL inside one event loop, for sync tests: `run(lambda lab: ...)`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from channels_app.simulator import world
from channels_app.simulator.simulator import Simulator
from channels_app.simulator.surface import Surface

Json = dict[str, Any]
APP_TOKEN = f"{world.APP_ID}|{world.APP_SECRET}"


class Lab:
    """What a test works with."""

    def __init__(self, sim: Simulator, http: aiohttp.ClientSession, base: str, hook: str) -> None:
        self.sim, self.http, self.base, self.hook = sim, http, base, hook
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.hook_answers: list[int] = []
        self.echo = True
        self.headers: dict[str, str] = {}

    async def call(self, method: str, path: str, token: str | None = world.TOKEN, **kwargs: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.request(method, self.base + path, headers=headers, **kwargs) as response:
            text = await response.text()
            self.headers = dict(response.headers)
            return response.status, json.loads(text)

    async def get(self, path: str, token: str | None = world.TOKEN) -> tuple[int, Any]:
        return await self.call("GET", path, token)

    async def post(self, path: str, body: Json | None = None, token: str | None = world.TOKEN) -> tuple[int, Any]:
        return await self.call("POST", path, token, json=body or {})

    async def send(self, to: str = "+447700905555", token: str | None = world.TOKEN, **extra: Any) -> tuple[int, Any]:
        return await self.post(f"/v26.0/{world.PHONE_ID}/messages", {**order_ready(to), **extra}, token)

    async def subscribe(self, fields: str = "messages,user_preferences,message_template_status_update") -> None:
        body = {"object": "whatsapp_business_account", "callback_url": self.hook, "verify_token": "v", "fields": fields}
        assert (await self.post(f"/{world.APP_ID}/subscriptions", body, APP_TOKEN))[1] == {"success": True}
        assert (await self.post(f"/v26.0/{world.WABA_ID}/subscribed_apps"))[1] == {"success": True}

    def values(self) -> list[Json]:
        bodies = [json.loads(body) for _, body in self.posts]
        return [change["value"] for body in bodies for entry in body["entry"] for change in entry["changes"]]

    def told(self, field: str) -> list[Json]:
        """The values that arrived under a webhook field."""
        bodies = [json.loads(body) for _, body in self.posts]
        changes = [change for body in bodies for entry in body["entry"] for change in entry["changes"]]
        return [change["value"] for change in changes if change["field"] == field]

    def statuses(self) -> list[Json]:
        return [status for value in self.values() for status in value.get("statuses", ())]

    def inbound(self) -> list[Json]:
        return [message for value in self.values() for message in value.get("messages", ())]

    async def until(self, ready: Callable[[], object], timeout_s: float = 5.0) -> None:
        async with asyncio.timeout(timeout_s):
            while not ready():  # noqa: ASYNC110
                await asyncio.sleep(0.01)


def order_ready(to: str, *, first_name: str = "Ada") -> Json:
    """A valid template send."""
    parameters = [
        {"type": "text", "parameter_name": "first_name", "text": first_name},
        {"type": "text", "parameter_name": "order_no", "text": "A-1"},
    ]
    components = [{"type": "body", "parameters": parameters}]
    return {"messaging_product": "whatsapp", "to": to, **template("order_ready", components)}


def template(name: str, components: list[Json] | None = None, language: str = "en_US") -> Json:
    """The `type` and `template` of a send."""
    content: Json = {"name": name, "language": {"code": language}}
    if components is not None:
        content["components"] = components
    return {"type": "template", "template": content}


def run(test: Callable[[Lab], Awaitable[None]], *, store: str | None = None, speed: float = 1000.0) -> None:
    """Run a test against a fresh simulator."""

    async def main() -> None:
        sim = Simulator(seed=7, speed=speed, store_path=store)
        sim.knobs.latency_min_ms = sim.knobs.latency_max_ms = 0
        sim.knobs.duplicate_share = sim.knobs.reorder_share = 0.0
        sim.knobs.linger_ms = 5
        await sim.start()

        async def receive(request: web.BaseRequest) -> web.Response:
            if request.method == "GET":
                return web.Response(text=request.query["hub.challenge"] if lab.echo else "no")
            lab.paths.append(request.path)
            lab.posts.append((dict(request.headers), await request.read()))
            return web.Response(status=lab.hook_answers.pop(0) if lab.hook_answers else 200)

        server, hook = RawTestServer(Surface(sim)), RawTestServer(receive)
        await server.start_server()
        await hook.start_server()
        async with aiohttp.ClientSession() as http:
            lab = Lab(sim, http, str(server.make_url("")).rstrip("/"), str(hook.make_url("/hook")))
            try:
                await test(lab)
            finally:
                await http.close()
                await sim.stop()
                await server.close()
                await hook.close()

    asyncio.run(main())
