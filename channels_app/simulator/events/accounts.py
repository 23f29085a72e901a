"""What happens to a WhatsApp Business Account: review, violations, restrictions, bans, partners (reference 4.10)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..entities import Waba
from . import portfolios

if TYPE_CHECKING:
    from ..simulator import Simulator

Json = dict[str, Any]
RESTRICTIONS = (
    "RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "RESTRICTED_UTILITY_TEMPLATES", "RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES",
    "RESTRICTED_BUSINESS_INITIATED_CALLING", "RESTRICTED_USER_INITIATED_CALLING",
)  # fmt: skip
BAN_STATES = ("SCHEDULE_FOR_DISABLE", "DISABLE", "DISABLED", "REINSTATE")
REVIEWS = ("APPROVED", "REJECTED", "PENDING", "DEFERRED")
RESTRICTION_LIFTS, BAN_BEGINS = "restriction_lifts", "ban_begins"
REMEDIATION = "Review the policy and request a review."
HOUR_S, WEEK_S = 3600.0, 7 * 86_400.0


def tell(sim: Simulator, waba: Waba, event: str, **extra: Any) -> Json:
    """Tell `account_update`; gives the value."""
    value: Json = {"event": event, **extra}
    sim.webhooks.account(waba.id, "account_update", value)
    return value


def review(sim: Simulator, waba: Waba, decision: str) -> None:
    """Decide the review of the account and tell it."""
    waba.account_review_status = decision
    sim.put(waba)
    sim.webhooks.account(waba.id, "account_review_update", {"decision": decision})


# --- events with consequences -------------------------------------------------------------------------------------
def violation(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Note a policy violation."""
    kind = str(given.get("violation_type", "SPAM"))
    waba.violations = [*waba.violations, kind]
    sim.put(waba)
    return tell(sim, waba, "ACCOUNT_VIOLATION", violation_info={"violation_type": kind})


