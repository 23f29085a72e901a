"""Changing records from the control surface: what Meta would tell about a change is told by webhook."""

from __future__ import annotations

import time
from typing import Any

from ..entities import Number, Portfolio, Template, Waba
from ..events import accounts, numbers, portfolios, strays, templates
from ..simulator import Simulator
from .http import Bad

Json = dict[str, Any]
MOST_SECONDS = 10 * 365 * 86_400

NUMBER_KEYS = {
    "status": str, "quality_rating": str, "throughput": str, "verified_name": str, "name_status": str,
    "code_verification_status": str, "account_mode": str, "is_official_business_account": bool, "new_name": str,
    "new_name_status": str, "username": str, "pin": str, "is_deregistration_incomplete": bool,
    "data_localization_region": str, "allowed_recipients": list,
}  # fmt: skip
TEMPLATE_KEYS = {
    "status": str, "name": str, "language": str, "category": str, "components": list, "parameter_format": str,
    "quality": str, "rejected_reason": str,
}  # fmt: skip
WABA_KEYS = {
    "name": str, "restriction": int, "primary_funding_id": str, "account_review_status": str, "currency": str,
    "country": str, "timezone_id": str, "status": str, "shared_with": list,
}  # fmt: skip
PORTFOLIO_KEYS = {"name": str, "limit_tier": str, "verification_status": str, "number_limit": int}
APP_KEYS = {"name": str, "secret": str, "require_proof": bool, "callback_url": str, "webhook_fields": list}


def assign(record: Any, data: Json, keys: Any, *, may_forget: bool = False) -> set[str]:
    """Set the given keys of a record after checking all of them; gives the names that changed."""
    for key, value in data.items():
        if key not in keys:
            raise Bad(f"Unknown key {key!r}. Known: {', '.join(sorted(keys))}.")
        good = isinstance(value, keys[key]) and (keys[key] is bool or not isinstance(value, bool))
        if not good and not (value is None and may_forget):
            raise Bad(f"{key} has the wrong type.")
    changed = {key for key, value in data.items() if getattr(record, key) != value}
    for key, value in data.items():
        setattr(record, key, value)
    return changed


def choose(data: Json, key: str, allowed: Any, default: str = "") -> str:
    """Give a value that must be one of a few; refuses anything else with a sentence."""
    value = str(data.get(key) or default)
    if value not in allowed:
        raise Bad(f"{key} must be one of {', '.join(allowed)}.")
    return value


def seconds_of(data: Json, key: str, default: float | None) -> float | None:
    """Give a number of seconds from 0 to ten years, or the default."""
    value = data.get(key, default)
    if value is not None and (not isinstance(value, int | float) or isinstance(value, bool)):
        raise Bad(f"{key} must be a number.")
    if value is not None and not 0 <= value <= MOST_SECONDS:
        raise Bad(f"{key} must be from 0 to {MOST_SECONDS}.")
    return value


# --- numbers ------------------------------------------------------------------------------------------------------
def change_number(sim: Simulator, number: Number, data: Json) -> Json:
    """Change a number; rating, throughput, name decision and PIN are told by webhook as Meta tells them."""
    before = number.quality_rating
    changed = assign(number, data, NUMBER_KEYS)
    if "status" in changed and number.status == "DELETED":
        number.deleted_at = sim.clock.now()
    sim.put(number)
    if "quality_rating" in changed:
        numbers.set_quality(sim, number, before)
    if "throughput" in changed and number.throughput == "HIGH":
        numbers.tell_quality(sim, number, "THROUGHPUT_UPGRADE")
    decision = {"APPROVED": "APPROVED", "DECLINED": "REJECTED"}.get(number.name_status)
    if "name_status" in changed and decision:
        numbers.decide_name(sim, number, decision)
    if "pin" in changed:
        numbers.security(sim, number, "PIN_CHANGED" if number.pin else "PIN_RESET_SUCCESS")
    return number.dump()


def number_event(sim: Simulator, number: Number, verb: str, data: Json) -> Json:
    """`POST numbers/{id}/{verb}`: quality, name, security, username, unlock or alert."""
    if verb == "quality":
        event = choose(data, "event", numbers.QUALITY_EVENTS)
        portfolio = sim.portfolios[sim.wabas[number.waba_id].portfolio_id]
        if event in ("UPGRADE", "DOWNGRADE"):
            portfolios.move_limit(sim, portfolio, 1 if event == "UPGRADE" else -1)
        else:
            numbers.quality_event(sim, number, event)
    elif verb == "name":
        _name(sim, number, data)
    elif verb == "security":
        event = choose(data, "event", numbers.SECURITY_EVENTS)
        numbers.security(sim, number, event, str(data.get("requester") or numbers.REQUESTER))
    elif verb == "username":
        numbers.username(sim, number, str(data.get("username") or number.username or "lumen.coffee"),
                         choose(data, "status", ("approved", "reserved", "deleted"), "approved"))  # fmt: skip
    elif verb == "unlock":
        number.pin_wrong_count, number.pin_locked_until = 0, 0.0
        number.registration_calls, number.registration_locked_until = [], 0.0
        sim.put(number)
    elif verb == "alert":
        kind = choose(data, "type", portfolios.ALERT_TYPES, "PROFILE_PICTURE_LOST")
        portfolios.alert(sim, sim.wabas[number.waba_id], kind, number, data)
    else:
        raise Bad("A number has quality, name, security, username, unlock and alert.", 404)
    return number.dump()


