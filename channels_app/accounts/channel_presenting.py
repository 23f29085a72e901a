"""What the pages of channel configurations show: checks with their fix, progress, versions, warnings. No queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app.accounts import channel_words, presenting
from channels_app.accounts.channel_actions import VERSIONED
from channels_app.accounts.channel_inspection import STEPS
from channels_app.accounts.models import ChannelConfiguration, ChannelVersion, PhoneNumber
from console.audiences import phone_fields
from console.audiences.models import Purpose
from console.kit import wording

Stored = Sequence[Mapping[str, Any]]
MOST_NAMED = 4  # passed steps named beside a failure


def checks(stored: Stored, number: PhoneNumber, slug: str) -> list[dict[str, Any]]:
    """Stored checks in words with their one next click, trouble first."""
    rows = []
    for check in stored:
        row = channel_words.describe(check)
        if row["status"] != "passed":
            row["url"], row["action"] = channel_words.fix_of(check, number, slug)
            row["text"] = _("%(text)s %(turn)s.") % {"text": row["text"], "turn": row["turn"]}
        rows.append(row)
    return sorted(rows, key=lambda row: presenting.ORDER.get(row["tone"], 3))


@dataclass(frozen=True)
class Checks:
    """Checks in words for the page: what is wrong apart from what has passed."""

    all: list[dict[str, Any]]

    @property
    def trouble(self) -> list[dict[str, Any]]:
        return [row for row in self.all if row["status"] != "passed"]

    @property
    def passed(self) -> list[dict[str, Any]]:
        return [row for row in self.all if row["status"] == "passed"]


def progress(stored: Stored) -> str:
    """ "Check 3 of 8: webhook", from the checks that are stored so far; or that Meta is tried again."""
    if stored and stored[0].get("code") == "meta_reachable":
        next_at = (stored[0].get("facts") or {}).get("next_at")
        if not next_at:
            return _("Meta could not be reached")
        at = wording.when(datetime.fromisoformat(next_at), in_sentence=True)
        return _("Meta could not be reached. Next try %(at)s.") % {"at": at}
    codes = {check.get("code") for check in stored}
    done = max((at for at, step in enumerate(STEPS, 1) if codes & step.codes), default=0)
    step = STEPS[min(done, len(STEPS) - 1)]
    return _("Check %(number)s of %(all)s: %(name)s") % {
        "number": min(done + 1, len(STEPS)),
        "all": len(STEPS),
        "name": step.label,
    }


def passed_text(stored: Stored) -> str:
    """ "Two other checks passed: access token, template access.", by the steps in which nothing failed."""
    by_code: dict[Any, list[Any]] = {}
    for check in stored:
        by_code.setdefault(check.get("code"), []).append(check.get("status"))
    names = []
    for step in STEPS:
        found = [status for code in step.codes for status in by_code.get(code, ())]
        if found and "failed" not in found:
            names.append(str(step.label))
    count = len(names)
    if not names:
        return ""
    shown = ", ".join(names[:MOST_NAMED])
    return ngettext("%(count)d other check passed: %(names)s.", "%(count)d other checks passed: %(names)s.", count) % {
        "count": count,
        "names": shown if count <= MOST_NAMED else _("%(names)s and more") % {"names": shown},
    }


def row_of(channel: ChannelConfiguration) -> dict[str, Any]:
    """A configuration for its row in the list; `open_versions` must be loaded."""
    open_one = next(iter(channel.open_versions), None)  # type: ignore[attr-defined]
    slug = channel.workspace.slug
    rows = checks(channel.checks, channel.phone_number, slug)
    failed = [check for check in rows if check["status"] == "failed"]
    running = channel.checks if channel.status == "processing" else open_one.checks if open_one else ()
    is_running = channel.status == "processing" or (open_one is not None and open_one.status == "processing")
    return {
        "number": presenting.number(channel.phone_number),
        "checks": rows,
        "failed": failed,
        "passed_text": passed_text(channel.checks),
        "progress": progress(running) if is_running else "",
        "warning": warning(channel, open_one),
        "has_quality": channel.status == "active",
        "changed_by": channel.updated_by or channel.created_by,
        "details": details(channel, failed),
    }


def warning(channel: ChannelConfiguration, open_one: ChannelVersion | None) -> str:
    """The line below an active configuration: a failed or waiting update, or a daily check that failed."""
    if channel.status != "active":
        return ""
    named = {"version": channel.version_number}
    if open_one is not None and open_one.status == "failed":
        return _("Last update failed, version %(version)s in use") % named
    if any(check.get("status") == "failed" for check in channel.checks):
        return _("The daily check failed, version %(version)s in use") % named
    if open_one is not None and open_one.status == "draft":
        return _("An update is drafted, version %(version)s in use") % named
    return ""


def details(channel: ChannelConfiguration, failed: Sequence[Mapping[str, Any]]) -> str:
    """What "Copy details" gives: for a colleague or Meta's support, without any secret."""
    number = channel.phone_number
    facts = {"name": channel.name, "number": number.display_number, "id": number.phone_number_id}
    lines = [_("%(name)s: %(number)s, phone number id %(id)s") % facts]
    lines += [f"- {check['title']}. {check['text']}" for check in failed]
    return "\n".join(lines)


def fields_text(fields: Sequence[str]) -> str:
    return phone_fields.in_words(fields) if fields else _("As the workspace")


def in_words(name: str, value: Any) -> str:
    """One value of a version in words."""
    if name == "phone_number":
        return _("%(name)s, %(number)s") % {
            "name": value.verified_name or wording.NOTHING,
            "number": value.display_number,
        }
    if name == "purpose":
        return str(Purpose(value).label) if value in Purpose.values else str(value)
    return fields_text(value)


def differences(before: Any, after: Any) -> list[str]:
    """ "Purpose: Marketing → Utility" for everything in which two versions differ."""
    labels = {"phone_number": _("Sender"), "purpose": _("Purpose"), "phone_fields": _("Phone field")}
    return [
        _("%(label)s: %(before)s → %(after)s")
        % {
            "label": labels[name],
            "before": in_words(name, getattr(before, name)),
            "after": in_words(name, getattr(after, name)),
        }
        for name in VERSIONED
        if getattr(before, name) != getattr(after, name)
    ]


def history(
    channel: ChannelConfiguration, versions: Sequence[ChannelVersion], can_manage: bool
) -> list[dict[str, Any]]:
    """The versions, newest first, each with what changed since the one before, its checks, and the way back to it."""
    slug, rows = channel.workspace.slug, []
    may_go_back = can_manage and not any(version.status == "processing" for version in versions)
    for at, version in enumerate(versions):
        is_serving = version.number == channel.version_number
        former = versions[at + 1] if at + 1 < len(versions) else None
        state = version.status_state  # type: ignore[attr-defined]
        stored = version.checks
        rows.append(
            {
                "version": version,
                "is_serving": is_serving,
                "state": state,
                "changes": differences(former, version) if former else [],
                "first": None if former else [in_words(name, getattr(version, name)) for name in VERSIONED],
                "check_count": presenting.check_count(stored) if stored else "",
                "failed": [row for row in checks(stored, version.phone_number, slug) if row["status"] == "failed"],
                "back_url": reverse("accounts:go_back_channel", args=[slug, channel.pk, version.number])
                if may_go_back and version.status == "passed" and not is_serving
                else "",
            }
        )
    return rows
