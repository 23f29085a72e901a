"""What the control surface changes: clock, knobs, faults, records, people, inbound messages."""

from __future__ import annotations

import secrets
import time
from typing import Any

from .. import inbound, world
from ..entities import Number, Template, Token
from ..identities import clean_phone
from ..ledger import Message
from ..simulator import Simulator
from .http import Bad

Json = dict[str, Any]

NUMBER_KEYS = {
    "status": str, "quality_rating": str, "throughput": str, "verified_name": str, "name_status": str,
    "code_verification_status": str, "account_mode": str, "is_official_business_account": bool,
}  # fmt: skip
TEMPLATE_KEYS = {
    "status": str, "name": str, "language": str, "category": str, "components": list, "parameter_format": str,
    "quality": str, "rejected_reason": str,
}  # fmt: skip
WABA_KEYS = {"name": str, "restriction": int, "primary_funding_id": str, "account_review_status": str}
PORTFOLIO_KEYS = {"name": str, "limit_tier": str, "verification_status": str}
APP_KEYS = {"name": str, "secret": str, "require_proof": bool}
PERSON_KEYS: dict[str, type | tuple[type, ...]] = {
    "name": str, "username": str, "on_whatsapp": bool, "read_receipts": bool, "phone_shared": bool,
    "delivered_delay_s": (int, float), "read_delay_s": (int, float), "never_delivered": bool, "chat_open": bool,
    "experiment": bool, "fail_code": int, "fail_marketing_code": int, "reply": str, "marketing_stopped": bool,
    "blocked_phone_ids": list,
}  # fmt: skip


def assign(record: Any, data: Json, keys: Any) -> set[str]:
    """Set the given keys of a record after checking all of them; gives the names that changed."""
    for key, value in data.items():
        if key not in keys:
            raise Bad(f"Unknown key {key!r}. Known: {', '.join(sorted(keys))}.")
        good = isinstance(value, keys[key]) and (keys[key] is bool or not isinstance(value, bool))
        if not good and not (value is None and keys is PERSON_KEYS):
            raise Bad(f"{key} has the wrong type.")
    changed = {key for key, value in data.items() if getattr(record, key) != value}
    for key, value in data.items():
        setattr(record, key, value)
    return changed


def change_clock(sim: Simulator, data: Json) -> Json:
    """`{"speed": 60}` and/or `{"advance_s": 3600}`."""
    for key in data:
        if key not in ("speed", "advance_s"):
            raise Bad(f"Unknown key {key!r}. Known: advance_s, speed.")
        if not isinstance(data[key], (int, float)) or isinstance(data[key], bool) or data[key] < 0:
            raise Bad(f"{key} must be a number from 0.")
    if "speed" in data:
        sim.clock.set_speed(data["speed"])
    if "advance_s" in data:
        sim.clock.advance(data["advance_s"])
    sim.timeline.wake()
    return {"now": sim.clock.now(), "speed": sim.clock.speed}


def change_number(sim: Simulator, number: Number, data: Json) -> Json:
    """Change a number; a throughput upgrade is told by webhook."""
    changed = assign(number, data, NUMBER_KEYS)
    sim.put(number)
    if "throughput" in changed and number.throughput == "HIGH":
        tier = sim.portfolios[sim.wabas[number.waba_id].portfolio_id].limit_tier
        value = {"display_phone_number": number.digits, "event": "THROUGHPUT_UPGRADE", "current_limit": tier,
                 "max_daily_conversations_per_business": tier}  # fmt: skip
        sim.webhooks.account(number.waba_id, "phone_number_quality_update", value)
    return number.dump()


def change_template(sim: Simulator, template: Template, data: Json) -> Json:
    """Change a template; a new status or quality is told by webhook."""
    before = template.quality
    changed = assign(template, data, TEMPLATE_KEYS)
    template.updated_at = int(time.time())
    sim.put(template)
    about = {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
    }
    if "status" in changed:
        value: Json = {"event": template.status, **about, "reason": template.rejected_reason,
                       "message_template_category": template.category}  # fmt: skip
        if template.status == "PAUSED":
            value["other_info"] = {"title": "FIRST_PAUSE", "description": "Paused for 3 hours because of low quality."}
        if template.status == "DISABLED":
            value["disable_info"] = {"disable_date": str(template.updated_at)}
        sim.webhooks.account(template.waba_id, "message_template_status_update", value)
    if "quality" in changed:
        value = {"previous_quality_score": before, "new_quality_score": template.quality, **about}
        sim.webhooks.account(template.waba_id, "message_template_quality_update", value)
    return template.dump()


def change_portfolio(sim: Simulator, portfolio_id: str, data: Json) -> Json:
    """Change a portfolio; a new messaging limit is told by webhook."""
    portfolio = sim.portfolios[portfolio_id]
    changed = assign(portfolio, data, PORTFOLIO_KEYS)
    sim.put(portfolio)
    if "limit_tier" in changed:
        value = {"max_daily_conversations_per_business": portfolio.limit_tier, "max_phone_numbers_per_business": 20,
                 "max_phone_numbers_per_waba": 20}  # fmt: skip
        for waba in sim.wabas.values():
            if waba.portfolio_id == portfolio_id:
                sim.webhooks.account(waba.id, "business_capability_update", value)
    return portfolio.dump()


