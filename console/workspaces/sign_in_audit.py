"""What allauth changes about an account goes to the audit trail too: password and second factors, never their values."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.dispatch import receiver
from django.http import HttpRequest

from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import User


def _actor(request: HttpRequest, user: User) -> Actor:
    return Actor(str(user), user, request.META.get("REMOTE_ADDR"))


@receiver([password_changed, password_set, password_reset])
def note_password(request: HttpRequest, user: User, **kwargs: Any) -> None:
    audit.record(_actor(request, user), None, "workspaces.change_password", user)


@receiver(authenticator_added)
def note_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    audit.record(
        _actor(request, user), None, "workspaces.add_second_factor", user, {"kind": [None, authenticator.type]}
    )


@receiver(authenticator_removed)
def note_removed(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    audit.record(
        _actor(request, user), None, "workspaces.remove_second_factor", user, {"kind": [authenticator.type, None]}
    )


@receiver(authenticator_reset)
def note_reset(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    audit.record(_actor(request, user), None, "workspaces.reset_second_factor", user, {"kind": authenticator.type})
