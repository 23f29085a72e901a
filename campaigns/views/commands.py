"""What buttons do to a campaign: each is one action, then back to the page where its result shows."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from campaigns import actions
from campaigns.models import Campaign
from campaigns.views.fetching import campaign_of
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor


def _command(
    action: Callable[..., Any], capability: str, page: str, done: Callable[[], str]
) -> Callable[..., HttpResponseBase]:
    """A POST-only view around one action; a refused move answers 409 with its sentence."""

    @workspace_view(capability, methods=("POST",))
    def command(request: WorkspaceRequest, campaign_id: int) -> HttpResponse:
        campaign = campaign_of(request, campaign_id)
        result = action(actor=Actor.of(request), campaign=campaign)
        messages.success(request, done())
        shown = result if isinstance(result, Campaign) else campaign
        arguments = [] if page == "campaigns:list" else [shown.pk]
        return redirect(page, request.workspace.slug, *arguments)

    return command


pause = _command(actions.pause, "campaigns.activate", "campaigns:live", lambda: _("Sending is paused"))
resume = _command(actions.resume, "campaigns.activate", "campaigns:live", lambda: _("Sending goes on"))
stop = _command(actions.stop, "campaigns.activate", "campaigns:live", lambda: _("The campaign is stopped"))
release_template = _command(
    actions.release_template, "campaigns.activate", "campaigns:live", lambda: _("The template may be sent again")
)
unschedule = _command(
    actions.unschedule, "campaigns.activate", "campaigns:edit", lambda: _("The campaign is a draft again")
)
duplicate = _command(actions.duplicate_campaign, "campaigns.edit", "campaigns:edit", lambda: _("Campaign duplicated"))
archive = _command(actions.archive, "campaigns.edit", "campaigns:list", lambda: _("Campaign archived"))
