"""Raising and resolving alerts. Any room above may call these; telling people is this room's work."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from console.alerts.kinds import KINDS
from console.alerts.models import Alert, Notification
from console.alerts.telling import FLAPPING, tell_raised, tell_resolved
from console.kit import clock
from console.kit.plain import storable
from console.workspaces.models import Workspace

TONES = ("ok", "info", "warn", "bad")  # from good to bad


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

    One that got worse (a higher tone) while it was open is a new one, so that people hear of it; the old one ends.
    `kind` must be registered (KeyError). Facts are plain JSON without secrets and personal data. Call it inside the
    transaction of the change it tells of. One query while it is open, about ten for a new one.
    """
    declared = KINDS[kind]
    now = clock.now()
    tone = tone or declared.tone
    values: dict[str, Any] = {"facts": storable(facts or {}), "subject": storable(subject)[:200], "tone": tone}
    with transaction.atomic():
        is_flapping = False
        if not declared.is_event:
            open_ones = Alert.objects.filter(workspace=workspace, kind=kind, key=key, resolved_at__isnull=True)
            if open_ones.filter(tone__in=_as_bad_as(tone)).update(**values):
                return None
            milder = _end(open_ones.exclude(tone__in=_as_bad_as(tone)), now)  # not one that was raised in this moment
            if milder is not None:
                Notification.objects.filter(alert=milder, read_at=None).update(read_at=now)
            is_flapping = milder is None and _ended_lately(workspace, kind, key, now)
        try:
            with transaction.atomic():
                alert = Alert.objects.create(
                    workspace=workspace,
                    kind=kind,
                    key=key,
                    raised_at=now,
                    resolved_at=now if declared.is_event else None,
                    **values,
                )
        except IntegrityError:  # another worker raised it in this moment
            return None
        tell_raised(alert, declared, now, is_flapping=is_flapping)
    return alert


def resolve_alert(workspace: Workspace, kind: str, *, key: str = "") -> bool:
    """Ends an open alert; True when there was one. One query when nothing is open, about six more to tell the endpoints."""
    with transaction.atomic():
        mine = Alert.objects.filter(workspace=workspace, kind=kind, key=key, resolved_at__isnull=True)
        return _end(mine, clock.now()) is not None


def _as_bad_as(tone: str) -> tuple[str, ...]:
    return TONES[TONES.index(tone) :] if tone in TONES else (*TONES, tone)


def _end(open_ones: QuerySet[Alert], now: datetime) -> Alert | None:
    """Ends the one open alert among these and tells the endpoints; None when there is none or somebody else ended it."""
    alert = open_ones.select_related("workspace").first()
    if alert is None or not Alert.objects.filter(pk=alert.pk, resolved_at__isnull=True).update(resolved_at=now):
        return None
    alert.resolved_at = now
    tell_resolved(alert, now)
    return alert


def _ended_lately(workspace: Workspace, kind: str, key: str, now: datetime) -> bool:
    ended = Alert.objects.filter(workspace=workspace, kind=kind, key=key, resolved_at__gt=now - FLAPPING)
    return ended.exists()
