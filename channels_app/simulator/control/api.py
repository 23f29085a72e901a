"""Routing of the control surface: paths below `/_control/`."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ..identities import clean_phone
from ..simulator import Simulator
from . import acting, pages, reads, records, tokens, writes
from .http import Bad, read_json, refuse_strangers, reply

Json = dict[str, Any]


class Control:
    """Answers `/_control/...`; a wrong request gets one sentence as `{"error": ...}`."""

    def __init__(self, simulator: Simulator) -> None:
        self.sim = simulator

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        try:
            refuse_strangers(request)
            if request.path == "/":
                return web.Response(status=302, headers={"Location": "/_control/"})
            parts = [part for part in request.path.split("/") if part][1:]
            if request.method == "GET":
                page = pages.answer(request, parts)
                if page is not None:
                    return page
                if parts[0] == "media" and len(parts) == 2:
                    return self._media(parts[1])
                return reply(self._get(request, parts))
            if request.method == "POST":
                return reply(self._post(parts, await read_json(request)))
            if request.method == "DELETE":
                return reply(self._delete(parts))
            raise Bad("This method is not known here.", 405)
        except (Bad, ValueError, TypeError) as error:
            status = error.status if isinstance(error, Bad) else 400
            return reply({"error": str(error)}, status)

    def _get(self, request: web.BaseRequest, parts: list[str]) -> Json:
        sim = self.sim
        match parts:
            case ["state"]:
                return reads.state(sim)
            case ["ledger"]:
                return reads.ledger(sim, request)
            case ["ledger", "summary"]:
                return reads.summary(sim, request)
            case ["faults"]:
                return {"data": [fault.dump() for fault in sim.faults.active]}
            case ["deliveries"]:
                return reads.deliveries(sim, request)
            case ["deliveries", number] if number.isdigit():
                return reads.delivery(sim, int(number))
            case ["users", phone]:
                return reads.person(sim, self._digits(phone))
            case ["conversations"]:
                return reads.conversations(sim, request)
            case ["conversations", phone]:
                return reads.conversation(sim, self._digits(phone), request)
        raise Bad("There is nothing at this address.", 404)

    def _post(self, parts: list[str], data: Json) -> Json:
        sim = self.sim
        match parts:
            case ["faults"]:
                return sim.faults.add(data).dump()
            case ["clock"]:
                return writes.change_clock(sim, data)
            case ["knobs"]:
                sim.knobs.change(data)
                return reads.state(sim)["knobs"]
            case ["reset"]:
                sim.reset(world=bool(data.get("world")))
                return {"success": True}
            case ["tokens"]:
                return tokens.post(sim, data)
            case ["tokens", token]:
                return tokens.change(sim, token, data)
            case ["businesses"]:
                return writes.add_business(sim, data)
            case ["inbound"]:
                return acting.post(sim, data)
            case ["users", phone]:
                writes.change_person(sim, self._digits(phone), data)
                return reads.person(sim, self._digits(phone))
            case ["conversations", phone, "open"]:
                return writes.open_conversation(sim, self._digits(phone), str(data.get("phone_number_id")))
            case ["deliveries", number, "redeliver"] if number.isdigit():
                delivery = sim.webhooks.redeliver(int(number))
                if delivery is None:
                    raise Bad("There is no such delivery in the log.", 404)
                return delivery.dump()
            case [kind, record_id]:
                return self._change(kind, record_id, data)
            case ["numbers", record_id, verb] if record_id in sim.numbers:
                return records.number_event(sim, sim.numbers[record_id], verb, data)
            case ["wabas", record_id, verb] if record_id in sim.wabas:
                return records.waba_event(sim, sim.wabas[record_id], verb, data)
            case ["templates", record_id, verb] if record_id in sim.templates:
                return records.template_event(sim, sim.templates[record_id], verb, data)
        raise Bad("There is nothing at this address.", 404)

    def _change(self, kind: str, record_id: str, data: Json) -> Json:
        sim = self.sim
        if kind == "numbers" and record_id in sim.numbers:
            return records.change_number(sim, sim.numbers[record_id], data)
        if kind == "templates" and record_id in sim.templates:
            return records.change_template(sim, sim.templates[record_id], data)
        if kind == "portfolios" and record_id in sim.portfolios:
            return records.change_portfolio(sim, sim.portfolios[record_id], data)
        if kind == "wabas" and record_id in sim.wabas:
            return records.change_waba(sim, sim.wabas[record_id], data)
        if kind == "apps" and record_id in sim.apps:
            app = sim.apps[record_id]
            records.assign(app, data, records.APP_KEYS)
            sim.put(app)
            return app.dump()
        raise Bad("There is nothing at this address.", 404)

    def _delete(self, parts: list[str]) -> Json:
        match parts:
            case ["faults"]:
                return {"removed": self.sim.faults.remove()}
            case ["faults", number] if number.isdigit():
                return {"removed": self.sim.faults.remove(int(number))}
            case ["tokens", token]:
                return tokens.revoke(self.sim, token)
        raise Bad("There is nothing at this address.", 404)

    def _media(self, media_id: str) -> web.Response:
        media = self.sim.media.get(media_id)
        if media is None or media_id not in self.sim.media_bytes:
            raise Bad("There is no such media.", 404)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
                   "Content-Type": media.mime_type}  # fmt: skip
        return web.Response(body=self.sim.media_bytes[media_id], headers=headers)

    @staticmethod
    def _digits(text: str) -> str:
        digits = clean_phone(text)
        if digits is None:
            raise Bad("This is not a phone number with its country code.")
        return digits
