"""What became of a send: buckets that add up, speed, time left, the proof, and the list behind every number."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from channels_app.accounts.models import ApiCredentials, PhoneNumber
from channels_app.delivery import pacing
from channels_app.delivery.models import Hold, Message, SenderLease
from channels_app.message_templates.models import TemplateVersion
from console.kit import clock
from console.workspaces.models import Workspace

SPEED_WINDOW = timedelta(seconds=10)
# How long an unknown outcome keeps a send open. Later it is listed as unknown, and a late webhook still settles it.
SETTLE_WINDOW = timedelta(minutes=15)


@dataclass
class Buckets:
    """How many rows of one send are where; every row is in exactly one bucket, so the parts add up to `audience`.

    `accepted`, `sent`, `delivered` count rows that got so far and no further; the `*_total` properties count all that
    got at least so far.
    """

    audience: int = 0
    excluded: dict[str, int] = field(default_factory=dict)  # by reason
    ready: int = 0
    claimed: int = 0
    unknown: int = 0
    accepted: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: dict[int, int] = field(default_factory=dict)  # by error code
    canceled: int = 0
    expired: int = 0
    unsettled: int = 0  # of `unknown`: those that a webhook may settle soon

    @property
    def excluded_total(self) -> int:
        return sum(self.excluded.values())

    @property
    def failed_total(self) -> int:
        return sum(self.failed.values())

    @property
    def remaining(self) -> int:
        """Still to be handed to Meta."""
        return self.ready + self.claimed

    @property
    def accepted_total(self) -> int:
        """Taken by Meta and not failed later."""
        return self.accepted + self.sent_total

    @property
    def sent_total(self) -> int:
        return self.sent + self.delivered_total

    @property
    def delivered_total(self) -> int:
        return self.delivered + self.read

    @property
    def adds_up(self) -> bool:
        parts = self.excluded_total + self.remaining + self.unknown + self.accepted_total
        return self.audience == parts + self.failed_total + self.canceled + self.expired

    @property
    def is_finished(self) -> bool:
        """Nothing waits, nothing is on its way to Meta, and no outcome may still become known soon."""
        return self.remaining == 0 and self.unsettled == 0


@dataclass(frozen=True)
class Speed:
    """`per_s` accepted in the last ten seconds; `eta_s` until the rest is handed over, None while nothing moves."""

    per_s: float
    eta_s: float | None


def of_source(source_kind: str, source_id: int) -> QuerySet[Message]:
    return Message.objects.filter(source_kind=source_kind, source_id=source_id)


def buckets(source_kind: str, source_id: int) -> Buckets:
    """One GROUP BY that the index answers alone; a second small query only while outcomes are unknown."""
    rows = of_source(source_kind, source_id)
    counts = Buckets()
    groups = rows.order_by().values_list("status", "exclusion_reason", "error_code").annotate(count=Count("pk"))
    for status, reason, code, count in groups:
        counts.audience += count
        if status == "excluded":
            counts.excluded[reason] = counts.excluded.get(reason, 0) + count
        elif status == "failed":
            counts.failed[code or 0] = counts.failed.get(code or 0, 0) + count
        else:
            setattr(counts, status, getattr(counts, status) + count)
    if counts.unknown:
        since = clock.now() - SETTLE_WINDOW
        counts.unsettled = rows.filter(status="unknown", claimed_at__gt=since).count()
    return counts


def speed(source_kind: str, source_id: int, *, remaining: int | None = None) -> Speed:
    """Messages a second over the last ten seconds, and the seconds left at that rate. One or two queries, by index."""
    now = clock.now()
    recent = of_source(source_kind, source_id).filter(accepted_at__gt=now - SPEED_WINDOW, accepted_at__lte=now)
    facts = recent.order_by("accepted_at").values_list("accepted_at", flat=True)
    count = recent.count()
    first = facts.first() if count else None
    if remaining is None:
        counts = buckets(source_kind, source_id)
        remaining = counts.remaining
    seconds = max(1.0, (now - first).total_seconds()) if first else SPEED_WINDOW.total_seconds()
    per_s = count / seconds
    return Speed(per_s, remaining / per_s if per_s else (0.0 if not remaining else None))


def limit_of(phone_number: PhoneNumber) -> float:
    """The messages per second Meta grants this number now. No query."""
    is_coexistence = bool((phone_number.facts or {}).get("is_on_biz_app"))
    return pacing.limit_per_s(phone_number.throughput_level, is_coexistence=is_coexistence)


def recipients(
    workspace: Workspace,
    source_kind: str,
    source_id: int,
    *,
    status: str = "",
    reason: str = "",
    code: int | None = None,
    search: str = "",
    after_id: int | None = None,
) -> QuerySet[Message]:
    """The people behind a number of the buckets, newest row last, with their profile; keyset by id.

    `search` finds a number's digits, a name or an external id. The first page is one query.
    """
    rows = of_source(source_kind, source_id).filter(workspace=workspace).select_related("profile").order_by("pk")
    if status:
        rows = rows.filter(status=status)
    if reason:
        rows = rows.filter(exclusion_reason=reason)
    if code is not None:
        rows = rows.filter(error_code=code)
    if text := search.strip():
        digits = "".join(sign for sign in text if sign.isdigit())
        wanted = Q(profile__name__icontains=text) | Q(profile__external_id=text)
        rows = rows.filter(wanted | Q(recipient__contains=digits) if len(digits) >= 3 else wanted)
    return rows.filter(pk__gt=after_id) if after_id is not None else rows


def proof(source_kind: str, source_id: int) -> dict[str, object]:
    """The equation of a send: who was targeted, where each one is, and that Meta's message ids are as many as rows.

    `accepted` counts rows that carry Meta's id, whatever became of them later. Three queries at most.
    """
    counts = buckets(source_kind, source_id)
    ids = of_source(source_kind, source_id).aggregate(accepted=Count("wamid"), unique=Count("wamid", distinct=True))
    return {
        "audience": counts.audience,
        "excluded": counts.excluded,
        "accepted": ids["accepted"],
        "unique_message_ids": ids["unique"],
        "sent": counts.sent_total,
        "delivered": counts.delivered_total,
        "read": counts.read,
        "failed": {str(code): count for code, count in sorted(counts.failed.items())},
        "unknown": counts.unknown,
        "waiting": counts.remaining,
        "canceled": counts.canceled,
        "expired": counts.expired,
        "adds_up": counts.adds_up and ids["accepted"] == ids["unique"],
    }


@dataclass(frozen=True)
class Blocker:
    """Why nothing moves: `code` is hold, rest, number, template, or credentials; `reason` is the stored word or Meta's status."""

    code: str
    scope: str
    reason: str
    until_at: datetime | None = None

    @property
    def can_release(self) -> bool:
        """Whether a person who may activate can end it here: delivery held the template because Meta refused it."""
        return self.code == "hold" and self.scope == "template"


