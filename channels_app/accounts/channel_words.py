"""What the checks of a channel configuration mean: the sentence, whose turn it is, and the one next click."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.accounts import number_words, words
from channels_app.accounts.models import PhoneNumber
from channels_app.accounts.words import Text
from console.audiences.models import Purpose
from console.kit import wording

WHATSAPP_MANAGER = "https://business.facebook.com/wa/manage/home/"
YOURS, METAS, INSTALLATIONS = (
    gettext_lazy("Your turn"),
    gettext_lazy("Meta’s turn"),
    gettext_lazy("Turn of whoever runs this installation"),
)
NODES: dict[str, Text] = {
    "PHONE_NUMBER": gettext_lazy("number"),
    "WABA": gettext_lazy("account"),
    "BUSINESS": gettext_lazy("business portfolio"),
    "APP": gettext_lazy("Meta app"),
    "MESSAGE_TEMPLATE": gettext_lazy("template"),
}


@dataclass(frozen=True)
class Fix:
    """Whose turn it is, and the one next click: `page` is a name of FIX_PAGES, or an address at Meta."""

    turn: Text
    label: Text = ""
    page: str = ""


RENEW = Fix(YOURS, gettext_lazy("Renew token"), "access")
SUBSCRIBE = Fix(YOURS, gettext_lazy("Open webhook"), "webhook")
AT_META = Fix(YOURS, gettext_lazy("Open WhatsApp Manager"), WHATSAPP_MANAGER)
OPEN_NUMBER = Fix(YOURS, gettext_lazy("Open number"), "number")
REGISTER = Fix(YOURS, gettext_lazy("Register number"), "number")
OPEN_SENDERS = Fix(YOURS, gettext_lazy("Open accounts and senders"), "senders")
OPEN_TEMPLATES = Fix(YOURS, gettext_lazy("Open templates"), "templates")
WAIT_FOR_META = Fix(METAS, gettext_lazy("Open number"), "number")
FIXES: dict[str, Fix] = {
    "meta_reachable": Fix(INSTALLATIONS),
    "checks_finished": Fix(INSTALLATIONS),
    **dict.fromkeys(("app_secret", "token_valid", "token_expiry", "permission", "template_access"), RENEW),
    **dict.fromkeys(("number_visible", "name_approved", "quality"), OPEN_NUMBER),
    "limit_left": WAIT_FOR_META,
    "account_visible": OPEN_SENDERS,
    **dict.fromkeys(("account_reviewed", "payment_method", "account_standing"), AT_META),
    **dict.fromkeys(("webhook_subscribed", "webhook_address", "webhook_fields", "webhook_verified"), SUBSCRIBE),
    "template_for_purpose": OPEN_TEMPLATES,
}
REGISTRABLE = ("PENDING", "DISCONNECTED")
META_LIFTS = ("FLAGGED", "RESTRICTED", "RATE_LIMITED")


def describe(check: Mapping[str, Any]) -> dict[str, Any]:
    """words.describe for the checks of this room too, with `turn` where there is something to do. No queries."""
    special = SPECIAL.get(str(check.get("code")))
    if special is None:
        row = words.describe(check)
    else:
        status, facts = str(check.get("status")), check.get("facts") or {}
        title, text = special(status, facts)
        if status != "passed" and facts.get("code") is not None:
            text = _("%(text)s (Meta code %(code)s)") % {"text": text, "code": facts["code"]}
        tone = words.TONES.get(status, "mute")
        row = {"tone": tone, "title": title, "text": text, "code": check.get("code"), "status": status}
    return row | {"turn": "" if row["status"] == "passed" else str(_fix(check).turn)}


def fix_of(check: Mapping[str, Any], number: PhoneNumber, slug: str) -> tuple[str, str]:
    """(address, label) of the one next click; ("", "") where there is none. The number's account must be loaded."""
    fix = _fix(check)
    if not fix.page:
        return "", ""
    credentials_id = number.account.credentials_id
    pages = {
        "access": ("accounts:access", credentials_id),
        "webhook": ("accounts:webhook", credentials_id),
        "senders": ("accounts:senders", credentials_id),
        "number": ("accounts:number", number.pk),
    }
    if fix.page in pages:
        name, pk = pages[fix.page]
        return reverse(name, args=[slug, pk]), str(fix.label)
    url = reverse("message_templates:list", args=[slug]) if fix.page == "templates" else fix.page
    return url, str(fix.label)


