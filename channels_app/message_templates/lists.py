"""The list of message templates: one row per logical template, its languages as small pills."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from channels_app.message_templates.models import MessageTemplate, TemplateTranslation
from channels_app.message_templates.states import TEMPLATE
from console.kit.lists import Column, ListPage, Tab

CATEGORIES = (("MARKETING", _("Marketing")), ("UTILITY", _("Utility")), ("AUTHENTICATION", _("Authentication")))
QUALITIES = (("GREEN", _("High")), ("YELLOW", _("Medium")), ("RED", _("Low")))


def in_status(*statuses: str) -> Q:
    """Templates with at least one language in one of the statuses."""
    return Q(Exists(TemplateTranslation.objects.filter(template=OuterRef("pk"), status__in=statuses)))


LIVING = Q(Exists(TemplateTranslation.objects.filter(template=OuterRef("pk")).exclude(status="DELETED")))


class TemplateFilter(django_filters.FilterSet):
    """Category, language, quality: the chips of the list."""

    category = django_filters.ChoiceFilter(label=_("Category"), choices=CATEGORIES)
    language = django_filters.ChoiceFilter(label=_("Language"), method="by_language")
    quality = django_filters.ChoiceFilter(label=_("Quality"), choices=QUALITIES, method="by_quality")

    class Meta:
        model = MessageTemplate
        fields = ("category", "language", "quality")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        workspace = getattr(self.request, "workspace", None)
        codes = TemplateTranslation.objects.filter(workspace=workspace).values_list("language", flat=True)
        choices = [(code, code.replace("_", "-")) for code in sorted(set(codes.distinct()))]
        self.filters["language"].extra["choices"] = choices

    def by_language(self, queryset: QuerySet[MessageTemplate], _name: str, value: str) -> QuerySet[MessageTemplate]:
        rows = TemplateTranslation.objects.filter(template=OuterRef("pk"), language=value)
        return queryset.filter(Exists(rows))

    def by_quality(self, queryset: QuerySet[MessageTemplate], _name: str, value: str) -> QuerySet[MessageTemplate]:
        rows = TemplateTranslation.objects.filter(template=OuterRef("pk"), quality_score=value)
        return queryset.filter(Exists(rows))


class TemplateList(ListPage):
    """Templates by name; the tabs count those with at least one language in that status."""

    columns_url = reverse_lazy("me:columns")
    key = "message-templates"
    columns = (
        Column("name", _("Template"), template="message_templates/list.html#name", sort="name", is_key=True),
        Column("status", _("Status"), template="message_templates/list.html#status"),
        Column("languages", _("Languages"), template="message_templates/list.html#languages"),
        Column("quality", _("Quality"), template="message_templates/list.html#quality"),
        Column("updated", _("Last change"), attr="updated_at", sort="updated_at", kind="when", is_secondary=True),
        Column("account", _("Account"), attr="account", is_shown=False),
    )
    tabs = (
        Tab("", _("All"), LIVING),
        Tab("APPROVED", TEMPLATE["APPROVED"].label, in_status("APPROVED")),
        Tab("PENDING", TEMPLATE["PENDING"].label, in_status("PENDING", "IN_APPEAL")),
        Tab("REJECTED", TEMPLATE["REJECTED"].label, in_status("REJECTED"), tone="bad"),
        Tab("PAUSED", TEMPLATE["PAUSED"].label, in_status("PAUSED"), tone="warn"),
        Tab("DISABLED", TEMPLATE["DISABLED"].label, in_status("DISABLED"), tone="bad"),
        Tab("DELETED", _("Deleted"), in_status("DELETED", "PENDING_DELETION", "ARCHIVED")),
    )
    search_fields = ("name",)
    search_label = _("Search templates")
    filterset_class = TemplateFilter
    default_sort = "name"
    empty_template = "message_templates/list.html#first_use"
    no_results_title = _("No template matches")
    mobile = ("name", "status")

    def row_url(self, row: MessageTemplate) -> str:
        return reverse("message_templates:detail", args=[self.context["workspace_slug"], row.pk])
