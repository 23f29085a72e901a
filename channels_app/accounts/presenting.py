"""What the Configure pages show of stored rows: words, tones and steps. Never a secret."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from channels_app.accounts import number_words, words
from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from console.kit import wording

ORDER = {"bad": 0, "warn": 1, "ok": 2}


def checks(stored: Sequence[dict[str, Any]], *, fix_urls: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Stored checks in words, trouble first; `fix_urls` {check code: where to fix it}."""
    rows = [words.describe(check) for check in stored]
    for row in rows:
        url = (fix_urls or {}).get(str(row["code"]), "")
        if url and row["status"] != "passed":
            row["url"] = url
    return sorted(rows, key=lambda row: ORDER.get(row["tone"], 3))


def check_count(stored: Sequence[dict[str, Any]]) -> str:
    """ "6 of 8 passed"."""
    passed = sum(check.get("status") == "passed" for check in stored)
    return _("%(passed)s of %(all)s passed") % {"passed": passed, "all": len(stored)}


def number(row: PhoneNumber) -> dict[str, Any]:
    """A number's facts in words. `state` has label, tone, icon for the pill."""
    label, tone, icon, meaning = words.NUMBER_STATES.get(
        row.status, (row.status or _("Unknown"), "mute", "circle-dashed", "")
    )
    quality, quality_tone = words.QUALITY.get(row.quality_rating, (_("No rating yet"), "mute"))
    name, name_tone = words.NAMES.get(row.name_status, (_("Not known"), "mute"))
    speed = number_words.per_second(row.throughput_level, row.facts)
    return {
        "row": row,
        "label": label,
        "tone": tone,
        "icon": icon,
        "meaning": meaning,
        "quality": quality,
        "quality_tone": quality_tone,
        "name_status": name,
        "name_tone": name_tone,
        "speed": number_words.speed(speed) if speed else wording.NOTHING,
        "limit": number_words.limit(row.messaging_limit),
    }


def account(row: WhatsAppAccount) -> dict[str, Any]:
    """A WABA with its review in words and its numbers."""
    label, tone, icon = words.REVIEW.get(
        row.review_status, (row.review_status or _("Unknown"), "mute", "circle-dashed")
    )
    numbers = [number(item) for item in row.phone_numbers.all()]
    return {"row": row, "label": label, "tone": tone, "icon": icon, "numbers": numbers}


def steps(credentials: ApiCredentials | None, current: str, slug: str) -> list[dict[str, Any]]:
    """The wizard's stepper: access, accounts, webhook, channel."""
    labels = {
        "access": _("Meta access"),
        "accounts": _("Account and sender"),
        "webhook": _("Webhook"),
        "channel": _("Channel configuration"),
    }
    urls = _step_urls(credentials, slug)
    before, rows = True, []
    for name, label in labels.items():
        before = before and name != current
        is_done = before or (credentials is not None and _is_done(credentials, name))
        state = "current" if name == current else "done" if is_done else "ahead"
        rows.append({"label": label, "url": urls.get(name, ""), "state": state})
    return rows


def _is_done(credentials: ApiCredentials, step: str) -> bool:
    if step == "accounts":
        return credentials.accounts.exists()
    return step == "access" or (step == "webhook" and credentials.webhook_verified_at is not None)


def _step_urls(credentials: ApiCredentials | None, slug: str) -> dict[str, str]:
    if credentials is None:
        return {}
    names = {"access": "accounts:access", "accounts": "accounts:senders", "webhook": "accounts:webhook"}
    return {step: reverse(name, args=[slug, credentials.pk]) for step, name in names.items()}