def _fix(check: Mapping[str, Any]) -> Fix:
    code, facts = str(check.get("code")), check.get("facts") or {}
    if code == "number_connected":
        word = facts.get("status")
        return REGISTER if word in REGISTRABLE else WAIT_FOR_META if word in META_LIFTS else OPEN_NUMBER
    if code == "name_approved" and check.get("status") == "warning":
        return WAIT_FOR_META
    if code == "account_reviewed" and facts.get("review_status") in ("PENDING", "DEFERRED"):
        return Fix(METAS, AT_META.label, AT_META.page)
    if code == "health":
        return OPEN_NUMBER if facts.get("node") == "PHONE_NUMBER" else AT_META
    return FIXES.get(code, Fix(YOURS))


Said = tuple[str, str]
Facts = Mapping[str, Any]


def _quality(status: str, facts: Facts) -> Said:
    if status == "passed":
        return _("Quality of the number is not low"), ""
    return _("Quality of the number is low"), _(
        "People blocked or reported it. Send only to people who expect it; Meta may restrict the number."
    )


def _health(status: str, facts: Facts) -> Said:
    node = str(NODES.get(str(facts.get("node")), facts.get("node") or "?"))
    if status == "passed":
        return _("Meta lets messages through: %(node)s") % {"node": node}, ""
    said = " ".join(str(facts[name]) for name in ("details", "solution") if facts.get(name))
    title = _("Meta limits sending: %(node)s") if status == "warning" else _("Meta blocks sending: %(node)s")
    return title % {"node": node}, said or _("Meta gives no reason. WhatsApp Manager may say more.")


def _standing(status: str, facts: Facts) -> Said:
    if status == "passed":
        return _("Account in good standing"), ""
    word = str(facts.get("standing") or "")
    label = number_words.STANDINGS[word][0] if word in number_words.STANDINGS else word
    kept = facts.get("kept")
    text = number_words.standing_text(word, kept if isinstance(kept, dict) else {})
    return _("Standing of the account: %(word)s") % {"word": label}, text


def _address(status: str, facts: Facts) -> Said:
    if status == "passed":
        return _("Webhook leads to this installation"), ""
    if facts.get("is_off"):
        return _("Meta has switched the webhook off"), _("It posts nothing. Subscribe the webhook again.")
    actual = facts.get("actual")
    if not actual:
        return _("Webhook address not known"), _("Meta holds no address for this app. Subscribe the webhook.")
    return _("Webhook leads somewhere else"), _(
        "Meta posts to %(address)s, so nobody here learns what became of a message. Subscribe the webhook here, or take "
        "the override back."
    ) % {"address": actual}


def _fields(status: str, facts: Facts) -> Said:
    if status == "passed":
        return _("Webhook tells everything"), ""
    return _("Webhook fields missing: %(names)s") % {"names": ", ".join(facts.get("missing") or [])}, _(
        "Subscribe the webhook again: it asks Meta for all of them."
    )


def _access(status: str, facts: Facts) -> Said:
    if status == "passed":
        return _("Templates can be read"), ""
    return _("Templates can't be read"), _(
        "The token must be allowed to manage the account. Make one with that permission and renew it."
    )


def _for_purpose(status: str, facts: Facts) -> Said:
    named = {"purpose": Purpose(facts["purpose"]).label if facts.get("purpose") in Purpose.values else "–"}
    if status == "passed":
        return _("An approved template fits the purpose"), ""
    return _("No approved template for this purpose: %(purpose)s") % named, _(
        "Authors can choose this configuration, but nothing to send with it yet. Have a template approved."
    )


def _limit(status: str, facts: Facts) -> Said:
    named = {"used": wording.number(facts.get("used") or 0), "limit": wording.number(facts.get("limit") or 0)}
    if status == "passed":
        return _("Messaging limit: %(used)s of %(limit)s used in 24 hours") % named, ""
    return _("Messaging limit used up: %(used)s of %(limit)s in 24 hours") % named, _(
        "Sending rests until Meta takes more. It frees up by itself as the 24 hours pass."
    )


def _reachable(status: str, facts: Facts) -> Said:
    title = _("Meta could not be reached")
    if status == "warning" and facts.get("next_at"):
        return title, _("Nothing has failed: the checks are tried again by themselves.")
    return title, _("Check the network of this installation, then run the checks again.")


def _finished(status: str, facts: Facts) -> Said:
    text = _("They broke off %(tries)s times. Submit again; if that happens again, the log of the workers says why.")
    return _("The checks could not be finished"), text % {"tries": wording.number(facts.get("tries") or 0)}


SPECIAL: dict[str, Callable[[str, Facts], Said]] = {
    "quality": _quality,
    "health": _health,
    "account_standing": _standing,
    "webhook_address": _address,
    "webhook_fields": _fields,
    "template_access": _access,
    "template_for_purpose": _for_purpose,
    "limit_left": _limit,
    "meta_reachable": _reachable,
    "checks_finished": _finished,
}
