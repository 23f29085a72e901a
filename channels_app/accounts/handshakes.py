"""Why Meta did not accept the webhook address: from Meta's words and from what arrived here meanwhile."""

import re
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import queries
from channels_app.accounts.models import ApiCredentials
from channels_app.accounts.refusals import refused_by_meta, sentence_of
from channels_app.cloud_api.errors import CloudApiError, GraphError, InvalidRequest
from console.kit.errors import Refused

HTTP_STATUS = re.compile(r"HTTP Status Code\s*=\s*(\d{3})", re.IGNORECASE)
VERIFICATION = re.compile(r"callback|verification|2200|http status", re.IGNORECASE)


def callback_refused(error: CloudApiError, credentials: ApiCredentials, started: datetime) -> Refused:
    """What Meta's refusal means after a handshake that began at `started`. One query.

    Refusals that are not about the address (a dead token, a missing permission) keep their own words.
    """
    if isinstance(error, GraphError) and not isinstance(error, InvalidRequest):
        return refused_by_meta(error)
    credentials.refresh_from_db(fields=["last_handshake"])
    sentence = _sentence(error, credentials, started)
    return refused_by_meta(error, code="accounts.callback_refused", sentence=sentence)


def _sentence(error: CloudApiError, credentials: ApiCredentials, started: datetime) -> str | Promise:
    if not isinstance(error, GraphError):
        return _("Meta did not say whether it accepted the webhook address. %(reason)s") % {
            "reason": sentence_of(error)
        }
    if not VERIFICATION.search(f"{error.title} {error.details}"):
        return _("Meta did not accept the webhook address: %(details)s (Meta code %(code)s)") % {
            "details": error.details or error.title,
            "code": error.code,
        }
    seen = credentials.last_handshake
    is_fresh = bool(seen) and datetime.fromisoformat(seen["at"]) >= started
    if is_fresh and seen["result"] == "verified":
        return _(
            "Meta did not accept the webhook address although its handshake arrived here and was answered with 200. "
            "Something between Meta and this installation changes the answer: look at the proxy, then try again."
        )
    if is_fresh:
        return _wrong_token(str(seen.get("token_hint") or ""))
    return _not_seen(error, queries.callback_url(credentials))


def _wrong_token(hint: str) -> str | Promise:
    if not hint:
        return _(
            "Meta did not accept the webhook address: its handshake arrived here without the verify token and was "
            "answered with 403. Look whether a proxy drops the query of the address, then try again."
        )
    return _(
        "Meta did not accept the webhook address: its handshake arrived here with another verify token (ending %(hint)s) "
        "and was answered with 403. Copy the verify token shown here to Meta, or subscribe again."
    ) % {"hint": hint}


def _not_seen(error: CloudApiError, url: str) -> str | Promise:
    found = HTTP_STATUS.search(error.details)
    if found:
        return _(
            "Meta did not accept the webhook address: it got HTTP %(status)s from %(url)s, and no handshake arrived "
            "here. Look what answers at this address, then try again."
        ) % {"status": found[1], "url": url}
    return _(
        "Meta did not accept the webhook address: no handshake arrived here. %(url)s must be reachable from the internet "
        "over HTTPS, with a valid certificate."
    ) % {"url": url}
