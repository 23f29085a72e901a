"""Where people land: the way into a workspace, Get started, and search."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from console.home import checklist, queries
from console.home import search as finder
from console.home.links import link
from console.kit import clock
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import workspace_view
from console.workspaces.queries import workspaces_of


@require_safe
@login_required
def index(request: Any) -> HttpResponse:
    """To the last or only workspace; a chooser when there are several; an honest page when there is none."""
    mine = workspaces_of(request.user)
    last = request.session.get(access.LAST_WORKSPACE)
    target = next((row for row in mine if row.slug == last), mine[0] if len(mine) == 1 else None)
    if target is not None:
        return redirect("home:get_started", workspace_slug=target.slug)
    if not mine and request.user.is_staff:
        return redirect("staff:workspaces")
    return render_page(request, "home/choose.html", {"choices": mine})


@workspace_view("workspace.view")
def get_started(request: Any) -> HttpResponse:
    """The four steps and the live checklist."""
    readiness = queries.readiness_of(request)
    facts = queries.facts(request.workspace)
    context = {
        "readiness": readiness,
        "items": checklist.checklist(request.membership, readiness, facts),
        "stages": checklist.path(request.membership, readiness, facts),
        "check_again_url": _check_again_url(request, facts),
        "checked_at": clock.now(),
    }
    return render_page(request, "home/get_started.html", context, parts=("checklist",))


def _check_again_url(request: Any, facts: queries.Facts) -> str:
    """Asks Meta anew about the credentials shown; only for who may."""
    if facts.credentials is None or not access.can(request, "accounts.manage"):
        return ""
    return link("accounts:check", request.workspace.slug, pk=facts.credentials.pk)


@workspace_view("workspace.view")
def search(request: Any) -> HttpResponse:
    """Results of the command palette; a page of its own without JavaScript."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    context = {"q": words, "groups": finder.search(request.membership, words)}
    return render_page(request, "home/search.html", context, parts=("results",))
