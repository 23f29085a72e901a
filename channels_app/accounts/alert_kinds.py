"""What this room tells the workspace. Facts are Meta's words; the sentences are made in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.accounts import number_words, words
from channels_app.accounts import token_alert_kinds as token_alert_kinds  # declares its own
from console.alerts.kinds import AlertKind, Facts, register

NUMBERS = gettext_lazy("Numbers and accounts")
TO_NUMBER: dict[str, Any] = {"url_name": "accounts:number", "url_facts": ("number_pk",)}


def _named(facts: Facts, **more: Any) -> dict[str, Any]:
    return {"number": facts.get("number", ""), "name": facts.get("name", ""), **more}


def _quality_title(facts: Facts) -> str:
    word = number_words.value_word("quality_rating", str(facts.get("after", "")))
    return _("Quality of %(number)s is now %(word)s") % _named(facts, word=word)


def _state_title(facts: Facts) -> str:
    word = number_words.value_word("status", str(facts.get("after", "")))
    return _("%(number)s: %(word)s") % _named(facts, word=word)


def _state_text(facts: Facts) -> str:
    found = words.NUMBER_STATES.get(str(facts.get("after", "")))
    return str(found[3]) if found else _("Open the number to see what Meta says about it.")


def _name_title(facts: Facts) -> str:
    if facts.get("after") == "APPROVED":
        return _("Meta approved the display name “%(requested)s”") % _requested(facts)
    if facts.get("after") == "EXPIRED":
        return _("The approval of the display name “%(requested)s” expired") % _requested(facts)
    return _("Meta declined the display name “%(requested)s”") % _requested(facts)


def _requested(facts: Facts) -> dict[str, Any]:
    return {"requested": facts.get("requested", "")}


def _name_text(facts: Facts) -> str:
    if facts.get("after") == "APPROVED":
        return _("People see it from now on in messages of %(number)s.") % _named(facts)
    reason = str(number_words.NAME_REASONS.get(str(facts.get("reason", "")), ""))
    remedy = _("Correct the name in Meta's WhatsApp Manager and have it reviewed again.")
    return f"{reason} {remedy}".strip()


def _limit_title(facts: Facts) -> str:
    sentences = {
        "up": _("Messaging limit raised to %(limit)s"),
        "down": _("Messaging limit lowered to %(limit)s"),
    }
    sentence = sentences.get(str(facts.get("direction")), _("Messaging limit is now %(limit)s"))
    return sentence % {"limit": number_words.limit(str(facts.get("after", "")))}


def _limit_text(facts: Facts) -> str:
    before = number_words.limit(str(facts.get("before", "")))
    return _("It was %(before)s. All numbers of the portfolio %(portfolio)s share it.") % {
        "before": before,
        "portfolio": facts.get("portfolio", ""),
    }


def _standing_title(facts: Facts) -> str:
    word = str(facts.get("after", ""))
    label = number_words.STANDINGS.get(word, (word,))[0]
    return _("%(account)s: %(label)s") % {"account": facts.get("account", ""), "label": label}


def _standing_text(facts: Facts) -> str:
    kept = facts.get("standing")
    text = number_words.standing_text(str(facts.get("after", "")), kept if isinstance(kept, dict) else {})
    return text or _("Open the account to see what Meta says about it.")


def _security_title(facts: Facts) -> str:
    word = number_words.value_word("security", str(facts.get("after", "")))
    return _("%(number)s: %(word)s") % _named(facts, word=word)


register(
    AlertKind(
        "accounts.quality",
        NUMBERS,
        gettext_lazy("Quality of a number dropped"),
        _quality_title,
        gettext_lazy("People blocked or reported it. Send only to people who expect it; Meta may restrict the number."),
        **TO_NUMBER,
    )
)
register(
    AlertKind(
        "accounts.limit",
        NUMBERS,
        gettext_lazy("Messaging limit changed"),
        _limit_title,
        _limit_text,
        tone="info",
        url_name="accounts:numbers",
        is_event=True,
    )
)
register(
    AlertKind(
        "accounts.number_state",
        NUMBERS,
        gettext_lazy("A number was flagged, restricted or disconnected"),
        _state_title,
        _state_text,
        tone="bad",
        **TO_NUMBER,
    )
)
register(
    AlertKind(
        "accounts.name_decision",
        NUMBERS,
        gettext_lazy("Meta decided about a display name"),
        _name_title,
        _name_text,
        tone="info",
        is_event=True,
        **TO_NUMBER,
    )
)
register(
    AlertKind(
        "accounts.account_standing",
        NUMBERS,
        gettext_lazy("An account was restricted, banned or not approved"),
        _standing_title,
        _standing_text,
        tone="bad",
        url_name="accounts:accounts",
    )
)
register(
    AlertKind(
        "accounts.security",
        NUMBERS,
        gettext_lazy("The PIN of a number was changed"),
        _security_title,
        gettext_lazy("If nobody of your team did this, change the PIN at once and look at who has access at Meta."),
        is_event=True,
        **TO_NUMBER,
    )
)


def _channel_title(facts: Facts) -> str:
    named = {"name": facts.get("name", ""), "version": facts.get("version", "")}
    if facts.get("why") == "update":
        return _("The update of “%(name)s” failed, version %(version)s is in use") % named
    return _("“%(name)s” did not pass its daily check") % named


register(
    AlertKind(
        "accounts.channel_failed",
        gettext_lazy("Channel configurations"),
        gettext_lazy("A channel configuration failed its checks"),
        _channel_title,
        gettext_lazy("Nothing was switched off. Open the configuration to see which check failed and what to do."),
        url_name="accounts:channel",
        url_facts=("channel_pk",),
    )
)
