"""Applying a range of stored bodies once more: choose, look how many, start, watch, cancel."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from channels_app.webhooks import actions, queries, replaying
from channels_app.webhooks.forms import ReplayForm
from channels_app.webhooks.models import Replay
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor

MOST_SHOWN = 20


@access.workspace_view("accounts.manage", methods=("GET", "POST"))
def replays(request: Any) -> HttpResponse:
    """The range; with one in the address, how many bodies it has; posted, it starts."""
    is_post = request.method == "POST"
    data = request.POST if is_post else request.GET if "from_at" in request.GET else None
    form = ReplayForm(data, workspace=request.workspace)
    count = None
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        if is_post:
            replay = actions.start_replay(actor=Actor.of(request), workspace=request.workspace, **chosen)
            return redirect("webhooks:replay", workspace_slug=request.workspace.slug, pk=replay.pk)
        count = _count(request, chosen)
    context = {
        "form": form,
        "count": count,
        "chosen": [(name, data.get(name, "")) for name in form.fields] if data is not None and count else [],
        "replays": queries.replays(request.workspace)[:MOST_SHOWN],
        "first_at": queries.first_received_at(request.workspace),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, "webhooks/replays.html", context, status=status)


def _count(request: Any, chosen: dict[str, Any]) -> int:
    credentials = chosen["credentials"]
    return replaying.bodies_in(
        request.workspace,
        from_at=chosen["from_at"],
        until_at=chosen["until_at"],
        credentials_id=credentials.pk if credentials else None,
        field=chosen["field"],
    ).count()


@access.workspace_view("accounts.manage")
def replay(request: Any, pk: int) -> HttpResponse:
    """How far a replay came; polls until it has ended."""
    row = access.get(request, queries.replays(request.workspace), pk=pk)
    is_open = row.status in replaying.OPEN
    segments = [
        {"label": _("Applied again"), "value": row.done_count, "tone": "ok"},
        {"label": _("To come"), "value": max(0, row.body_count - row.done_count), "tone": "queued"},
    ]
    context = {"row": row, "is_open": is_open, "segments": segments, "total": max(row.body_count, row.done_count)}
    return render_page(request, "webhooks/replay.html", context, parts=("progress",))


@access.workspace_view("accounts.manage", methods=("POST",))
def cancel_replay(request: Any, pk: int) -> HttpResponse:
    row = access.get(request, Replay, pk=pk)
    actions.cancel_replay(actor=Actor.of(request), workspace=request.workspace, replay=row)
    messages.success(request, _("Canceled the replay. What was applied stays applied."))
    return redirect("webhooks:replay", workspace_slug=request.workspace.slug, pk=row.pk)
