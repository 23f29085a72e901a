"""`health_status`: what stands in the way of sending, entity by entity, computed from the simulated state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..entities import App, Number, Portfolio, Template, Waba

if TYPE_CHECKING:
    from ..simulator import Simulator

Json = dict[str, Any]
Trouble = tuple[int, str, str]
_WORST = ("AVAILABLE", "LIMITED", "BLOCKED")
_NUMBER_TROUBLES: dict[str, Trouble] = {
    "PENDING": (141000, "The phone number is not registered.", "Register the phone number with the Cloud API."),
    "DISCONNECTED": (141000, "The phone number is not registered.", "Register the phone number with the Cloud API."),
    "MIGRATED": (141000, "The phone number was moved to another account.", "Use the account that it was moved to."),
    "DELETED": (141000, "The phone number was deleted.", "Add the phone number again."),
    "BANNED": (131031, "The phone number is banned.", "Request a review in WhatsApp Manager."),
    "RESTRICTED": (131031, "The phone number is restricted.", "Request a review in WhatsApp Manager."),
    "FLAGGED": (131048, "The phone number is flagged: its quality is low.", "Improve the quality of your messages."),
    "RATE_LIMITED": (131048, "The phone number is rate limited.", "Wait until the limit is lifted."),
}
_OTHER_STATUS: Trouble = (141000, "The phone number cannot send.", "Check the phone number in WhatsApp Manager.")


def entity(kind: str, object_id: str, errors: list[Trouble], info: list[str]) -> Json:
    """Give one entity: BLOCKED with errors, else LIMITED with additional_info, else AVAILABLE."""
    found: Json = {"entity_type": kind, "id": object_id, "can_send_message": "AVAILABLE"}
    if errors:
        found["can_send_message"] = "BLOCKED"
        found["errors"] = [
            {"error_code": code, "error_description": what, "possible_solution": solution}
            for code, what, solution in errors
        ]
    elif info:
        found |= {"can_send_message": "LIMITED", "additional_info": info}
    return found


def of_number(number: Number) -> Json:
    """Give the entity of a phone number."""
    errors, info = [], []
    if number.status != "CONNECTED":
        errors.append(_NUMBER_TROUBLES.get(number.status, _OTHER_STATUS))
    if number.quality_rating == "RED":
        info.append("The quality of your phone number is low. Its messages may be limited.")
    if number.name_status not in ("APPROVED", "AVAILABLE_WITHOUT_REVIEW"):
        info.append("Your display name has not been approved yet. Your message limit will increase after the display "
                    "name is approved.")  # fmt: skip
    return entity("PHONE_NUMBER", number.id, errors, info)


def of_template(template: Template) -> Json:
    """Give the entity of a template."""
    errors = []
    if template.status != "APPROVED":
        errors.append((141002, "Only approved templates can be sent.", "Edit or appeal the review decision."))
    info = ["The quality of the template is low. It may be paused."] if template.quality == "RED" else []
    return entity("MESSAGE_TEMPLATE", template.id, errors, info)


def of_waba(waba: Waba) -> Json:
    """Give the entity of a WhatsApp Business Account."""
    errors: list[Trouble] = []
    info = []
    review = "Request a review in WhatsApp Manager."
    if waba.restriction:
        errors.append((waba.restriction, "The account cannot send messages.", "Check the account in WhatsApp Manager."))
    for item in waba.restrictions:
        if item["restriction_type"] == "RESTRICTED_BIZ_INITIATED_MESSAGING":
            errors.append((item["code"], "The account may not start conversations at this time.", review))
        else:
            info.append(f"The account is restricted: {item['restriction_type']}.")
    if waba.ban_state in ("DISABLE", "DISABLED") or waba.status == "OFFBOARDED":
        errors.append((131031, "The account is disabled.", review))
    elif waba.ban_state:
        info.append(f"The account will be disabled on {waba.ban_date}.")
    if not waba.primary_funding_id:
        errors.append((141006, "There is no valid payment method. Conversations started by the business are blocked.",
                       "Add a payment method to the account."))  # fmt: skip
    if waba.account_review_status != "APPROVED":
        info.append(f"The review of the account is {waba.account_review_status}.")
    if waba.violations:
        info.append(f"The account has policy violations: {', '.join(sorted(set(waba.violations)))}.")
    return entity("WABA", waba.id, errors, info)


def of_portfolio(portfolio: Portfolio) -> Json:
    """Give the entity of a business portfolio."""
    is_verified = portfolio.verification_status == "verified"
    return entity("BUSINESS", portfolio.id, [], [] if is_verified else ["The business has not passed verification."])


def of_app(app: App) -> Json:
    """Give the entity of an app."""
    return entity("APP", app.id, [], [])


def health(simulator: Simulator, waba: Waba, first: list[Json], app_id: str) -> Json:
    """Give `health_status` of a node: its own entity, then account, business and app; overall the worst of them."""
    entities = [*first, of_waba(waba), of_portfolio(simulator.portfolios[waba.portfolio_id])]
    app = simulator.apps.get(app_id)
    if app is not None:
        entities.append(of_app(app))
    worst = max((item["can_send_message"] for item in entities), key=_WORST.index)
    return {"can_send_message": worst, "entities": entities}
