"""The setup doctor's page: the newest examination, those before it, and the text for support."""

import json
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from channels_app.doctor import actions, presenting, queries, report
from channels_app.doctor.models import Examination
from console.kit import clock
from console.kit.pages import render_page, requested_part
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor

PARTS = ("examination",)
NO_WORKER_AFTER = timedelta(seconds=20)


@workspace_view("accounts.view")
def page(request: WorkspaceRequest) -> HttpResponse:
    """The newest examination; it asks for itself again until it is done."""
    newest = queries.newest(request.workspace)
    response = _render(request, newest)
    if newest is not None and newest.status == "done" and requested_part(request, PARTS):
        response.status_code = 286  # htmx: stop asking
        response["HX-Trigger"] = json.dumps({"wm:announce": presenting.verdict(newest.results)["title"]})
    return response


@workspace_view("accounts.view")
def examination(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One of the kept examinations."""
    row = access.get(request, Examination.objects.select_related("requested_by"), pk=pk)
    return _render(request, row)


@workspace_view("accounts.manage", methods=("POST",))
def run(request: WorkspaceRequest) -> HttpResponse:
    """Asks a worker to check everything."""
    row = actions.request_examination(actor=Actor.of(request), workspace=request.workspace)
    if requested_part(request, PARTS):
        return _render(request, row)
    messages.info(request, _("Waymark checks everything. This page shows what it finds."))
    return redirect("doctor:page", request.workspace.slug)


@workspace_view("accounts.manage")
def export(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One examination as text for support, secrets masked."""
    row = access.get(request, Examination, pk=pk)
    response = HttpResponse(_as_text(request, row), content_type="text/plain; charset=utf-8")
    name = f"waymark-doctor-{request.workspace.slug}-{row.requested_at:%Y%m%d-%H%M}.txt"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _as_text(request: WorkspaceRequest, row: Examination) -> str:
    heading = _("Waymark setup doctor: %(workspace)s") % {"workspace": request.workspace.name}
    return report.text(heading, row.finished_at or row.requested_at, row.results, is_verbose=True) + "\n"


def _render(request: WorkspaceRequest, row: Examination | None) -> HttpResponse:
    can = partial(access.can, request)
    context: dict[str, Any] = {
        "row": row,
        "can_manage": can("accounts.manage"),
        "history": list(queries.history(request.workspace)),
        "page_url": reverse("doctor:page", args=[request.workspace.slug]),
    }
    if row is not None:
        context |= _examination(request, row, can)
    return render_page(request, "doctor/page.html", context, parts=PARTS)


def _examination(request: WorkspaceRequest, row: Examination, can: presenting.Can) -> dict[str, Any]:
    is_done = row.status == "done"
    earlier = queries.before(row) if is_done else None
    shown = presenting.rows(
        row.results, slug=request.workspace.slug, can=can, known=earlier.results if earlier is not None else []
    )
    now = clock.now()
    is_left = row.lease_until is not None and row.lease_until < now  # its worker died; another one takes it over
    return {
        "is_done": is_done,
        "is_stuck": is_left or (row.status == "queued" and now - row.requested_at > NO_WORKER_AFTER),
        "verdict": presenting.verdict(row.results),
        "groups": presenting.groups(shown),
        "earlier": earlier,
        "new_count": sum(result["is_new"] for result in shown),
        "text": _as_text(request, row) if is_done and can("accounts.manage") else "",
    }
