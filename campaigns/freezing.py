"""What a run takes with it at activation, so that later edits of audience, template or sender change nothing.

CampaignRun.frozen: {phone_number_id, template_version_id, bindings, purpose, audience: {id, name, kind, rule},
last_member_id, expected_count, eligible_count, key, phone_fields}.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Max, QuerySet

from campaigns.models import Campaign, CampaignRun
from console.audiences import phone_fields
from console.audiences import queries as audiences
from console.audiences.models import Audience, AudienceMember, Profile


@dataclass(frozen=True)
class Frozen:
    """The plan of one run as plain values: `asdict` of it is stored as JSON."""

    phone_number_id: int
    template_version_id: int
    bindings: dict[str, Any]
    purpose: str
    audience: dict[str, Any]
    last_member_id: int = 0
    expected_count: int = 0
    eligible_count: int = 0
    key: str = ""
    phone_fields: list[str] = field(
        default_factory=lambda: list(phone_fields.DEFAULT)
    )  # runs before the chain have none

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def freeze(campaign: Campaign, *, expected_count: int, eligible_count: int, key: str) -> Frozen:
    """The plan of a complete campaign (the checker has passed). Up to one query, for the newest member of a list."""
    audience, channel = campaign.audience, campaign.channel_configuration
    if audience is None or channel is None or campaign.content.version_id is None:
        raise ValueError(f"campaign {campaign.pk} is not complete")
    return Frozen(
        phone_number_id=channel.phone_number_id,
        template_version_id=campaign.content.version_id,
        bindings=campaign.content.bindings,
        purpose=channel.purpose,
        audience={"id": audience.pk, "name": audience.name, "kind": audience.kind, "rule": audience.rule},
        last_member_id=newest_member(audience),
        expected_count=expected_count,
        eligible_count=eligible_count,
        key=key,
        phone_fields=list(chain_of(campaign)),
    )


def chain_of(campaign: Campaign) -> tuple[str, ...]:
    """Where the numbers of this campaign's people are looked for: its own chain, its channel's, the workspace's."""
    channel = campaign.channel_configuration
    levels = (campaign.phone_fields, channel.phone_fields if channel else None, campaign.workspace.phone_fields)
    return phone_fields.chain(*levels)


def thaw(run: CampaignRun) -> Frozen:
    """The plan that a run was activated with."""
    return Frozen(**run.frozen)


def newest_member(audience: Audience) -> int:
    """The newest membership of a list, or 0 for rules. One query for lists."""
    if audience.kind != Audience.Kind.LIST:
        return 0
    return AudienceMember.objects.filter(audience=audience).aggregate(last=Max("pk"))["last"] or 0


def members(run: CampaignRun, frozen: Frozen) -> QuerySet[Profile]:
    """The people of a run: of the frozen rule or list, none that joined after the start. No query yet."""
    if frozen.audience["kind"] == Audience.Kind.LIST:
        listed = AudienceMember.objects.filter(audience_id=frozen.audience["id"], pk__lte=frozen.last_member_id)
        people = Profile.objects.filter(workspace_id=run.workspace_id, pk__in=listed.values("profile_id"))
    else:
        people = audiences.rule_queryset(run.workspace, frozen.audience["rule"])
    return people.filter(pk__lte=run.last_profile_id or 0)
