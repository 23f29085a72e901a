"""What a member does for themselves: reading, and choosing what to hear of. Their own affair: no audit entry."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet

from console.alerts import hearing
from console.alerts.hearing import Choice
from console.alerts.kinds import KINDS, visible_to
from console.alerts.models import Alert, Notification, Subscription
from console.kit import clock
from console.workspaces.models import Membership


def mark_read(*, membership: Membership, alert: Alert) -> None:
    """The member has seen this alert. One UPDATE."""
    mine = Notification.objects.filter(alert=alert, user_id=membership.user_id, read_at=None)
    mine.update(read_at=clock.now())


def mark_all_read(*, membership: Membership) -> int:
    """The member has seen everything in this workspace; returns how many were unread. One UPDATE."""
    mine = Notification.objects.filter(
        workspace_id=membership.workspace_id, user_id=membership.user_id, read_at=None, is_in_app=True
    )
    return mine.update(read_at=clock.now())


def save_choices(*, membership: Membership, choices: Mapping[str, Choice]) -> None:
    """Keeps what differs from the defaults, for kinds the member may see; the rest follows the defaults. Two queries."""
    seen = [name for name in visible_to(membership.role) if name in choices]
    rows = [
        Subscription(
            workspace_id=membership.workspace_id,
            user_id=membership.user_id,
            kind=name,
            in_app=choices[name].in_app,
            emails=choices[name].emails,
        )
        for name in seen
        if choices[name] != hearing.default_choice(membership.role, KINDS[name])
    ]
    with transaction.atomic():
        _mine(membership).filter(kind__in=seen).delete()
        Subscription.objects.bulk_create(rows, ignore_conflicts=True)


def reset_choices(*, membership: Membership) -> None:
    """Forgets every choice of the member in this workspace. One DELETE."""
    _mine(membership).delete()


def _mine(membership: Membership) -> QuerySet[Subscription]:
    return Subscription.objects.filter(workspace_id=membership.workspace_id, user_id=membership.user_id)
