"""Makes one profile of two, so that it can be undone (see unmerging).

Everything that points at the absorbed profile is pointed at the kept one, whatever room it belongs to, and written down
by table and id; what can't be there twice (both in the same list) is taken out and kept as it was. A merge never makes a
yes of a no: a withdrawal on either side stays, with a receipt of its own where the newest receipt of the two says
otherwise. Suppressions belong to addresses, so they are not touched.
"""

from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.db.models import F, ForeignKey, Q
from django.utils.translation import gettext_lazy as _

from console.audiences import attributes
from console.audiences.models import (
    Audience,
    AudienceMember,
    Consent,
    ConsentEntry,
    IdentityChange,
    PossibleDuplicate,
    Profile,
    ProfileIdentity,
    ProfileMerge,
    Purpose,
)
from console.audiences.snapshots import pointers, snapshot, unique_partners
from console.kit import clock
from console.kit.errors import Refused
from console.kit.retrying import RACED, retried
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

BY_HAND = "by_hand"
SOURCE = "merge"
IDENTITIES = ("phone", "external_id", "bsuid", "parent_bsuid", "username", "wa_id")
FACTS = ("name", "language", "country", "time_zone")
ALIASES, MEMBERS = ProfileIdentity._meta.label_lower, AudienceMember._meta.label_lower
CHANGES, ENTRIES, PAIRS = (model._meta.label_lower for model in (IdentityChange, ConsentEntry, PossibleDuplicate))


def precedence(profile: Profile) -> tuple[Any, ...]:
    """Sorts first which of two is kept: the one with an external id, then the older one."""
    return (not profile.external_id, profile.created_at, profile.pk)


