"""Channel configurations: list, make, change, submit, deactivate."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from channels_app.accounts import actions, presenting, queries
from channels_app.accounts.forms import ChannelForm
from channels_app.accounts.lists import ChannelList
from channels_app.accounts.models import ChannelConfiguration
from channels_app.accounts.states import CHANNEL
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor


@access.workspace_view("accounts.view")
def channels(request: Any) -> HttpResponse:
    """The list with counted tabs; failed rows open with their remedy."""
    page = ChannelList(
        request,
        queries.channels(request.workspace),
        counts=partial(queries.channel_counts, request.workspace),
        can=partial(access.can, request),
        context={"workspace_slug": request.workspace.slug},
    )
    page.is_live = page.is_checking
    context = {"list": page, "can_manage": access.can(request, "accounts.manage")}
    return render_page(request, "accounts/channels.html", context, parts=("list",))


@access.workspace_view("accounts.manage", methods=("GET", "POST"))
def new(request: Any) -> HttpResponse:
    """Step 4 of the wizard, and the list's button: makes a draft; "Activate" submits it at once."""
    initial = {"phone_number": request.GET.get("number") or None}
    form = ChannelForm(request.POST or None, workspace=request.workspace, initial=initial)
    if request.method == "POST" and form.is_valid():
        actor = Actor.of(request)
        channel = actions.create_channel_configuration(actor=actor, workspace=request.workspace, **form.cleaned_data)
        if request.POST.get("then") != "draft":
            actions.submit(actor=actor, workspace=request.workspace, channel=channel)
        return _to_channel(request, channel)
    context = {
        "form": form,
        "steps": presenting.steps(None, "channel", request.workspace.slug),
        "has_numbers": queries.numbers(request.workspace).exists(),
    }
    return render_page(request, "accounts/channel_form.html", context, status=422 if form.is_bound else 200)


@access.workspace_view("accounts.view")
def channel(request: Any, pk: int) -> HttpResponse:
    """State, sender and each check's result; polls itself while the checks run."""
    row = _channel(request, pk)
    context = {
        "channel": presenting.channel(row),
        "row": row,
        "moves": [move.name for move in CHANNEL.moves_from(row.status)],
        "check_count": presenting.check_count(row.checks),
        "is_editable": row.status in ("draft", "failed"),
        "can_manage": access.can(request, "accounts.manage"),
    }
    return render_page(request, "accounts/channel.html", context, parts=("result",))


@access.workspace_view("accounts.manage", methods=("GET", "POST"))
def edit(request: Any, pk: int) -> HttpResponse:
    row = _channel(request, pk)
    form = ChannelForm(request.POST or None, workspace=request.workspace, instance=_channel(request, pk))
    if request.method == "POST" and form.is_valid():
        actions.update_channel_configuration(
            actor=Actor.of(request), workspace=request.workspace, channel=row, **form.cleaned_data
        )
        messages.success(request, _("Saved the configuration."))
        return _to_channel(request, row)
    context = {"form": form, "row": row, "has_numbers": True}
    return render_page(request, "accounts/channel_form.html", context, status=422 if form.is_bound else 200)


@access.workspace_view("accounts.manage", methods=("POST",))
def submit(request: Any, pk: int) -> HttpResponse:
    row = _channel(request, pk)
    actions.submit(actor=Actor.of(request), workspace=request.workspace, channel=row)
    return _to_channel(request, row)


@access.workspace_view("accounts.manage", methods=("POST",))
def deactivate(request: Any, pk: int) -> HttpResponse:
    row = _channel(request, pk)
    actions.deactivate_channel_configuration(actor=Actor.of(request), workspace=request.workspace, channel=row)
    messages.success(request, _("Deactivated the configuration."))
    return _to_channel(request, row)


def _channel(request: Any, pk: int) -> ChannelConfiguration:
    rows = ChannelConfiguration.objects.select_related("workspace", "phone_number__account", "created_by")
    return access.get(request, rows, pk=pk)


def _to_channel(request: Any, channel: ChannelConfiguration) -> HttpResponse:
    return redirect("accounts:channel", workspace_slug=request.workspace.slug, pk=channel.pk)
