"""Who does something: a person, or a part of the system. Every action takes one."""

from dataclasses import dataclass

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
        return cls(str(request.user), request.user, request.META.get("REMOTE_ADDR"))

    @classmethod
    def system(cls, part: str) -> "Actor":
        """For example Actor.system("webhook"): shown as "System (webhook)"."""
        return cls(f"System ({part})")
