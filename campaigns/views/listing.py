"""The list of campaigns, and how a new one begins."""

from functools import partial

from django.http import HttpResponse
from django.shortcuts import redirect

from campaigns import actions, queries
from campaigns.forms import NewCampaignForm
from campaigns.lists import CampaignList
from campaigns.states import CAMPAIGN
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor


@workspace_view("campaigns.view")
def campaign_list(request: WorkspaceRequest) -> HttpResponse:
    """All campaigns of the workspace; rows that send refresh by themselves."""
    can_edit = access.can(request, "campaigns.edit")
    page = CampaignList(
        request,
        queries.campaigns(request.workspace),
        counts=partial(queries.state_counts, request.workspace),
        can=partial(access.can, request),
        context={"workspace_slug": request.workspace.slug, "can_edit": can_edit},
    )
    page.is_live = page.is_sending
    context = {"list": page, "states": CAMPAIGN.states, "can_edit": can_edit}
    return render_page(request, "campaigns/list.html", context, parts=("list",))


@workspace_view("campaigns.edit", methods=("GET", "POST"))
def campaign_create(request: WorkspaceRequest) -> HttpResponse:
    """Asks for the name of a new campaign and opens its composer."""
    form = NewCampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        campaign = actions.create_campaign(
            actor=Actor.of(request), workspace=request.workspace, name=form.cleaned_data["name"]
        )
        return redirect("campaigns:edit", request.workspace.slug, campaign.pk)
    status = 422 if request.method == "POST" else 200
    return render_page(request, "campaigns/create.html", {"form": form}, status=status)
