"""What the webhook's page says of where Meta posts to: whole sentences from stored facts. No calls, no queries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels_app.accounts import routing
from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from channels_app.accounts.routing import Route
from console.kit import clock
from console.kit.addresses import without_path

HANDSHAKE_SHOWN = timedelta(days=1)
Text = str | Promise
Row = dict[str, Any]

# State of the app's address -> tone, title, what to do.
STATES: dict[str, tuple[str, Text, Text]] = {
    "unread": ("mute", gettext_lazy("Not read from Meta yet"), gettext_lazy("Read it to see where Meta posts to.")),
    "none": (
        "bad",
        gettext_lazy("Meta has no address for the events of this app"),
        gettext_lazy("Nobody learns what became of a message. Subscribe the webhook."),
    ),
    "elsewhere": (
        "bad",
        gettext_lazy("Meta posts to another address: %(url)s"),
        gettext_lazy(
            "Take the address over, which ends the events of that system, or send only the messages of one account or "
            "number here. Events about templates and accounts always go to the app's address."
        ),
    ),
    "inactive": (
        "bad",
        gettext_lazy("Meta has switched this installation's address off"),
        gettext_lazy("It posts nothing. Subscribe the webhook again."),
    ),
    "ours": ("ok", gettext_lazy("Meta posts to this installation"), ""),
}
UNREACHABLE: dict[str, Text] = {
    "not_https": gettext_lazy(
        "Meta only posts to HTTPS. Whoever runs this installation sets WAYMARK_WEBHOOK_BASE_URL to an https address."
    ),
    "private": gettext_lazy(
        "Meta can't reach an address inside a private network or on this machine. Whoever runs this installation sets "
        "WAYMARK_WEBHOOK_BASE_URL to an address on the internet."
    ),
    "too_long": gettext_lazy("Meta takes no address of more than 200 characters. Shorten WAYMARK_WEBHOOK_BASE_URL."),
}
LEVELS: dict[str, Text] = {
    "phone": gettext_lazy("set for this number"),
    "account": gettext_lazy("set for this account"),
    "app": gettext_lazy("the app's address"),
}


def page(
    credentials: ApiCredentials,
    accounts: Sequence[WhatsAppAccount],
    callback_url: str,
    wanted: tuple[str, ...],
    *,
    can_manage: bool,
) -> Row:
    """Everything the page says. Accounts carry their numbers; addresses of others are cut to the host unless `can_manage`."""
    state = routing.app_state(credentials, callback_url)
    missing = routing.missing_fields(credentials, wanted) if state in ("ours", "inactive") else []
    rows = [_account(account, credentials, callback_url, can_manage) for account in accounts]
    lines = _lines(credentials, state, missing, can_manage)
    why_unreachable = routing.unreachable(callback_url)
    return {
        "state": state,
        "lines": lines,
        "accounts": rows,
        "is_elsewhere": state == "elsewhere",
        "foreign_url": shown(str(credentials.subscription.get("callback_url") or ""), can_manage),
        "is_complete": state == "ours" and not missing and all(row["is_complete"] for row in rows),
        "unreachable": str(UNREACHABLE[why_unreachable]) if why_unreachable else "",
        "handshake": _handshake(credentials),
    }


def shown(url: str, is_whole: bool) -> str:
    """An address of another system: whole for those who manage accounts, else the host alone."""
    return url if is_whole else without_path(url)


def _lines(credentials: ApiCredentials, state: str, missing: Sequence[str], can_manage: bool) -> list[Row]:
    tone, title, text = STATES[state]
    url = shown(str(credentials.subscription.get("callback_url") or ""), can_manage)
    lines = [{"tone": tone, "title": str(title) % {"url": url}, "text": str(text)}]
    if missing:
        title = ngettext(
            "%(count)d field is missing: %(names)s", "%(count)d fields are missing: %(names)s", len(missing)
        )
        lines.append(
            {
                "tone": "warn",
                "title": str(title) % {"count": len(missing), "names": ", ".join(missing)},
                "text": _("Meta tells nothing about these. Subscribe again to add them."),
            }
        )
    return lines


def _account(account: WhatsAppAccount, credentials: ApiCredentials, callback_url: str, can_manage: bool) -> Row:
    numbers = [
        _number(number, account, credentials, callback_url, can_manage) for number in account.phone_numbers.all()
    ]
    override = account.override_callback_url
    return {
        "row": account,
        "numbers": numbers,
        "has_override": bool(override),
        "is_override_ours": override == callback_url,
        "override": shown(override, can_manage),
        "is_complete": account.is_subscribed and all(number["is_ours"] for number in numbers),
        "text": _("Its events are subscribed.")
        if account.is_subscribed
        else _("Not subscribed: Meta posts none of its events."),
    }


def _number(
    number: PhoneNumber, account: WhatsAppAccount, credentials: ApiCredentials, callback_url: str, can_manage: bool
) -> Row:
    route = routing.route_of(number, account, credentials, callback_url)
    return {
        "row": number,
        "is_ours": route.is_ours,
        "has_override": bool(number.override_callback_url),
        "tone": "ok" if route.is_ours else "bad",
        "text": _route_text(route, shown(route.url, can_manage)),
    }


def _route_text(route: Route, url: str) -> str:
    if not route.level:
        return _("Its messages are posted nowhere.")
    level = LEVELS[route.level]
    if route.is_ours:
        return _("Its messages come here (%(level)s).") % {"level": level}
    return _("Its messages go to %(url)s (%(level)s).") % {"url": url, "level": level}


def _handshake(credentials: ApiCredentials) -> str:
    """What went wrong with the last handshake; empty when nothing did, or when it is long ago."""
    seen = credentials.last_handshake
    if not seen or seen.get("result") == "verified":
        return ""
    if datetime.fromisoformat(seen["at"]) < clock.now() - HANDSHAKE_SHOWN:
        return ""
    if seen.get("token_hint"):
        return _(
            "The last handshake carried another verify token (ending %(hint)s) and was refused. Copy the one shown here."
        ) % {"hint": seen["token_hint"]}
    return _("The last handshake carried no verify token and was refused.")
