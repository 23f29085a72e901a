"""The list of channel configurations: counted tabs, search, filters, a failed row opened with its remedy."""

from collections import Counter
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import channel_queries, usages
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration
from channels_app.accounts.states import CHANNEL
from console.audiences.models import Purpose
from console.kit.lists import Column, ListPage, Tab
from console.workspaces.models import User


class ChannelFilter(django_filters.FilterSet):
    """Connection, purpose, who made it, tag: only what this workspace has. One query for each open filter's choices."""

    connection = django_filters.ModelChoiceFilter(
        label=_("Connection"), field_name="phone_number__account__credentials", queryset=None
    )
    purpose = django_filters.ChoiceFilter(label=_("Purpose"), choices=Purpose.choices)
    created_by = django_filters.ModelChoiceFilter(label=_("Created by"), queryset=None)
    tag = django_filters.ChoiceFilter(label=_("Tag"), method="carrying", choices=())

    class Meta:
        model = ChannelConfiguration
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        workspace = self.request.workspace
        self.filters["connection"].queryset = ApiCredentials.objects.filter(workspace=workspace).order_by("name")
        made = ChannelConfiguration.objects.filter(workspace=workspace).order_by().values("created_by")
        self.filters["created_by"].queryset = User.objects.filter(pk__in=made).order_by("name", "pk")
        self.tags = channel_queries.tags(workspace)
        self.filters["tag"].extra["choices"] = [(tag, tag) for tag in self.tags]

    def carrying(self, rows: QuerySet[Any], name: str, tag: str) -> QuerySet[Any]:
        return rows.filter(pk__in=self.tags.get(tag, ()))


class ChannelList(ListPage):
    """Channel configurations; rows in processing refresh by themselves."""

    columns_url = reverse_lazy("me:columns")
    key = "channels"
    columns = (
        Column("name", _("Name"), template="accounts/channels.html#name", attr="name", sort="name", is_key=True),
        Column("sender", _("Sender"), template="accounts/channels.html#sender"),
        Column("purpose", _("Purpose"), template="accounts/channels.html#purpose", is_secondary=True),
        Column("status", _("Status"), template="accounts/channels.html#status", attr="status", sort="status"),
        Column("quality", _("Quality"), template="accounts/channels.html#quality", is_secondary=True),
        Column("used", _("Used by"), template="accounts/channels.html#used", is_numeric=True, is_secondary=True),
        Column(
            "updated",
            _("Last update"),
            template="accounts/channels.html#updated",
            attr="updated_at",
            sort="updated_at",
            is_secondary=True,
        ),
    )
    tabs = (
        Tab("", _("All")),
        Tab("active", CHANNEL["active"].label, Q(status="active")),
        Tab("processing", CHANNEL["processing"].label, Q(status="processing")),
        Tab("failed", CHANNEL["failed"].label, Q(status="failed"), tone="bad"),
        Tab("draft", CHANNEL["draft"].label, Q(status="draft")),
        Tab("deactivated", CHANNEL["deactivated"].label, Q(status="deactivated")),
    )
    search_fields = ("name", "description", "phone_number__display_number")
    search_label = _("Search configurations")
    default_sort = "-updated"
    filterset_class = ChannelFilter
    row_template = "accounts/channels.html#detail"
    row_menu_template = "accounts/channels.html#menu"
    empty_template = "accounts/channels.html#first_use"
    no_results_title = _("No configuration matches")
    mobile = ("name", "status")
    poll_every = 2

    def row_url(self, row: ChannelConfiguration) -> str:
        return reverse("accounts:channel", args=[self.context["workspace_slug"], row.pk])

    def row_tone(self, row: ChannelConfiguration) -> str:
        return "bad" if row.status == "failed" else ""

    def row_is_expandable(self, row: ChannelConfiguration) -> bool:
        return bool(row.checks)

    def row_is_open(self, row: ChannelConfiguration) -> bool:
        return row.status == "failed"

    @property
    def is_checking(self) -> bool:
        return any(
            row.status == "processing" or any(version.status == "processing" for version in row.open_versions)
            for row in self.rows
        )

    @cached_property
    def used_by(self) -> Counter[int]:
        """How many campaigns and journeys use each row of this page. One query per room that registered."""
        return usages.counts([row.pk for row in self.rows])
