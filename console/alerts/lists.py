"""The lists of this room: alerts, and the deliveries of one outgoing webhook."""

from functools import cached_property
from typing import Any

import django_filters as filters
from django.db.models import Q
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from console.alerts import failures
from console.alerts.kinds import KINDS, visible_to
from console.alerts.models import Alert
from console.alerts.words import TONES, Worded
from console.kit.columns import Line
from console.kit.lists import Column, ListPage, Tab

EVENTS = {"raised": _("Raised"), "resolved": _("Resolved"), "test": _("Test")}


def kind_choices(names: list[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """[(group, [(kind, its label)])] by the kinds' names, this room's own at the end. No query."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(names, key=lambda name: (name.startswith("alerts."), name)):
        groups.setdefault(str(KINDS[name].group), []).append((name, str(KINDS[name].label)))
    return list(groups.items())


class AlertFilter(filters.FilterSet):
    """Kind and urgency; only kinds that the member may see."""

    kind = filters.ChoiceFilter(label=_("Kind"), choices=[])
    tone = filters.ChoiceFilter(label=_("Urgency"), choices=list(TONES.items()))

    class Meta:
        model = Alert
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.request.membership.role
        self.filters["kind"].extra["choices"] = kind_choices(visible_to(role))


class AlertList(ListPage):
    """Alerts of one workspace that the member may see, newest first."""

    key = "alerts"
    columns_url = reverse_lazy("me:columns")
    columns = (
        Column("alert", _("Alert"), template="alerts/list.html#alert", is_key=True),
        Column("state", _("State"), template="alerts/list.html#state"),
        Column("raised", _("Raised"), template="alerts/list.html#raised", sort="raised_at", kind="when"),
        Column("kind", _("Kind"), template="alerts/list.html#kind", is_shown=False),
        Column("next", _("Next step"), template="alerts/list.html#next"),
    )
    tabs = (
        Tab("", _("Open"), Q(resolved_at__isnull=True)),
        Tab("all", _("All")),
        Tab("unread", _("Unread"), Q(is_unread=True)),
    )
    filterset_class = AlertFilter
    default_sort = "-raised"
    empty_template = "alerts/list.html#none"
    mobile = ("alert", "state", "raised")

    @cached_property
    def lines(self) -> list[Line]:
        for row in self.rows:
            row.worded = Worded(row, self.request.workspace.slug)  # type: ignore[attr-defined]
        return super().lines

    def row_tone(self, row: Alert) -> str:
        return row.tone if row.is_open and row.tone in ("bad", "warn") else ""


class DeliveryLog(ListPage):
    """What was sent to one endpoint, newest first."""

    key = "alert-deliveries"
    columns_url = reverse_lazy("me:columns")
    columns = (
        Column("what", _("What"), template="alerts/endpoint.html#what", is_key=True),
        Column("status", _("Status"), template="alerts/endpoint.html#status"),
        Column("http", _("HTTP"), attr="http_status", is_numeric=True),
        Column("tries", _("Tries"), attr="attempt_count", is_numeric=True),
        Column("next", _("Next try"), template="alerts/endpoint.html#next"),
        Column("created", _("Made"), attr="created_at", sort="created_at", kind="when"),
        Column("again", _("Actions"), template="alerts/endpoint.html#again"),
    )
    tabs = (
        Tab("", _("All")),
        Tab("waiting", _("Waiting"), Q(status="waiting")),
        Tab("failed", _("Given up"), Q(status="failed"), tone="bad"),
    )
    default_sort = "-pk"
    poll_every = 5
    empty_template = "alerts/endpoint.html#none"
    mobile = ("what", "status")

    @cached_property
    def is_live(self) -> bool:  # type: ignore[override]
        """While something on this page is on its way."""
        return any(row.status == "waiting" for row in self.rows)

    @cached_property
    def lines(self) -> list[Line]:
        slug = self.request.workspace.slug  # type: ignore[attr-defined]
        for row in self.rows:
            row.event_word = EVENTS.get(row.event, row.event)
            row.worded = Worded(row.alert, slug) if row.alert else None
            row.failure_in_words = failures.in_words(row.failure, row.http_status)
        return super().lines
