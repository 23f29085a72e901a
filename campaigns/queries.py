"""What campaigns are, whom they reach and how far they are; "completed" is computed here from ledger rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When

from campaigns import exclusions
from campaigns.exclusions import Eligibility
from campaigns.freezing import chain_of
from campaigns.models import Campaign, CampaignRun
from campaigns.states import CAMPAIGN
from channels_app.accounts.models import ChannelConfiguration, PhoneNumber
from channels_app.accounts.words import LIMITS
from channels_app.delivery import queries as ledger
from channels_app.delivery.models import Message
from channels_app.delivery.pacing import Pace
from console.audiences import queries as audiences
from console.audiences.models import Audience, Purpose
from console.kit import clock
from console.kit.states import State
from console.workspaces.models import AuditEntry, Membership, Workspace
from console.workspaces.roles import CAPABILITIES

SOURCE_KIND = "campaign_run"
OPEN = ("ready", "claimed")  # still to be handed to Meta
POLL_SENDING_S, POLL_JOB_S, POLL_SLOW_S = 2, 5, 15
LARGE = 200_000  # people of a run; counting its buckets takes the database a tenth of a second and more
FIRST_STATUSES = timedelta(minutes=5)  # so long after the last message most deliveries arrive
LATE_STATUSES = timedelta(hours=1)  # and so long a page looks for them by itself; later a person refreshes it


def campaigns(workspace: Workspace) -> QuerySet[Any]:
    """Campaigns with `run_pk`, `audience_size` and `shown_status` (the stored status, or completed). One query."""
    runs = CampaignRun.objects.filter(campaign=OuterRef("pk")).order_by("-number")
    since = clock.now() - ledger.SETTLE_WINDOW
    is_open = Q(status__in=OPEN) | Q(status="unknown", claimed_at__gt=since)  # the same as Buckets.is_finished
    open_rows = Message.objects.filter(is_open, source_kind=SOURCE_KIND, source_id=OuterRef("run_pk"))
    return (
        Campaign.objects.filter(workspace=workspace)
        .select_related("audience", "channel_configuration__phone_number", "created_by")
        .annotate(run_pk=Subquery(runs.values("pk")[:1]), run_prepared_at=Subquery(runs.values("prepared_at")[:1]))
        .annotate(
            shown_status=Case(
                When(
                    Q(status="sending", run_prepared_at__isnull=False) & ~Q(Exists(open_rows)), then=Value("completed")
                ),
                default=F("status"),
                output_field=CharField(),
            )
        )
    )


def state_counts(workspace: Workspace) -> dict[str, int]:
    """{shown status: campaigns} with "" for all that are not archived. One query."""
    rows = campaigns(workspace).order_by().values("shown_status").annotate(count=Count("pk"))
    counts = {row["shown_status"]: row["count"] for row in rows}
    return {**counts, "": sum(count for status, count in counts.items() if status != "archived")}


@dataclass(frozen=True)
class Progress:
    """How far a run is, for a row of the list: `done` of `total` people who are to get the message."""

    done: int
    total: int

    @property
    def share(self) -> float:
        return 100 * self.done / self.total if self.total else 0.0


def progress_of(rows: Iterable[Any]) -> dict[int, Progress]:
    """{run id: Progress} for the campaigns of one page of the list. One grouped query for all of them."""
    run_ids = [row.run_pk for row in rows if row.run_pk]
    if not run_ids:
        return {}
    grouped = (
        Message.objects.filter(source_kind=SOURCE_KIND, source_id__in=run_ids)
        .exclude(status="excluded")
        .order_by()
        .values("source_id")
        .annotate(total=Count("pk"), left=Count("pk", filter=Q(status__in=OPEN)))
    )
    return {row["source_id"]: Progress(row["total"] - row["left"], row["total"]) for row in grouped}


def latest_run(campaign: Campaign) -> CampaignRun | None:
    """The newest execution of a campaign. One query."""
    return campaign.runs.order_by("-number").first()


@dataclass(frozen=True)
class CampaignState:
    """Where a campaign stands, from its rows: what the live page, the list, the demo and the API show."""

    campaign: Campaign
    run: CampaignRun | None
    status: str
    buckets: ledger.Buckets | None
    speed_per_s: float
    at: datetime
    last_left_at: datetime | None = None  # of a send that has ended: when Meta took its last message

    @property
    def state(self) -> State:
        return CAMPAIGN[self.status]

    @property
    def is_preparing(self) -> bool:
        return self.run is not None and self.run.prepared_at is None and self.run.status in ("preparing", "stopped")

    @property
    def is_final(self) -> bool:
        """Whether nothing will leave any more: late statuses may still arrive, so figures may still move."""
        return self.state.is_final and not self.is_preparing

    @property
    def audience(self) -> int:
        """People of the run: exact once prepared, before that what was counted at the start."""
        if self.run is None:
            return 0
        expected = int(self.run.frozen.get("expected_count", 0))
        return self.run.audience_count if self.run.audience_count is not None else expected

    @property
    def seconds_left(self) -> float | None:
        """Until the last message has left, at the present speed; None while that is unknown."""
        if self.buckets is None or self.status != "sending" or not self.speed_per_s:
            return None
        return max(self.buckets.remaining, self.to_send - self.handed_over) / self.speed_per_s

    @property
    def to_send(self) -> int:
        """People who are to get the message: exact once prepared, before that what was counted at the start."""
        counted = self.buckets.audience - self.buckets.excluded_total if self.buckets else 0
        if self.run is None or self.run.prepared_at is not None:
            return counted
        return max(counted, int(self.run.frozen.get("eligible_count", 0)))

    @property
    def handed_over(self) -> int:
        """People whose message has left the queue: Meta took or refused it, or nobody knows yet."""
        return self.buckets.unknown + self.buckets.accepted_total + self.buckets.failed_total if self.buckets else 0

    @property
    def on_its_way(self) -> int:
        """Taken by Meta, not yet on the phone; with what is leaving right now and what nobody knows yet."""
        if self.buckets is None:
            return 0
        return self.buckets.claimed + self.buckets.unknown + self.buckets.accepted + self.buckets.sent

    @property
    def finishes_at(self) -> datetime | None:
        return None if self.seconds_left is None else self.at + timedelta(seconds=self.seconds_left)

    @property
    def poll_s(self) -> int:
        """Seconds until it is worth asking again; 0 when the figures have come to rest."""
        if self.status == "sending" or self.is_preparing:
            return POLL_JOB_S if self.audience > LARGE else POLL_SENDING_S
        if self.status in ("scheduled", "paused"):
            return POLL_SLOW_S
        if self.last_left_at is None or not self.on_its_way:
            return 0
        age = self.at - self.last_left_at
        return POLL_JOB_S if age < FIRST_STATUSES else POLL_SLOW_S if age < LATE_STATUSES else 0


def campaign_state(campaign: Campaign, run: CampaignRun | None = None) -> CampaignState:
    """The state of a campaign and its newest run now. Four or five queries, grouped over the run's ledger rows."""
    run = run or latest_run(campaign)
    if run is None or run.status == "waiting":
        return CampaignState(campaign, run, campaign.status, None, 0.0, clock.now())
    buckets = ledger.buckets(SOURCE_KIND, run.pk)
    status = campaign.status
    if status == "sending" and run.prepared_at is not None and buckets.is_finished:
        status = "completed"
    speed = ledger.speed(SOURCE_KIND, run.pk, remaining=buckets.remaining).per_s if status == "sending" else 0.0
    ended = status not in ("sending", "paused") and buckets.accepted_total + buckets.unknown > 0
    return CampaignState(campaign, run, status, buckets, speed, clock.now(), last_left_at(run) if ended else None)


