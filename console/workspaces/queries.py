"""Reads about people, workspaces and the audit trail."""

from django.db.models import Count, Q, QuerySet

from console.workspaces.models import AuditEntry, Membership, User, Workspace
from console.workspaces.roles import Role


def workspaces_of(person: User) -> list[Workspace]:
    """The workspaces a person belongs to, by name. One query."""
    return list(Workspace.objects.filter(memberships__user=person).order_by("name", "id"))


def members(workspace: Workspace) -> QuerySet[Membership]:
    """Memberships with their people, by name. One query."""
    return Membership.objects.filter(workspace=workspace).select_related("user").order_by("user__name", "user__email")


def audit_entries(workspace: Workspace) -> QuerySet[AuditEntry]:
    """The workspace's audit trail with its people; order and page are the list's. Served by index audit_by_time."""
    return AuditEntry.objects.filter(workspace=workspace).select_related("actor")


def all_workspaces() -> QuerySet[Workspace]:
    """Every workspace with its number of members and owners, for staff. One query."""
    return Workspace.objects.annotate(
        member_count=Count("memberships"), owner_count=Count("memberships", filter=Q(memberships__role=Role.OWNER))
    )


def all_people() -> QuerySet[User]:
    """Every account with its number of workspaces, for staff. One query."""
    return User.objects.annotate(workspace_count=Count("memberships"))
