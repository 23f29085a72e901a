"""Reads of profiles, audiences, consent and imports. Nothing here writes."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from console.audiences import attributes, rules
from console.audiences.models import (
    Audience,
    AudienceMember,
    ConsentEntry,
    IdentityChange,
    Import,
    ImportRefusal,
    PossibleDuplicate,
    Profile,
    ProfileIdentity,
    ProfileMerge,
    Suppression,
)
from console.audiences.phone_fields import PHONE, PREFIX
from console.audiences.rule_sql import rule_q
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces.models import Workspace

LAST = "\U0010ffff"
TAIL = 4  # digits that a masked number shows
LARGE = 20_000
CANDIDATES = 12
SHOWN = 100


def profiles(workspace: Workspace) -> QuerySet[Profile]:
    """All profiles of a workspace, newest first by index."""
    return Profile.objects.filter(workspace=workspace)


def search(queryset: QuerySet[Profile], text: str, *, sees_numbers: bool) -> QuerySet[Profile]:
    """Profiles whose name begins with the text, whose external id, username or user id is it, or whose phone ends with its
    digits (four or more).

    Who may not see numbers finds by the last four digits only: longer ones would give a number away digit by digit.
    Every branch is a range of an index, also at a million profiles.
    """
    text = text.strip()[:200]
    if not text:
        return queryset
    if digits := _asked_digits(text):
        found = Q(phone_tail=digits[-TAIL:], phone__endswith=digits)
        return queryset.filter((found if sees_numbers or len(digits) == TAIL else Q()) | Q(external_id=text))
    key = text.lower()
    if connection.vendor == "postgresql":
        by_name = Q(name_key__startswith=key)
    else:
        by_name = Q(name_key__gte=key, name_key__lt=key + LAST)
    return queryset.filter(by_name | Q(external_id=text) | Q(username=text.removeprefix("@")) | Q(bsuid=text))


def _asked_digits(text: str) -> str:
    """The digits of a text that can only mean a phone number; empty when it is no such text."""
    digits = re.sub(r"\D", "", text)
    digits = digits.lstrip("0") if len(digits) > 8 else digits  # a whole national number: without its trunk zero
    return digits if len(digits) >= TAIL and not re.search(r"[^\W\d_]", text) else ""


def search_suppressions(queryset: QuerySet[Suppression], text: str, *, sees_numbers: bool) -> QuerySet[Suppression]:
    """Suppressions whose address ends with the digits or is the text (by index), or whose reason contains it (reads all)."""
    text = text.strip()[:200]
    if not (digits := _asked_digits(text)):
        return queryset.filter(Q(reason__icontains=text) | Q(address=text))
    if len(digits) > TAIL and not sees_numbers:
        return queryset.none()
    found = queryset.annotate(tail=Right("address", TAIL)).filter(tail=digits[-TAIL:])
    return found.filter(address__endswith=digits)


def consent_receipts(profile: Profile) -> QuerySet[ConsentEntry]:
    """The receipts of one person, newest first."""
    return profile.consent_entries.select_related("recorded_by").order_by("-given_at", "-pk")


def suppressions(workspace: Workspace) -> QuerySet[Suppression]:
    return Suppression.objects.filter(workspace=workspace)


def suppressions_of(profile: Profile) -> QuerySet[Suppression]:
    """What closes this person's addresses, whether or not it has ended."""
    addresses = [address for address in (profile.phone, profile.bsuid) if address]
    return Suppression.objects.filter(workspace_id=profile.workspace_id, address__in=addresses).order_by("pk")


def aliases(profile: Profile) -> QuerySet[ProfileIdentity]:
    """What else leads to a person: what holds first, then former ones, newest first."""
    return profile.identities.order_by(F("until_at").desc(nulls_first=True), "kind", "pk")[:SHOWN]


def identity_changes(profile: Profile) -> QuerySet[IdentityChange]:
    """The history of a person's identities, newest first."""
    return profile.identity_changes.order_by("-at", "-pk")[:SHOWN]


def merges(profile: Profile) -> QuerySet[ProfileMerge]:
    """What was merged into a profile, newest first."""
    return profile.merges.select_related("made_by", "undone_by").order_by("-pk")[:SHOWN]


def possible_duplicates(workspace: Workspace) -> QuerySet[PossibleDuplicate]:
    return PossibleDuplicate.objects.filter(workspace=workspace).select_related("first", "second", "apart_by")


def pair_of(one: Profile, two: Profile) -> PossibleDuplicate | None:
    """What is known of two profiles as possible duplicates."""
    first, second = sorted((one.pk, two.pk))
    return PossibleDuplicate.objects.filter(first_id=first, second_id=second).select_related("apart_by").first()


