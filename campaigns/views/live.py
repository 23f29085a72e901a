"""The live page of a campaign, its people, and the proof of its run."""

import json

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from campaigns import activity, queries
from campaigns.lists import RecipientList
from campaigns.live import LivePage, trail_items
from campaigns.models import Campaign, CampaignRun
from campaigns.views.fetching import campaign_of
from channels_app.delivery import queries as ledger
from console.kit.pages import render_page, requested_part
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view

STOP_POLLING = 286


@workspace_view("campaigns.view")
def campaign_live(request: WorkspaceRequest, campaign_id: int) -> HttpResponseBase:
    """Where a campaign stands: polled in parts while it sends (286 ends it), with the people behind every number."""
    campaign = campaign_of(request, campaign_id)
    if campaign.status == "draft":
        draft = "campaigns:edit" if access.can(request, "campaigns.edit") else "campaigns:review"
        return redirect(draft, request.workspace.slug, campaign.pk)
    state = queries.campaign_state(campaign)
    page = LivePage(state, reverse("campaigns:live", args=[request.workspace.slug, campaign.pk]))
    people = _people(request, state.run, page)
    if people is not None and people.wants_csv:
        return people.csv_response()
    part = requested_part(request, ("live", "list"))
    context = {
        "campaign": campaign,
        "state": state,
        "live": page,
        "list": people,
        "live_url": page.url,
        "stale_after": 3 * state.poll_s,
        "can_activate": access.can(request, "campaigns.activate"),
        "can_edit": access.can(request, "campaigns.edit"),
        "can_manage_accounts": access.can(request, "accounts.manage"),
        "can_see_numbers": access.can(request, "profiles.see_numbers"),
    }
    if part != "list" and state.run is not None and state.buckets is not None:
        context["chart"] = activity.chart(state.run)
        context["blockers"] = _blockers(campaign, state)
    if not part:
        context["trail"] = trail_items(queries.trail(campaign))
    status = STOP_POLLING if part == "live" and not state.poll_s else 200
    return render_page(request, "campaigns/live.html", context, parts=("live", "list"), status=status)


def _people(request: WorkspaceRequest, run: CampaignRun | None, page: LivePage) -> RecipientList | None:
    if run is None or run.status == "waiting":
        return None
    return RecipientList(
        request,
        ledger.recipients(request.workspace, queries.SOURCE_KIND, run.pk),
        reason_choices=page.reason_choices,
        counts=lambda: page.tab_counts,
        context={"can_see_numbers": access.can(request, "profiles.see_numbers")},
    )


def _blockers(campaign: Campaign, state: queries.CampaignState) -> list[ledger.Blocker]:
    """What holds the send back besides a pause of its own, which the page shows anyway. Five small queries."""
    if state.run is None or state.status != "sending" or not (state.buckets and state.buckets.ready):
        return []
    found = ledger.blockers(campaign.workspace, queries.SOURCE_KIND, state.run.pk)
    return [blocker for blocker in found if blocker.scope != "source"]


@workspace_view("campaigns.view")
def campaign_proof(request: WorkspaceRequest, campaign_id: int) -> HttpResponse:
    """The equation of a run: accepted by Meta = ledger rows = unique message ids; also as a JSON file."""
    campaign = campaign_of(request, campaign_id)
    state = queries.campaign_state(campaign)
    if state.run is None or state.buckets is None:
        raise Http404
    facts = ledger.proof(queries.SOURCE_KIND, state.run.pk)
    if request.GET.get("format") == "json":
        body = {"campaign": campaign.name, "run": state.run.number, "at": state.at.isoformat(), **facts}
        headers = {"Content-Disposition": f'attachment; filename="proof-{campaign.pk}-{state.run.number}.json"'}
        return HttpResponse(json.dumps(body, indent=2), content_type="application/json", headers=headers)
    context = {"campaign": campaign, "state": state, "proof": facts, "live": LivePage(state, "")}
    return render_page(request, "campaigns/proof.html", context)
