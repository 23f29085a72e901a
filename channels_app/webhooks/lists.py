"""The list of the vault: by time, with filters that the index of time serves, and a bounded search in the raw bytes."""

from datetime import date, datetime, time
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.accounts.actions import WEBHOOK_FIELDS
from channels_app.accounts.models import ApiCredentials
from channels_app.webhooks import searching
from channels_app.webhooks.models import WebhookBody
from channels_app.webhooks.searching import Scan
from channels_app.webhooks.states import WEBHOOK
from console.kit import wording
from console.kit.lists import Column, ListPage, Tab

FIELD_CHOICES = [(name, name) for name in WEBHOOK_FIELDS]


class BodyFilter(django_filters.FilterSet):
    """Which connection, what it tells of, when it came."""

    credentials = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Connection"), queryset=lambda request: connections(request.workspace)
    )
    field = django_filters.ChoiceFilter(label=gettext_lazy("Field"), choices=FIELD_CHOICES, method="by_field")
    since = django_filters.DateFilter(label=gettext_lazy("From day"), method="by_since")
    until = django_filters.DateFilter(label=gettext_lazy("To day"), method="by_until")

    def by_field(self, rows: QuerySet[WebhookBody], _name: str, value: str) -> QuerySet[WebhookBody]:
        return rows.filter(fields__contains=f" {value} ")

    def by_since(self, rows: QuerySet[WebhookBody], _name: str, value: date) -> QuerySet[WebhookBody]:
        return rows.filter(received_at__gte=_instant(value, time.min))

    def by_until(self, rows: QuerySet[WebhookBody], _name: str, value: date) -> QuerySet[WebhookBody]:
        return rows.filter(received_at__lte=_instant(value, time.max))


def connections(workspace: Any) -> QuerySet[ApiCredentials]:
    return ApiCredentials.objects.filter(workspace=workspace).only("name").order_by("name", "pk")


def _instant(day: date, at: time) -> datetime:
    """A moment of the day in the workspace's zone; years that no calendar here reaches are brought near."""
    near = day.replace(year=min(max(day.year, 2000), 2400), day=min(day.day, 28) if day.month == 2 else day.day)
    return timezone.make_aware(datetime.combine(near, at))


class BodyList(ListPage):
    """Bodies, newest first."""

    columns_url = reverse_lazy("me:columns")
    key = "webhooks"
    columns = (
        Column(
            "received", gettext_lazy("Time"), template="webhooks/vault.html#received", sort="received_at", is_key=True
        ),
        Column("fields", gettext_lazy("Tells of"), template="webhooks/vault.html#fields"),
        Column("items", gettext_lazy("Items"), attr="item_count", is_numeric=True),
        Column("status", gettext_lazy("Status"), template="webhooks/vault.html#status"),
        Column("connection", gettext_lazy("Connection"), template="webhooks/vault.html#connection", is_secondary=True),
        Column("seen", gettext_lazy("Times received"), attr="seen_count", is_numeric=True, is_secondary=True),
    )
    filterset_class = BodyFilter
    search_label = gettext_lazy("wamid, phone, id or any text")
    default_sort = "-received"
    empty_template = "webhooks/vault.html#first_use"
    mobile = ("received", "fields", "status")
    page_sizes = (50, 25, 100)

    def __init__(self, *args: Any, can_search: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.can_search = can_search
        self.search_fields = ("body",) if can_search else ()  # type: ignore[misc]  # personal data: not for everybody
        self.tabs = (  # type: ignore[misc]
            Tab("", gettext_lazy("All")),
            *(Tab(name, WEBHOOK[name].label, Q(status=name), tone=WEBHOOK[name].tone) for name in WEBHOOK.states),
        )
        self.scan = Scan()

    def search(self, queryset: QuerySet[Any], words: str) -> QuerySet[Any]:
        self.scan = searching.scan(queryset, words, self.query.get("back", ""))
        return queryset.filter(pk__in=self.scan.ids)

    def row_url(self, row: WebhookBody) -> str:
        if not self.can_search:
            return ""
        return reverse("webhooks:body", args=[self.context["workspace_slug"], row.pk])

    def row_tone(self, row: WebhookBody) -> str:
        return "warn" if row.open_count else ""  # type: ignore[attr-defined]  # annotated by the query

    @property
    def scan_text(self) -> str:
        """How far the search looked; empty without one."""
        if not self.words:
            return ""
        if self.scan.is_too_short:
            return _("Type at least 3 characters to search.")
        if self.scan.back_to is None:
            return _("There is nothing further back.")
        return _("Looked through %(count)s bodies, back to %(when)s.") % {
            "count": wording.number(self.scan.looked),
            "when": wording.when(self.scan.back_to, in_sentence=True),
        }

    @property
    def further_url(self) -> str:
        return self.url(back=self.scan.further, cursor=None) if self.scan.further else ""
