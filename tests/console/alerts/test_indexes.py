"""What is asked on every page and every minute is served by an index."""

from django.db import connection
from django.utils import timezone

from console.alerts import deliveries, mails, queries
from console.workspaces.models import User, Workspace


def test_the_bell_and_the_tasks_read_no_whole_table(workspace: Workspace, owner: User) -> None:
    if connection.vendor != "sqlite":
        return  # PostgreSQL scans small tables whatever the indexes
    now = timezone.now()
    asked = {
        "notification_unread": queries.unread(owner.memberships.get()).values("pk")[:100],
        "notification_waiting": mails._due(now).values_list("workspace_id", "user_id", "email_lease_until").distinct(),
        "delivery_due": deliveries._open(now).order_by("due_at", "pk").values_list("pk", "endpoint_id")[:50],
        "alert_by_time": queries.alerts(owner.memberships.get()).order_by("-raised_at", "-pk")[:25],
    }
    for index, rows in asked.items():
        assert index in rows.explain(), rows.explain()
