"""What is asked on every page and every minute is served by an index; what claims a row asks the row itself."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console.alerts import deliveries, mails, queries
from console.alerts.actions import raise_alert
from console.alerts.models import Delivery
from console.workspaces.models import User, Workspace
from tests.console.alerts.conftest import make_endpoint


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


def test_a_claim_asks_the_row_that_it_changes(workspace: Workspace, owner: User) -> None:
    """With the conditions in a subselect, two workers that wait for each other both win on PostgreSQL."""
    make_endpoint(workspace)
    raise_alert(workspace, "tests.lasting", tone="bad")
    with CaptureQueriesContext(connection) as captured:
        assert deliveries.claim(Delivery.objects.get().pk) is not None
        assert mails.take(mails._waiting(timezone.now())[0]) is not None
    claims = [query["sql"] for query in captured.captured_queries if query["sql"].startswith("UPDATE")]
    assert len(claims) == 2
    for sql in claims:
        assert "JOIN" not in sql and " IN (SELECT" not in sql, sql
        assert "lease_until" in sql.split("WHERE")[1], sql
