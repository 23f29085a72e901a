"""Pages of suppressions: the list, adding one, opening addresses again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.audiences import actions, queries
from console.audiences.forms import ReopenForm, SuppressionForm
from console.audiences.lists import SuppressionList
from console.kit import wording
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor


def _page(request: WorkspaceRequest, form: SuppressionForm, status: int = 200) -> HttpResponse:
    can_edit = access.can(request, "profiles.edit")
    sees_numbers = access.can(request, "profiles.see_numbers")
    page = SuppressionList(
        request,
        queries.suppressions(request.workspace),
        can=lambda name: access.can(request, name),
        context={"slug": request.workspace.slug, "sees_numbers": sees_numbers},
    )
    if can_edit:
        page.bulk_url = reverse("audiences:suppressions_bulk", args=[request.workspace.slug])
    context = {"list": page, "form": form, "can_edit": can_edit, "sees_numbers": sees_numbers}
    return render_page(request, "audiences/suppressions.html", context, parts=("list",), status=status)


@workspace_view("profiles.view")
def suppressions(request: WorkspaceRequest) -> HttpResponse:
    return _page(request, SuppressionForm(workspace=request.workspace))


@workspace_view("profiles.edit", methods=("POST",))
def suppression_new(request: WorkspaceRequest) -> HttpResponse:
    form = SuppressionForm(request.POST, workspace=request.workspace)
    if not form.is_valid():
        return _page(request, form, status=422)
    cleaned = form.cleaned_data
    actions.suppress(
        actor=Actor.of(request),
        workspace=request.workspace,
        addresses=[cleaned["address"]],
        reason=cleaned["reason"],
        purpose=cleaned["purpose"],
    )
    messages.success(request, _("Address suppressed"))
    return redirect("audiences:suppressions", request.workspace.slug)


@workspace_view("profiles.edit", methods=("POST",))
def suppressions_bulk(request: WorkspaceRequest) -> HttpResponse:
    """First press: asks why; second press (with `confirmed`): opens the ticked addresses, or all that match."""
    sees_numbers = access.can(request, "profiles.see_numbers")
    page = SuppressionList(request, queries.suppressions(request.workspace), context={"sees_numbers": sees_numbers})
    chosen = page.selected()
    is_confirmed = request.POST.get("confirmed") == "1"
    form = ReopenForm(request.POST if is_confirmed else None)
    if not (is_confirmed and form.is_valid()):
        context = {
            "form": form,
            "count": chosen.count(),
            "ids": request.POST.getlist("ids")[:1000],
            "all_matching": request.POST.get("all_matching", ""),
        }
        return render_page(request, "audiences/suppressions_bulk.html", context, status=422 if is_confirmed else 200)
    count = actions.unsuppress(
        actor=Actor.of(request), workspace=request.workspace, suppressions=chosen, note=form.cleaned_data["note"]
    )
    done = ngettext("%(count)s address may be written to again", "%(count)s addresses may be written to again", count)
    messages.success(request, done % {"count": wording.number(count)})
    return redirect("audiences:suppressions", request.workspace.slug)
