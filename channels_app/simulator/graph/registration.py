"""From nothing to a connected number: add, ask a code, verify it, register with the PIN, deregister (reference 1.5)."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from ..auth import MANAGEMENT, require_scope, require_waba
from ..entities import Number, Waba
from ..errors import GraphError, unknown_object
from ..events import numbers as happenings
from ..identities import clean_phone
from .call import Call

Json = dict[str, Any]
FIRST_NUMBER_ID = 320_100_000_000_100
CODE = "123456"
CODE_LIFE_S = 600.0
CODE_METHODS = ("SMS", "VOICE")
REGIONS = frozenset(("AU", "ID", "IN", "JP", "SG", "KR", "DE", "CH", "GB", "BR", "BH", "ZA", "AE", "CA"))
CALLS_ALLOWED, CALLS_WINDOW_S = 10, 72 * 3600.0
AFTER_DELETE_S = 300.0
FREE_GUESSES, MOST_GUESSES = 2, 5
GUESS_GAP_S, GUESS_LOCK_S = 10.0, 12 * 3600.0
_PIN = re.compile(r"[0-9]{6}")


def _reach(call: Call, number: Number) -> None:
    require_waba(call.token, number.waba_id, number.id, call.method)
    require_scope(call.token, MANAGEMENT)


def _invalid(name: str, rule: str) -> GraphError:
    return GraphError(100, message=f"(#100) Param {name} {rule}")


def _text(call: Call, name: str) -> str:
    value = call.params.get(name)
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text:
        raise GraphError(100, message=f"(#100) The parameter {name} is required.")
    return text


def _pin(call: Call) -> str:
    pin = _text(call, "pin")
    if not _PIN.fullmatch(pin):
        raise _invalid("pin", "must be a string of 6 digits.")
    return pin


# --- add ----------------------------------------------------------------------------------------------------------
def add_number(call: Call, waba: Waba) -> Json:
    """`POST /{waba}/phone_numbers`: a PENDING number whose name goes to review; gives its id."""
    require_waba(call.token, waba.id, waba.id, call.method)
    require_scope(call.token, MANAGEMENT)
    country, local, name = _text(call, "cc").lstrip("+"), _text(call, "phone_number"), _text(call, "verified_name")
    digits = clean_phone(f"{country}{local}")
    if not country.isdigit() or digits is None:
        raise _invalid("phone_number", "must be a phone number without its country code.")
    if any(item["restriction_type"] == "RESTRICTED_ADD_PHONE_NUMBER_ACTION" for item in waba.restrictions):
        raise GraphError(368, "The account may not add phone numbers at this time.")
    known = [number for number in call.sim.numbers.values() if number.digits == digits]
    if any(number.status != "DELETED" for number in known):
        raise GraphError(100, "The phone number is already registered to a WhatsApp Business Account.", subcode=2388103)
    _check_room(call, waba)
    number = Number(
        call.sim.next_id(Number, FIRST_NUMBER_ID), waba_id=waba.id, digits=digits, display=f"+{country} {local}",
        status="PENDING", quality_rating="UNKNOWN", throughput="NOT_APPLICABLE", name_status="NONE",
        code_verification_status="NOT_VERIFIED", deleted_at=max((item.deleted_at for item in known), default=0.0),
    )  # fmt: skip
    call.sim.put(number)
    happenings.ask_name(call.sim, number, name)
    return {"id": number.id}


def _check_room(call: Call, waba: Waba) -> None:
    sim = call.sim
    portfolio = sim.portfolios[waba.portfolio_id]
    owned = {item.id for item in sim.wabas.values() if item.portfolio_id == portfolio.id}
    used = sum(1 for number in sim.numbers.values() if number.waba_id in owned and number.status != "DELETED")
    if used >= portfolio.most_numbers:
        raise GraphError(
            100, f"The business portfolio has reached its limit of {portfolio.most_numbers} phone numbers.",
            subcode=2388086,
        )  # fmt: skip


# --- code ---------------------------------------------------------------------------------------------------------
def request_code(call: Call, number: Number) -> Json:
    """`POST /{phone}/request_code`: "sends" six digits, which the control surface shows."""
    _reach(call, number)
    method = _text(call, "code_method").upper()
    if method not in CODE_METHODS:
        raise _invalid("code_method", f"must be one of {{SMS, VOICE}} - got {method!r}.")
    _text(call, "language")
    if number.code_verification_status == "VERIFIED":
        raise GraphError(136024, "The phone number has already been verified.")
    number.code = f"{secrets.randbelow(10**6):06d}" if call.sim.knobs.random_codes else CODE
    number.code_method, number.code_sent_at = method, call.sim.clock.now()
    call.sim.put(number)
    return {"success": True}


def verify_code(call: Call, number: Number) -> Json:
    """`POST /{phone}/verify_code`."""
    _reach(call, number)
    code = _text(call, "code").replace("-", "")
    if number.code_verification_status == "VERIFIED":
        return {"success": True}
    if not number.code:
        raise GraphError(136025, "No verification code was requested for this phone number.")
    if call.sim.clock.now() - number.code_sent_at > CODE_LIFE_S:
        raise GraphError(136025, "The verification code has expired. Request a new one.")
    if code != number.code:
        raise GraphError(136025, "The verification code is not correct.")
    number.code_verification_status, number.code = "VERIFIED", ""
    call.sim.put(number)
    return {"success": True}


# --- register -----------------------------------------------------------------------------------------------------
def _count_call(call: Call, number: Number) -> None:
    now = call.sim.clock.now()
    if number.registration_locked_until > now:
        raise GraphError(133016)
    recent = [at for at in number.registration_calls if now - at < CALLS_WINDOW_S]
    if len(recent) >= CALLS_ALLOWED:
        number.registration_locked_until, number.registration_calls = now + CALLS_WINDOW_S, []
        call.sim.put(number)
        raise GraphError(133016)
    number.registration_calls = [*recent, now]
    call.sim.put(number)


def _check_pin(call: Call, number: Number, pin: str) -> None:
    if not number.pin:
        return
    now = call.sim.clock.now()
    if number.pin_locked_until > now:
        minutes = int((number.pin_locked_until - now) / 60) + 1
        raise GraphError(133008, f"Too many wrong PIN guesses. Try again in {minutes} minutes.")
    if number.pin_wrong_count >= FREE_GUESSES and now - number.pin_wrong_at < GUESS_GAP_S:
        raise GraphError(133009, f"The PIN was guessed too fast. Wait {GUESS_GAP_S:.0f} seconds between guesses.")
    if pin == number.pin:
        number.pin_wrong_count = 0
        return
    number.pin_wrong_count, number.pin_wrong_at = number.pin_wrong_count + 1, now
    if number.pin_wrong_count >= MOST_GUESSES:
        number.pin_wrong_count, number.pin_locked_until = 0, now + GUESS_LOCK_S
    call.sim.put(number)
    raise GraphError(133005)


def register(call: Call, number: Number) -> Json:
    """`POST /{phone}/register`: sets the two-step PIN or checks it, then the number is CONNECTED."""
    _reach(call, number)
    if call.params.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    pin = _pin(call)
    region = str(call.params.get("data_localization_region") or "").upper()
    if region and region not in REGIONS:
        raise _invalid("data_localization_region", f"must be one of {{{', '.join(sorted(REGIONS))}}}.")
    sim = call.sim
    if number.deleted_at and sim.clock.now() - number.deleted_at < AFTER_DELETE_S:
        raise GraphError(133015)
    if number.status == "DELETED":
        raise unknown_object(number.id, call.method)
    _count_call(call, number)
    if number.is_deregistration_incomplete:
        raise GraphError(133000)
    if number.status in ("BANNED", "RESTRICTED") or sim.wabas[number.waba_id].ban_state in ("DISABLE", "DISABLED"):
        raise GraphError(131031, "The business account is restricted or disabled.")
    if number.code_verification_status != "VERIFIED":
        raise GraphError(133006)
    _check_pin(call, number, pin)
    was_connected = number.status == "CONNECTED"
    number.status, number.throughput = "CONNECTED", "HIGH" if number.throughput == "HIGH" else "STANDARD"
    number.data_localization_region = region or number.data_localization_region
    number.onboarded_at = int(time.time())
    sim.put(number)
    happenings.set_pin(sim, number, pin)
    if not was_connected:
        happenings.tell_quality(sim, number, "ONBOARDING")
    return {"success": True}


def deregister(call: Call, number: Number) -> Json:
    """`POST /{phone}/deregister`: the number can not send until it is registered again; its PIN stays."""
    _reach(call, number)
    if number.status in ("PENDING", "DISCONNECTED") and not number.is_deregistration_incomplete:
        raise GraphError(133010)
    _count_call(call, number)
    number.status, number.throughput = "DISCONNECTED", "NOT_APPLICABLE"
    number.is_deregistration_incomplete = False
    call.sim.put(number)
    return {"success": True}


def change_pin(call: Call, number: Number) -> None:
    """Set another two-step PIN; raises 133010 while the number is not registered."""
    pin = _pin(call)
    if number.status in ("PENDING", "DISCONNECTED"):
        raise GraphError(133010)
    happenings.set_pin(call.sim, number, pin)
