"""Channel configurations: list, make, change, submit, go back, discard, deactivate."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from channels_app.accounts import actions, channel_presenting, channel_queries, presenting, queries, usages
from channels_app.accounts.channel_errors import ChannelConflict
from channels_app.accounts.channel_forms import ChannelForm
from channels_app.accounts.channel_presenting import Checks
from channels_app.accounts.lists import ChannelList
from channels_app.accounts.models import ChannelConfiguration, ChannelVersion
from channels_app.accounts.states import CHANNEL
from console.audiences import phone_fields
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.actors import Actor

FORM = "accounts/channel_form.html"


@access.workspace_view("accounts.view")
def channels(request: Any) -> HttpResponse:
    """The list with counted tabs; failed rows open with their remedy."""
    can_manage = access.can(request, "accounts.manage")
    page = ChannelList(
        request,
        channel_queries.channels(request.workspace),
        counts=partial(channel_queries.channel_counts, request.workspace),
        can=partial(access.can, request),
        context={"workspace_slug": request.workspace.slug, "can_manage": can_manage},
    )
    page.is_live = page.is_checking
    context = {"list": page, "can_manage": can_manage}
    return render_page(request, "accounts/channels.html", context, parts=("list",))


@access.workspace_view("accounts.manage", methods=("GET", "POST"))
def new(request: Any) -> HttpResponse:
    """Step 4 of the wizard, and the list's button: makes a draft; "Activate" submits it at once."""
    initial = {"phone_number": request.GET.get("number") or None, "purpose": "marketing"}
    form = ChannelForm(request.POST or None, workspace=request.workspace, initial=initial)
    if request.method == "POST" and form.is_valid():
        actor = Actor.of(request)
        channel = actions.create_channel_configuration(actor=actor, workspace=request.workspace, **form.values)
        if request.POST.get("then") != "draft":
            actions.submit(actor=actor, workspace=request.workspace, channel=channel)
        return _to_channel(request, channel)
    context = {
        "form": form,
        "steps": presenting.steps(None, "channel", request.workspace.slug),
        "has_numbers": queries.numbers(request.workspace).exists(),
    }
    return render_page(request, FORM, context, status=422 if form.is_bound else 200)


@access.workspace_view("accounts.view")
def channel(request: Any, pk: int) -> HttpResponse:
    """State, sender and each check's result, the update on its way, versions, and who uses it; polls while checks run."""
    row = _channel(request, pk)
    versions = channel_queries.versions(row)
    open_one = next((version for version in versions if version.status != "passed"), None)
    can_manage = access.can(request, "accounts.manage")
    is_checking = row.status == "processing" or (open_one is not None and open_one.status == "processing")
    context = {
        "row": row,
        "number": presenting.number(row.phone_number),
        "checks": Checks(channel_presenting.checks(row.checks, row.phone_number, request.workspace.slug)),
        "check_count": presenting.check_count(row.checks),
        "is_checking": is_checking,
        "update": _update(row, open_one) if open_one is not None and row.version_number else None,
        "progress": channel_presenting.progress(row.checks) if row.status == "processing" else "",
        "opens_checks": open_one is None,
        "warning": channel_presenting.warning(row, open_one),
        "versions": channel_presenting.history(row, versions, can_manage),
        "usages": usages.usages(row),
        "phone_fields": phone_fields.in_words(phone_fields.chain(row.phone_fields, request.workspace.phone_fields)),
        "is_inherited": not row.phone_fields,
        "moves": [] if is_checking else [move.name for move in CHANNEL.moves_from(row.status)],
        "can_manage": can_manage,
        "can_create": row.status == "active" and access.can(request, "campaigns.edit"),
    }
    return render_page(request, "accounts/channel.html", context, parts=("result",))


def _update(row: ChannelConfiguration, version: ChannelVersion) -> dict[str, Any]:
    """The version beside the one that serves: what it changes, and how far its checks are."""
    return {
        "version": version,
        "changes": channel_presenting.differences(row, version),
        "checks": Checks(channel_presenting.checks(version.checks, version.phone_number, row.workspace.slug)),
        "progress": channel_presenting.progress(version.checks) if version.status == "processing" else "",
    }


@access.workspace_view("accounts.manage", methods=("GET", "POST"))
def edit(request: Any, pk: int) -> HttpResponse:
    """Edits the newest open version, or what serves; 409 when somebody else saved in between."""
    row = _channel(request, pk)
    version = channel_queries.open_version(row)
    form = ChannelForm(request.POST or None, workspace=request.workspace, channel=row, version=version)
    if request.method == "POST" and form.is_valid():
        return _saved(request, row, version, form)
    return _edit_page(request, row, version, form, status=422 if form.is_bound else 200)


def _saved(request: Any, row: ChannelConfiguration, version: ChannelVersion | None, form: ChannelForm) -> HttpResponse:
    facts: dict[str, Any] = {"actor": Actor.of(request), "workspace": request.workspace, "channel": row}
    seen = form.cleaned_data["revision"]
    overwrite = request.POST.get("overwrite_revision", "")
    seen = int(overwrite) if overwrite.isdecimal() and len(overwrite) < 10 else seen
    try:
        actions.update_channel_configuration(**facts, expected_revision=seen, **form.values)
    except ChannelConflict as conflict:
        return _edit_page(request, _channel(request, row.pk), version, form, status=409, conflict=conflict.current)
    open_one = channel_queries.open_version(row)
    if request.POST.get("then") == "submit" and (open_one is not None or row.status != "active"):
        actions.submit(**facts)
    else:
        messages.success(request, _("Saved the configuration."))
    return _to_channel(request, row)


def _edit_page(
    request: Any,
    row: ChannelConfiguration,
    version: ChannelVersion | None,
    form: ChannelForm,
    *,
    status: int,
    conflict: ChannelConfiguration | None = None,
) -> HttpResponse:
    context = {"form": form, "row": row, "version": version, "has_numbers": True, "conflict": conflict}
    return render_page(request, FORM, context, status=status)


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


@access.workspace_view("accounts.manage", methods=("POST",))
def discard(request: Any, pk: int) -> HttpResponse:
    row = _channel(request, pk)
    actions.discard_update(actor=Actor.of(request), workspace=request.workspace, channel=row)
    messages.success(request, _("Discarded the update."))
    return _to_channel(request, row)


@access.workspace_view("accounts.manage", methods=("POST",))
def go_back(request: Any, pk: int, number: int) -> HttpResponse:
    row = _channel(request, pk)
    version = actions.go_back(actor=Actor.of(request), workspace=request.workspace, channel=row, number=number)
    messages.success(
        request,
        _("Version %(number)s is a draft with the values of version %(old)s. Submit it to use it.")
        % {"number": version.number, "old": number},
    )
    return _to_channel(request, row)


def _channel(request: Any, pk: int) -> ChannelConfiguration:
    related = ("workspace", "phone_number__account__credentials", "created_by", "updated_by")
    return access.get(request, ChannelConfiguration.objects.select_related(*related), pk=pk)


def _to_channel(request: Any, channel: ChannelConfiguration) -> HttpResponse:
    return redirect("accounts:channel", workspace_slug=request.workspace.slug, pk=channel.pk)
