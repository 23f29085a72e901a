"""Raising and resolving alerts. Any room above may call these; telling people is this room's work."""

from typing import Any

from django.db import IntegrityError, transaction

from console.alerts.kinds import KINDS
from console.alerts.models import Alert
from console.kit import clock
from console.workspaces.models import Workspace


def raise_alert(
    workspace: Workspace,
    kind: str,
    *,
    key: str = "",
    subject: str = "",
    facts: dict[str, Any] | None = None,
    tone: str = "",
) -> Alert | None:
    """Raises an alert, once while it is open: the new alert, or None when it was open already (its facts are renewed).

    `kind` must be registered (KeyError). Facts are plain JSON without secrets and personal data. Call it inside the
    transaction of the change it tells of.
    """
    declared = KINDS[kind]
    now = clock.now()
    values = {"facts": facts or {}, "subject": subject[:200], "tone": tone or declared.tone}
    resolved_at = now if declared.is_event else None
    if not declared.is_event:
        open_ones = Alert.objects.filter(workspace=workspace, kind=kind, key=key, resolved_at__isnull=True)
        if open_ones.update(**values):
            return None
    try:
        with transaction.atomic():
            return Alert.objects.create(
                workspace=workspace, kind=kind, key=key, raised_at=now, resolved_at=resolved_at, **values
            )
    except IntegrityError:  # another worker raised it in this moment
        return None


def resolve_alert(workspace: Workspace, kind: str, *, key: str = "") -> bool:
    """Ends an open alert; True when there was one. One UPDATE, cheap to call when nothing is open."""
    open_ones = Alert.objects.filter(workspace=workspace, kind=kind, key=key, resolved_at__isnull=True)
    return bool(open_ones.update(resolved_at=clock.now()))
