"""What people do to accounts: staff to others', everybody to their own. An actions module, like actions.py."""

from django.db import transaction
from django.db.models import F

from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.errors import LastStaff, OneselfRefused
from console.workspaces.invitations import Invitation, mail_invitation, may_show_link, set_password_link
from console.workspaces.models import User

THEMES = ("auto", "light", "dark")


def create_person(
    *, actor: Actor, email: str, name: str = "", is_staff: bool = False, password: str | None = None
) -> Invitation:
    """Makes an account, or finds the one that has the address. Without a password the invitation is mailed."""
    email = email.strip().lower()
    with transaction.atomic():
        person = User.objects.filter(email=email).first()
        if person is None:
            person = User.objects.create_user(email, password, name=name.strip(), is_staff=is_staff)
            audit.record(actor, None, "workspaces.create_person", person, {"is_staff": [None, is_staff]})
            if password is None:
                mail_invitation(person, inviter=actor.label, workspace=None)
    return Invitation(person, set_password_link(person) if may_show_link(person, None) else "")


def set_active(*, actor: Actor, person: User, is_active: bool) -> None:
    """Closes an account (its sessions end with the next request) or opens it again. Raises OneselfRefused, LastStaff."""
    with transaction.atomic():
        if actor.user is not None and actor.user.pk == person.pk:
            raise OneselfRefused
        if not is_active:
            _require_other_staff(person)
        changed = User.objects.filter(pk=person.pk, is_active=not is_active).update(
            is_active=is_active, session_epoch=F("session_epoch") + 1
        )
        if changed:
            verb = "reactivate_person" if is_active else "deactivate_person"
            audit.record(actor, None, f"workspaces.{verb}", person, {"is_active": [not is_active, is_active]})
    person.refresh_from_db(fields=["is_active", "session_epoch"])


def set_staff(*, actor: Actor, person: User, is_staff: bool) -> None:
    """Gives or takes staff rights. Raises OneselfRefused, LastStaff."""
    with transaction.atomic():
        if actor.user is not None and actor.user.pk == person.pk:
            raise OneselfRefused
        if not is_staff:
            _require_other_staff(person)
        if User.objects.filter(pk=person.pk, is_staff=not is_staff).update(is_staff=is_staff):
            audit.record(actor, None, "workspaces.set_staff", person, {"is_staff": [not is_staff, is_staff]})
    person.is_staff = is_staff


def update_account(*, actor: Actor, **wanted: str) -> None:
    """Changes one's own name, language or theme (only the given ones); one entry when something differs."""
    person = actor.user
    assert person is not None, "only a person has an account"
    changes = {key: [getattr(person, key), value] for key, value in wanted.items() if getattr(person, key) != value}
    if not changes:
        return
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(**wanted)
        audit.record(actor, None, "workspaces.update_account", person, {key: changes[key] for key in changes})
    for key, value in wanted.items():
        setattr(person, key, value)


def end_sessions(*, actor: Actor) -> None:
    """Ends every session of the actor's own account; the caller may sign the current one anew."""
    person = actor.user
    assert person is not None, "only a person has sessions"
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
        audit.record(actor, None, "workspaces.end_sessions", person)
    person.refresh_from_db(fields=["session_epoch"])


def _require_other_staff(person: User) -> None:
    if person.is_staff and not User.objects.filter(is_staff=True, is_active=True).exclude(pk=person.pk).exists():
        raise LastStaff
