"""Where people land: the way into a workspace, Get started, and search."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from channels_app.accounts import actions as accounts
from channels_app.accounts.models import ApiCredentials, WhatsAppAccount
from channels_app.doctor import queries as doctor
from channels_app.message_templates import actions as templates
from console.home import checklist, queries
from console.home import search as finder
from console.kit.errors import Refused
from console.kit.pages import render_page
from console.workspaces import access, policies
from console.workspaces.access import workspace_view
from console.workspaces.actors import Actor
from console.workspaces.policy_actions import accept_policies
from console.workspaces.queries import workspaces_of


@require_safe
@login_required
def index(request: Any) -> HttpResponse:
    """To the last or only workspace (its campaigns once it is set up); a chooser; an honest page when there is none."""
    mine = workspaces_of(request.user)
    last = request.session.get(access.LAST_WORKSPACE)
    target = next((row for row in mine if row.slug == last), mine[0] if len(mine) == 1 else None)
    if target is not None:
        page = "campaigns:list" if queries.readiness(target).is_complete else "home:get_started"
        return redirect(page, workspace_slug=target.slug)
    if not mine and request.user.is_staff:
        return redirect("staff:workspaces")
    return render_page(request, "home/choose.html", {"choices": mine})


@workspace_view("workspace.view")
def get_started(request: Any) -> HttpResponse:
    """The four steps, the live checklist, and the policies to accept."""
    readiness = queries.readiness_of(request)
    facts = queries.facts(request.workspace)
    prerequisites, afterwards = checklist.checklist(request.membership, readiness, facts)
    context = {
        "readiness": readiness,
        "prerequisites": prerequisites,
        "prerequisite_total": len(prerequisites),
        "afterwards": afterwards,
        "stages": checklist.path(request.membership, readiness, facts),
        "policies": checklist.policies(policies.acceptances(request.workspace)),
        "can_accept": access.can(request, "policies.accept"),
        "can_check": facts.credentials is not None and access.can(request, "accounts.manage"),
        "checked_at": facts.checked_at,
        "examination": doctor.newest_done(request.workspace),
    }
    return render_page(request, "home/get_started.html", context, parts=("checklist",))


@workspace_view("accounts.manage", methods=("POST",))
def check(request: Any) -> HttpResponse:
    """Asks Meta anew about every connection of the workspace, its webhook, accounts and numbers; templates follow."""
    actor = Actor.of(request)
    for credentials in ApiCredentials.objects.filter(workspace=request.workspace).order_by("pk"):
        accounts.check_credentials(actor=actor, workspace=request.workspace, credentials=credentials)
        if credentials.status != "dead":
            _try(request, accounts.read_subscription, credentials=credentials)
    for account in WhatsAppAccount.objects.filter(workspace=request.workspace).select_related("credentials"):
        _try(request, accounts.refresh_account, account=account)
        _try(request, templates.request_sync, account=account)
    return redirect("home:get_started", workspace_slug=request.workspace.slug)


def _try(request: Any, action: Callable[..., object], **subject: Any) -> None:
    """One part of checking again: what Meta refuses is told, and the others go on."""
    try:
        action(actor=Actor.of(request), workspace=request.workspace, **subject)
    except Refused as refused:
        if str(refused.sentence) not in [str(message) for message in messages.get_messages(request)]:
            messages.error(request, str(refused.sentence))


@workspace_view("policies.accept", methods=("POST",))
def accept(request: Any) -> HttpResponse:
    """Records who accepts which policies, in the text that was shown."""
    actor = Actor.of(request)
    fresh = accept_policies(actor=actor, workspace=request.workspace, codes=request.POST.getlist("policy"))
    if fresh:
        count = len(fresh)
        words = ngettext("Accepted %(count)d policy.", "Accepted %(count)d policies.", count) % {"count": count}
        messages.success(request, words)
    return redirect("home:get_started", workspace_slug=request.workspace.slug)


@workspace_view("workspace.view")
def search(request: Any) -> HttpResponse:
    """Results of the command palette; a page of its own without JavaScript."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    context = {"q": words, "groups": finder.search(request.membership, words)}
    return render_page(request, "home/search.html", context, parts=("results",))
