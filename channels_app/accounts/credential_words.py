"""Sentences for the checks of API credentials: what Meta said, and what to do. Translated when shown."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels_app.cloud_api.codes import explain

Text = str | Promise
Facts = Mapping[str, Any]
PORTFOLIO_PERMISSION = "business_management"

# What Meta calls the owners of tokens.
KINDS: dict[str, Text] = {
    "SYSTEM_USER": gettext_lazy("System user"),
    "USER": gettext_lazy("Person"),
    "PAGE": gettext_lazy("Page"),
    "APP": gettext_lazy("App"),
}

# Title when passed, title when not, what to do then.
WORDS: dict[str, tuple[Text, Text, Text]] = {
    "meta_reachable": (
        gettext_lazy("Meta can be reached"),
        gettext_lazy("Meta can't be reached"),
        gettext_lazy("Nothing is known anew. Check the network of this installation, then run the checks again."),
    ),
    "app_secret": (
        gettext_lazy("App id and app secret belong together"),
        gettext_lazy("Meta refuses app id and app secret"),
        gettext_lazy("Copy both again from Meta's app dashboard, App settings, Basic."),
    ),
    "secret_proof": (
        gettext_lazy("App secret proof accepted"),
        gettext_lazy("App secret proof refused"),
        gettext_lazy("Meta does not accept calls signed with this app secret. Enter the current app secret."),
    ),
    "portfolio_is_app": (
        "",
        gettext_lazy("This is the id of the app, not of a business portfolio"),
        gettext_lazy("Meta Business Suite shows the portfolio's id under Settings, Business info."),
    ),
    "portfolio_is_number": (
        "",
        gettext_lazy("This is the id of a phone number, not of a business portfolio"),
        gettext_lazy("Meta Business Suite shows the portfolio's id under Settings, Business info."),
    ),
}


def _expiry(status: str, facts: Facts) -> tuple[str, str]:
    if not facts.get("expires_at"):
        return _("Token never expires"), ""
    day = formats.date_format(datetime.fromisoformat(facts["expires_at"]), "DATE_FORMAT")
    if status == "failed":
        return _("Token expired on %(day)s") % {"day": day}, _("Nothing can be sent with it. Renew the token.")
    days = int(facts.get("days", 0))
    title = ngettext("Token expires in %(days)d day", "Token expires in %(days)d days", days) % {"days": days}
    return title, _("Renew it before %(day)s or sending stops.") % {"day": day} if status == "warning" else ""


def _permission(status: str, facts: Facts) -> tuple[str, str]:
    name = facts.get("permission", "")
    if status == "passed":
        return _("Permission granted: %(name)s") % {"name": name}, ""
    title = _("Permission missing: %(name)s") % {"name": name}
    if name == PORTFOLIO_PERMISSION:
        return title, _(
            "Messages go out without it. It is only needed to read the business portfolio and the accounts in it."
        )
    return title, _(
        "Make a token with this permission for the system user in Meta Business Suite, then renew the token here."
    )


def _visible(status: str, facts: Facts) -> tuple[str, str]:
    names = facts.get("names") or facts.get("visible") or []
    hidden = ", ".join(facts.get("hidden") or [])
    if hidden:
        return (
            _("An account can't be read: %(ids)s") % {"ids": hidden},
            _("Give the account to the system user in Meta Business Suite, then run the checks again."),
        )
    if status == "passed":
        title = ngettext("%(count)d account visible", "%(count)d accounts visible", len(names)) % {"count": len(names)}
        return title, ", ".join(names)
    return (
        _("The token sees no account"),
        _(
            "Give the WhatsApp Business Account to the system user in Meta Business Suite, then run the checks again. Or "
            "enter its id in the next step; it is verified at Meta."
        ),
    )


def _token_valid(status: str, facts: Facts) -> tuple[str, str]:
    if status == "passed":
        return _("Access token accepted"), ""
    if facts.get("code") is None:
        return _("Access token refused"), _(
            "Nothing can be sent with it. Make a new token for the system user and renew it here."
        )
    words = explain(facts["code"], facts.get("subcode"))
    return str(words.title), _("%(sentence)s %(remedy)s") % {"sentence": words.sentence, "remedy": words.remedy}


def _app_matches(status: str, facts: Facts) -> tuple[str, str]:
    if status == "passed":
        return _("Token belongs to this app"), ""
    if facts.get("actual"):
        text = _("The token was made for app %(actual)s, not %(expected)s. Make one for this app and enter it here.")
    else:
        text = _(
            "The token was made for another app than %(expected)s. Choose this app when the system user generates the "
            "token, or delete these credentials and connect the token's own app."
        )
    return _("Token belongs to another app"), text % {"actual": facts.get("actual"), "expected": facts.get("expected")}


def _token_type(status: str, facts: Facts) -> tuple[str, str]:
    word = str(facts.get("type") or "")
    if status == "passed":
        if "INTEGRATION" in word:
            return _("Token of a business integration"), ""
        return _("Token of a system user"), ""
    if word == "USER":
        return _("Token of a person"), _(
            "It ends within hours or when the person leaves. Make a token for a system user and enter it here."
        )
    return _("Token of an unexpected kind: %(type)s") % {"type": word or "?"}, _(
        "Make a token for a system user and enter it here."
    )


def _portfolio_readable(status: str, facts: Facts) -> tuple[str, str]:
    if status == "passed":
        return _("Business portfolio found: %(name)s") % {"name": facts.get("name") or facts.get("id")}, ""
    if status == "warning":
        return _("The business portfolio can't be read"), _(
            "The token has no business_management permission, so the id is only compared with the owners of the accounts."
        )
    if facts.get("owner_id"):
        return _("This token does not see the business portfolio %(id)s") % {"id": facts.get("id")}, _(
            "The accounts it sees belong to “%(name)s” (%(owner)s). Use that id, or a token of the other portfolio."
        ) % {"name": facts.get("owner_name"), "owner": facts.get("owner_id")}
    return _("This token does not see the business portfolio %(id)s") % {"id": facts.get("id")}, _(
        "Check the id: Meta Business Suite shows it under Settings, Business info. It is not the id of the WhatsApp "
        "Business Account."
    )


def _portfolio_is_account(status: str, facts: Facts) -> tuple[str, str]:
    title = _("This is the id of the WhatsApp Business Account “%(name)s”") % {"name": facts.get("name")}
    if facts.get("owner_id"):
        return title, _("Its business portfolio is “%(name)s” (%(id)s). Use that id?") % {
            "name": facts.get("owner_name") or facts.get("owner_id"),
            "id": facts.get("owner_id"),
        }
    return title, _(
        "Enter the id of the business portfolio that owns it: Meta Business Suite, Settings, Business info."
    )


def _account_owner(status: str, facts: Facts) -> tuple[str, str]:
    if status == "passed":
        return _("The accounts and the business portfolio belong together"), ""
    title = _("“%(account)s” belongs to “%(owner)s”, not to “%(name)s”") % {
        "account": facts.get("account"),
        "owner": facts.get("owner_name"),
        "name": facts.get("name"),
    }
    if status == "warning":
        return title, _(
            "Portfolio %(owner_id)s owns it, not %(id)s. If it is shared with your portfolio, all is well: without "
            "business_management that can't be checked."
        ) % {"owner_id": facts.get("owner_id"), "id": facts.get("id")}
    return title, _(
        "Portfolio %(owner_id)s owns it, and it is not shared with %(id)s. Correct the portfolio id, or use a token of "
        "the portfolio that owns the account."
    ) % {"owner_id": facts.get("owner_id"), "id": facts.get("id")}


def _account_shared(status: str, facts: Facts) -> tuple[str, str]:
    rows = facts.get("accounts") or []
    names = ", ".join(_("%(name)s of %(owner)s") % row for row in rows)
    return ngettext(
        "%(count)d account of another business is shared with the portfolio",
        "%(count)d accounts of other businesses are shared with the portfolio",
        len(rows),
    ) % {"count": len(rows)}, _("%(names)s. That is fine.") % {"names": names}


def _app_once(status: str, facts: Facts) -> tuple[str, str]:
    return _("The app is also used by “%(names)s”") % {"names": facts.get("names")}, _(
        "An app has one webhook address, so only one of them hears from Meta. Put all accounts of an app under one of "
        "them."
    )


SPECIAL: dict[str, Callable[[str, Facts], tuple[str, str]]] = {
    "token_valid": _token_valid,
    "app_matches": _app_matches,
    "token_type": _token_type,
    "token_expiry": _expiry,
    "permission": _permission,
    "accounts_visible": _visible,
    "portfolio_readable": _portfolio_readable,
    "portfolio_is_account": _portfolio_is_account,
    "app_once": _app_once,
    "account_owner": _account_owner,
    "account_shared": _account_shared,
}
