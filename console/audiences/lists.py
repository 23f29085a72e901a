"""The list pages of profiles, audiences, members, suppressions and imports."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from console.audiences import identity_words, queries
from console.audiences.masking import without_number
from console.audiences.models import (
    Audience,
    AudienceMember,
    Consent,
    Import,
    PossibleDuplicate,
    Profile,
    Suppression,
)
from console.audiences.states import IMPORT
from console.kit.lists import BulkAction, Column, ListPage, Tab
from console.kit.wording import masked_phone


class ProfileFilter(django_filters.FilterSet):
    """Language, country, consent, test flag, list: each an equality that an index serves."""

    language = django_filters.ChoiceFilter(label=_("Language"))
    country = django_filters.ChoiceFilter(label=_("Country"))
    consent = django_filters.ChoiceFilter(
        label=_("Marketing consent"),
        field_name="marketing_consent",
        choices=(("granted", Consent.GRANTED.label), ("withdrawn", Consent.WITHDRAWN.label), ("none", _("Not given"))),
        method="by_consent",
    )
    test = django_filters.BooleanFilter(label=_("Test profile"), field_name="is_test")
    audience = django_filters.ModelChoiceFilter(
        label=_("List"), queryset=lambda request: queries.lists(request.workspace), method="by_audience"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in ("language", "country"):
            values = queries.field_choices(self.request.workspace, field)
            self.filters[field].extra["choices"] = [(value, value) for value in values]

    def by_consent(self, queryset: QuerySet[Profile], _name: str, value: str) -> QuerySet[Profile]:
        return queryset.filter(marketing_consent="" if value == "none" else value)

    def by_audience(self, queryset: QuerySet[Profile], _name: str, value: Audience) -> QuerySet[Profile]:
        return queryset.filter(Exists(AudienceMember.objects.filter(audience=value, profile=OuterRef("pk"))))


class PeopleList(ListPage):
    """Profiles as rows: whatever set they come from. Numbers are masked unless `sees_numbers` is in the context."""

    search_fields = ("name", "external_id", "phone")
    search_label = _("Name, username, id, last digits")
    default_sort = "-created"
    mobile = ("name", "consent", "phone")
    no_results_title = _("Nobody matches")

    def __init__(self, request: HttpRequest, queryset: QuerySet[Profile], **options: Any) -> None:
        super().__init__(request, queryset.defer("attributes", "name_key", "phone_tail"), **options)
        self.columns = self.people_columns()  # type: ignore[misc]

    def people_columns(self) -> tuple[Column, ...]:
        part = "audiences/profiles.html"
        return (
            Column("name", _("Name"), template=f"{part}#name", value=str, sort="name", is_key=True),
            Column("phone", _("Phone number"), template=f"{part}#phone", value=self.shown_phone),
            Column("external_id", _("External id"), value=self.shown_external_id, is_secondary=True),
            Column("country", _("Country"), is_secondary=True),
            Column("language", _("Language"), is_secondary=True),
            Column("consent", _("Marketing"), template=f"{part}#consent", attr="marketing_consent"),
            Column("created", _("Created"), attr="created_at", sort="created_at", kind="when", is_secondary=True),
        )

    def shown_phone(self, row: Profile) -> str:
        return row.phone or "" if self.context.get("sees_numbers") else masked_phone(row.phone)

    def shown_external_id(self, row: Profile) -> str:
        text = row.external_id or ""
        return text if self.context.get("sees_numbers") else without_number(text, row.phone)

    def search(self, queryset: QuerySet[Profile], words: str) -> QuerySet[Profile]:
        return queries.search(queryset, words, sees_numbers=bool(self.context.get("sees_numbers")))

    def row_url(self, row: Profile) -> str:
        return reverse("audiences:profile", args=[self.context["slug"], row.pk])


class ProfileList(PeopleList):
    """Everybody in the workspace."""

    key = "profiles"
    filterset_class = ProfileFilter
    empty_template = "audiences/profiles.html#first_use"
    bulk_actions = (
        BulkAction("list", _("Add to a list"), "users-plus", capability="audiences.edit"),
        BulkAction("consent", _("Record consent"), "writing-sign", capability="profiles.edit"),
        BulkAction("suppress", _("Suppress"), "ban", capability="profiles.edit", is_danger=True),
    )


class MemberList(PeopleList):
    """The members of one audience."""

    key = "members"
    csv_name = "audience"
    default_sort = "-pk"
    bulk_actions = (BulkAction("remove", _("Remove from the list"), "user-minus", capability="audiences.edit"),)


class AudienceList(ListPage):
    """Audiences with their kind and last count."""

    key = "audiences"
    columns = (
        Column("name", _("Audience"), template="audiences/list.html#name", attr="name", sort="name", is_key=True),
        Column("kind", _("Kind"), attr="get_kind_display"),
        Column("count", _("People"), template="audiences/list.html#count", attr="profile_count", is_numeric=True),
        Column("updated", _("Last change"), attr="updated_at", sort="updated_at", kind="when", is_secondary=True),
        Column("owner", _("Owner"), attr="created_by", is_secondary=True),
    )
    tabs = (
        Tab("", _("All")),
        Tab("list", _("Lists"), Q(kind="list")),
        Tab("rule", _("Rules"), Q(kind="rule")),
    )
    search_fields = ("name", "description")
    search_label = _("Search audiences")
    default_sort = "-updated"
    mobile = ("name", "count")
    empty_template = "audiences/list.html#first_use"
    no_results_title = _("No audience matches")

    def row_url(self, row: Audience) -> str:
        return reverse("audiences:detail", args=[self.context["slug"], row.pk])


class SuppressionList(ListPage):
    """Addresses that nobody may write to."""

    key = "suppressions"
    columns = (
        Column("address", _("Address"), template="audiences/suppressions.html#address", is_key=True),
        Column("reason", _("Reason")),
        Column("purpose", _("Purpose"), template="audiences/suppressions.html#purpose"),
        Column("until", _("Until"), template="audiences/suppressions.html#until"),
        Column("created", _("Since"), attr="created_at", sort="created_at", kind="when"),
    )
    default_sort = "-created"
    search_fields = ("address", "reason")
    search_label = _("Last digits of the number, or reason")
    bulk_actions = (BulkAction("remove", _("Remove"), "trash", capability="profiles.edit", is_danger=True),)
    empty_template = "audiences/suppressions.html#first_use"
    mobile = ("address", "reason")

    def search(self, queryset: QuerySet[Suppression], words: str) -> QuerySet[Suppression]:
        return queries.search_suppressions(queryset, words, sees_numbers=bool(self.context.get("sees_numbers")))

    def row_url(self, row: Suppression) -> str:
        return ""


class ImportList(ListPage):
    """Uploaded files with what became of them."""

    key = "imports"
    columns = (
        Column("file", _("File"), template="audiences/imports.html#file", attr="filename", is_key=True),
        Column("status", _("State"), template="audiences/imports.html#status", attr="status"),
        Column("rows", _("Rows"), attr="row_count", kind="number", is_numeric=True),
        Column("created", _("Created"), attr="created_count", kind="number", is_numeric=True, is_secondary=True),
        Column("updated", _("Updated"), attr="updated_count", kind="number", is_numeric=True, is_secondary=True),
        Column("refused", _("Refused"), attr="refused_count", kind="number", is_numeric=True),
        Column("uploaded", _("Uploaded"), attr="created_at", kind="when", is_secondary=True),
    )
    tabs = (
        Tab("", _("All")),
        Tab("open", _("Open"), Q(status__in=IMPORT.values(is_final=False))),
        Tab("done", IMPORT["done"].label, Q(status="done")),
        Tab("failed", IMPORT["failed"].label, Q(status="failed"), tone="bad"),
    )
    search_fields = ("filename",)
    search_label = _("Search imports")
    mobile = ("file", "status")
    empty_template = "audiences/imports.html#first_use"

    def row_url(self, row: Import) -> str:
        return reverse("audiences:import", args=[self.context["slug"], row.pk])

    def row_tone(self, row: Import) -> str:
        return "bad" if row.status == "failed" else ""


class DuplicateList(ListPage):
    """Pairs of profiles that may be one person."""

    key = "duplicates"
    columns = (
        Column("first", _("Profile"), value=lambda row: str(row.first), is_key=True),
        Column("second", _("May be the same as"), value=lambda row: str(row.second)),
        Column("reason", _("Why"), value=identity_words.reason_of, is_secondary=True),
        Column("found", _("Found"), attr="found_at", sort="found_at", kind="when"),
    )
    tabs = (
        Tab("", _("To decide"), Q(apart_at__isnull=True)),
        Tab("apart", _("Kept apart"), Q(apart_at__isnull=False)),
    )
    default_sort = "-found"
    mobile = ("first", "second")
    empty_template = "audiences/duplicates.html#first_use"
    no_results_title = _("No pairs here")

    def row_url(self, row: PossibleDuplicate) -> str:
        if not self.context.get("can_edit"):
            return reverse("audiences:profile", args=[self.context["slug"], row.first_id])
        return reverse("audiences:merge", args=[self.context["slug"], row.first_id, row.second_id])
