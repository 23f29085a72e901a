"""The command palette's search: at most six hits of each kind, each query bounded whatever the workspace holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import queries as campaigns
from campaigns.states import CAMPAIGN
from channels_app.message_templates.models import MessageTemplate
from console.audiences.models import Audience, Profile
from console.home.links import link
from console.kit import wording
from console.workspaces import roles
from console.workspaces.models import Membership, Workspace

PER_KIND = 6
NEWEST = 20_000  # the part of a name is looked for among this many newest profiles; beginnings and ids among all
LAST_DIGITS = 4


@dataclass(frozen=True)
class Hit:
    """One result: what it is called, a grey second text, where it leads."""

    label: str
    text: str
    url: str
    icon: str


@dataclass(frozen=True)
class Group:
    """The hits of one kind."""

    label: Promise
    hits: list[Hit]


def search(membership: Membership, words: str) -> list[Group]:
    """Groups that found something, in the order of the navigation. At most five queries, none below two letters."""
    words = words.replace("\x00", "").strip()[:100]
    if len(words) < 2:
        return []
    workspace, role = membership.workspace, membership.role
    kinds: list[tuple[str, Promise, Any]] = [
        ("campaigns.view", _("Campaigns"), _campaigns),
        ("templates.view", _("Templates"), _templates),
        ("audiences.view", _("Audiences"), _audiences),
        ("profiles.view", _("Profiles"), _profiles),
    ]
    groups = []
    for capability, label, find in kinds:
        if roles.can(role, capability):
            hits = [hit for hit in find(workspace, role, words) if hit.url]
            if hits:
                groups.append(Group(label, hits))
    return groups


def _campaigns(workspace: Workspace, role: str, words: str) -> Iterator[Hit]:
    rows = campaigns.campaigns(workspace).filter(name__icontains=words).order_by("-updated_at", "-id")
    for row in rows[:PER_KIND]:
        url = link("campaigns:live", workspace.slug, campaign_id=row.pk)
        yield Hit(row.name, str(CAMPAIGN[row.shown_status].label), url, "speakerphone")


def _templates(workspace: Workspace, role: str, words: str) -> Iterator[Hit]:
    rows = MessageTemplate.objects.filter(workspace=workspace, name__icontains=words.replace(" ", "_"))
    for row in rows.order_by("name", "id")[:PER_KIND]:
        yield Hit(
            row.name, row.category.capitalize(), link("message_templates:detail", workspace.slug, pk=row.pk), "message"
        )


def _audiences(workspace: Workspace, role: str, words: str) -> Iterator[Hit]:
    rows = Audience.objects.filter(workspace=workspace, archived_at=None, name__icontains=words)
    for row in rows.order_by("-updated_at", "-id")[:PER_KIND]:
        url = link("audiences:detail", workspace.slug, pk=row.pk)
        yield Hit(row.name, str(row.get_kind_display()), url, "users-group")


def _profiles(workspace: Workspace, role: str, words: str) -> Iterator[Hit]:
    """By the beginning of name, external id or phone (indexes), then by a part among the newest. Two queries.

    Who may not see numbers finds people by the last four digits only: longer ones would give numbers away bit by bit.
    """
    sees_numbers = roles.can(role, "profiles.see_numbers")
    mine = Profile.objects.filter(workspace=workspace)
    found = {row.pk: row for row in _beginning_with(mine, words, sees_numbers)}
    if len(found) < PER_KIND:
        newest = mine.order_by("-id").values("pk")[:NEWEST]
        rows = mine.filter(pk__in=newest).filter(_containing(words, sees_numbers)).order_by("-id")[:PER_KIND]
        found |= {row.pk: row for row in rows}
    for row in list(found.values())[:PER_KIND]:
        url = link("audiences:profile", workspace.slug, pk=row.pk)
        phone = (row.phone or "") if sees_numbers else wording.masked_phone(row.phone) if row.phone else ""
        name = row.name or row.external_id or phone or row.bsuid or f"#{row.pk}"
        yield Hit(name, phone if phone != name else "", url, "user")


def _beginning_with(mine: QuerySet[Profile], words: str, sees_numbers: bool) -> QuerySet[Profile]:
    asked = Q(external_id=words)
    for spelling in {words, words.capitalize(), words.title()}:
        asked |= Q(name__gte=spelling, name__lt=spelling + "\uffff")
    digits = re.sub(r"\D", "", words)
    if sees_numbers and len(digits) > LAST_DIGITS and not re.search(r"[^\d\s()+./-]", words):
        asked |= Q(phone__gte=f"+{digits}", phone__lt=f"+{digits}:")  # ":" follows "9"
    return mine.filter(asked).order_by("id")[:PER_KIND]


def _containing(words: str, sees_numbers: bool) -> Q:
    asked = Q(name__icontains=words) | Q(external_id__istartswith=words)
    if words.isdigit() and (len(words) == LAST_DIGITS or (sees_numbers and len(words) > LAST_DIGITS)):
        asked |= Q(phone__endswith=words)
    return asked
