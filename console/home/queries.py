"""What Get started and the navigation read from every room. Reads only."""

from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Exists, F, Q, QuerySet
from django.http import HttpRequest

from campaigns import queries as campaigns
from campaigns.models import Campaign, CampaignRun
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber, WhatsAppAccount
from channels_app.message_templates.models import TemplateTranslation
from console.audiences.models import Consent, Profile
from console.workspaces.models import Workspace

COUNTED_AT_MOST = 1000


@dataclass(frozen=True)
class Readiness:
    """Which lines of the checklist are done, in the order of the path."""

    credentials: bool
    account: bool
    number: bool
    webhook: bool
    channel: bool
    template: bool
    people: bool
    campaign: bool

    @property
    def done_count(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))

    @property
    def total(self) -> int:
        return len(fields(self))

    @property
    def is_complete(self) -> bool:
        return self.done_count == self.total


def readiness(workspace: Workspace) -> Readiness:
    """The checklist as eight EXISTS in one query."""
    mine = Q(workspace=workspace.pk)
    asked: dict[str, QuerySet[Any]] = {
        "credentials": ApiCredentials.objects.filter(mine, status="valid"),
        "account": WhatsAppAccount.objects.filter(mine),
        "number": PhoneNumber.objects.filter(mine, status="CONNECTED"),
        "webhook": ApiCredentials.objects.filter(mine, webhook_heard_at__isnull=False),
        "channel": ChannelConfiguration.objects.filter(mine, status="active"),
        "template": TemplateTranslation.objects.filter(mine, status="APPROVED"),
        "people": Profile.objects.filter(mine, marketing_consent=Consent.GRANTED),
        "campaign": CampaignRun.objects.filter(mine),
    }
    checks: dict[str, Any] = {f"has_{name}": Exists(rows) for name, rows in asked.items()}
    answers = Workspace.objects.filter(pk=workspace.pk).annotate(**checks).values_list(*checks).get()
    return Readiness(*answers)


def readiness_of(request: HttpRequest) -> Readiness:
    """The same, asked once per request: the navigation and the page both need it."""
    known = getattr(request, "waymark_readiness", None)
    if known is None:
        known = readiness(request.workspace)  # type: ignore[attr-defined]
        request.waymark_readiness = known  # type: ignore[attr-defined]
    return known


@dataclass(frozen=True)
class Facts:
    """The rows behind the checklist; None where there is none yet."""

    credentials: ApiCredentials | None
    account: WhatsAppAccount | None
    number: PhoneNumber | None
    heard: ApiCredentials | None
    channel: ChannelConfiguration | None
    template: TemplateTranslation | None
    consented_count: int  # counted to COUNTED_AT_MOST, more says COUNTED_AT_MOST + 1
    campaign: Campaign | None


def facts(workspace: Workspace) -> Facts:
    """The one row to show for each line, the best first. Eight queries."""
    mine = {"workspace": workspace}
    consented = Profile.objects.filter(**mine, marketing_consent=Consent.GRANTED).values("pk")
    return Facts(
        credentials=_best(ApiCredentials.objects.filter(**mine), status="valid"),
        account=WhatsAppAccount.objects.filter(**mine).order_by("id").first(),
        number=_best(PhoneNumber.objects.filter(**mine), status="CONNECTED"),
        heard=ApiCredentials.objects.filter(**mine, webhook_heard_at__isnull=False)
        .order_by("-webhook_heard_at")
        .first(),
        channel=_best(ChannelConfiguration.objects.filter(**mine), status="active"),
        template=_best(TemplateTranslation.objects.filter(**mine).select_related("template"), status="APPROVED"),
        consented_count=consented[: COUNTED_AT_MOST + 1].count(),
        campaign=campaigns.campaigns(workspace)
        .order_by(F("activated_at").desc(nulls_last=True), "-updated_at", "-id")
        .first(),
    )


def _best(rows: Any, *, status: str) -> Any:
    """The first row in the wanted status, else the first of any. One query."""
    return rows.annotate(is_wanted=Q(status=status)).order_by("-is_wanted", "id").first()


def sender(workspace: Workspace) -> PhoneNumber | None:
    """The number to show at the foot of the navigation: one that sends, else any. One query."""
    number: PhoneNumber | None = _best(PhoneNumber.objects.filter(workspace=workspace), status="CONNECTED")
    return number
