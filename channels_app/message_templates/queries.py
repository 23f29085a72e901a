"""Reads of message templates."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Prefetch, QuerySet

from channels_app.accounts.models import WhatsAppAccount
from channels_app.message_templates.models import MessageTemplate, TemplateSync, TemplateTranslation, TemplateVersion
from console.workspaces.models import Workspace


def templates(workspace: Workspace) -> QuerySet[MessageTemplate]:
    """All logical templates with their account and, by one more query, their languages in `shown_translations`."""
    languages = TemplateTranslation.objects.order_by("language")
    return (
        MessageTemplate.objects.filter(workspace=workspace)
        .select_related("account")
        .prefetch_related(Prefetch("translations", languages, to_attr="shown_translations"))
    )


def status_counts(workspace: Workspace) -> dict[str, int]:
    """{status: templates with at least one language in it, "": all that are not wholly deleted}. Two queries."""
    translations = TemplateTranslation.objects.filter(workspace=workspace)
    rows = translations.values_list("status").annotate(count=Count("template", distinct=True))
    living = translations.exclude(status="DELETED").aggregate(count=Count("template", distinct=True))
    return {**dict(rows), "": living["count"]}


def translations(template: MessageTemplate) -> QuerySet[TemplateTranslation]:
    """The languages of a template with their current version, in order of their codes."""
    return template.translations.select_related("version").order_by("language")


def versions(translation: TemplateTranslation) -> QuerySet[TemplateVersion]:
    """The versions of a language, newest first."""
    return translation.versions.order_by("-number")


def sendable_versions(
    workspace: Workspace, category: str = "", *, account: WhatsAppAccount | int | None = None
) -> QuerySet[TemplateVersion]:
    """The current versions of all approved languages, by name and language; narrowed to a category or an account."""
    rows = TemplateVersion.objects.filter(
        translation__workspace=workspace,
        translation__status="APPROVED",
        translation__version_id=F("pk"),
    )
    if category:
        rows = rows.filter(translation__category=category.upper())
    if account is not None:
        rows = rows.filter(translation__template__account=account)
    return rows.select_related("translation__template").order_by(
        "translation__template__name", "translation__language", "pk"
    )


def sibling_versions(version: TemplateVersion) -> QuerySet[TemplateVersion]:
    """The current versions of all languages of the same template: what a preview's language switch offers."""
    return (
        TemplateVersion.objects.filter(
            translation__template=version.translation.template_id, translation__version_id=F("pk")
        )
        .select_related("translation__template")
        .order_by("translation__language")
    )


def syncs(workspace: Workspace) -> QuerySet[TemplateSync]:
    """The last sync of each account that had one."""
    return TemplateSync.objects.filter(workspace=workspace).select_related("account").order_by("account__name", "pk")


def sync_totals(rows: list[TemplateSync]) -> Mapping[str, Any]:
    """The syncs of a workspace as one: what the list page says. No query."""
    finished = [row.finished_at for row in rows if row.finished_at]
    return {
        "is_running": any(not row.status_state.is_final for row in rows),  # type: ignore[attr-defined]
        "seen": sum(row.seen_count for row in rows),
        "new": sum(row.new_count for row in rows),
        "changed": sum(row.changed_count for row in rows),
        "deleted": sum(row.deleted_count for row in rows),
        "failures": [row for row in rows if row.status == "failed"],
        "finished_at": max(finished, default=None),
    }
