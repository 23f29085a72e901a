"""The audit trail: one entry for every write, made in the same transaction as the write."""

from typing import Any

from django.db.models import Model

from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace


def record(
    actor: Actor,
    workspace: Workspace | None,
    action: str,
    subject: Model | None = None,
    changes: dict[str, Any] | None = None,
) -> AuditEntry:
    """Adds an entry: `action` is "<room>.<verb>", `changes` {field: [before, after]} or plain facts.

    Never pass secrets or message texts; personal data only as ids. One INSERT.
    """
    return AuditEntry.objects.create(
        workspace=workspace,
        actor=actor.user,
        actor_label=actor.label[:160],
        action=action,
        object_kind=subject._meta.model_name or "" if subject is not None else "",
        object_id=str(subject.pk) if subject is not None else "",
        object_label=str(subject)[:200] if subject is not None else "",
        changes=changes or {},
        ip_address=actor.ip_address,
        at=clock.now(),
    )
