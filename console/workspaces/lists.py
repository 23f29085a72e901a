"""The lists of this room: audit trail, and for staff workspaces and people."""

import django_filters as filters
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from console.kit.lists import Column, ListPage, Tab
from console.workspaces.models import AuditEntry, Workspace


class AuditFilter(filters.FilterSet):
    """Who, what, which object, when. Text filters compare beginnings, so that the time index still leads."""

    actor = filters.CharFilter(label=_("Person"), field_name="actor_label", lookup_expr="icontains")
    action = filters.CharFilter(label=_("Action"), field_name="action", lookup_expr="icontains")
    kind = filters.CharFilter(label=_("Kind of object"), field_name="object_kind", lookup_expr="iexact")
    since = filters.DateFilter(label=_("From day"), field_name="at", lookup_expr="date__gte")
    until = filters.DateFilter(label=_("To day"), field_name="at", lookup_expr="date__lte")

    class Meta:
        model = AuditEntry
        fields: tuple[str, ...] = ()


class AuditTrail(ListPage):
    """Entries of one workspace, newest first."""

    key = "audit"
    columns_url = reverse_lazy("me:columns")
    columns = (
        Column("at", _("When"), attr="at", sort="at", kind="when", is_key=True),
        Column("actor", _("Who"), attr="actor_label"),
        Column("action", _("Action"), template="workspaces/audit.html#action"),
        Column("object", _("Object"), template="workspaces/audit.html#object"),
        Column("changes", _("What changed"), template="workspaces/audit.html#changes"),
        Column("ip", _("IP address"), attr="ip_address", is_shown=False),
    )
    search_fields = ("object_label", "object_id")
    search_label = _("Search objects")
    filterset_class = AuditFilter
    default_sort = "-at"
    page_sizes = (50, 100)
    csv_name = "audit-trail"
    mobile = ("at", "action")


class WorkspaceList(ListPage):
    """Every workspace, for staff."""

    key = "staff-workspaces"
    columns_url = reverse_lazy("me:columns")
    columns = (
        Column("name", _("Workspace"), attr="name", sort="name", is_key=True),
        Column("slug", _("Address"), attr="slug"),
        Column("members", _("Members"), attr="member_count", is_numeric=True),
        Column("owners", _("Owners"), attr="owner_count", is_numeric=True),
        Column("time_zone", _("Time zone"), attr="time_zone"),
        Column("created", _("Made"), attr="created_at", sort="created_at", kind="when"),
    )
    search_fields = ("name", "slug")
    search_label = _("Search workspaces")
    default_sort = "name"
    mobile = ("name", "members")

    def row_tone(self, row: Workspace) -> str:
        return "" if row.owner_count else "warn"  # type: ignore[attr-defined]


class PeopleList(ListPage):
    """Every account, for staff."""

    key = "staff-people"
    columns_url = reverse_lazy("me:columns")
    columns = (
        Column("email", _("E-mail address"), attr="email", sort="email", is_key=True),
        Column("name", _("Name"), attr="name", sort="name"),
        Column("state", _("State"), template="workspaces/staff_people.html#state"),
        Column("workspaces", _("Workspaces"), attr="workspace_count", is_numeric=True),
        Column("last_login", _("Last sign-in"), attr="last_login", kind="when"),
        Column("created", _("Made"), attr="created_at", sort="created_at", kind="when", is_shown=False),
    )
    tabs = (
        Tab("", _("All")),
        Tab("staff", _("Staff"), Q(is_staff=True)),
        Tab("closed", _("Closed"), Q(is_active=False)),
    )
    search_fields = ("email", "name")
    search_label = _("Search people")
    default_sort = "email"
    row_menu_template = "workspaces/staff_people.html#menu"
    mobile = ("email", "state")