def _name(sim: Simulator, number: Number, data: Json) -> None:
    name = str(data.get("name") or "").strip()
    if name:
        numbers.ask_name(sim, number, name, seconds_of(data, "after_s", None))
    if "decision" in data:
        decision = choose(data, "decision", numbers.DECISIONS)
        reason = choose(data, "reason", numbers.NAME_REASONS, "NAME_FORMAT_UNACCEPTABLE")
        numbers.decide_name(sim, number, decision, reason)
    elif not name:
        raise Bad("Give a name to review, a decision, or both.")


# --- accounts -----------------------------------------------------------------------------------------------------
def change_waba(sim: Simulator, waba: Waba, data: Json) -> Json:
    """Change an account; a new review status is told by webhook."""
    changed = assign(waba, data, WABA_KEYS)
    sim.put(waba)
    if "account_review_status" in changed and waba.account_review_status in accounts.REVIEWS:
        accounts.review(sim, waba, waba.account_review_status)
    if "country" in changed:
        accounts.country(sim, waba, {"country": waba.country})
    return waba.dump()


def waba_event(sim: Simulator, waba: Waba, verb: str, data: Json) -> Json:
    """`POST wabas/{id}/{verb}`: update (an account_update), review, alert, lift, stray, or webhook (any field and value)."""
    if verb == "update":
        event = choose(data, "event", accounts.EVENTS)
        if event == "ACCOUNT_RESTRICTION":
            choose(data, "restriction_type", accounts.RESTRICTIONS, accounts.RESTRICTIONS[0])
        if event == "DISABLED_UPDATE":
            choose(data, "waba_ban_state", accounts.BAN_STATES, "DISABLE")
        seconds_of(data, "seconds", None)
        return {"value": accounts.EVENTS[event](sim, waba, data)} | waba.dump()
    if verb == "review":
        accounts.review(sim, waba, choose(data, "decision", accounts.REVIEWS))
    elif verb == "alert":
        kind = choose(data, "type", portfolios.ALERT_TYPES, "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED")
        portfolios.alert(sim, waba, kind, None, data)
    elif verb == "lift":
        accounts.lift_all(sim, waba)
    elif verb == "stray":
        strays.stray(sim, waba, choose(data, "kind", strays.KINDS))
    elif verb == "webhook":
        if not isinstance(data.get("field"), str) or not isinstance(data.get("value"), dict):
            raise Bad("Give field and value.")
        sim.webhooks.account(waba.id, data["field"], data["value"])
    else:
        raise Bad("An account has update, review, alert, lift, stray and webhook.", 404)
    return waba.dump()


# --- portfolios and templates -------------------------------------------------------------------------------------
def change_portfolio(sim: Simulator, portfolio: Portfolio, data: Json) -> Json:
    """Change a portfolio; a new messaging limit or number limit is told by webhook."""
    before = portfolio.limit_tier
    changed = assign(portfolio, data, PORTFOLIO_KEYS)
    sim.put(portfolio)
    if "limit_tier" in changed:
        portfolios.limit_changed(sim, portfolio, before)
    elif changed & {"number_limit", "verification_status"}:
        portfolios.tell_capability(sim, portfolio)
    return portfolio.dump()


def change_template(sim: Simulator, template: Template, data: Json) -> Json:
    """Change a template; new status, quality, category or components are told by webhook."""
    status, quality, category = template.status, template.quality, template.category
    changed = assign(template, data, TEMPLATE_KEYS)
    template.updated_at = int(time.time())
    sim.put(template)
    if "status" in changed:
        templates.tell_status(sim, template, status)
    if "quality" in changed:
        templates.tell_quality(sim, template, quality)
    if "components" in changed:
        templates.tell_components(sim, template)
    if "category" in changed:
        template.category = category
        templates.change_category(sim, template, data["category"])
    return template.dump()


def template_event(sim: Simulator, template: Template, verb: str, data: Json) -> Json:
    """`POST templates/{id}/{verb}`: status (with reason, pause, words) or category (announced, then changed)."""
    if verb == "status":
        before, template.status = template.status, str(data.get("status") or template.status)
        template.rejected_reason = str(data.get("reason") or "NONE")
        template.updated_at = int(time.time())
        choose(data, "pause", templates.PAUSES, "FIRST_PAUSE")
        sim.put(template)
        templates.tell_status(sim, template, before, data)
    elif verb == "category":
        category = choose(data, "category", templates.CATEGORIES)
        notice_s = seconds_of(data, "after_s", templates.DAY_S) or 0.0
        if notice_s:
            templates.announce_category(sim, template, category, notice_s)
        else:
            templates.change_category(sim, template, category)
    else:
        raise Bad("A template has status and category.", 404)
    return template.dump()
