"""What happens to a business portfolio: its messaging limit, verification and alerts (reference 4.10, 5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..entities import Number, Portfolio, Waba
from . import numbers

if TYPE_CHECKING:
    from ..simulator import Simulator

Json = dict[str, Any]
ALERT_TYPES = {
    "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED": ("WARNING", "Limits cannot be increased for your business yet."),
    "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED": ("CRITICAL", "Limits cannot be increased for your business."),
    "INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO": (
        "WARNING", "More information about your business is needed before its limits can be increased."),
    "OBA_APPROVED": ("INFORMATIONAL", "Your official business account request was approved."),
    "OBA_REJECTED": ("WARNING", "Your official business account request was rejected."),
    "PROFILE_PICTURE_LOST": ("INFORMATIONAL", "The profile picture of this phone number was lost. Upload it again."),
}  # fmt: skip
SEVERITIES, ALERT_STATUSES = ("CRITICAL", "WARNING", "INFORMATIONAL"), ("ACTIVE", "NONE")
ENTITY_TYPES = ("BUSINESS", "PHONE_NUMBER", "CURRENT_STATUS_ID")


def wabas_of(sim: Simulator, portfolio: Portfolio) -> list[Waba]:
    """Give the accounts that a portfolio owns."""
    return [waba for waba in sim.wabas.values() if waba.portfolio_id == portfolio.id]


def tell_capability(sim: Simulator, portfolio: Portfolio) -> None:
    """Tell `business_capability_update` to every account of the portfolio."""
    value = {
        "max_daily_conversations_per_business": portfolio.limit_tier,
        "max_phone_numbers_per_business": portfolio.most_numbers,
        "max_phone_numbers_per_waba": portfolio.most_numbers,
    }
    for waba in wabas_of(sim, portfolio):
        sim.webhooks.account(waba.id, "business_capability_update", value)


def limit_changed(sim: Simulator, portfolio: Portfolio, before: str) -> None:
    """Tell a new messaging limit: the capability of the portfolio, and an event for each connected number."""
    tell_capability(sim, portfolio)
    order = {tier: place for place, tier in enumerate(numbers.TIERS)}
    event = "UPGRADE" if order.get(portfolio.limit_tier, 0) >= order.get(before, 0) else "DOWNGRADE"
    owned = {waba.id for waba in wabas_of(sim, portfolio)}
    for number in sim.numbers.values():
        if number.waba_id in owned and number.status == "CONNECTED":
            numbers.tell_quality(sim, number, event, before)


def move_limit(sim: Simulator, portfolio: Portfolio, steps: int) -> None:
    """Raise or lower the messaging limit by steps of the ladder, and tell it."""
    before = portfolio.limit_tier
    place = numbers.TIERS.index(before) if before in numbers.TIERS else 0
    portfolio.limit_tier = numbers.TIERS[min(len(numbers.TIERS) - 1, max(0, place + steps))]
    sim.put(portfolio)
    if portfolio.limit_tier != before:
        limit_changed(sim, portfolio, before)


def verified(sim: Simulator, portfolio: Portfolio) -> None:
    """Verify the business: a portfolio of the first limit gets the second one."""
    portfolio.verification_status = "verified"
    sim.put(portfolio)
    if portfolio.limit_tier == "TIER_250":
        move_limit(sim, portfolio, 1)


def alert(sim: Simulator, waba: Waba, kind: str, number: Number | None, given: Json) -> Json:
    """Tell `account_alerts` about the portfolio, or about a number; gives the value."""
    severity, description = ALERT_TYPES[kind]
    default = "PHONE_NUMBER" if number else "BUSINESS"
    value = {
        "entity_type": given.get("entity_type", default),
        "entity_id": number.id if number else waba.portfolio_id,
        "alert_info": {
            "alert_severity": given.get("severity", severity),
            "alert_status": given.get("status", "ACTIVE"),
            "alert_type": kind,
            "alert_description": given.get("description", description),
        },
    }
    if kind == "OBA_APPROVED" and number:
        number.is_official_business_account = True
        sim.put(number)
    sim.webhooks.account(waba.id, "account_alerts", value)
    return value