def blockers(workspace: Workspace, source_kind: str, source_id: int) -> list[Blocker]:
    """What holds a send back now: holds of every scope, a resting or disconnected number, a refused token, a paused template.

    Six small queries.
    """
    waiting = of_source(source_kind, source_id).filter(status="ready").order_by()
    pairs = list(waiting.values_list("phone_number_id", "template_version_id").distinct()[:50])
    numbers = {number for number, _version in pairs if number}
    versions = {version for _number, version in pairs if version}
    found = [
        Blocker("hold", hold.scope, hold.reason)
        for hold in _holds(workspace, source_kind, source_id, numbers, versions)
    ]
    dead = ApiCredentials.objects.filter(accounts__phone_numbers__in=numbers, status="dead").distinct()
    found.extend(Blocker("credentials", "number", one.name) for one in dead.only("name"))
    for lease in SenderLease.objects.filter(phone_number__in=numbers, rest_until__gt=clock.now()):
        found.append(Blocker("rest", "number", lease.rest_reason, lease.rest_until))
    for status in (
        PhoneNumber.objects.filter(pk__in=numbers).exclude(status="CONNECTED").values_list("status", flat=True)
    ):
        found.append(Blocker("number", "number", status))
    translations = TemplateVersion.objects.filter(pk__in=versions).exclude(translation__status="APPROVED")
    found.extend(
        Blocker("template", "template", word) for word in translations.values_list("translation__status", flat=True)
    )
    return found


def _holds(workspace: Workspace, kind: str, pk: int, numbers: set[int], versions: set[int]) -> QuerySet[Hold]:
    return Hold.objects.filter(
        Q(scope="all")
        | Q(scope="workspace", key=str(workspace.pk))
        | Q(scope="source", key=f"{kind}:{pk}")
        | Q(scope="number", key__in=[str(number) for number in numbers])
        | Q(scope="template", key__in=[str(version) for version in versions])
    ).order_by("placed_at")


@dataclass(frozen=True)
class Event:
    """One moment in the life of a message: the status word it reached, and when."""

    status: str
    at: datetime


def timeline(message: Message) -> list[Event]:
    """When the message reached which status, in the order of its life. No query.

    Not sorted by time: Meta's instants are whole seconds, so one of the same second may seem earlier than ours.
    """
    moments = (
        ("ready", message.created_at),
        ("claimed", message.claimed_at),
        ("accepted", message.accepted_at),
        ("sent", message.sent_at),
        ("delivered", message.delivered_at),
        ("read", message.read_at),
        ("failed", message.failed_at),
    )
    return [Event(status, at) for status, at in moments if at is not None]


def messages(workspace: Workspace) -> QuerySet[Message]:
    """Messages of a workspace with what a detail page shows."""
    return Message.objects.filter(workspace=workspace).select_related(
        "profile", "phone_number", "template_version__translation__template"
    )


def waiting_numbers(*, due_by: datetime) -> list[int]:
    """Senders with something due that don't rest: whom the schedule rings. One query, an index seek per number."""
    due = Message.objects.filter(phone_number=OuterRef("pk"), status="ready", due_at__lte=due_by)
    resting = SenderLease.objects.filter(phone_number=OuterRef("pk"), rest_until__gt=due_by)
    return list(PhoneNumber.objects.filter(Exists(due), ~Exists(resting)).values_list("pk", flat=True))


def next_due_at(phone_number_id: int) -> datetime | None:
    """When the next message of a sender is due, past or future. One query."""
    waiting = Message.objects.filter(phone_number=phone_number_id, status="ready")
    return waiting.aggregate(at=Min("due_at"))["at"]


def recipients_by_wamid(workspace: Workspace, wamids: Collection[str]) -> dict[str, str]:
    """{Meta's id: the number or user id we wrote to}. One query by index."""
    rows = Message.objects.filter(workspace=workspace, wamid__in=wamids).values_list("wamid", "recipient")
    return {wamid: recipient for wamid, recipient in rows if wamid}