def last_left_at(run: CampaignRun) -> datetime | None:
    """When Meta took the last message of a run so far. One query by index."""
    rows = ledger.of_source(SOURCE_KIND, run.pk).filter(accepted_at__isnull=False)
    last: datetime | None = rows.aggregate(last=Max("accepted_at"))["last"]
    return last


def purpose_of(campaign: Campaign) -> str:
    """What the campaign's messages are for: decides which consent counts; marketing, the strictest, until chosen."""
    channel = campaign.channel_configuration
    return channel.purpose if channel is not None else Purpose.MARKETING


def eligibility(campaign: Campaign) -> Eligibility | None:
    """Who of the chosen audience gets the message and who doesn't, set-based; None without an audience. One query."""
    if campaign.audience is None:
        return None
    members, fields = audiences.members(campaign.audience), chain_of(campaign)
    return exclusions.count(members, purpose=purpose_of(campaign), at=clock.now(), fields=fields)


@dataclass(frozen=True)
class Forecast:
    """When a send of so many messages would end, at the number's throughput.

    `limit_per_day` is how many people the portfolio may write to in 24 hours; 0 for no limit, or none known.
    """

    rate_per_s: float
    seconds: float
    starts_at: datetime
    finishes_at: datetime
    limit_per_day: int = 0


def forecast(campaign: Campaign, recipients: int) -> Forecast | None:
    """The rehearsed end of a send; None without a sender. No query when the channel configuration is loaded."""
    channel = campaign.channel_configuration
    if channel is None:
        return None
    rate = rate_of(channel.phone_number)
    starts_at = max(campaign.starts_at or clock.now(), clock.now())
    seconds = recipients / rate
    limit = LIMITS.get(channel.phone_number.messaging_limit, 0)
    return Forecast(rate, seconds, starts_at, starts_at + timedelta(seconds=seconds), limit)


def rate_of(number: PhoneNumber) -> float:
    """Messages a second that the sender keeps up on this number."""
    return Pace(ledger.limit_of(number)).full_rate


def audience_choices(workspace: Workspace) -> QuerySet[Audience]:
    return Audience.objects.filter(workspace=workspace, archived_at__isnull=True).order_by("name")


def channel_choices(workspace: Workspace) -> QuerySet[ChannelConfiguration]:
    """Only what can send: active configurations. One query."""
    return (
        ChannelConfiguration.objects.filter(workspace=workspace, status="active")
        .select_related("phone_number")
        .order_by("name")
    )


def last_save(campaign: Campaign) -> AuditEntry | None:
    """Who changed the campaign last, when, and what. One query."""
    return (
        AuditEntry.objects.filter(
            workspace_id=campaign.workspace_id, object_kind="campaign", object_id=str(campaign.pk)
        )
        .order_by("-id")
        .first()
    )


def trail(campaign: Campaign, limit: int = 20) -> list[AuditEntry]:
    """The campaign's history without autosaves, newest first. One query."""
    entries = AuditEntry.objects.filter(
        workspace_id=campaign.workspace_id, object_kind="campaign", object_id=str(campaign.pk)
    ).exclude(action="campaigns.update")
    return list(entries.select_related("actor").order_by("-id")[:limit])


def activators(workspace: Workspace) -> list[Membership]:
    """The members who may activate campaigns, by name. One query."""
    able = Membership.objects.filter(workspace=workspace, role__in=CAPABILITIES["campaigns.activate"])
    return list(able.select_related("user").order_by("user__name", "pk")[:50])
