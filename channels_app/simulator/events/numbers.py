"""What happens to a phone number: quality, limit, throughput, display name, security (reference 4.10)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..entities import Number

if TYPE_CHECKING:
    from ..simulator import Simulator

Json = dict[str, Any]
QUALITY_EVENTS = ("FLAGGED", "UNFLAGGED", "UPGRADE", "DOWNGRADE", "THROUGHPUT_UPGRADE", "ONBOARDING")
TIERS = ("TIER_250", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED")
DECISIONS = ("APPROVED", "REJECTED", "PENDING", "DEFERRED")
NAME_REASONS = (
    "NAME_EMPLOYEE_ISSUE", "NAME_ENDCLIENT_NOTRELATED", "NAME_FORMAT_UNACCEPTABLE", "NAME_INDIVIDUAL_ISSUE",
    "NAME_NOT_CONSISTENT", "UNKNOWN",
)  # fmt: skip
SECURITY_EVENTS = ("PIN_CHANGED", "PIN_RESET_REQUEST", "PIN_REQUEST_SUCCESS", "PIN_RESET_SUCCESS")
NAME_REVIEW = "name_review"
REQUESTER = "61000000000020"
_NAME_STATUS = {
    "APPROVED": "APPROVED",
    "REJECTED": "DECLINED",
    "PENDING": "PENDING_REVIEW",
    "DEFERRED": "PENDING_REVIEW",
}


def tell_quality(sim: Simulator, number: Number, event: str, old_tier: str = "") -> None:
    """Tell `phone_number_quality_update`: an event with the limit as it is now."""
    tier = sim.portfolios[sim.wabas[number.waba_id].portfolio_id].limit_tier
    value: Json = {"display_phone_number": number.digits, "event": event, "current_limit": tier}
    if old_tier:
        value["old_limit"] = old_tier
    value["max_daily_conversations_per_business"] = tier
    sim.webhooks.account(number.waba_id, "phone_number_quality_update", value)


def quality_event(sim: Simulator, number: Number, event: str) -> None:
    """Let one of `QUALITY_EVENTS` happen: the number changes as Meta changes it, then the webhook tells.

    UPGRADE and DOWNGRADE belong to the portfolio: see `portfolios.move_limit`.
    """
    if event == "FLAGGED":
        number.status, number.quality_rating = "FLAGGED", "RED"
    elif event == "UNFLAGGED":
        number.quality_rating = "GREEN"
        number.status = "CONNECTED" if number.status == "FLAGGED" else number.status
    elif event == "THROUGHPUT_UPGRADE":
        number.throughput = "HIGH"
    elif event == "ONBOARDING":
        number.onboarded_at = int(time.time())
    sim.put(number)
    tell_quality(sim, number, event)


def set_quality(sim: Simulator, number: Number, before: str) -> None:
    """Tell that the rating moved: to RED it is flagged, away from RED unflagged; between the others Meta is silent."""
    if number.quality_rating == "RED":
        tell_quality(sim, number, "FLAGGED")
    elif before == "RED":
        tell_quality(sim, number, "UNFLAGGED")


def ask_name(sim: Simulator, number: Number, name: str, after_s: float | None = None) -> None:
    """Hand in a display name for review; Meta decides by itself after `after_s` virtual seconds (default: the knob).

    A number that has no approved name yet carries the new one at once, as PENDING_REVIEW. Names that contain
    "reject" are refused.
    """
    sim.agenda.cancel(NAME_REVIEW, number.id)
    if number.name_status == "APPROVED" and number.verified_name:
        number.new_name, number.new_name_status = name, "PENDING_REVIEW"
    else:
        number.verified_name, number.name_status = name, "PENDING_REVIEW"
        number.new_name, number.new_name_status = "", ""
    sim.put(number)
    decision = "REJECTED" if "reject" in name.lower() else "APPROVED"
    delay = sim.knobs.name_review_s if after_s is None else after_s
    sim.agenda.add(NAME_REVIEW, number.id, delay, decision=decision, reason="NAME_FORMAT_UNACCEPTABLE")


def decide_name(sim: Simulator, number: Number, decision: str, reason: str = "NAME_FORMAT_UNACCEPTABLE") -> None:
    """Decide the review of a display name (`DECISIONS`) and tell it by `phone_number_name_update`."""
    asked = number.new_name or number.verified_name
    status = _NAME_STATUS[decision]
    if number.new_name:
        number.new_name_status = status
        if decision == "APPROVED":
            number.verified_name, number.name_status = asked, "APPROVED"
            number.new_name, number.new_name_status = "", ""
    else:
        number.name_status = status
    if decision in ("APPROVED", "REJECTED"):
        sim.agenda.cancel(NAME_REVIEW, number.id)
    sim.put(number)
    value = {
        "display_phone_number": number.digits, "decision": decision, "requested_verified_name": asked,
        "rejection_reason": reason if decision == "REJECTED" else None,
    }  # fmt: skip
    sim.webhooks.account(number.waba_id, "phone_number_name_update", value)


def name_review_ends(sim: Simulator, number_id: str, data: Json) -> None:
    """Keep the appointment of a name review."""
    number = sim.numbers.get(number_id)
    if number is not None:
        decide_name(sim, number, data["decision"], data["reason"])


def security(sim: Simulator, number: Number, event: str, requester: str = REQUESTER) -> None:
    """Tell a `security` event; a successful reset really takes the PIN away."""
    if event in ("PIN_REQUEST_SUCCESS", "PIN_RESET_SUCCESS"):
        number.pin, number.pin_wrong_count, number.pin_locked_until = "", 0, 0.0
        sim.put(number)
    value: Json = {"display_phone_number": number.digits, "event": event}
    if event == "PIN_RESET_REQUEST":
        value["requester"] = requester
    sim.webhooks.account(number.waba_id, "security", value)


def set_pin(sim: Simulator, number: Number, pin: str) -> None:
    """Set the two-step PIN; a new one is told by `security`."""
    changed = number.pin != pin
    number.pin, number.pin_wrong_count, number.pin_locked_until = pin, 0, 0.0
    sim.put(number)
    if changed:
        security(sim, number, "PIN_CHANGED")


def username(sim: Simulator, number: Number, name: str, status: str = "approved") -> None:
    """Give the business number a username (or take it, with status `deleted`) and tell it."""
    number.username = "" if status == "deleted" else name
    sim.put(number)
    value = {"display_phone_number": number.digits, "username": name, "status": status}
    sim.webhooks.account(number.waba_id, "business_username_update", value)
