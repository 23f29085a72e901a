"""What Meta's words about numbers, accounts and portfolios mean to a person: facts, changes, standing, health.

Sentences that have parts are functions of facts, evaluated in the reader's language.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.accounts import standing, words
from console.kit import clock, wording

Text = str | Promise
State = tuple[Text, str, str]  # label, tone, icon
UNLIMITED = "TIER_UNLIMITED"

HEALTH: dict[str, State] = {
    "AVAILABLE": (gettext_lazy("Can send"), "ok", "circle-check"),
    "LIMITED": (gettext_lazy("Limited"), "warn", "alert-triangle"),
    "BLOCKED": (gettext_lazy("Blocked"), "bad", "circle-x"),
}
ENTITIES: dict[str, Text] = {
    "PHONE_NUMBER": gettext_lazy("Phone number"),
    "WABA": gettext_lazy("WhatsApp Business Account"),
    "BUSINESS": gettext_lazy("Business portfolio"),
    "APP": gettext_lazy("App"),
    "MESSAGE_TEMPLATE": gettext_lazy("Message template"),
}
STANDINGS: dict[str, tuple[Text, str, str, Text]] = {
    "": (gettext_lazy("In good standing"), "ok", "circle-check", ""),
    "violation": (
        gettext_lazy("Violation noted"),
        "warn",
        "alert-triangle",
        gettext_lazy("Meta noted a violation of its policies. More of them lead to restrictions."),
    ),
    "restricted": (
        gettext_lazy("Restricted"),
        "bad",
        "circle-x",
        gettext_lazy("Meta restricts what this account may do."),
    ),
    "disable_scheduled": (
        gettext_lazy("Will be disabled"),
        "bad",
        "alert-triangle",
        gettext_lazy("Meta is going to disable this account. Appeal in Meta Business Suite before that."),
    ),
    "disabled": (
        gettext_lazy("Disabled by Meta"),
        "bad",
        "circle-x",
        gettext_lazy("Nothing can be sent. Appeal in Meta Business Suite."),
    ),
    "deleted": (
        gettext_lazy("Deleted"),
        "bad",
        "circle-minus",
        gettext_lazy("The account was deleted at Meta. Connect another one."),
    ),
    "offboarded": (
        gettext_lazy("Disconnected"),
        "bad",
        "circle-x",
        gettext_lazy("The account was disconnected from the Cloud API. Connect it again at Meta."),
    ),
    "review_rejected": (
        gettext_lazy("Review not passed"),
        "bad",
        "circle-x",
        gettext_lazy("Meta did not approve the account. Follow the review in Meta Business Suite."),
    ),
    "review_deferred": (
        gettext_lazy("Review deferred"),
        "warn",
        "alert-triangle",
        gettext_lazy("Meta needs longer to decide about the account. Look at it in Meta Business Suite."),
    ),
}
RESTRICTIONS: dict[str, Text] = {
    "RESTRICTED_BIZ_INITIATED_MESSAGING": gettext_lazy("It can't start conversations: templates are not sent."),
    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING": gettext_lazy("It can't answer people who write to it."),
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION": gettext_lazy("No phone numbers can be added to it."),
    "RESTRICTED_UTILITY_TEMPLATES": gettext_lazy("It can't send utility templates."),
    "RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES": gettext_lazy("It can't send utility messages directly."),
}
NAME_REASONS: dict[str, Text] = {
    "NAME_EMPLOYEE_ISSUE": gettext_lazy("The name is that of an employee, not of the business."),
    "NAME_ENDCLIENT_NOTRELATED": gettext_lazy("Meta sees no relation between the name and the business."),
    "NAME_FORMAT_UNACCEPTABLE": gettext_lazy("The form of the name is not allowed, for example its capitals or signs."),
    "NAME_INDIVIDUAL_ISSUE": gettext_lazy("The name is that of a person, not of a business."),
    "NAME_NOT_CONSISTENT": gettext_lazy("The name does not match the business's website or other presence."),
}
DECISIONS: dict[str, State] = {
    "APPROVED": (gettext_lazy("Approved"), "ok", "circle-check"),
    "REJECTED": (gettext_lazy("Declined"), "bad", "circle-x"),
    "PENDING": (gettext_lazy("In review"), "info", "clock"),
    "DEFERRED": (gettext_lazy("Decision deferred"), "warn", "alert-triangle"),
}
SECURITY: dict[str, Text] = {
    "PIN_CHANGED": gettext_lazy("The two-step PIN was changed"),
    "PIN_RESET_REQUEST": gettext_lazy("Somebody asked to switch off the two-step PIN"),
    "PIN_REQUEST_SUCCESS": gettext_lazy("The two-step PIN was switched off"),
    "PIN_RESET_SUCCESS": gettext_lazy("The two-step PIN was switched off"),
}
VERIFICATION: dict[str, State] = {
    "verified": (gettext_lazy("Verified"), "ok", "circle-check"),
    "not_verified": (gettext_lazy("Not verified"), "mute", "circle-dashed"),
    "pending": (gettext_lazy("Verification under way"), "info", "clock"),
    "pending_need_more_info": (gettext_lazy("Meta needs more information"), "warn", "alert-triangle"),
    "pending_submission": (gettext_lazy("Verification not submitted"), "warn", "alert-triangle"),
    "rejected": (gettext_lazy("Verification rejected"), "bad", "circle-x"),
    "failed": (gettext_lazy("Verification failed"), "bad", "circle-x"),
    "revoked": (gettext_lazy("Verification revoked"), "bad", "circle-x"),
    "expired": (gettext_lazy("Verification expired"), "bad", "circle-x"),
    "ineligible": (gettext_lazy("Not eligible for verification"), "mute", "circle-minus"),
}
FACTS: dict[str, Text] = {
    "quality_rating": gettext_lazy("Quality"),
    "throughput_level": gettext_lazy("Speed"),
    "messaging_limit": gettext_lazy("Messaging limit"),
    "status": gettext_lazy("State"),
    "name_status": gettext_lazy("Review of the display name"),
    "name_decision": gettext_lazy("Decision about the display name"),
    "verified_name": gettext_lazy("Display name"),
    "code_verification_status": gettext_lazy("Verification by code"),
    "account_mode": gettext_lazy("Mode"),
    "is_pin_enabled": gettext_lazy("Two-step PIN"),
    "health_word": gettext_lazy("Health"),
    "account_health": gettext_lazy("Health of the account"),
    "username": gettext_lazy("Username"),
    "review_status": gettext_lazy("Account review"),
    "standing": gettext_lazy("Standing with Meta"),
    "is_subscribed": gettext_lazy("Webhook subscription"),
    "currency": gettext_lazy("Currency"),
    "has_payment_method": gettext_lazy("Payment method"),
    "verification_status": gettext_lazy("Business verification"),
    "name": gettext_lazy("Portfolio name"),
    "security": gettext_lazy("Security"),
    "event": gettext_lazy("Notice from Meta"),
    "notice": gettext_lazy("Notice from Meta"),
}
CODE_STATES: dict[str, State] = {
    "VERIFIED": (gettext_lazy("Verified"), "ok", "circle-check"),
    "NOT_VERIFIED": (gettext_lazy("Not verified"), "warn", "circle-dashed"),
    "UNVERIFIED": (gettext_lazy("Not verified"), "warn", "circle-dashed"),
    "EXPIRED": (gettext_lazy("Code expired"), "warn", "clock"),
}
MODES: dict[str, Text] = {"LIVE": gettext_lazy("Live"), "SANDBOX": gettext_lazy("Test number")}
PLATFORMS: dict[str, Text] = {
    "CLOUD_API": gettext_lazy("Cloud API"),
    "ON_PREMISE": gettext_lazy("On-premises API"),
    "NOT_APPLICABLE": gettext_lazy("None yet"),
}


def limit_count(tier: str) -> int | None:
    """TIER_2K -> 2000; None for no limit and for words nobody knows."""
    return words.LIMITS.get(tier)


def limit(tier: str) -> str:
    """TIER_2K -> "2,000 people in 24 h"."""
    if tier == UNLIMITED:
        return _("No limit")
    count = limit_count(tier)
    return _("%(count)s people in 24 h") % {"count": wording.number(count)} if count else tier or wording.NOTHING


def value_word(fact: str, value: str) -> str:
    """One kept value of a fact in words; a word that nobody knows stays as Meta wrote it."""
    if not value:
        return str(STANDINGS[""][0]) if fact == "standing" else _("not known")
    if fact == "messaging_limit":
        return limit(value)
    if fact == "throughput_level" and value in words.SPEEDS:
        return speed(words.SPEEDS[value])
    if value in ("true", "false"):
        return str(SWITCHES.get(fact, (gettext_lazy("off"), gettext_lazy("on")))[value == "true"])
    table: Mapping[str, Any] = TABLES.get(fact, {})
    found = table.get(value, value)
    return str(found[0] if isinstance(found, tuple) else found)


COEXISTENCE_PER_S = 20  # fixed by Meta for numbers that the WhatsApp Business app uses too


def per_second(throughput_level: str, facts: Mapping[str, Any]) -> int | None:
    """The messages a second that Meta grants a number; None when it does not say."""
    return COEXISTENCE_PER_S if facts.get("is_on_biz_app") is True else words.SPEEDS.get(throughput_level)


def speed(per_second: int) -> str:
    return _("%(count)s a second") % {"count": wording.number(per_second)}


SWITCHES: dict[str, tuple[Text, Text]] = {
    "has_payment_method": (gettext_lazy("none on file"), gettext_lazy("on file")),
    "is_pin_enabled": (gettext_lazy("not set"), gettext_lazy("set")),
}
NO_RATING = gettext_lazy("No rating yet")
TABLES: dict[str, Mapping[str, Any]] = {
    "quality_rating": {**words.QUALITY, "NA": NO_RATING, "UNKNOWN": NO_RATING},
    "throughput_level": {"NOT_APPLICABLE": gettext_lazy("none")},
    "status": words.NUMBER_STATES,
    "name_status": words.NAMES,
    "name_decision": DECISIONS,
    "code_verification_status": CODE_STATES,
    "account_mode": MODES,
    "health_word": HEALTH,
    "review_status": words.REVIEW,
    "standing": STANDINGS,
    "verification_status": VERIFICATION,
    "security": SECURITY,
}


def standing_text(word: str, facts: Mapping[str, Any]) -> str:
    """What a standing means, with the restrictions that still hold and the date of a ban."""
    meaning = STANDINGS.get(word, (word, "", "", ""))[3]
    ban = facts.get("ban")
    parts = [str(meaning)] if meaning else []
    if word == "disable_scheduled" and isinstance(ban, dict) and ban.get("date"):
        parts.append(_("Meta names the date: %(date)s.") % {"date": ban["date"]})
    parts += [restriction_text(row) for row in standing.running_restrictions(facts, clock.now())]
    violation = facts.get("violation")
    if word == "violation" and isinstance(violation, dict) and violation.get("type"):
        parts.append(_("Kind: %(kind)s.") % {"kind": violation["type"]})
    return " ".join(parts)


def restriction_text(row: Mapping[str, Any]) -> str:
    """ "It can't start conversations: templates are not sent. Until 26 Nov 2026, 09:30." """
    what = str(RESTRICTIONS.get(row["type"], row["type"]))
    until = standing.instant(row.get("until"))
    if until is None:
        return what
    return _("%(what)s Until %(day)s.") % {"what": what, "day": wording.when(until, in_sentence=True)}