def restrict(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Restrict for `seconds` virtual seconds: sends answer `code` until then; the end is not told, as at Meta."""
    kind = str(given.get("restriction_type", RESTRICTIONS[0]))
    seconds = float(given.get("seconds", HOUR_S))
    restriction = {
        "restriction_type": kind, "expiration": int(time.time() + seconds), "code": int(given.get("code", 368)),
        "lifts_at": sim.clock.now() + seconds,
    }  # fmt: skip
    waba.restrictions = [*(item for item in waba.restrictions if item["restriction_type"] != kind), restriction]
    sim.put(waba)
    sim.agenda.add(RESTRICTION_LIFTS, waba.id, seconds)
    told = {"restriction_type": kind, "expiration": restriction["expiration"], "remediation": REMEDIATION}
    return tell(sim, waba, "ACCOUNT_RESTRICTION", restriction_info=[told])


def restriction_lifts(sim: Simulator, waba_id: str, data: Json) -> None:
    """Drop the restrictions whose time is over."""
    waba = sim.wabas.get(waba_id)
    if waba is not None:
        now = sim.clock.now()
        waba.restrictions = [item for item in waba.restrictions if item["lifts_at"] > now]
        sim.put(waba)


def lift_all(sim: Simulator, waba: Waba) -> None:
    """End every restriction at once, and forget the violations."""
    waba.restriction, waba.restrictions, waba.violations = 0, [], []
    sim.agenda.cancel(RESTRICTION_LIFTS, waba.id)
    sim.put(waba)


def ban(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Schedule, begin or end a ban (`waba_ban_state`); a scheduled one begins by itself after `seconds`."""
    state = str(given.get("waba_ban_state", "DISABLE"))
    seconds = float(given.get("seconds", WEEK_S)) if state == "SCHEDULE_FOR_DISABLE" else 0.0
    at = time.gmtime(time.time() + seconds)
    date = f"{time.strftime('%B', at)} {at.tm_mday}, {at.tm_year}"
    sim.agenda.cancel(BAN_BEGINS, waba.id)
    if state == "SCHEDULE_FOR_DISABLE":
        sim.agenda.add(BAN_BEGINS, waba.id, seconds)
    waba.ban_state, waba.ban_date = ("", "") if state == "REINSTATE" else (state, date)
    sim.put(waba)
    _move_numbers(sim, waba, "BANNED", back=state == "REINSTATE", moves=state != "SCHEDULE_FOR_DISABLE")
    return tell(sim, waba, "DISABLED_UPDATE", ban_info={"waba_ban_state": state, "waba_ban_date": date})


def ban_begins(sim: Simulator, waba_id: str, data: Json) -> None:
    """Keep the appointment of a scheduled ban."""
    waba = sim.wabas.get(waba_id)
    if waba is not None and waba.ban_state == "SCHEDULE_FOR_DISABLE":
        ban(sim, waba, {"waba_ban_state": "DISABLE"})


def _move_numbers(sim: Simulator, waba: Waba, status: str, *, back: bool = False, moves: bool = True) -> None:
    source, target = (status, "CONNECTED") if back else ("CONNECTED", status)
    for number in sim.numbers.values():
        if moves and number.waba_id == waba.id and number.status == source:
            number.status = target
            sim.put(number)


def delete(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Delete the account: nothing of it can be read or sent any more. Told first, while the app is subscribed."""
    value = tell(sim, waba, "ACCOUNT_DELETED")
    waba.status = "DELETED"
    sim.put(waba)
    return value


def offboard(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Take the account off the platform: its numbers are disconnected."""
    waba.status = "OFFBOARDED"
    sim.put(waba)
    _move_numbers(sim, waba, "DISCONNECTED")
    return tell(sim, waba, "ACCOUNT_OFFBOARDED")


def reconnect(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Bring the account back, with its numbers."""
    waba.status = "ACTIVE"
    sim.put(waba)
    _move_numbers(sim, waba, "DISCONNECTED", back=True)
    return tell(sim, waba, "ACCOUNT_RECONNECTED")


def verify(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Verify the business behind the account."""
    value = tell(sim, waba, "VERIFIED_ACCOUNT")
    portfolios.verified(sim, sim.portfolios[waba.portfolio_id])
    return value


# --- events that only tell, or change one field -------------------------------------------------------------------
def volume_tier(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Tell a new volume pricing tier."""
    info = {
        "tier_update_time": int(time.time()), "pricing_category": given.get("pricing_category", "UTILITY"),
        "tier": given.get("tier", "100001:500000"), "effective_month": time.strftime("%Y-%m"),
        "region": given.get("region", "United Kingdom"),
    }  # fmt: skip
    return tell(sim, waba, "VOLUME_BASED_PRICING_TIER_UPDATE", volume_tier_info=info)


def country(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Move the primary business location."""
    waba.country = str(given.get("country", "DE"))
    sim.put(waba)
    return tell(sim, waba, "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", country=waba.country)


def international_rates(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Make the account subject to international authentication rates."""
    start = int(time.time() + 30 * 86_400)
    exceptions = [{"country_code": given.get("country", "ID"), "start_time": start + 30 * 86_400}]
    waba.auth_international_rate_eligibility = {"start_time": start, "exception_countries": exceptions}
    sim.put(waba)
    rates = waba.auth_international_rate_eligibility
    return tell(sim, waba, "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE", auth_international_rate_eligibility=rates)


def _owner(waba: Waba) -> Json:
    return {"waba_id": waba.id, "owner_business_id": waba.portfolio_id}


def partner(event: str) -> Callable[[Simulator, Waba, Json], Json]:
    """Give the happening of a partner event that carries `waba_info` and changes nothing here."""

    def happen(sim: Simulator, waba: Waba, given: Json) -> Json:
        extra = {"ad_account_linked": "act_120000000000022"} if event == "AD_ACCOUNT_LINKED" else {}
        return tell(sim, waba, event, waba_info={**_owner(waba), **extra})

    return happen


def partner_removed(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Disconnect the partner. With `lose_access` every token loses the account, so that reading it answers 200."""
    reason = {"reason": given.get("reason", "PRIMARY_INACTIVITY"), "initiated_by": given.get("initiated_by", "SYSTEM")}
    value = tell(sim, waba, "PARTNER_REMOVED", waba_info=_owner(waba), disconnection_info=reason)
    if given.get("lose_access"):
        for token in sim.tokens.values():
            if waba.id in token.waba_ids:
                token.waba_ids = [item for item in token.waba_ids if item != waba.id]
                token.lost_waba_ids = [*token.lost_waba_ids, waba.id]
                sim.put(token)
    return value


def certification(sim: Simulator, waba: Waba, given: Json) -> Json:
    """Tell the state of a client's certification at a partner."""
    info = {"client_business_id": waba.portfolio_id, "status": given.get("status", "APPROVED"),
            "rejection_reasons": given.get("rejection_reasons", [])}  # fmt: skip
    return tell(sim, waba, "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE", partner_client_certification_info=info)


EVENTS: dict[str, Callable[[Simulator, Waba, Json], Json]] = {
    "ACCOUNT_VIOLATION": violation,
    "ACCOUNT_RESTRICTION": restrict,
    "DISABLED_UPDATE": ban,
    "ACCOUNT_DELETED": delete,
    "ACCOUNT_OFFBOARDED": offboard,
    "ACCOUNT_RECONNECTED": reconnect,
    "VERIFIED_ACCOUNT": verify,
    "VOLUME_BASED_PRICING_TIER_UPDATE": volume_tier,
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE": country,
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE": international_rates,
    "MM_LITE_TERMS_SIGNED": partner("MM_LITE_TERMS_SIGNED"),
    "AD_ACCOUNT_LINKED": partner("AD_ACCOUNT_LINKED"),
    "PARTNER_ADDED": partner("PARTNER_ADDED"),
    "PARTNER_REMOVED": partner_removed,
    "PARTNER_APP_INSTALLED": partner("PARTNER_APP_INSTALLED"),
    "PARTNER_APP_UNINSTALLED": partner("PARTNER_APP_UNINSTALLED"),
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE": certification,
}
