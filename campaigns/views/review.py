"""The last look before a campaign goes: who gets it, until when, what warns, and the button that sends."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import actions, checks, queries, rehearsal
from campaigns.errors import EditConflict, WarningsOpen
from campaigns.forms import ActivationForm
from campaigns.models import Campaign
from campaigns.people import AudiencePeople
from campaigns.reviewing import ReviewPage
from campaigns.views.fetching import campaign_of
from channels_app.content.previewing import preview_context
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor


@workspace_view("campaigns.view")
def campaign_review(request: WorkspaceRequest, campaign_id: int) -> HttpResponse:
    """Everything an approver needs, computed now."""
    campaign = campaign_of(request, campaign_id)
    if campaign.status != "draft":
        return redirect("campaigns:live", request.workspace.slug, campaign.pk)
    return _page(request, campaign)


@workspace_view("campaigns.view")
def campaign_people(request: WorkspaceRequest, campaign_id: int) -> HttpResponse:
    """The people behind each count of a draft; once it is activated the live page has them."""
    campaign = campaign_of(request, campaign_id)
    who = rehearsal.eligibility(campaign)
    if campaign.status != "draft" or who is None:
        return redirect("campaigns:live", request.workspace.slug, campaign.pk)
    can_see_numbers = access.can(request, "profiles.see_numbers")
    people = AudiencePeople(request, campaign, who, can_see_numbers=can_see_numbers)
    context = {"campaign": campaign, "list": people, "can_edit": access.can(request, "campaigns.edit")}
    return render_page(request, "campaigns/people.html", context, parts=("list",))


@workspace_view("campaigns.activate", methods=("POST",))
def campaign_activate(request: WorkspaceRequest, campaign_id: int) -> HttpResponse:
    """Activates what was reviewed; posting twice makes one run, a change in between is shown instead."""
    campaign = campaign_of(request, campaign_id)
    form = ActivationForm(request.POST)
    if not form.is_valid():
        return _page(request, campaign, status=422)
    try:
        actions.activate(
            actor=Actor.of(request),
            campaign=campaign,
            expected_revision=form.cleaned_data["revision"],
            accepted=request.POST.getlist("accept"),
            key=form.cleaned_data["idempotency_key"],
        )
    except WarningsOpen as refused:
        return _page(request, campaign, problem=str(refused.sentence), status=refused.status)
    except EditConflict:
        campaign = campaign_of(request, campaign_id)
        problem = _("The campaign was changed after you opened this page. Look at it again before you activate.")
        return _page(request, campaign, problem=problem, status=409)
    scheduled = campaign.status == "scheduled"
    messages.success(request, _("Campaign scheduled") if scheduled else _("Sending has started"))
    return redirect("campaigns:live", request.workspace.slug, campaign.pk)


def _page(request: WorkspaceRequest, campaign: Campaign, *, problem: str = "", status: int = 200) -> HttpResponse:
    who = rehearsal.eligibility(campaign)
    urls = [request.workspace.slug, campaign.pk]
    page = ReviewPage(
        campaign=campaign,
        who=who,
        findings=checks.check_campaign(campaign, who),
        forecast=queries.forecast(campaign, who.eligible if who else 0),
        composer_url=reverse("campaigns:edit", args=urls),
        people_url=reverse("campaigns:people", args=urls),
    )
    context = {
        "campaign": campaign,
        "review": page,
        "problem": problem,
        "accepted": request.POST.getlist("accept"),
        "idempotency": request.POST.get("idempotency_key", ""),
        "can_activate": access.can(request, "campaigns.activate"),
        "can_edit": access.can(request, "campaigns.edit"),
        "activators": queries.activators(request.workspace),
        "preview": preview_context(request.GET, campaign.content),
    }
    return render_page(request, "campaigns/review.html", context, status=status)
