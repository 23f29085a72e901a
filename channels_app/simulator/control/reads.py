"""What the control surface tells: state, ledger, deliveries, conversations."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict
from typing import Any

from aiohttp import web

from .. import world
from ..identities import bsuid_of, clean_phone
from ..ledger import STAGE_NAMES, Message
from ..simulator import Simulator
from .bubbles import render
from .http import Bad, whole

Json = dict[str, Any]


def state(sim: Simulator) -> Json:
    """Everything at a glance; `world` holds the fixed ids and tokens."""
    return {
        "simulator": True,
        "reference": world.REFERENCE_VERSION,
        "world": world.CONSTANTS,
        "seed": sim.seed,
        "clock": {"now": sim.clock.now(), "speed": sim.clock.speed, "real_now": time.time()},
        "knobs": asdict(sim.knobs),
        "faults": [fault.dump() for fault in sim.faults.active],
        "ledger": sim.ledger.summary(),
        "last_id": sim.ledger.first + len(sim.ledger) - 1,
        "timeline_waiting": len(sim.timeline),
        "webhooks": {**sim.webhooks.counts, "waiting": len(sim.webhooks.waiting)},
        "inbound": sim.inbound_count,
        "apps": [
            {"id": app.id, "name": app.name, "callback_url": app.callback_url, "fields": app.webhook_fields,
             "require_proof": app.require_proof, "secret": app.secret} for app in sim.apps.values()
        ],
        "tokens": [token.dump() | {"token": token.id} for token in sim.tokens.values()],
        "portfolios": [
            item.dump() | {"users_in_24h": sim.limits.users_counted(item.id)} for item in sim.portfolios.values()
        ],
        "wabas": [item.dump() for item in sim.wabas.values()],
        "numbers": [item.dump() for item in sim.numbers.values()],
        "templates": [
            {key: getattr(item, key) for key in ("id", "waba_id", "name", "language", "category", "status", "quality")}
            for item in sim.templates.values()
        ],
        "appointments": [item.dump() for item in sorted(sim.appointments.values(), key=lambda item: item.due)],
        "media": len(sim.media),
    }  # fmt: skip


def ledger_row(sim: Simulator, message: Message) -> Json:
    """One accepted message."""
    template = sim.templates.get(message.template_id)
    return {
        "id": message.sequence, "wamid": sim.ledger.wamid_of(message), "to": message.to,
        "phone_number_id": message.phone_id, "template": template.name if template else None,
        "language": template.language if template else None, "callback_data": message.callback, "at": message.at,
        "stage": STAGE_NAMES[message.stage], "code": message.code or None,
    }  # fmt: skip


def _matching(sim: Simulator, request: web.BaseRequest) -> Any:
    query = request.query
    prefix, phone_id, to = query.get("callback_prefix", ""), query.get("phone_number_id", ""), query.get("to", "")
    digits = clean_phone(to) if to else None
    if to and not digits:
        raise Bad("to is not a phone number.")
    try:
        since = float(query.get("since") or 0)
    except ValueError:
        raise Bad("since must be seconds since the epoch.") from None
    for message in sim.ledger.rows(whole(request, "after", 0, 2**40)):
        if message.at < since or (digits and message.to != digits) or (phone_id and message.phone_id != phone_id):
            continue
        if not prefix or message.callback.startswith(prefix):
            yield message


def ledger(sim: Simulator, request: web.BaseRequest) -> Json:
    """Accepted messages by page: `after` (id), `limit` up to 10,000, and the filters of the summary."""
    limit = whole(request, "limit", 1_000, 10_000) or 1
    data: list[Json] = []
    more = False
    for message in _matching(sim, request):
        if len(data) == limit:
            more = True
            break
        data.append(ledger_row(sim, message))
    return {"data": data, "next_after": data[-1]["id"] if more and data else None, "total": len(sim.ledger)}


def summary(sim: Simulator, request: web.BaseRequest) -> Json:
    """Counts over the matching messages: `callback_prefix`, `since`, `phone_number_id`, `to`; `per_recipient=1` lists."""
    recipients: Counter[str] = Counter()
    callbacks: Counter[str] = Counter()
    phones: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    for message in _matching(sim, request):
        recipients[message.to] += 1
        phones[message.phone_id] += 1
        stages[STAGE_NAMES[message.stage]] += 1
        if message.callback:
            callbacks[message.callback] += 1
        if message.code:
            codes[str(message.code)] += 1
    result: Json = {
        "accepted": recipients.total(),
        "unique_recipients": len(recipients),
        "max_per_recipient": max(recipients.values(), default=0),
        "recipients_with_more_than_one": sum(1 for count in recipients.values() if count > 1),
        "unique_callback_data": len(callbacks),
        "max_per_callback_data": max(callbacks.values(), default=0),
        "callback_data_with_more_than_one": sum(1 for count in callbacks.values() if count > 1),
        "per_phone_number": dict(phones),
        "stages": {name: stages.get(name, 0) for name in STAGE_NAMES},
        "failed_codes": dict(codes),
        "waiting": {"timeline": len(sim.timeline), "webhooks": len(sim.webhooks.waiting)},
    }
    if request.query.get("per_recipient"):
        result["per_recipient"] = dict(recipients)
    return result


def deliveries(sim: Simulator, request: web.BaseRequest) -> Json:
    """The newest webhook deliveries first."""
    limit = whole(request, "limit", 50, 400)
    newest = list(reversed(sim.webhooks.log))[:limit]
    return {"data": [delivery.dump() for delivery in newest], "counts": sim.webhooks.counts}


def delivery(sim: Simulator, delivery_id: int) -> Json:
    """One delivery with its body as text."""
    found = sim.webhooks.find(delivery_id)
    if found is None:
        raise Bad("There is no such delivery in the log.", 404)
    return found.dump() | {"body": found.body.decode()}


def person(sim: Simulator, digits: str) -> Json:
    """How a person behaves, and what was set by hand."""
    behavior = asdict(sim.recipients.behavior(digits))
    override = sim.recipients.overrides.get(digits)
    return behavior | {
        "bsuid": bsuid_of(digits),
        "marketing_stopped": bool(override and override.marketing_stopped),
        "blocked_phone_ids": list(override.blocked_phone_ids) if override else [],
        "override": override.dump() if override else None,
    }


def _phone_id(sim: Simulator, request: web.BaseRequest) -> str:
    phone_id = request.query.get("phone_number_id") or world.PHONE_ID
    if phone_id not in sim.numbers:
        raise Bad("There is no such phone number.", 404)
    return phone_id


def conversations(sim: Simulator, request: web.BaseRequest) -> Json:
    """The newest conversations of a number; `search` is a part of the phone number or the name."""
    phone_id = _phone_id(sim, request)
    needle = request.query.get("search", "").strip().lstrip("+").replace(" ", "")
    data: list[Json] = []
    for digits, bubble in sim.conversations.latest(phone_id, 60, needle if needle.isdigit() else ""):
        name = sim.recipients.behavior(digits).name
        if needle and not needle.isdigit() and needle.lower() not in name.lower().replace(" ", ""):
            continue
        shown = render(sim, phone_id, bubble)
        last = shown.get("body") or (shown.get("header") or {}).get("text") or shown.get("note") or ""
        data.append({"digits": digits, "name": name, "at": bubble["at"], "last": last[:80], "dir": bubble["dir"]})
    return {"data": data}


def conversation(sim: Simulator, digits: str, request: web.BaseRequest) -> Json:
    """One conversation as the phone shows it; `after` leaves out what is already known (statuses always come)."""
    phone_id = _phone_id(sim, request)
    number = sim.numbers[phone_id]
    items = [render(sim, phone_id, bubble) for bubble in sim.conversations.thread(phone_id, digits)]
    return {
        "business": {"id": number.id, "name": number.verified_name, "display": number.display,
                     "verified": number.is_official_business_account, "about": number.profile.get("about", "")},
        "person": person(sim, digits),
        "window_open": sim.limits.has_window(phone_id, digits, sim.clock.now()),
        "items": items,
    }  # fmt: skip
