"""Sentences for checks, number states and Meta's other words: what it means and what to do. Translated when shown."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.accounts import credential_words

Text = str | Promise
TONES = {"passed": "ok", "warning": "warn", "failed": "bad"}

# Title when passed, title when not, what to do then.
WORDS: dict[str, tuple[Text, Text, Text]] = {
    "number_visible": (
        gettext_lazy("Number visible to the token"),
        gettext_lazy("Number not visible to the token"),
        gettext_lazy("Check that the number still exists and that its account was given to the system user."),
    ),
    "account_visible": (
        gettext_lazy("Account visible to the token"),
        gettext_lazy("Account not visible to the token"),
        gettext_lazy("Give the account to the system user in Meta Business Suite, then check again."),
    ),
    "account_reviewed": (
        gettext_lazy("Account review passed"),
        gettext_lazy("Account review not passed"),
        gettext_lazy("Meta has not approved this account. Follow the review in Meta Business Suite, then check again."),
    ),
    "payment_method": (
        gettext_lazy("Payment method on file"),
        gettext_lazy("No payment method seen"),
        gettext_lazy("Paid messages can't be sent without one. Add it in Meta's billing settings."),
    ),
    "webhook_subscribed": (
        gettext_lazy("Webhook subscribed"),
        gettext_lazy("Webhook not subscribed"),
        gettext_lazy("Without it nobody learns what became of a message. Subscribe the webhook, then check again."),
    ),
    "webhook_verified": (
        gettext_lazy("Webhook verified by Meta"),
        gettext_lazy("Webhook not verified"),
        gettext_lazy("Meta has not called the webhook address yet. Subscribe the webhook, then check again."),
    ),
}

# Meta's word -> label, tone, icon, what it means.
NUMBER_STATES: dict[str, tuple[Text, str, str, Text]] = {
    "CONNECTED": (gettext_lazy("Connected"), "ok", "circle-check", gettext_lazy("It can send.")),
    "PENDING": (
        gettext_lazy("Not registered"),
        "info",
        "clock",
        gettext_lazy("Open the number and follow the steps to register it with its six-digit PIN."),
    ),
    "DISCONNECTED": (
        gettext_lazy("Disconnected"),
        "bad",
        "circle-x",
        gettext_lazy("It is not connected to the Cloud API any more. Open the number and register it again."),
    ),
    "FLAGGED": (
        gettext_lazy("Flagged"),
        "warn",
        "alert-triangle",
        gettext_lazy("Its quality is low. Send only to people who expect it until Meta lifts the flag."),
    ),
    "RESTRICTED": (
        gettext_lazy("Restricted"),
        "bad",
        "circle-x",
        gettext_lazy("Its messaging limit is used up or Meta restricts it. It sends again when Meta lifts that."),
    ),
    "RATE_LIMITED": (
        gettext_lazy("Rate limited"),
        "warn",
        "alert-triangle",
        gettext_lazy("It has sent too much for now. Meta lifts that by itself."),
    ),
    "BANNED": (
        gettext_lazy("Banned"),
        "bad",
        "circle-x",
        gettext_lazy("Meta has banned it for violating its policies. Appeal in Meta's WhatsApp Manager."),
    ),
    "MIGRATED": (
        gettext_lazy("Moved away"),
        "mute",
        "circle-minus",
        gettext_lazy("It was moved to another account. Choose that account."),
    ),
    "DELETED": (gettext_lazy("Deleted"), "mute", "circle-minus", gettext_lazy("It was deleted at Meta.")),
}
QUALITY: dict[str, tuple[Text, str]] = {
    "GREEN": (gettext_lazy("High"), "ok"),
    "YELLOW": (gettext_lazy("Medium"), "warn"),
    "RED": (gettext_lazy("Low"), "bad"),
}
REVIEW: dict[str, tuple[Text, str, str]] = {
    "APPROVED": (gettext_lazy("Review passed"), "ok", "circle-check"),
    "PENDING": (gettext_lazy("Under review"), "info", "clock"),
    "DEFERRED": (gettext_lazy("Review deferred"), "warn", "alert-triangle"),
    "REJECTED": (gettext_lazy("Review not passed"), "bad", "circle-x"),
}
NAMES: dict[str, tuple[Text, str]] = {
    "APPROVED": (gettext_lazy("Approved"), "ok"),
    "AVAILABLE_WITHOUT_REVIEW": (gettext_lazy("Usable without review"), "ok"),
    "PENDING_REVIEW": (gettext_lazy("In review"), "info"),
    "DECLINED": (gettext_lazy("Declined"), "bad"),
    "EXPIRED": (gettext_lazy("Approval expired"), "bad"),
}
LIMITS = {"TIER_250": 250, "TIER_1K": 1000, "TIER_2K": 2000, "TIER_10K": 10_000, "TIER_100K": 100_000}
SPEEDS = {"STANDARD": 80, "HIGH": 1000}


def describe(check: Mapping[str, Any]) -> dict[str, Any]:
    """One stored check for the kit's `checks` part: {tone, title, text, code, status}. No queries."""
    facts, status = check.get("facts") or {}, str(check.get("status"))
    title, text = _words(str(check.get("code")), status, facts)
    if status != "passed" and facts.get("code") is not None:
        text = _with_answer(text, facts)
    return {
        "tone": TONES.get(status, "mute"),
        "title": title,
        "text": text,
        "code": check.get("code"),
        "status": status,
    }


def _with_answer(text: str, facts: Mapping[str, Any]) -> str:
    """The sentence with Meta's own words and code behind it."""
    values = {"text": text, "code": facts["code"], "details": str(facts.get("details") or "").strip()}
    if values["details"]:
        return _("%(text)s Meta's answer: “%(details)s” (code %(code)s)") % values
    return _("%(text)s (Meta code %(code)s)") % values


def _words(code: str, status: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    special = SPECIAL.get(code)
    if special:
        return special(status, facts)
    good, bad, remedy = WORDS.get(code) or credential_words.WORDS.get(code, (code, code, ""))
    if status == "passed":
        return str(good), ""
    text = str(remedy)
    return str(bad), text % facts if "%(" in text else text


def _connected(status: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    word = str(facts.get("status") or "")
    if status == "passed":
        return _("Number registered with the Cloud API"), ""
    label, _tone, _icon, meaning = NUMBER_STATES.get(word, (word or "?", "mute", "circle-dashed", ""))
    if word in ("PENDING", "DISCONNECTED"):
        return _("Meta refused the registration check: the number isn’t registered"), _(
            "Meta code 133010. %(remedy)s"
        ) % {"remedy": meaning}
    return _("The number can't send: %(state)s") % {"state": label}, str(meaning)


def _name(status: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    if status == "passed":
        return _("Display name approved"), ""
    if status == "warning":
        return _("Display name in review"), _("Until Meta approves it, people see the number instead of the name.")
    return _("Display name not approved"), _("Correct the name in Meta's WhatsApp Manager, then check again.")


SPECIAL = {
    **credential_words.SPECIAL,
    "number_connected": _connected,
    "name_approved": _name,
}
