"""What the pages show of API credentials: state, expiry, rotation, what fails, and which accounts can be chosen."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app.accounts import presenting, words
from channels_app.accounts.account_actions import ELSEWHERE, NOT_USABLE
from channels_app.accounts.credential_inspection import SERVING_CODES
from channels_app.accounts.inspection import EXPIRY_WARNING
from channels_app.accounts.models import ApiCredentials, WhatsAppAccount
from channels_app.accounts.refusals import sentence_of_facts
from channels_app.accounts.states import ROTATION
from console.kit import clock

LAST_DAY = timedelta(days=1)
REPLACING = ("token_valid", "token_expiry", "token_type", "permission", "app_matches", "app_secret", "secret_proof")


def hint(credentials: ApiCredentials) -> str:
    """ "Token ending h3Kp": the only thing that is ever shown of it, and only to who may replace it."""
    return _("Token ending %(hint)s") % {"hint": credentials.token_hint}


def expiry(credentials: ApiCredentials) -> dict[str, str]:
    """The countdown as a pill: {tone, icon, label}; grey where Meta has not been asked yet."""
    ends_at = credentials.token_expires_at
    if ends_at is None:
        if not credentials.token_type:
            return {"tone": "mute", "icon": "circle-dashed", "label": _("Expiry not known yet")}
        return {"tone": "ok", "icon": "circle-check", "label": _("Never expires")}
    left = ends_at - clock.now()
    if left <= timedelta(0):
        return {"tone": "bad", "icon": "circle-x", "label": _("Expired")}
    if left < LAST_DAY:
        return {"tone": "bad", "icon": "alert-triangle", "label": _("Expires within a day")}
    label = ngettext("Expires in %(days)d day", "Expires in %(days)d days", left.days) % {"days": left.days}
    if left <= LAST_DAY + timedelta(hours=1):
        return {"tone": "bad", "icon": "alert-triangle", "label": label}
    if left <= EXPIRY_WARNING:
        return {"tone": "warn", "icon": "alert-triangle", "label": label}
    return {"tone": "ok", "icon": "circle-check", "label": label}


def checks(credentials: ApiCredentials, slug: str) -> list[dict[str, Any]]:
    """The stored checks in words, trouble first, each failed one with the place of its fix."""
    renew = reverse("accounts:access", args=[slug, credentials.pk]) + "#renew"
    edit = reverse("accounts:access", args=[slug, credentials.pk]) + "#edit"
    urls = dict.fromkeys(REPLACING, renew) | dict.fromkeys(
        ("portfolio_readable", "portfolio_is_app", "portfolio_is_number", "account_owner"), edit
    )
    return presenting.checks(credentials.checks, fix_urls=urls)


def failures(credentials: ApiCredentials) -> dict[str, Any]:
    """What fails and how far it reaches: {count, is_blocking, text, suggestion}.

    `is_blocking`: nothing works with these credentials until it is mended. `suggestion`: the portfolio that owns the
    account whose id was typed in the portfolio's place, {id, name}.
    """
    failed = [check for check in credentials.checks if check.get("status") == "failed"]
    is_blocking = any(check.get("code") in SERVING_CODES for check in failed)
    suggestion: dict[str, Any] = {}
    for check in failed:
        facts = check.get("facts") or {}
        if check.get("code") in ("portfolio_is_account", "portfolio_readable", "account_owner") and facts.get(
            "owner_id"
        ):
            suggestion = {"id": facts["owner_id"], "name": facts.get("owner_name") or facts["owner_id"]}
            break
    return {
        "count": len(failed),
        "is_blocking": is_blocking,
        "text": _failure_text(len(failed), is_blocking),
        "suggestion": suggestion,
    }


def _failure_text(count: int, is_blocking: bool) -> str:
    if not count:
        return ""
    if is_blocking:
        return ngettext(
            "%(count)d check fails. Mend it, then check again.",
            "%(count)d checks fail. Mend them, then check again.",
            count,
        ) % {"count": count}
    return ngettext(
        "%(count)d check fails. The rest works: you can go on.",
        "%(count)d checks fail. The rest works: you can go on.",
        count,
    ) % {"count": count}


def unanswered(credentials: ApiCredentials) -> str:
    """Why nothing is known anew since the last good check; empty when Meta answered last time."""
    return sentence_of_facts(credentials.unanswered) if credentials.unanswered_at else ""


def rotation(credentials: ApiCredentials, slug: str) -> dict[str, Any]:
    """The new token that waits, with its own checks; empty when none does."""
    if credentials.rotation == "none":
        return {}
    renew = reverse("accounts:access", args=[slug, credentials.pk]) + "#renew"
    rows = presenting.checks(credentials.next_checks)
    return {
        "state": ROTATION[credentials.rotation],
        "is_failed": credentials.rotation == "failed",
        "offered_at": credentials.next_offered_at,
        "changes_secret": bool(credentials.next_app_secret),
        "hint": _("New token ending %(hint)s") % {"hint": credentials.next_token_hint},
        "failed": [row for row in rows if row["status"] == "failed"],
        "passed_count": sum(row["status"] == "passed" for row in rows),
        "url": renew,
    }


def offers(
    credentials: ApiCredentials, accounts: Iterable[WhatsAppAccount], elsewhere: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The accounts to choose among as cards: connected ones, those the token showed, those that can't be used.

    `elsewhere`: {waba id: name of the other credentials here, or "" for another workspace}.
    """
    connected = {account.waba_id: account for account in accounts}
    seen = {str(row.get("id")): row for row in credentials.offered if isinstance(row, dict)}
    named = [*connected, *seen, *credentials.waba_ids]
    return [_offer(waba_id, connected.get(waba_id), seen.get(waba_id), elsewhere) for waba_id in dict.fromkeys(named)]


def _offer(
    waba_id: str, account: WhatsAppAccount | None, seen: Mapping[str, Any] | None, elsewhere: Mapping[str, str]
) -> dict[str, Any]:
    facts = {
        "name": account.name if account else "",
        "currency": account.currency if account else "",
        "country": str(account.facts.get("country") or "") if account else "",
        "review_status": account.review_status if account else "",
        **{key: value for key, value in (seen or {}).items() if value},
    }
    review = str(facts["review_status"])
    label, tone, icon = words.REVIEW.get(review, (review or _("Not read yet"), "mute", "circle-dashed"))
    reason, note = "", ""
    if account is None and waba_id in elsewhere:
        name = elsewhere[waba_id]
        reason = "" if name else str(ELSEWHERE)
        note = (
            _("Connected through “%(name)s”. Choosing it here moves it to these credentials.") % {"name": name}
            if name
            else ""
        )
    if account is None and not reason:
        reason = str(NOT_USABLE.get(review, ""))
    if facts.get("is_shared"):
        note = note or _("Shared by %(owner)s.") % {"owner": facts.get("portfolio_name") or facts.get("portfolio_id")}
    meta = [_("ID %(id)s") % {"id": waba_id}, str(facts["currency"]), str(facts["country"])]
    return {
        "id": waba_id,
        "name": facts["name"] or waba_id,
        "meta": " · ".join(filter(None, meta)),
        "label": label,
        "tone": tone,
        "icon": icon,
        "reason": reason,
        "note": note,
        "is_connected": account is not None,
        "is_disabled": account is not None or bool(reason),
    }


def eligible(cards: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids that may be ticked."""
    return [str(card["id"]) for card in cards if not card["is_disabled"]]
