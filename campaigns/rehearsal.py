"""The run before the run: renders the content for everybody eligible, so that review and run never disagree."""

from collections import Counter

from campaigns import exclusions, queries
from campaigns.exclusions import Eligibility
from campaigns.models import Campaign
from campaigns.preparation import PROFILE_COLUMNS, reason_of
from channels_app.content.binding import CompiledContent, compile_content
from channels_app.content.context import profile_context
from channels_app.message_templates import slots
from console.audiences import queries as audiences
from console.audiences.models import Profile
from console.kit import clock

MOST_RENDERED = 20_000  # beyond that a page would wait too long; the run still finds each of them


def eligibility(campaign: Campaign) -> Eligibility | None:
    """Eligible and excluded people including those for whom a variable has no value; None without an audience.

    One grouped query; a second that streams the eligible people only when some variable can be empty.
    """
    counted = queries.eligibility(campaign)
    if counted is None or campaign.content.version is None or not counted.eligible:
        return counted
    if counted.eligible > MOST_RENDERED or not can_be_empty(campaign):
        return counted
    content = compile_content(slots.load(campaign.content.version.slots), campaign.content.bindings)
    for reason, count in _unrenderable(campaign, content).items():
        counted = counted.also_excluding(reason, count)
    return counted


def can_be_empty(campaign: Campaign) -> bool:
    """Whether a required variable has neither a fallback nor a fixed text; if none does, nobody can be without a value."""
    if campaign.content.version is None:
        return False
    for slot in slots.load(campaign.content.version.slots):
        binding = campaign.content.bindings.get(slot.key) or {}
        is_fixed = binding.get("expression") and "{" not in binding["expression"]
        if slot.required and not slot.same_as and not binding.get("fallback") and not is_fixed:
            return True
    return False


def _unrenderable(campaign: Campaign, content: CompiledContent) -> Counter[str]:
    counts: Counter[str] = Counter()
    if campaign.audience is None:
        return counts
    people = exclusions.with_reason(
        Profile.objects.filter(pk__in=audiences.members(campaign.audience).order_by().values("pk")),
        purpose=queries.purpose_of(campaign),
        at=clock.now(),
    ).filter(reason=exclusions.ELIGIBLE)
    for row in people.values(*PROFILE_COLUMNS).iterator(chunk_size=2000):
        if reason := reason_of(content.render(profile_context(row, workspace_name=campaign.workspace.name))):
            counts[reason] += 1
    return counts
