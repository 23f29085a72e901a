"""What Get started and the navigation read from every room. Reads only."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, Q, QuerySet, When
from django.http import HttpRequest

from campaigns import queries as campaigns
from campaigns.models import Campaign, CampaignRun
from channels_app.accounts import soundness
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber, Portfolio, WhatsAppAccount
from channels_app.accounts.number_queries import numbers_with_usage
from channels_app.message_templates.models import TemplateTranslation
from console.audiences.models import Consent, Profile
from console.kit import clock
from console.workspaces.models import PolicyAcceptance, Workspace
from console.workspaces.policies import POLICIES

COUNTED_AT_MOST = 1000
EXPIRES_SOON = timedelta(days=14)
PREREQUISITES = ("credentials", "portfolio", "account", "number", "template", "webhook")


@dataclass(frozen=True)
class Readiness:
    """What is done of setting up, in the order of the path."""

    policies: bool
    credentials: bool
    portfolio: bool
    account: bool
    number: bool
    template: bool
    webhook: bool
    channel: bool
    people: bool
    campaign: bool

    @property
    def done_count(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))

    @property
    def total(self) -> int:
        return len(fields(self))

    @property
    def prerequisite_count(self) -> int:
        return sum(getattr(self, name) for name in PREREQUISITES)

    @property
    def is_complete(self) -> bool:
        return self.done_count == self.total


def readiness(workspace: Workspace) -> Readiness:
    """All of it as EXISTS in one query."""
    mine = Q(workspace=workspace.pk)
    lasting = Q(token_expires_at__isnull=True) | Q(token_expires_at__gt=clock.now() + EXPIRES_SOON)
    accepted = Q()
    for policy in POLICIES:
        given = PolicyAcceptance.objects.filter(mine, policy=policy.code, version=policy.version)
        accepted &= Q(Exists(given))
    asked: dict[str, QuerySet[Any]] = {
        "policies": Workspace.objects.filter(accepted, pk=workspace.pk),
        "credentials": ApiCredentials.objects.filter(mine & lasting, status="valid"),
        "portfolio": WhatsAppAccount.objects.filter(mine).exclude(portfolio_id=""),
        "account": WhatsAppAccount.objects.filter(mine, soundness.ACCOUNT),
        "number": PhoneNumber.objects.filter(mine, soundness.NUMBER),
        "template": TemplateTranslation.objects.filter(mine, status="APPROVED"),
        "webhook": soundness.heard_numbers(workspace),
        "channel": ChannelConfiguration.objects.filter(mine, status="active"),
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
    portfolio: Portfolio | None
    account: WhatsAppAccount | None
    number: PhoneNumber | None
    heard: PhoneNumber | None  # a sender whose messages Meta posts here
    channel: ChannelConfiguration | None
    template: TemplateTranslation | None
    consented_count: int  # counted to COUNTED_AT_MOST, more says COUNTED_AT_MOST + 1
    campaign: Campaign | None

    @property
    def checked_at(self) -> datetime | None:
        """When Meta was asked last about what is shown; None when it never was."""
        return self.credentials.checked_at if self.credentials else None


def facts(workspace: Workspace) -> Facts:
    """The one row to show for each line, the best first. Ten queries."""
    mine = {"workspace": workspace}
    consented = Profile.objects.filter(**mine, marketing_consent=Consent.GRANTED).values("pk")
    account = _best(WhatsAppAccount.objects.filter(**mine), soundness.ACCOUNT)
    return Facts(
        credentials=_best(ApiCredentials.objects.filter(**mine), Q(status="valid")),
        portfolio=Portfolio.objects.filter(**mine, portfolio_id=account.portfolio_id).first() if account else None,
        account=account,
        number=_best(PhoneNumber.objects.filter(**mine), soundness.NUMBER),
        heard=soundness.heard_numbers(workspace).select_related("account__credentials").order_by("pk").first(),
        channel=_best(ChannelConfiguration.objects.filter(**mine), Q(status="active")),
        template=_best(TemplateTranslation.objects.filter(**mine).select_related("template"), Q(status="APPROVED")),
        consented_count=consented[: COUNTED_AT_MOST + 1].count(),
        campaign=campaigns.campaigns(workspace)
        .order_by(F("activated_at").desc(nulls_last=True), "-updated_at", "-id")
        .first(),
    )


def _best(rows: Any, wanted: Q) -> Any:
    """The first row that is as wanted, else the first of any. One query."""
    return rows.annotate(is_wanted=Case(When(wanted, then=1), default=0)).order_by("-is_wanted", "id").first()


def sender(workspace: Workspace) -> PhoneNumber | None:
    """The number to show at the foot of the navigation, with what is used of its limit: one that sends, else any. One
    query."""
    number: PhoneNumber | None = _best(numbers_with_usage(workspace), Q(status="CONNECTED", is_sender=True))
    return number