def merge_profiles(
    *,
    actor: Actor,
    workspace: Workspace,
    kept: Profile,
    absorbed: Profile,
    reason: str = BY_HAND,
    evidence: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> ProfileMerge:
    """Makes `absorbed` part of `kept`: its identities, receipts, lists and messages; gaps are filled, nothing replaced.

    `at` is when the evidence says that they are one. Raises Refused when one is gone. Some thirty statements.
    """
    why = {"reason": reason, "evidence": evidence or {}}
    # A sender or a webhook may hold rows of theirs and wait for the profile: then the database undoes one of the two.
    return retried(lambda: _merge(actor, workspace, (kept.pk, absorbed.pk), why, at), on=RACED)


def _merge(
    actor: Actor, workspace: Workspace, ids: tuple[int, int], why: dict[str, Any], at: datetime | None
) -> ProfileMerge:
    kept, absorbed = _locked(workspace, *ids)
    merge = ProfileMerge.objects.create(
        workspace=workspace,
        kept=kept,
        absorbed_id=absorbed.pk,
        absorbed=snapshot(absorbed),
        at=clock.now(),
        made_by=actor.user,
        **why,
    )
    _take_pairs(merge, kept, absorbed)
    for name, field in pointers().items():
        _repoint(merge, name, field)
    Profile.objects.filter(pk=absorbed.pk).delete()
    _fill(merge, kept, absorbed, at or merge.at)
    merge.save(update_fields=["changed", "moved", "removed", "added"])
    facts = {"absorbed": absorbed.pk, "reason": merge.reason, "moved": sum(map(len, merge.moved.values()))}
    audit.record(actor, workspace, "audiences.merge_profiles", Profile(pk=kept.pk), facts)
    return merge


def _locked(workspace: Workspace, kept_id: int, absorbed_id: int) -> tuple[Profile, Profile]:
    rows = Profile.objects.filter(workspace=workspace, pk__in=(kept_id, absorbed_id))
    found = {row.pk: row for row in rows.select_for_update().order_by("pk")}
    if len(found) != 2:
        raise Refused("merge.gone", _("One of the two profiles is there no more. Go back to the list and look again."))
    return found[kept_id], found[absorbed_id]


def _take_pairs(merge: ProfileMerge, kept: Profile, absorbed: Profile) -> None:
    """What was said of the absorbed profile and a third one is said of the kept one now."""
    rows = list(PossibleDuplicate.objects.filter(Q(first=absorbed) | Q(second=absorbed)))
    if not rows:
        return
    merge.removed[PAIRS] = [snapshot(row) for row in rows]
    PossibleDuplicate.objects.filter(pk__in=[row.pk for row in rows]).delete()
    added = []
    for row in rows:
        other = row.second_id if row.first_id == absorbed.pk else row.first_id
        first_id, second_id = sorted((kept.pk, other))
        same = PossibleDuplicate.objects.filter(first_id=first_id, second_id=second_id)
        if other != kept.pk and not same.exists():
            row.pk, row.first_id, row.second_id = None, first_id, second_id
            row.save(force_insert=True)
            added.append(row.pk)
    merge.added[PAIRS] = added


def _repoint(merge: ProfileMerge, name: str, field: "ForeignKey[Any, Any]") -> None:
    rows = field.model._base_manager
    theirs = rows.filter(**{field.name: merge.absorbed_id})
    doubled = [row for partners in unique_partners(field) for row in _doubled(merge, field, partners)]
    if doubled:
        label = field.model._meta.label_lower
        merge.removed.setdefault(label, []).extend(snapshot(row) for row in doubled)
        rows.filter(pk__in=[row.pk for row in doubled]).delete()
        if label == MEMBERS:
            count_members({row.audience_id for row in cast(list[AudienceMember], doubled)}, -1)
    ids = list(theirs.order_by("pk").values_list("pk", flat=True))
    if ids:
        merge.moved[name] = ids
        theirs.update(**{field.name: merge.kept_id})


def _doubled(merge: ProfileMerge, field: "ForeignKey[Any, Any]", partners: list[str]) -> list[Any]:
    """The absorbed one's rows that the kept one has too."""
    rows = field.model._base_manager
    theirs = list(rows.filter(**{field.name: merge.absorbed_id}))
    known = {column.name: column.attname for column in field.model._meta.concrete_fields}
    columns = [known[name] for name in partners]
    own = set(rows.filter(**{field.name: merge.kept_id}).values_list(*columns)) if theirs else set()
    return [row for row in theirs if tuple(getattr(row, column) for column in columns) in own]


def count_members(audience_ids: set[int], step: int) -> None:
    """Corrects the figures of lists that lost or got back one member."""
    Audience.objects.filter(pk__in=audience_ids, profile_count__isnull=False).update(
        profile_count=F("profile_count") + step
    )


def _fill(merge: ProfileMerge, kept: Profile, absorbed: Profile, at: datetime) -> None:
    """Fills the kept profile's gaps; an address it has already another one of becomes an alias."""
    before = {
        name: getattr(kept, name) for name in (*IDENTITIES, "bsuid_portfolio_id", *FACTS, "is_test", "attributes")
    }
    before |= {f"{purpose}_consent": getattr(kept, f"{purpose}_consent") for purpose in Purpose.values}
    aliases = _take_identities(kept, absorbed)
    for name in FACTS:
        setattr(kept, name, getattr(kept, name) or getattr(absorbed, name))
    kept.is_test = kept.is_test or absorbed.is_test
    gaps = {key: value for key, value in absorbed.attributes.items() if key not in kept.attributes}
    free = max(0, attributes.MAX_COUNT - len(kept.attributes))
    kept.attributes = {**kept.attributes, **dict(list(gaps.items())[:free])}
    for purpose in Purpose.values:
        _take_consent(merge, kept, absorbed, purpose)
    merge.changed = {name: [value, getattr(kept, name)] for name, value in before.items()}
    kept.updated_at = merge.at
    kept.save(update_fields=[*before, "updated_at"])
    _add_aliases(merge, aliases)
    _note(merge, before, kept, at)


def _take_identities(kept: Profile, absorbed: Profile) -> list[ProfileIdentity]:
    """Moves identities into the kept profile's empty columns; gives the others as aliases."""
    takes_phone = kept.phone is None
    takes_bsuid = kept.bsuid is None and absorbed.bsuid is not None
    left: list[tuple[str, str, str]] = []
    for name in IDENTITIES:
        value = getattr(absorbed, name)
        is_free = getattr(kept, name) is None and (name != "wa_id" or takes_phone)
        if value and is_free:
            setattr(kept, name, value)
        elif value and name == "wa_id":
            left.append(("phone", f"+{value}", ""))
        elif value and name != "username":
            left.append((name, value, absorbed.bsuid_portfolio_id if name == "bsuid" else ""))
    if takes_bsuid:
        kept.bsuid_portfolio_id = absorbed.bsuid_portfolio_id
    return [
        ProfileIdentity(workspace_id=kept.workspace_id, profile=kept, kind=kind, value=value, portfolio_id=portfolio_id)
        for kind, value, portfolio_id in left
    ]


def _add_aliases(merge: ProfileMerge, aliases: list[ProfileIdentity]) -> None:
    for alias in aliases:
        in_the_way = ProfileIdentity.objects.filter(workspace_id=merge.workspace_id, kind=alias.kind, value=alias.value)
        merge.removed.setdefault(ALIASES, []).extend(snapshot(row) for row in in_the_way)
        in_the_way.delete()
        alias.learned_at = merge.at
        alias.save()
        merge.added.setdefault(ALIASES, []).append(alias.pk)


def _take_consent(merge: ProfileMerge, kept: Profile, absorbed: Profile, purpose: str) -> None:
    """A no of either stays; else a yes of either. Where the newest receipt says yes, the no gets a receipt again."""
    name = f"{purpose}_consent"
    said = {getattr(kept, name), getattr(absorbed, name)}
    is_no = Consent.WITHDRAWN.value in said
    setattr(kept, name, "withdrawn" if is_no else "granted" if Consent.GRANTED.value in said else "")
    if not is_no:
        return
    receipts = ConsentEntry.objects.filter(profile=kept, purpose=purpose).order_by("-given_at", "-pk")
    if receipts.values_list("value", flat=True).first() == Consent.GRANTED.value:
        entry = add_receipt(merge, kept.pk, purpose)
        merge.added.setdefault(ENTRIES, []).append(entry.pk)


def add_receipt(merge: ProfileMerge, profile_id: int, purpose: str, **evidence: Any) -> ConsentEntry:
    """A withdrawal that follows from a merge, or from its end."""
    now = clock.now()
    return ConsentEntry.objects.create(
        workspace_id=merge.workspace_id,
        profile_id=profile_id,
        purpose=purpose,
        value=Consent.WITHDRAWN,
        source=SOURCE,
        evidence={"merge": merge.pk, **evidence},
        given_at=now,
        recorded_at=now,
    )


def _note(merge: ProfileMerge, before: dict[str, Any], kept: Profile, at: datetime) -> None:
    """The history of what the kept profile gained."""
    rows = [
        IdentityChange(
            workspace_id=merge.workspace_id,
            profile=kept,
            kind=name,
            after=getattr(kept, name),
            source=SOURCE,
            evidence={"merge": merge.pk},
            at=at,
            recorded_at=merge.at,
        )
        for name in IDENTITIES
        if getattr(kept, name) != before[name]
    ]
    for row in rows:
        row.save()
    merge.added[CHANGES] = [row.pk for row in rows]


def keep_apart(
    *, actor: Actor, workspace: Workspace, first: Profile, second: Profile, reason: str = BY_HAND
) -> PossibleDuplicate:
    """Remembers that two profiles are two people: webhooks don't merge them, and no list proposes it again."""
    now = clock.now()
    low, high = sorted((first.pk, second.pk))
    with transaction.atomic():
        pair, _is_new = PossibleDuplicate.objects.update_or_create(
            first_id=low,
            second_id=high,
            defaults={"apart_at": now, "apart_by": actor.user},
            create_defaults={
                "workspace": workspace,
                "reason": reason,
                "found_at": now,
                "apart_at": now,
                "apart_by": actor.user,
            },
        )
        audit.record(actor, workspace, "audiences.keep_apart", Profile(pk=low), {"other": high})
    return pair
