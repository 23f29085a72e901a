"""Sentences of the doctor's own checks; those of credentials, accounts and numbers are accounts' own. Translated when shown.

A result says `facts["why"]`: the key of the sentence when it did not pass.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.accounts import number_words
from channels_app.accounts import words as accounts
from channels_app.cloud_api.codes import explain
from channels_app.doctor.sentences import WORDS, Text
from channels_app.doctor.states import FAILED, PASSED
from console.kit import wording

Result = Mapping[str, Any]

# How accounts' checks are called where no single sentence of theirs is a name.
NAMES: dict[str, Text] = {
    "meta_reachable": gettext_lazy("Connection to Meta"),
    "app_secret": gettext_lazy("App id and app secret"),
    "token_valid": gettext_lazy("Access token"),
    "app_matches": gettext_lazy("App of the token"),
    "token_type": gettext_lazy("Kind of token"),
    "token_expiry": gettext_lazy("Token expiry"),
    "permission": gettext_lazy("Permissions"),
    "secret_proof": gettext_lazy("App secret proof"),
    "accounts_visible": gettext_lazy("Accounts the token reaches"),
    "portfolio_readable": gettext_lazy("Business portfolio"),
    "account_owner": gettext_lazy("Owner of the accounts"),
    "account_visible": gettext_lazy("Account at Meta"),
    "account_reviewed": gettext_lazy("Account review"),
    "payment_method": gettext_lazy("Payment method"),
    "number_visible": gettext_lazy("Number at Meta"),
    "number_connected": gettext_lazy("Registration"),
    "name_approved": gettext_lazy("Display name"),
    "webhook_subscribed": gettext_lazy("Account's subscription"),
    "webhook_verified": gettext_lazy("Handshake"),
}


class Figure(int):
    """A number that is grouped where a sentence prints it."""

    def __str__(self) -> str:
        return wording.number(int(self))


def name(code: str) -> str:
    """What a check is called, whatever came of it."""
    return str(WORDS[code].name if code in WORDS else NAMES.get(code, code))


def describe(result: Result) -> tuple[str, str]:
    """(title, what it means and what to do): plain text, no queries."""
    code, status = str(result.get("words") or result["code"]), str(result["status"])
    facts = result.get("facts") or {}
    if facts.get("is_unused"):
        kept = {name: value for name, value in facts.items() if name != "is_unused"}
        heading, why = describe({**result, "status": FAILED, "facts": kept})
        return heading, _("%(text)s It is not used yet: no channel configuration sends with it.") % {"text": why}
    general = GENERAL.get(str(facts.get("why") or "")) if status != PASSED else None
    if general is not None:
        return general(code, facts)
    if code in SPECIAL:
        return SPECIAL[code](status, facts)
    if code not in WORDS:
        described = accounts.describe({"code": code, "status": status, "facts": facts})
        return str(described["title"]), str(described["text"])
    words, values = WORDS[code], _values(facts)
    if status == PASSED:
        return str(words.good % values), ""
    title, text = words.bad.get(str(facts.get("why") or ""), (words.name, ""))
    return str(title % values), str(text % values)


def _values(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _value(key, value) for key, value in facts.items()}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return Figure(value)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, str) and key.endswith("_at"):
        return wording.when(datetime.fromisoformat(value), in_sentence=True)
    if isinstance(value, str) and key.endswith("_on"):
        return formats.date_format(date.fromisoformat(value), "DATE_FORMAT")
    return value


def _because(code: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    return name(code), _("Not asked because of another check: %(check)s.") % {"check": name(str(facts.get("because")))}


def _untold(code: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    return name(code), _("Not judged: nothing is known about it yet.")


def _time(code: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    return name(code), _("Not asked because the examination took too long.")


def _broken(code: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    return (
        _("Could not be made: %(check)s") % {"check": name(code)},
        _("The check itself broke off (%(error)s). The log of this installation says at which check.") % facts,
    )


def _refused(code: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    title = _("Meta did not answer: %(check)s") % {"check": name(code)}
    if facts.get("code") is None:
        return title, _("The connection to Meta broke off (%(error)s). Check everything again.") % facts
    words = explain(facts["code"], facts.get("subcode"))
    sentence = _("%(title)s. %(sentence)s %(remedy)s (Meta code %(code)s)")
    return title, sentence % {
        "title": words.title,
        "sentence": words.sentence,
        "remedy": words.remedy,
        "code": facts["code"],
    }


def _standing(status: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    word = str(facts.get("standing") or "")
    if status == PASSED:
        return str(number_words.STANDINGS[""][0]), ""
    label = number_words.STANDINGS.get(word, (word, "", "", ""))[0]
    kept = facts.get("kept")
    text = number_words.standing_text(word, kept if isinstance(kept, dict) else {})
    return _("Standing of the account: %(word)s") % {"word": label}, text


# Sentences that fit every check: by facts["why"].
GENERAL: dict[str, Callable[[str, Mapping[str, Any]], tuple[str, str]]] = {
    "because": _because,
    "untold": _untold,
    "time": _time,
    "broken": _broken,
    "refused": _refused,
}
SPECIAL: dict[str, Callable[[str, Mapping[str, Any]], tuple[str, str]]] = {"account_standing": _standing}