def merge_candidates(profile: Profile, words: str, *, sees_numbers: bool) -> list[Profile]:
    """Who a person could be as well: what the words find, else profiles of the same name. By index, a dozen."""
    others = Profile.objects.filter(workspace_id=profile.workspace_id).exclude(pk=profile.pk).order_by("-pk")
    if words:
        return list(search(others, words, sees_numbers=sees_numbers)[:CANDIDATES])
    return list(others.filter(name_key=profile.name.lower())[:CANDIDATES]) if profile.name else []


def list_counts(profile_ids: Sequence[int]) -> dict[int, int]:
    """{profile: in how many lists}. One query."""
    rows = AudienceMember.objects.filter(profile_id__in=profile_ids).values_list("profile_id")
    return dict(rows.annotate(count=Count("pk")))


def audiences(workspace: Workspace) -> QuerySet[Audience]:
    """Audiences that are not archived, with who made them."""
    return Audience.objects.filter(workspace=workspace, archived_at=None).select_related("created_by")


def lists(workspace: Workspace) -> QuerySet[Audience]:
    return audiences(workspace).filter(kind=Audience.Kind.LIST).order_by("name")


def members(audience: Audience) -> QuerySet[Profile]:
    """The profiles of a list or of a rule, now; in no order. Filter, slice or count it: never load it whole."""
    if audience.kind == Audience.Kind.RULE:
        return rule_queryset(audience.workspace, audience.rule)
    people = Profile.objects.filter(workspace_id=audience.workspace_id)
    if (audience.profile_count or 0) > LARGE:  # SQLite would copy and sort the whole list for each page of it
        return people.filter(Exists(audience.members.filter(profile=OuterRef("pk"))))
    return people.filter(pk__in=audience.members.values("profile_id"))


def rule_queryset(workspace: Workspace, rule: Mapping[str, Any]) -> QuerySet[Profile]:
    """The profiles that fit a rule, on the workspace's today. Raises RuleError. One scan of the workspace's profiles."""
    today = clock.now().astimezone(ZoneInfo(workspace.time_zone or "UTC")).date()
    return Profile.objects.filter(rule_q(rules.check(rule), today=today), workspace=workspace)


def check_audiences(workspace: Workspace, rule: Mapping[str, Any]) -> None:
    """Raises Refused unless every audience in the rule is a list of this workspace. One query when there are any."""
    wanted = rules.audience_ids(rule)
    if wanted and lists(workspace).filter(pk__in=wanted).count() != len(wanted):
        raise Refused("rule.unknown_audience", _("A condition names an audience that is no list of this workspace."))


def rule_sentence(audience: Audience) -> str:
    """The rule of an audience in words. One query when it names lists."""
    ids = rules.audience_ids(audience.rule)
    names = Audience.objects.filter(workspace_id=audience.workspace_id, pk__in=ids).values_list("pk", "name")
    return rules.sentence(audience.rule, dict(names) if ids else {})


def known_attributes(workspace: Workspace, sample: int = 500) -> dict[str, str]:
    """Attribute keys with their usual kind, from the newest profiles, most frequent first. One short query."""
    counts: Counter[tuple[str, str]] = Counter()
    newest = profiles(workspace).order_by("-created_at", "-pk").values_list("attributes", flat=True)[:sample]
    for stored in newest:
        counts.update((key, attributes.kind_of(value)) for key, value in stored.items())
    kinds: dict[str, str] = {}
    for (key, kind), _count in counts.most_common():
        kinds.setdefault(key, kind)
    return kinds


def phone_field_choices(workspace: Workspace, *chosen: Sequence[str]) -> list[str]:
    """The fields that may hold a number: the profile's own, attributes that exist, and what is chosen. One short query."""
    kinds = known_attributes(workspace)
    found = [f"{PREFIX}{key}" for key, kind in sorted(kinds.items()) if kind in ("text", "number")]
    return list(dict.fromkeys([PHONE, *found, *(field for fields in chosen for field in fields)]))


def field_choices(workspace: Workspace, field: str) -> Sequence[str]:
    """The languages or countries that occur, by loose index scan: one short query per value, sixty at most."""
    found: list[str] = []
    rows = profiles(workspace).order_by(field)
    while len(found) < 60:
        last = found[-1] if found else ""
        value = rows.filter(**{f"{field}__gt": last}).values_list(field, flat=True).first()
        if not value:
            break
        found.append(value)
    return found


def imports(workspace: Workspace) -> QuerySet[Import]:
    return Import.objects.filter(workspace=workspace).select_related("audience", "created_by")


def refusals(batch: Import) -> QuerySet[ImportRefusal]:
    """Refused rows in the order of the file."""
    return batch.refusals.order_by("row_number", "pk")


def due_imports() -> list[Import]:
    """Imports that should be worked on and that nobody holds: all workspaces."""
    return list(
        Import.objects.filter(status__in=("previewing", "importing"))
        .filter(Q(lease_until=None) | Q(lease_until__lt=clock.now()))
        .order_by("pk")[:100]
    )
