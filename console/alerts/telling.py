"""Tells of an alert: rows for the members' bells and mails, and for the outgoing webhooks; the tasks carry them out."""

from datetime import datetime, timedelta

from console.alerts import hearing, payload
from console.alerts.kinds import AlertKind
from console.alerts.models import Alert, Delivery, Endpoint, Notification
from console.kit import queue

# An alert that comes back so soon rings the bell at once; mails and webhooks wait, and go only if it lasts.
FLAPPING = timedelta(minutes=10)
SEND_MAILS = "console.alerts.tasks.send_mails"
DELIVER = "console.alerts.tasks.deliver"


def tell_raised(alert: Alert, kind: AlertKind, now: datetime, *, is_flapping: bool = False) -> None:
    """Rows for everybody who hears of it. Five queries; call it in the transaction that made the alert."""
    later = now + FLAPPING if is_flapping else None
    rows = [
        Notification(
            alert=alert,
            workspace_id=alert.workspace_id,
            user_id=hearer.user_id,
            is_in_app=hearer.in_app,
            wants_email=hearer.email,
            email_lease_until=later if hearer.email else None,
            created_at=now,
        )
        for hearer in hearing.hearers(alert.workspace, kind, alert.tone)
    ]
    Notification.objects.bulk_create(rows)
    if not is_flapping and any(row.wants_email for row in rows):
        queue.ring(SEND_MAILS)
    endpoints = Endpoint.objects.filter(workspace_id=alert.workspace_id, is_on=True)
    heard_by = [endpoint for endpoint in endpoints if not endpoint.kinds or alert.kind in endpoint.kinds]
    _deliver(heard_by, alert, "raised", now, later or now)


def tell_resolved(alert: Alert, now: datetime) -> None:
    """Tells the endpoints that heard of it that it is over, and drops what still waited to see whether it lasts. Four queries."""
    waiting = Notification.objects.filter(alert=alert, wants_email=True, email_attempts=0, email_lease_until__gt=now)
    waiting.update(wants_email=False, email_lease_until=None)
    told = Delivery.objects.filter(alert=alert, event="raised")
    told.filter(status="waiting", attempt_count=0, due_at__gt=now).delete()
    _deliver(
        [row.endpoint for row in told.filter(endpoint__is_on=True).select_related("endpoint")],
        alert,
        "resolved",
        now,
        now,
    )


def _deliver(endpoints: list[Endpoint], alert: Alert, event: str, now: datetime, due_at: datetime) -> None:
    if not endpoints:
        return
    Delivery.objects.bulk_create(
        Delivery(
            workspace_id=alert.workspace_id,
            endpoint=endpoint,
            alert=alert,
            event=event,
            body=payload.alert_event(alert, event, now),
            due_at=due_at,
            created_at=now,
        )
        for endpoint in endpoints
    )
    if due_at <= now:
        queue.ring(DELIVER)
