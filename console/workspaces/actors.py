"""Who does something: a person, or a part of the system. Every action takes one."""

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from console.workspaces.models import User


@dataclass(frozen=True)
class Actor:
    """The doer of a write as the audit trail shows it."""

    label: str
    user: User | None = None
    ip_address: str | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "Actor":
        assert isinstance(request.user, User)
        return cls(str(request.user), request.user, client_address(request))

    @classmethod
    def system(cls, part: str) -> "Actor":
        """For example Actor.system("webhook"): shown as "System (webhook)"."""
        return cls(f"System ({part})")


def client_address(request: HttpRequest) -> str | None:
    """The IP address of who asks, as the rate limits see it: behind a proxy the one the proxy saw."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None
