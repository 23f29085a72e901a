"""The two lists of campaigns: all campaigns of a workspace, and the people of one run."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from campaigns import queries
from campaigns.models import Campaign
from campaigns.states import CAMPAIGN
from channels_app.delivery import reasons
from channels_app.delivery.models import Message
from channels_app.delivery.states import MESSAGE
from console.kit import wording
from console.kit.lists import Column, ListPage, Tab


class CampaignList(ListPage):
    """Campaigns with their state, audience, sender, start and progress; rows that send refresh by themselves."""

    columns_url = reverse_lazy("me:columns")
    key = "campaigns"
    columns = (
        Column("name", _("Campaign"), template="campaigns/list.html#name", attr="name", sort="name", is_key=True),
        Column("status", _("State"), template="campaigns/list.html#status", attr="shown_status", sort="shown_status"),
        Column("audience", _("Audience"), template="campaigns/list.html#audience", attr="audience"),
        Column("sender", _("Sender"), template="campaigns/list.html#sender", is_secondary=True),
        Column("starts", _("Start"), template="campaigns/list.html#start", sort="starts_at"),
        Column("progress", _("Progress"), template="campaigns/list.html#progress"),
        Column("updated", _("Last change"), attr="updated_at", sort="updated_at", kind="when", is_secondary=True),
        Column("owner", _("Owner"), attr="created_by", is_shown=False),
    )
    tabs = (
        Tab("", _("All"), ~Q(shown_status="archived")),
        Tab("draft", CAMPAIGN["draft"].label, Q(shown_status="draft")),
        Tab("scheduled", CAMPAIGN["scheduled"].label, Q(shown_status="scheduled")),
        Tab("sending", CAMPAIGN["sending"].label, Q(shown_status="sending"), tone="info"),
        Tab("paused", CAMPAIGN["paused"].label, Q(shown_status="paused"), tone="warn"),
        Tab("completed", CAMPAIGN["completed"].label, Q(shown_status="completed")),
        Tab("stopped", CAMPAIGN["stopped"].label, Q(shown_status="stopped")),
        Tab("failed", CAMPAIGN["failed"].label, Q(shown_status="failed"), tone="bad"),
        Tab("archived", CAMPAIGN["archived"].label, Q(shown_status="archived")),
    )
    search_fields = ("name", "audience__name")
    search_label = _("Search campaigns")
    default_sort = "-updated"
    row_menu_template = "campaigns/list.html#menu"
    empty_template = "campaigns/list.html#first_use"
    no_results_title = _("No campaign matches")
    mobile = ("name", "status")
    poll_every = 5

    def row_url(self, row: Campaign) -> str:
        draft = "campaigns:edit" if self.context.get("can_edit") else "campaigns:review"
        name = draft if row.status == "draft" else "campaigns:live"
        return reverse(name, args=[self.context["workspace_slug"], row.pk])

    def row_tone(self, row: Campaign) -> str:
        return "bad" if row.status == "failed" else ""

    @cached_property
    def progress(self) -> dict[int, queries.Progress]:
        """The progress of the runs on this page: one grouped query."""
        return queries.progress_of(self.rows)

    @property
    def is_sending(self) -> bool:
        return any(row.shown_status == "sending" for row in self.rows)


SHOWN_DIGITS = 4  # of a masked number
NOT_SENT = ("excluded", "canceled", "expired")
ON_ITS_WAY = ("claimed", "unknown", "accepted", "sent")


class RecipientList(ListPage):
    """The people of a run, each in exactly one state with its reason in plain words."""

    columns_url = reverse_lazy("me:columns")
    key = "campaign-recipients"
    columns = (
        Column(
            "person",
            _("Person"),
            template="campaigns/recipients.html#person",
            value=lambda row: str(row.profile) if row.profile else "",
            is_key=True,
        ),
        Column("country", _("Country"), attr="profile.country", is_secondary=True),
        Column(
            "status",
            _("State"),
            template="campaigns/recipients.html#status",
            value=lambda row: str(MESSAGE[row.status].label),
        ),
        Column(
            "why", _("Why not sent"), template="campaigns/recipients.html#why", value=lambda row: str(why(row).title)
        ),
        Column("last", _("Last event"), template="campaigns/recipients.html#last", value=lambda row: last_event(row)),
    )
    tabs = (
        Tab("", _("Everyone")),
        Tab("trouble", _("Not sent or failed"), Q(status__in=(*NOT_SENT, "failed"))),
        Tab("queued", _("Queued"), Q(status="ready")),
        Tab("way", _("On its way"), Q(status__in=ON_ITS_WAY)),
        Tab("delivered", _("Delivered"), Q(status="delivered")),
        Tab("read", _("Read"), Q(status="read")),
        Tab("failed", _("Failed"), Q(status="failed")),
        Tab("excluded", _("Not sent"), Q(status__in=NOT_SENT)),
    )
    search_fields = ("profile__name", "recipient")
    search_label = _("Name or last digits of a number")
    default_sort = "pk"
    no_results_title = _("Nobody matches")
    mobile = ("person", "status")
    csv_name = "campaign-recipients"
    note = _("Every person in the audience is in exactly one state")

    def __init__(
        self,
        request: HttpRequest,
        queryset: QuerySet[Message],
        *,
        reason_choices: Sequence[tuple[str, str]] = (),
        counts: Callable[[], Mapping[str, int]] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self.filterset_class = reason_filter(reason_choices)  # type: ignore[misc]
        super().__init__(request, queryset, counts=counts, context=context)

    def search(self, queryset: QuerySet[Message], words: str) -> QuerySet[Message]:
        """Digits are the end of a number, everything else a part of the name.

        Who may not see numbers finds by the last four digits at most: more would give a number away digit by digit.
        """
        longest = None if self.context.get("can_see_numbers") else SHOWN_DIGITS
        for word in words.split()[:8]:
            digits = word.lstrip("+")
            match = Q(recipient__endswith=digits) if digits.isdigit() else Q(profile__name__icontains=word)
            if digits.isdigit() and longest and len(digits) > longest:
                return queryset.none()
            queryset = queryset.filter(match)
        return queryset

    def row_tone(self, row: Message) -> str:
        return ""


def reason_filter(choices: Sequence[tuple[str, str]]) -> type[django_filters.FilterSet]:
    """A filter over the reasons that this run has: exclusion reasons, and Meta's codes with their words."""

    def by_reason(queryset: QuerySet[Message], _name: str, value: str) -> QuerySet[Message]:
        if value.lstrip("-").isdigit():
            return queryset.filter(status="failed", error_code=int(value))
        if value in ("canceled", "expired"):
            return queryset.filter(status=value)
        return queryset.filter(status="excluded", exclusion_reason=value)

    reason = django_filters.ChoiceFilter(label=_("Reason"), choices=choices, method=by_reason)
    reason_method = staticmethod(by_reason)
    return type("ReasonFilter", (django_filters.FilterSet,), {"reason": reason, "by_reason": reason_method})


def why(row: Message) -> reasons.Reason:
    """The plain words for a row that was not sent or failed; empty ones for all others. No query."""
    if row.status == "excluded":
        return reasons.explain_exclusion(row.exclusion_reason)
    if row.status == "failed":
        return reasons.explain_failure(row.error_code)
    if row.status == "canceled":
        return CANCELED
    if row.status == "expired":
        return EXPIRED
    return reasons.Reason("", "", "", "")


CANCELED = reasons.Reason(
    "canceled",
    _("Stopped before it left"),
    _("The campaign was stopped while the message was waiting."),
    _("Duplicate the campaign to write to the people who are left."),
)
EXPIRED = reasons.Reason(
    "expired",
    _("Too late"),
    _("The message could not leave before its time ran out."),
    _("Duplicate the campaign to write to the people who are left."),
)


def last_event(row: Message) -> str:
    """When something last happened to a row, in words."""
    return wording.when(last_event_at(row))


def last_event_at(row: Message) -> Any:
    moments = (row.failed_at, row.read_at, row.delivered_at, row.sent_at, row.accepted_at, row.claimed_at)
    return next((at for at in moments if at), row.created_at)
