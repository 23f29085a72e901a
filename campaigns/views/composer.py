"""The composer: one form that saves itself while somebody writes, and works by its Save button as well."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from campaigns import actions, checks, composing, rehearsal
from campaigns.errors import EditConflict
from campaigns.forms import CampaignForm
from campaigns.freezing import chain_of
from campaigns.models import Campaign
from campaigns.reviewing import alert_items, exclusion_segments
from campaigns.views.fetching import campaign_of
from channels_app.content import queries as contents
from channels_app.content.checks import check_version
from channels_app.content.forms import PICKED, ContentForm
from channels_app.content.previewing import preview_context
from console.kit.pages import render_page
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor

TEMPLATE = "campaigns/composer.html"


@dataclass
class Forms:
    """The two forms that stand in the composer's one `<form>`."""

    campaign: CampaignForm
    content: ContentForm

    def are_valid(self) -> bool:
        return all([self.campaign.is_valid(), self.content.is_valid()])

    @property
    def values(self) -> dict[str, Any]:
        """What the action saves."""
        keys = ("name", "audience", "channel_configuration", "phone_fields", "starts_at")
        kept = {key: self.campaign.cleaned_data[key] for key in keys}
        return {**kept, "version": self.content.chosen, "bindings": self.content.bindings}


@workspace_view("campaigns.edit", methods=("GET", "POST"))
def campaign_edit(request: WorkspaceRequest, campaign_id: int) -> HttpResponse:
    """Shows and saves a draft. 422: a field is wrong. 409: somebody else saved in between; nothing is overwritten."""
    campaign = campaign_of(request, campaign_id)
    if campaign.status != "draft":
        return redirect("campaigns:live", request.workspace.slug, campaign.pk)
    if request.method == "POST":
        return _save(request, campaign)
    forms = _forms(campaign, picked=request.GET.get(PICKED, ""))
    return _page(request, campaign, forms, with_count="count" in request.GET)


def _save(request: WorkspaceRequest, campaign: Campaign) -> HttpResponse:
    is_quiet = bool(request.htmx) and "review" not in request.POST
    forms = _forms(campaign, request.POST)
    if not forms.are_valid():
        return _page(request, campaign, forms, is_unsaved=is_quiet, status=422)
    before = _shape(campaign)
    revision = request.POST.get("overwrite_revision", "")
    expected = int(revision) if revision.isdecimal() and len(revision) < 10 else forms.campaign.cleaned_data["revision"]
    try:
        actions.update_campaign(actor=Actor.of(request), campaign=campaign, expected_revision=expected, **forms.values)
    except EditConflict:
        return _conflict(request, campaign_of(request, campaign.pk), forms)
    if not request.htmx:
        goes_on = "campaigns:review" if "review" in request.POST else "campaigns:edit"
        return redirect(goes_on, request.workspace.slug, campaign.pk)
    if "review" in request.POST:
        return HttpResponse(
            headers={"HX-Redirect": reverse("campaigns:review", args=[request.workspace.slug, campaign.pk])}
        )
    campaign = campaign_of(request, campaign.pk)
    after = _shape(campaign)
    if before.fields != after.fields:
        answer = _page(request, campaign, _forms(campaign))
        if PICKED in request.POST:
            answer["HX-Trigger"] = "wm:close"
        return answer
    context = {**_context(request, campaign, _forms(campaign)), "is_recounted": before.counted != after.counted}
    context["part"] = "saved"
    response = render(request, f"{TEMPLATE}#saved", context)
    response["HX-Reswap"] = "none"
    return response


@dataclass(frozen=True)
class Shape:
    """What decides how much of the page a save changes: `fields` the fields themselves, `counted` the count."""

    fields: tuple[Any, ...]
    counted: tuple[Any, ...]


def _shape(campaign: Campaign) -> Shape:
    """Other variables, other templates to choose from, or other errors beside the variables change the fields."""
    version, bindings = campaign.content.version, campaign.content.bindings
    found = check_version(version, bindings) if version else []
    beside = tuple((finding.code, finding.anchor) for finding in found if finding.slot)
    fields = (campaign.content.version_id, campaign.channel_configuration_id, beside)
    bound = bindings if rehearsal.can_be_empty(campaign) else None
    return Shape(fields, (campaign.audience_id, chain_of(campaign), bound))


def _conflict(request: WorkspaceRequest, current: Campaign, forms: Forms) -> HttpResponse:
    context = {
        **_context(request, current, forms),
        "conflict": composing.conflict(current, forms.values),
        "part": "conflict",
    }
    if not request.htmx:
        return render(request, TEMPLATE, {**context, "part": ""}, status=409)
    response = render(request, f"{TEMPLATE}#conflict", context, status=409)
    response["HX-Retarget"] = "#conflict"
    response["HX-Reswap"] = "outerHTML"
    return response


@workspace_view("campaigns.view")
def campaign_count(request: WorkspaceRequest, campaign_id: int) -> HttpResponse:
    """The eligible count with its reasons; one grouped query over the audience, on its own so that saving stays quick."""
    campaign = campaign_of(request, campaign_id)
    if not request.htmx:
        return redirect("campaigns:edit", request.workspace.slug, campaign.pk)
    return render(request, f"{TEMPLATE}#counted", {"campaign": campaign, **_counted(campaign)})


def _forms(campaign: Campaign, data: Any = None, *, picked: str = "") -> Forms:
    channel = campaign.channel_configuration
    return Forms(
        CampaignForm(data, campaign=campaign),
        ContentForm(
            data,
            content=campaign.content,
            account=channel.phone_number.account_id if channel else None,
            attribute_names=contents.attribute_names(campaign.workspace),
            picked=picked,
        ),
    )


def _counted(campaign: Campaign) -> dict[str, Any]:
    rehearsed = rehearsal.rehearse(campaign)
    if rehearsed is None:
        return {"who": None}
    who = rehearsed.who
    findings = [one for one in checks.check_campaign(campaign, who) if one.section == "audience"]
    people_url = reverse("campaigns:people", args=[campaign.workspace.slug, campaign.pk])
    return {
        "who": who,
        "segments": exclusion_segments(who, people_url),
        "audience_alerts": alert_items(findings),
        "missing_notes": composing.missing_notes(campaign, rehearsed.missing),
    }


def _context(request: WorkspaceRequest, campaign: Campaign, forms: Forms) -> dict[str, Any]:
    findings = checks.check_campaign(campaign)
    asked = request.POST if request.method == "POST" else request.GET
    starts = timezone.localtime(campaign.starts_at).strftime("%H:%M")
    content = forms.content
    return {
        "campaign": campaign,
        "form": forms.campaign,
        "content_form": content,
        "picker_url": reverse("content:picker", args=[request.workspace.slug]),
        "alerts": alert_items(findings),
        "sections": composing.sections(campaign, findings),
        "has_errors": bool(checks.errors(findings)),
        "preview": preview_context(
            asked, campaign.content, version=content.chosen, bindings=content.bindings, time=starts
        ),
    }


def _page(
    request: WorkspaceRequest,
    campaign: Campaign,
    forms: Forms,
    *,
    with_count: bool = False,
    is_unsaved: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {**_context(request, campaign, forms), "is_unsaved": is_unsaved}
    if with_count or request.htmx:  # a swapped page would not ask for the count by itself
        context |= _counted(campaign)
        forms.content.notes = {note["slot"]: note["text"] for note in context.get("missing_notes", ())}
    return render_page(request, TEMPLATE, context, parts=("composer",), status=status)
