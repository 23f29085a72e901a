"""What people do to workspaces and their members. Each checks, changes and writes the audit entry in one transaction."""

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.errors import AddressTaken, AlreadyMember, LastOwner
from console.workspaces.invitations import Invitation, mail_invitation, may_show_link, set_password_link
from console.workspaces.models import Membership, User, Workspace
from console.workspaces.roles import Role


def create_workspace(
    *, actor: Actor, name: str, owner: User, slug: str = "", time_zone: str = "UTC", default_country: str = ""
) -> Workspace:
    """A workspace with its first owner. Raises AddressTaken. About five queries."""
    with transaction.atomic():
        slug = slug or _free_slug(name)
        if Workspace.objects.filter(slug=slug).exists():
            raise AddressTaken(slug)
        try:
            with transaction.atomic():
                workspace = Workspace.objects.create(
                    name=name, slug=slug, time_zone=time_zone, default_country=default_country
                )
        except IntegrityError as error:
            raise AddressTaken(slug) from error
        membership = Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
        audit.record(actor, workspace, "workspaces.create_workspace", workspace, {"slug": slug, "owner": owner.pk})
        audit.record(actor, workspace, "workspaces.add_member", membership, {"role": [None, Role.OWNER]})
    return workspace


def _free_slug(name: str) -> str:
    """An address made from the name: "lumen-coffee", or "lumen-coffee-2" when that is taken. One query."""
    wish = slugify(name)[:50] or "workspace"
    taken = set(Workspace.objects.filter(slug__startswith=wish).values_list("slug", flat=True))
    return next(slug for slug in (wish, *(f"{wish}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


def update_workspace(*, actor: Actor, workspace: Workspace, name: str, time_zone: str, default_country: str) -> None:
    """Changes the workspace's settings; the audit entry names only what differs, none when nothing does."""
    wanted = {"name": name, "time_zone": time_zone, "default_country": default_country}
    with transaction.atomic():
        row = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        changes = {key: [getattr(row, key), value] for key, value in wanted.items() if getattr(row, key) != value}
        if changes:
            Workspace.objects.filter(pk=workspace.pk).update(**wanted)
            for key, value in wanted.items():
                setattr(workspace, key, value)
            audit.record(actor, workspace, "workspaces.update_workspace", workspace, changes)


def update_phone_fields(*, actor: Actor, workspace: Workspace, phone_fields: list[str]) -> None:
    """Changes where people's numbers are looked for; the fields are checked by the room that knows them."""
    with transaction.atomic():
        before = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk).phone_fields
        if before == phone_fields:
            return
        Workspace.objects.filter(pk=workspace.pk).update(phone_fields=phone_fields)
        workspace.phone_fields = phone_fields
        changes = {"phone_fields": [", ".join(before), ", ".join(phone_fields)]}
        audit.record(actor, workspace, "workspaces.update_phone_fields", workspace, changes)


def add_member(*, actor: Actor, workspace: Workspace, email: str, role: str, name: str = "") -> Invitation:
    """Adds a person by e-mail address, making the account when there is none, and mails the invitation.

    The link to set a password is given back only while the account opens nothing else. Raises AlreadyMember.
    """
    email = email.strip().lower()
    with transaction.atomic():
        person = User.objects.filter(email=email).first()
        if person is None:
            person = User.objects.create_user(email, None, name=name.strip())
            audit.record(actor, None, "workspaces.create_person", person, {"by_workspace": workspace.pk})
        membership, is_new = Membership.objects.get_or_create(workspace=workspace, user=person, defaults={"role": role})
        if not is_new:
            raise AlreadyMember(str(person))
        audit.record(actor, workspace, "workspaces.add_member", membership, {"role": [None, role]})
        mail_invitation(person, inviter=actor.label, workspace=workspace)
    return Invitation(person, set_password_link(person) if may_show_link(person, workspace) else "")


def invite_again(*, actor: Actor, workspace: Workspace, membership: Membership) -> Invitation:
    """Mails a fresh link to a member; links sent before stay good until one is used or they run out."""
    person = membership.user
    with transaction.atomic():
        audit.record(actor, workspace, "workspaces.invite_again", membership)
        mail_invitation(person, inviter=actor.label, workspace=workspace)
    return Invitation(person, set_password_link(person) if may_show_link(person, workspace) else "")


def change_role(*, actor: Actor, workspace: Workspace, membership: Membership, role: str) -> None:
    """Gives a member another role. Raises LastOwner when nobody would own the workspace any more."""
    with transaction.atomic():
        _lock(workspace)
        row = Membership.objects.get(pk=membership.pk)
        if row.role == role:
            return
        if row.role == Role.OWNER:
            _require_another_owner(workspace, row)
        Membership.objects.filter(pk=row.pk).update(role=role)
        membership.role = role
        audit.record(actor, workspace, "workspaces.change_role", membership, {"role": [row.role, role]})


def remove_member(*, actor: Actor, workspace: Workspace, membership: Membership) -> None:
    """Takes a person out of the workspace; the account and what it did stay. Raises LastOwner."""
    with transaction.atomic():
        _lock(workspace)
        row = Membership.objects.get(pk=membership.pk)
        if row.role == Role.OWNER:
            _require_another_owner(workspace, row)
        audit.record(actor, workspace, "workspaces.remove_member", row, {"role": [row.role, None]})
        row.delete()


def _lock(workspace: Workspace) -> None:
    """Changes of one workspace's owners queue here, so that two owners can't remove each other at once."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def _require_another_owner(workspace: Workspace, membership: Membership) -> None:
    owners = Membership.objects.filter(workspace=workspace, role=Role.OWNER, user__is_active=True)
    if not owners.exclude(pk=membership.pk).exists():
        raise LastOwner
