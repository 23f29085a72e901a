"""Settings of a workspace: name and zone, members, audit trail."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from console.kit.pages import render_page
from console.workspaces import access, actions, queries
from console.workspaces.access import workspace_view
from console.workspaces.actors import Actor
from console.workspaces.forms import MemberForm, RoleForm, WorkspaceForm
from console.workspaces.invitations import may_show_link, set_password_link
from console.workspaces.lists import AuditTrail
from console.workspaces.models import Membership
from console.workspaces.roles import Role


@workspace_view("workspace.manage", methods=("GET", "POST"))
def settings(request: Any) -> HttpResponse:
    """Name, time zone and default country."""
    workspace = request.workspace
    current = {
        "name": workspace.name,
        "time_zone": workspace.time_zone,
        "default_country": workspace.default_country,
    }
    form = WorkspaceForm(request.POST or None, initial=current)
    if request.method == "POST" and form.is_valid():
        actions.update_workspace(actor=Actor.of(request), workspace=workspace, **form.cleaned_data)
        messages.success(request, _("Settings saved."))
        return redirect("workspaces:settings", workspace_slug=workspace.slug)
    status = 422 if form.is_bound else 200
    return render_page(request, "workspaces/settings.html", {"form": form}, status=status)


@workspace_view("workspace.manage", methods=("GET", "POST"))
def members(request: Any) -> HttpResponse:
    """The list of members; posting adds one."""
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        invitation = actions.add_member(actor=Actor.of(request), workspace=request.workspace, **form.cleaned_data)
        added = Membership.objects.get(workspace=request.workspace, user=invitation.person)
        return _to_members(request, invited=added.pk)
    rows = list(queries.members(request.workspace))
    context = {
        "form": form,
        "members": rows,
        "invited": _invited(request, rows),
        "roles": Role.choices,
        "me": request.user.pk,
    }
    return render_page(request, "workspaces/members.html", context, status=422 if form.is_bound else 200)


@workspace_view("workspace.manage", methods=("POST",))
def change_role(request: Any, pk: int) -> HttpResponse:
    """Gives a member another role."""
    membership = access.get(request, Membership.objects.select_related("user"), pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        actions.change_role(actor=Actor.of(request), workspace=request.workspace, membership=membership, role=role)
        messages.success(
            request,
            _("%(person)s is now %(role)s.") % {"person": membership.user, "role": membership.get_role_display()},
        )
    else:
        messages.error(request, _("Choose one of the roles in the list."))
    return _to_members(request)


@workspace_view("workspace.manage", methods=("POST",))
def remove_member(request: Any, pk: int) -> HttpResponse:
    """Takes a person out of the workspace."""
    membership = access.get(request, Membership.objects.select_related("user"), pk=pk)
    person = membership.user
    actions.remove_member(actor=Actor.of(request), workspace=request.workspace, membership=membership)
    if person.pk == request.user.pk:
        return redirect("root:index")
    messages.success(request, _("%(person)s is no longer a member.") % {"person": person})
    return _to_members(request)


@workspace_view("workspace.manage", methods=("POST",))
def invite_again(request: Any, pk: int) -> HttpResponse:
    """Mails a member a fresh link."""
    membership = access.get(request, Membership.objects.select_related("user"), pk=pk)
    actions.invite_again(actor=Actor.of(request), workspace=request.workspace, membership=membership)
    return _to_members(request, invited=membership.pk)


@workspace_view("audit.view")
def audit_trail(request: Any) -> HttpResponseBase:
    """Who did what, newest first."""
    page = AuditTrail(request, queries.audit_entries(request.workspace))
    if page.wants_csv:
        return page.csv_response()
    return render_page(request, "workspaces/audit.html", {"list": page}, parts=("list",))


def _to_members(request: Any, *, invited: int | None = None) -> HttpResponse:
    response = redirect("workspaces:members", workspace_slug=request.workspace.slug)
    if invited:
        response["Location"] += f"?invited={invited}"
    return response


def _invited(request: Any, rows: list[Membership]) -> dict[str, Any] | None:
    """Whom the page has just invited (?invited=), with the link when the owner may see it. At most one query."""
    given = request.GET.get("invited", "")
    row = next((row for row in rows if str(row.pk) == given), None)
    if row is None:
        return None
    link = set_password_link(row.user) if may_show_link(row.user, request.workspace) else ""
    return {"membership": row, "link": link}
