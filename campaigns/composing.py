"""What the composer shows around its fields: sections with their problems, and the two sides of a conflict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import queries
from campaigns.checks import SECTIONS, Finding
from campaigns.models import Campaign
from channels_app.content.forms import missing_id
from channels_app.message_templates import slots
from console.audiences import phone_fields
from console.kit import wording


@dataclass(frozen=True)
class Section:
    """One line of the section navigation: its tone tells whether something is wrong inside."""

    key: str
    label: str
    text: str
    tone: str


def sections(campaign: Campaign, findings: Sequence[Finding]) -> list[Section]:
    """The four sections with their facts, or with the count of what is wrong. No query."""
    labels = {
        "properties": (_("Properties"), campaign.name),
        "audience": (_("Audience"), campaign.audience.name if campaign.audience else ""),
        "message": (_("WhatsApp message"), _template_name(campaign)),
        "schedule": (
            _("Schedule"),
            wording.when(campaign.starts_at, with_zone=True) if campaign.starts_at else _("When activated"),
        ),
    }
    return [_section(key, *labels[key], [one for one in findings if one.section == key]) for key in SECTIONS]


def _section(key: str, label: str, fact: str, findings: Sequence[Finding]) -> Section:
    errors = sum(finding.is_error for finding in findings)
    warnings = len(findings) - errors
    words = []
    if errors:
        words.append(ngettext("%(count)d error", "%(count)d errors", errors) % {"count": errors})
    if warnings:
        words.append(ngettext("%(count)d warning", "%(count)d warnings", warnings) % {"count": warnings})
    tone = "bad" if errors else "warn" if warnings else "ok"
    return Section(key, label, ", ".join(words) or fact, tone)


def missing_notes(campaign: Campaign, missing: Mapping[str, int]) -> list[dict[str, str]]:
    """[{slot, id, text}] for every variable: how many eligible people have no value for it, "" for none. No query.

    A variable to which nothing is bound is an error of its own, so its count would say it twice.
    """
    version = campaign.content.version
    bound = {key for key, pair in campaign.content.bindings.items() if pair.get("expression")}
    missing = {key: count for key, count in missing.items() if key in bound}
    return [
        {"slot": slot.key, "id": missing_id(slot.key), "text": _missing_note(slot.label, missing.get(slot.key, 0))}
        for slot in (slots.load(version.slots) if version else ())
        if not slot.same_as
    ]


def _missing_note(label: object, count: int) -> str:
    if not count:
        return ""
    return ngettext(
        "%(count)s eligible person has no value for “%(name)s” and won’t get the message without a fallback.",
        "%(count)s eligible people have no value for “%(name)s” and won’t get the message without a fallback.",
        count,
    ) % {"count": wording.number(count), "name": label}


def _template_name(campaign: Campaign) -> str:
    version = campaign.content.version
    return version.translation.template.name if version else ""


@dataclass(frozen=True)
class Conflict:
    """Two editors: what is stored now, by whom since when, beside what was typed here."""

    current: Campaign
    saved_by: str
    saved_at: Any
    rows: list[dict[str, Any]]


def conflict(current: Campaign, mine: dict[str, Any]) -> Conflict:
    """The fields in which the two versions differ, in words. One query for who saved."""
    theirs = {
        "name": current.name,
        "audience": current.audience,
        "channel_configuration": current.channel_configuration,
        "phone_fields": current.phone_fields,
        "starts_at": current.starts_at,
        "version": current.content.version,
        "bindings": current.content.bindings,
    }
    labels = {
        "name": _("Name"),
        "audience": _("Audience"),
        "channel_configuration": _("Channel configuration"),
        "phone_fields": _("Phone field"),
        "starts_at": _("Start"),
        "version": _("Template"),
        "bindings": _("Variables"),
    }
    rows = [
        {"label": labels[key], "theirs": _in_words(key, theirs[key]), "mine": _in_words(key, mine.get(key))}
        for key in labels
        if theirs[key] != mine.get(key)
    ]
    entry = queries.last_save(current)
    return Conflict(current, entry.actor_label if entry else "", entry.at if entry else current.updated_at, rows)


def _in_words(key: str, value: Any) -> str:
    if not value:
        return _("When activated") if key == "starts_at" else wording.NOTHING
    if key == "starts_at":
        return wording.when(value, with_zone=True)
    if key == "phone_fields":
        return phone_fields.in_words(value)
    if key == "version":
        return f"{value.translation.template.name} ({value.translation.language})"
    if key == "bindings":
        return ", ".join(f"{slot}: {pair.get('expression')}" for slot, pair in sorted(value.items()))
    return str(value)
