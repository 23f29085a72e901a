"""Parts two profiles that were merged, with what the merge wrote down."""

from typing import cast

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from console.audiences.actions.merging import (
    ALIASES,
    CHANGES,
    ENTRIES,
    IDENTITIES,
    MEMBERS,
    PAIRS,
    add_receipt,
    count_members,
    keep_apart,
)
from console.audiences.models import (
    AudienceMember,
    Consent,
    ConsentEntry,
    IdentityChange,
    PossibleDuplicate,
    Profile,
    ProfileIdentity,
    ProfileMerge,
)
from console.audiences.snapshots import pointers, restored, without_lost_targets
from console.kit import clock
from console.kit.batches import batched
from console.kit.errors import Refused
from console.kit.retrying import RACED, retried
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace


def undo_merge(*, actor: Actor, workspace: Workspace, merge: ProfileMerge) -> Profile:
    """Parts what a merge made one; gives the profile that is back. What came after the merge stays with the kept one,
    but a withdrawal since then counts for both. They are kept apart from now on.

    Raises Refused: undone already, a later merge has to be undone first, an identity is somebody else's by now.
    """
    return retried(lambda: _undo(actor, workspace, merge.pk), on=RACED)


def _undo(actor: Actor, workspace: Workspace, merge_id: int) -> Profile:
    merge = ProfileMerge.objects.select_for_update(of=("self",)).get(pk=merge_id, workspace=workspace)
    kept = Profile.objects.select_for_update().get(pk=merge.kept_id)
    lost = cast(Profile, restored(Profile, merge.absorbed))
    _check_undo(merge, kept, lost)
    _remove_added(merge, kept, lost)
    _give_back(merge, kept, lost)
    lost.save(force_insert=True)
    _move_back(merge)
    _restore_removed(merge)
    _part_consents(merge, kept, lost)
    keep_apart(actor=actor, workspace=workspace, first=kept, second=lost, reason="undone")
    merge.undone_at, merge.undone_by = clock.now(), actor.user
    merge.save(update_fields=["undone_at", "undone_by"])
    facts = {"restored": lost.pk, "merge": merge.pk}
    audit.record(actor, workspace, "audiences.undo_merge", Profile(pk=kept.pk), facts)
    return lost


def _check_undo(merge: ProfileMerge, kept: Profile, lost: Profile) -> None:
    if merge.undone_at is not None:
        raise Refused("merge.undone", _("This merge was undone already."))
    if ProfileMerge.objects.filter(kept=kept, undone_at=None, pk__gt=merge.pk).exists():
        raise Refused("merge.later", _("This profile was merged again since. Undo the later merge first."))
    others = Profile.objects.filter(workspace_id=merge.workspace_id).exclude(pk=kept.pk)
    wanted = {name: getattr(lost, name) for name in IDENTITIES if getattr(lost, name)}
    taken = Q()
    for name, value in wanted.items():
        taken |= Q(**{name: value})
    aliases = ProfileIdentity.objects.filter(workspace_id=merge.workspace_id, until_at=None).exclude(profile=kept)
    held = Q()
    for name in ("phone", "bsuid", "parent_bsuid", "external_id"):
        if name in wanted:
            held |= Q(kind=name, value=wanted[name])
    if (wanted and others.filter(taken).exists()) or (held and aliases.filter(held).exists()):
        raise Refused(
            "merge.taken",
            _(
                "An identity of the profile that would come back belongs to another profile by now. "
                "Remove it there, or leave the merge as it is."
            ),
        )


def _remove_added(merge: ProfileMerge, kept: Profile, lost: Profile) -> None:
    """Takes back the rows that the merge added, and the kept one's aliases that are the other one's addresses."""
    ConsentEntry.objects.filter(pk__in=merge.added.get(ENTRIES, [])).delete()
    IdentityChange.objects.filter(pk__in=merge.added.get(CHANGES, [])).delete()
    PossibleDuplicate.objects.filter(pk__in=merge.added.get(PAIRS, [])).delete()
    own = Q(pk__in=merge.added.get(ALIASES, []))
    for name in IDENTITIES:
        for value in filter(None, (getattr(lost, name), merge.changed[name][0])):
            own |= Q(kind="phone", value=f"+{value}") if name == "wa_id" else Q(kind=name, value=value)
    moved = merge.moved.get(f"{ALIASES}.profile", [])
    ProfileIdentity.objects.filter(own, profile=kept).exclude(pk__in=moved).delete()


def _give_back(merge: ProfileMerge, kept: Profile, lost: Profile) -> None:
    """The kept profile as it was before, except where it was changed since to something that isn't the other one's."""
    for name, (before, after) in merge.changed.items():
        now = getattr(kept, name)
        if now == after or (name in IDENTITIES and now and now == getattr(lost, name)):
            setattr(kept, name, before)
    others = Profile.objects.filter(workspace_id=merge.workspace_id).exclude(pk=kept.pk)
    for name in IDENTITIES:
        value = getattr(kept, name)
        if value and others.filter(**{name: value}).exists():
            setattr(kept, name, None)
    if not (kept.phone or kept.external_id or kept.bsuid):
        raise Refused(
            "merge.no_identity",
            _("The kept profile would have no phone number or id of its own any more. Give it one first."),
        )
    kept.updated_at = clock.now()
    kept.save(update_fields=[*merge.changed, "updated_at"])


def _move_back(merge: ProfileMerge) -> None:
    fields = pointers()
    for name, ids in merge.moved.items():
        field = fields.get(name)
        if field is None:  # the table is there no more
            continue
        for batch in batched(ids):
            rows = field.model._base_manager.filter(**{"pk__in": batch, field.name: merge.kept_id})
            rows.update(**{field.name: merge.absorbed_id})


def _restore_removed(merge: ProfileMerge) -> None:
    """Puts back the rows that had no place beside the kept one's; not those whose list is gone, or that came again."""
    for label, kept in merge.removed.items():
        rows = without_lost_targets([restored(apps.get_model(label), one) for one in kept])
        if rows:
            type(rows[0])._base_manager.bulk_create(rows, ignore_conflicts=True)
        if label == MEMBERS:
            count_members({row.audience_id for row in cast(list[AudienceMember], rows)}, 1)


def _part_consents(merge: ProfileMerge, kept: Profile, lost: Profile) -> None:
    """Receipts since the merge: the newest decides for the kept profile, and a no counts for the other one too."""
    since = ConsentEntry.objects.filter(profile=kept, recorded_at__gt=merge.at).order_by("given_at", "pk")
    newest = dict(since.values_list("purpose", "value"))
    for purpose, value in newest.items():
        name = f"{purpose}_consent"
        Profile.objects.filter(pk=kept.pk).update(**{name: value})
        if value == Consent.WITHDRAWN.value and getattr(lost, name) != value:
            add_receipt(merge, lost.pk, purpose, undone=True)
            Profile.objects.filter(pk=lost.pk).update(**{name: value})
