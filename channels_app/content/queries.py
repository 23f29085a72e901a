"""Reads of contents, and what an editor needs beside them."""

from collections.abc import Sequence
from itertools import chain

from django.db.models import Q, QuerySet

from channels_app.accounts.models import PhoneNumber
from channels_app.content.models import Content
from channels_app.message_templates import queries as templates
from channels_app.message_templates.models import TemplateVersion
from console.audiences.models import Profile
from console.workspaces.models import Workspace

SAMPLED_PROFILES = 200


def contents(workspace: Workspace) -> QuerySet[Content]:
    """Contents with their template version loaded."""
    return Content.objects.filter(workspace=workspace).select_related("version__translation__template", "workspace")


def test_profiles(workspace: Workspace) -> QuerySet[Profile]:
    """Who a preview may be shown as, by name."""
    return Profile.objects.filter(workspace=workspace, is_test=True).order_by("name", "pk")


def business_name(version: TemplateVersion) -> str:
    """The name that the account's numbers show in WhatsApp; "" while none is known. One query."""
    numbers = PhoneNumber.objects.filter(account_id=version.translation.template.account_id)
    return numbers.exclude(verified_name="").order_by("pk").values_list("verified_name", flat=True).first() or ""


def attribute_names(workspace: Workspace) -> Sequence[str]:
    """Attributes that the newest profiles have, for the suggestions: most used first. One query over 200 rows."""
    rows = Profile.objects.filter(workspace=workspace).order_by("-pk").values_list("attributes", flat=True)
    found: dict[str, int] = {}
    for name in chain.from_iterable(row or {} for row in rows[:SAMPLED_PROFILES]):
        found[name] = found.get(name, 0) + 1
    return sorted(found, key=lambda name: (-found[name], name))


def pickable(
    workspace: Workspace, *, words: str = "", category: str = "", language: str = ""
) -> QuerySet[TemplateVersion]:
    """Approved template versions for the picker, narrowed by words in the name, category and language."""
    rows = templates.sendable_versions(workspace, category)
    for word in words.split()[:8]:
        rows = rows.filter(Q(translation__template__name__icontains=word))
    return rows.filter(translation__language=language) if language else rows


def languages(workspace: Workspace) -> list[str]:
    """The languages in which something can be sent."""
    rows = templates.sendable_versions(workspace).order_by().values_list("translation__language", flat=True)
    return sorted(set(rows))
