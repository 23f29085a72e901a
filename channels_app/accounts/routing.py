"""Where Meta posts to, judged from what Meta said last: the app's address, overrides, and who wins. No calls, no queries.

Precedence is phone > WABA > app, and only `messages` follow overrides (reference section 1.6).
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount

META_HOST = "facebook.com"
MAX_URL = 200  # of an override, at Meta
LOCAL_ENDS = (".local", ".internal", ".localhost", ".test", ".example", ".invalid")


@dataclass(frozen=True)
class Route:
    """Where the messages of a number go: `level` is what decides (phone, account, app; "" nowhere)."""

    level: str
    url: str
    is_ours: bool


def app_state(credentials: ApiCredentials, callback_url: str) -> str:
    """unread, none, elsewhere, inactive or ours."""
    if credentials.subscription_read_at is None:
        return "unread"
    url = str(credentials.subscription.get("callback_url") or "")
    if not url:
        return "none"
    if url != callback_url:
        return "elsewhere"
    return "ours" if credentials.subscription.get("is_active") else "inactive"


def missing_fields(credentials: ApiCredentials, wanted: tuple[str, ...]) -> list[str]:
    """What this installation wants to hear of and the app is not subscribed to."""
    known = set(credentials.subscription.get("fields") or [])
    return [name for name in wanted if name not in known]


def route_of(number: PhoneNumber, account: WhatsAppAccount, credentials: ApiCredentials, callback_url: str) -> Route:
    """Who wins for the messages of one number."""
    app_url = str(credentials.subscription.get("callback_url") or "")
    levels = (("phone", number.override_callback_url), ("account", account.override_callback_url), ("app", app_url))
    level, url = next(((level, url) for level, url in levels if url), ("", ""))
    if not account.is_subscribed:
        return Route("", "", False)
    return Route(level, url, bool(url) and url == callback_url)


def unreachable(url: str) -> str:
    """Why Meta can't reach an address, as a code: not_https, private, too_long; empty when nothing speaks against it.

    A simulator in Meta's place reaches whatever this machine reaches.
    """
    graph_host = urlsplit(settings.GRAPH_BASE_URL).hostname or ""
    if graph_host != META_HOST and not graph_host.endswith(f".{META_HOST}"):
        return ""
    parts = urlsplit(url)
    if _is_private(parts.hostname or ""):
        return "private"
    if parts.scheme != "https":
        return "not_https"
    return "too_long" if len(url) > MAX_URL else ""


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(LOCAL_ENDS)
