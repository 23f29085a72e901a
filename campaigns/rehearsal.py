"""The run before the run: renders the content for everybody eligible, so that review and run never disagree."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from campaigns import exclusions, queries
from campaigns.addresses import Addressing, is_plain
from campaigns.exclusions import Eligibility
from campaigns.freezing import chain_of
from campaigns.models import Campaign
from campaigns.preparation import PROFILE_COLUMNS, reason_of
from channels_app.content.binding import CompiledContent, compile_content
from channels_app.content.context import profile_context
from channels_app.message_templates import slots
from console.audiences import queries as audiences
from console.audiences.models import Profile
from console.kit import clock
from console.kit.batches import batched

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
    """Eligible and excluded people including those whom only a closer look finds; None without an audience.

    One grouped query; a second that streams the eligible people only when there is something to look at.
    """
    counted, missing = queries.eligibility(campaign), Counter[str]()
    if counted is None:
        return None
    if counted.eligible and counted.eligible <= MOST_RENDERED and needs_closer_look(campaign):
        reasons = Counter[str]()
        for _pk, reason, slots_without in _look_closer(campaign):
            reasons[reason] += 1
            missing.update(slots_without)
        for reason, count in reasons.items():
            counted = counted.also_excluding(reason, count)
    return Rehearsal(counted, missing)


def people_found(campaign: Campaign) -> dict[str, list[int]]:
    """{reason: profiles} that only a closer look can exclude. Streams the eligible, as many as rehearse() looks at."""
    found: dict[str, list[int]] = {}
    if needs_closer_look(campaign):
        for pk, reason, _slots in islice(_look_closer(campaign), MOST_RENDERED):
            found.setdefault(reason, []).append(pk)
    return found


def needs_closer_look(campaign: Campaign) -> bool:
    """Whether the database alone can't say who gets the message: a value can be missing, a number is in an attribute."""
    return can_be_empty(campaign) or not is_plain(chain_of(campaign))


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


def _look_closer(campaign: Campaign) -> Iterator[tuple[int, str, list[str]]]:
    """(profile, reason, slots without a value) of everybody eligible who gets nothing when it comes to it."""
    version = campaign.content.version
    if campaign.audience is None:
        return
    content = compile_content(slots.load(version.slots), campaign.content.bindings) if version else None
    addressing = Addressing(campaign.workspace, queries.purpose_of(campaign), clock.now(), chain_of(campaign))
    people = exclusions.with_reason(
        Profile.objects.filter(pk__in=audiences.members(campaign.audience).order_by().values("pk")),
        purpose=addressing.purpose,
        at=addressing.at,
        fields=addressing.fields,
    ).filter(reason=exclusions.ELIGIBLE)
    if not addressing.is_plain:
        people = people.order_by("pk")  # as the run prepares them: the first one gets a shared number's message
    for rows in batched(people.values(*PROFILE_COLUMNS).iterator(chunk_size=2000)):
        addressing.settle(rows)
        for row in rows:
            found = _excluded(campaign, content, addressing, row)
            if found:
                yield row["id"], *found


def _excluded(
    campaign: Campaign, content: CompiledContent | None, addressing: Addressing, row: dict[str, Any]
) -> tuple[str, list[str]] | None:
    if row["reason"]:
        return row["reason"], []
    if content is not None:
        rendered = content.render(profile_context(row, workspace_name=campaign.workspace.name))
        if reason := reason_of(rendered):
            return reason, rendered.missing
    if not addressing.is_plain and addressing.is_taken(row["address"]):
        return exclusions.DUPLICATE_NUMBER, []
    return None
