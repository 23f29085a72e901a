"""The notification centre: alerts, the bell, and what a member wants to hear of."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.alerts import member_actions, presenting, queries
from console.alerts.forms import SubscriptionForm
from console.alerts.lists import AlertList
from console.alerts.models import Alert
from console.alerts.words import Worded
from console.kit.pages import render_page, requested_part
from console.workspaces import access
from console.workspaces.access import workspace_view


@workspace_view("workspace.view")
def alert_list(request: Any) -> HttpResponse:
    """Open, all, unread; newest first."""
    page = AlertList(request, queries.alerts(request.membership))
    context = {"list": page, "can_manage": access.can(request, "workspace.manage")}
    return render_page(request, "alerts/list.html", context, parts=("list",))


@workspace_view("workspace.view")
def bell(request: Any) -> HttpResponse:
    """The bell with its count, asked for once a minute, or the list it opens; for everybody else the page of alerts.

    Rendered without the navigation's queries: three for who asks, one for the bell.
    """
    part = requested_part(request, ("bell", "bell-list"))
    if not part:
        return redirect("alerts:list", workspace_slug=request.workspace.slug)
    membership = request.membership
    if part == "bell":
        context = {"notifications": presenting.bell(membership)}
    else:
        context = {"notifications": presenting.bell_list(membership)}
    response = HttpResponse(render_to_string(f"kit/bell.html#{part}", context))
    response["Cache-Control"] = "no-store"
    return response


@workspace_view("workspace.view")
def go(request: Any, pk: int) -> HttpResponse:
    """Leads to where the alert can be mended; the member has seen it then."""
    alert = _alert(request, pk)
    member_actions.mark_read(membership=request.membership, alert=alert)
    worded = Worded(alert, request.workspace.slug)
    return redirect(worded.url or reverse("alerts:list", args=[request.workspace.slug]))


@workspace_view("workspace.view", methods=("POST",))
def mark_read(request: Any, pk: int) -> HttpResponse:
    member_actions.mark_read(membership=request.membership, alert=_alert(request, pk))
    return _back(request)


@workspace_view("workspace.view", methods=("POST",))
def mark_all_read(request: Any) -> HttpResponse:
    count = member_actions.mark_all_read(membership=request.membership)
    if count:
        text = ngettext("%(count)d alert marked as read.", "%(count)d alerts marked as read.", count)
        messages.success(request, text % {"count": count})
    return _back(request)


@workspace_view("workspace.view", methods=("GET", "POST"))
def subscriptions(request: Any) -> HttpResponse:
    """Kinds by bell and e-mail, for this member in this workspace."""
    membership = request.membership
    chosen = queries.subscriptions(membership)
    form = SubscriptionForm(request.POST or None, membership=membership, subscriptions=chosen)
    if request.method == "POST" and form.is_valid():
        member_actions.save_choices(membership=membership, choices=form.choices())
        messages.success(request, _("Saved what you hear of."))
        return redirect("alerts:subscriptions", workspace_slug=request.workspace.slug)
    context = {"form": form, "has_choices": bool(chosen), "can_manage": access.can(request, "workspace.manage")}
    return render_page(request, "alerts/subscriptions.html", context, status=422 if form.is_bound else 200)


@workspace_view("workspace.view", methods=("POST",))
def reset_subscriptions(request: Any) -> HttpResponse:
    member_actions.reset_choices(membership=request.membership)
    messages.success(request, _("You hear of what your role hears of by default."))
    return redirect("alerts:subscriptions", workspace_slug=request.workspace.slug)


def _alert(request: Any, pk: int) -> Alert:
    return access.get(request, queries.alerts(request.membership), pk=pk)


def _back(request: Any) -> HttpResponse:
    """To the list as it was, whose query the form carries; nowhere else."""
    url = reverse("alerts:list", args=[request.workspace.slug])
    given = request.POST.get("back", "")
    return redirect(given if given == url or given.startswith(f"{url}?") else url)
