"""Creates, changes and forgets one profile by hand."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from console.audiences.models import IdentityChange, Profile
from console.kit import clock
from console.kit.errors import Refused
from console.kit.retrying import retried
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

FIELDS = ("phone", "external_id", "bsuid", "name", "language", "country", "time_zone", "is_test", "attributes")
PERSONAL = frozenset({"phone", "external_id", "bsuid", "name", "attributes"})
IDENTITIES = ("phone", "external_id", "bsuid")
SOURCE = "page"


class IdentityTaken(Refused):
    """Another profile of the workspace has this identity already."""


def save_profile(
    *, actor: Actor, workspace: Workspace, profile: Profile | None = None, values: dict[str, Any]
) -> Profile:
    """Creates a profile, or changes one; `values` holds any of FIELDS, identities already normalized, "" as None.

    Raises IdentityTaken. Audit keeps which fields changed, never personal values; the person's own history keeps which
    identities did. Two or three writes.
    """
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise ValueError(f"Not fields of a profile: {sorted(unknown)}")
    now = clock.now()
    verb = "audiences.change_profile" if profile else "audiences.create_profile"
    is_new = profile is None
    profile = profile or Profile(workspace=workspace, created_at=now, source=SOURCE)
    before = {name: getattr(profile, name) for name in values}
    for name, value in values.items():
        setattr(profile, name, (value or None) if name in IDENTITIES else value)
    if not (profile.phone or profile.external_id or profile.bsuid):
        raise Refused("profile.no_identity", _("A profile needs a phone number or an external id."))
    if before.get("phone") != profile.phone and "phone" in values:
        profile.wa_id = None  # Meta's form of the number that was
    profile.updated_at = now
    changed = [name for name in values if before[name] != getattr(profile, name)]

    def write() -> None:
        if is_new:
            profile.save(force_insert=True)
        else:
            _change(profile, changed)
            _note(profile, {name: before[name] for name in changed if name in IDENTITIES})
        changes = {name: "***" if name in PERSONAL else [before[name], getattr(profile, name)] for name in changed}
        audit.record(actor, workspace, verb, _nameless(profile), changes)

    try:
        retried(write)
    except IntegrityError as error:
        raise IdentityTaken(
            "profile.identity_taken",
            _("Another profile of this workspace has the same phone number or external id. Open that one instead."),
        ) from error
    return profile


def _change(profile: Profile, names: Iterable[str]) -> None:
    """Writes these columns only: consent and what webhooks learned in this moment stay. Raises Refused when it is gone."""
    columns = [*names, "updated_at", *(["wa_id"] if "phone" in names else [])]
    if not Profile.objects.filter(pk=profile.pk).update(**{name: getattr(profile, name) for name in columns}):
        raise Refused("profile.gone", _("This profile is there no more: it was deleted, or merged with another one."))


def _note(profile: Profile, before: dict[str, str | None]) -> None:
    """Keeps what an identity was. A number corrected by hand leaves no alias: it was never theirs."""
    IdentityChange.objects.bulk_create(
        IdentityChange(
            workspace_id=profile.workspace_id,
            profile=profile,
            kind=name,
            before=value or "",
            after=getattr(profile, name) or "",
            source=SOURCE,
            at=profile.updated_at,
            recorded_at=profile.updated_at,
        )
        for name, value in before.items()
    )


def set_test_flag(*, actor: Actor, workspace: Workspace, profile: Profile, is_test: bool) -> None:
    """Makes a profile a test profile, or an ordinary one again."""
    save_profile(actor=actor, workspace=workspace, profile=profile, values={"is_test": is_test})


def delete_profile(*, actor: Actor, workspace: Workspace, profile: Profile) -> None:
    """Forgets a person: profile, consent receipts and memberships. The audit entry keeps only the number of the row."""
    with transaction.atomic():
        audit.record(actor, workspace, "audiences.delete_profile", _nameless(profile))
        profile.delete()


def _nameless(profile: Profile) -> Profile:
    """A stand-in whose text names nobody: audit entries outlive the person's data."""
    return Profile(pk=profile.pk)
