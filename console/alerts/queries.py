"""Reads about alerts: always through `visible`, so that nobody hears of a kind that their role may not see."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from console.alerts.kinds import KINDS, visible_to
from console.alerts.models import Alert, Delivery, Endpoint, Notification, Subscription
from console.workspaces import roles
from console.workspaces.models import Membership, Workspace

MOST_COUNTED = 99
MOST_IN_BELL = 8


def visible(role: str, path: str = "kind") -> Q:
    """The kinds a role may see. Kinds that the code has forgotten are left to those who manage the workspace."""
    seen = Q(**{f"{path}__in": visible_to(role)})
    if roles.can(role, "workspace.manage"):
        seen |= ~Q(**{f"{path}__in": sorted(KINDS)})
    return seen


def unread(membership: Membership) -> QuerySet[Notification]:
    """What rings the member's bell, served by the index notification_unread."""
    return Notification.objects.filter(
        visible(membership.role, "alert__kind"),
        workspace_id=membership.workspace_id,
        user_id=membership.user_id,
        read_at=None,
        is_in_app=True,
    )


def unread_count(membership: Membership) -> int:
    """How many, counted to one more than MOST_COUNTED. One query, on every page."""
    return unread(membership).values("pk")[: MOST_COUNTED + 1].count()


def newest_unread(membership: Membership) -> list[Notification]:
    """The newest for the bell's list. One query."""
    return list(unread(membership).select_related("alert").order_by("-pk")[:MOST_IN_BELL])


def alerts(membership: Membership) -> QuerySet[Alert]:
    """Every alert of the workspace that the member may see, with whether it is unread for them. Served by alert_by_time."""
    mine = Notification.objects.filter(alert=OuterRef("pk"), user_id=membership.user_id, read_at=None, is_in_app=True)
    rows = Alert.objects.filter(visible(membership.role), workspace_id=membership.workspace_id)
    return rows.annotate(is_unread=Exists(mine))


def subscriptions(membership: Membership) -> list[Subscription]:
    """The member's own choices. One query."""
    return list(
        Subscription.objects.filter(workspace_id=membership.workspace_id, user_id=membership.user_id).order_by("kind")
    )


def endpoints(workspace: Workspace) -> QuerySet[Endpoint]:
    """By name, without their secrets, with what came of the newest delivery. One query."""
    newest = Delivery.objects.filter(endpoint=OuterRef("pk")).order_by("-pk")
    rows = Endpoint.objects.filter(workspace=workspace).defer("secret").order_by("name", "pk")
    return rows.annotate(
        last_status=Subquery(newest.values("status")[:1]), last_at=Subquery(newest.values("created_at")[:1])
    )


def deliveries(workspace: Workspace) -> QuerySet[Delivery]:
    """Deliveries with their endpoint and alert; order and page are the list's."""
    return (
        Delivery.objects.filter(workspace=workspace)
        .select_related("alert", "endpoint")
        .defer("endpoint__secret", "body")
    )