def change_tokens(sim: Simulator, data: Json) -> Json:
    """Make a token (`app_id`, `scopes`, `waba_ids`, `portfolio_ids`, `expires_in_s` or `expires_at`), or revoke one."""
    revoke = data.get("revoke")
    if revoke is not None:
        token = sim.tokens.get(str(revoke))
        if token is None:
            raise Bad("There is no such token.", 404)
        token.is_revoked = True
        sim.put(token)
        return token.dump() | {"token": token.id}
    now = int(time.time())
    expires_at = data.get("expires_at", now + int(data["expires_in_s"]) if "expires_in_s" in data else 0)
    app_id = str(data.get("app_id") or world.APP_ID)
    if app_id not in sim.apps:
        raise Bad("There is no such app.", 404)
    token = Token(
        str(data.get("token") or f"EAASIM{secrets.token_hex(24).upper()}"), app_id=app_id,
        user_id=str(data.get("user_id") or world.SYSTEM_USER_ID),
        scopes=list(data.get("scopes", [world.MANAGEMENT, world.MESSAGING])),
        waba_ids=list(data.get("waba_ids", [world.WABA_ID])),
        portfolio_ids=list(data.get("portfolio_ids", [world.PORTFOLIO_ID])), issued_at=now,
        expires_at=int(expires_at), label=str(data.get("label", "made by control")),
    )  # fmt: skip
    sim.put(token)
    return token.dump() | {"token": token.id}


def _digits(value: object) -> str:
    digits = clean_phone(value)
    if digits is None:
        raise Bad("from must be a phone number with its country code.")
    return digits


def _message(sim: Simulator, data: Json, number: Number, digits: str) -> Message:
    found = sim.ledger.find(data.get("wamid"))
    if found is None and not data.get("wamid"):
        found = next((m for m in sim.ledger.newest(5_000) if m.to == digits and m.phone_id == number.id), None)
    if found is None or found.to != digits:
        raise Bad("wamid is not a message that this person got.", 404)
    return found


def change_inbound(sim: Simulator, data: Json) -> Json:
    """Let a person act: `kind` text, button, reaction, referral, stop, resume, block, unblock."""
    number = sim.numbers.get(str(data.get("phone_number_id") or world.PHONE_ID))
    if number is None:
        raise Bad("There is no such phone number.", 404)
    digits = _digits(data.get("from"))
    kind = data.get("kind", "text")
    if kind in ("text", "referral"):
        body = data.get("text")
        if not isinstance(body, str) or not body.strip():
            raise Bad("text must not be empty.")
        referral = None
        if kind == "referral":
            referral = data.get("referral") or {
                "source_url": "https://fb.me/demo", "source_id": "120000000000013", "source_type": "ad",
                "headline": "Chat with us", "body": "Spring roast", "media_type": "image", "ctwa_clid": "Aff-demo",
            }  # fmt: skip
        return {"id": inbound.text(sim, number, digits, body[:4096], referral)}
    if kind == "button":
        message = _message(sim, data, number, digits)
        try:
            return {"id": inbound.tap(sim, number, digits, message, int(data.get("index", 0)))}
        except (ValueError, TypeError) as error:
            raise Bad(str(error)) from None
    if kind == "reaction":
        message = _message(sim, data, number, digits)
        return {"id": inbound.react(sim, number, digits, message, str(data.get("emoji", "\U0001f44d")))}
    if kind in ("stop", "resume"):
        inbound.prefer(sim, number, digits, kind)
        return {"success": True}
    if kind in ("block", "unblock"):
        inbound.block(sim, number, digits, kind == "block")
        return {"success": True}
    raise Bad("kind must be text, button, reaction, referral, stop, resume, block or unblock.")


def open_conversation(sim: Simulator, digits: str, phone_id: str) -> Json:
    """Let the person look at the chat: what was delivered becomes read, if read receipts are on."""
    behavior = sim.recipients.behavior(digits)
    opened = 0
    for bubble in sim.conversations.thread(phone_id, digits):
        if bubble["dir"] == "out" and behavior.read_receipts:
            message = next(iter(sim.ledger.rows(bubble["sequence"] - 1)), None)
            if message is not None and message.sequence == bubble["sequence"] and message.stage == 2:
                sim.timeline.read_now(message)
                opened += 1
    return {"read": opened}


def add_business(sim: Simulator, data: Json) -> Json:
    """Make a further business (`name`) with an app, an account, a number, a token and the sample templates of its own."""
    name = str(data.get("name") or "").strip()
    if not name:
        raise Bad("name must not be empty.")
    serial = len(sim.apps)
    app, waba, number, token, records = world.build_business(name, serial)
    for record in records:
        sim.put(record)
    return {"app_id": app.id, "app_secret": app.secret, "waba_id": waba.id, "phone_number_id": number.id,
            "token": token.id}  # fmt: skip
