"""The run before the run: renders the content for everybody eligible, so that review and run never disagree."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from campaigns import exclusions, queries
from campaigns.exclusions import Eligibility
from campaigns.models import Campaign
from campaigns.preparation import PROFILE_COLUMNS, reason_of
from channels_app.content.binding import compile_content
from channels_app.content.context import profile_context
from channels_app.message_templates import slots
from console.audiences import queries as audiences
from console.audiences.models import Profile
from console.kit import clock

MOST_RENDERED = 20_000  # beyond that a page would wait too long; the run still finds each of them


@dataclass(frozen=True)
class Rehearsal:
    """`who` gets the message and who doesn't; `missing` {slot key: eligible people who have no value for it}."""

    who: Eligibility
    missing: Mapping[str, int]


def eligibility(campaign: Campaign) -> Eligibility | None:
    """The `who` of a rehearsal; None without an audience."""
    rehearsed = rehearse(campaign)
    return rehearsed.who if rehearsed else None


def rehearse(campaign: Campaign) -> Rehearsal | None:
    """Eligible and excluded people including those for whom a variable has no value; None without an audience.

    One grouped query; a second that streams the eligible people only when some variable can be empty.
    """
    counted, missing = queries.eligibility(campaign), Counter[str]()
    if counted is None:
        return None
    if counted.eligible and counted.eligible <= MOST_RENDERED and can_be_empty(campaign):
        reasons = Counter[str]()
        for _pk, reason, slots_without in _unrenderable(campaign):
            reasons[reason] += 1
            missing.update(slots_without)
        for reason, count in reasons.items():
            counted = counted.also_excluding(reason, count)
    return Rehearsal(counted, missing)


def people_without(campaign: Campaign, reason: str) -> list[int]:
    """The profiles that only rendering can exclude for a reason (missing_value, content_error). Streams the eligible."""
    if not can_be_empty(campaign):
        return []
    return [pk for pk, found, _slots in islice(_unrenderable(campaign), MOST_RENDERED) if found == reason]


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


def _unrenderable(campaign: Campaign) -> Iterator[tuple[int, str, list[str]]]:
    """(profile, reason, slots without a value) of everybody eligible whose message can't be put together."""
    version = campaign.content.version
    if campaign.audience is None or version is None:
        return
    content = compile_content(slots.load(version.slots), campaign.content.bindings)
    people = exclusions.with_reason(
        Profile.objects.filter(pk__in=audiences.members(campaign.audience).order_by().values("pk")),
        purpose=queries.purpose_of(campaign),
        at=clock.now(),
    ).filter(reason=exclusions.ELIGIBLE)
    for row in people.values(*PROFILE_COLUMNS).iterator(chunk_size=2000):
        rendered = content.render(profile_context(row, workspace_name=campaign.workspace.name))
        if reason := reason_of(rendered):
            yield row["id"], reason, rendered.missing
