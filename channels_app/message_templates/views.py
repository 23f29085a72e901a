"""Pages of message templates: the list, one template with its languages, and "Sync now"."""

import json
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app.message_templates import actions, describing, queries, rendering, slots
from channels_app.message_templates.lists import TemplateList
from channels_app.message_templates.models import MessageTemplate, TemplateTranslation, TemplateVersion
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view
from console.workspaces.actors import Actor


@workspace_view("templates.view")
def template_list(request: WorkspaceRequest) -> HttpResponse:
    """All templates of the workspace with their languages."""
    page = TemplateList(
        request,
        queries.templates(request.workspace),
        counts=partial(queries.status_counts, request.workspace),
        can=partial(access.can, request),
        context={"workspace_slug": request.workspace.slug},
    )
    context = {"list": page, "can_manage": access.can(request, "templates.manage"), **_sync(request)}
    return render_page(request, "message_templates/list.html", context, parts=("list", "sync"))


@workspace_view("templates.manage", methods=("POST",))
def sync(request: WorkspaceRequest) -> HttpResponse:
    """Asks a worker to read all templates from Meta."""
    actions.request_sync(actor=Actor.of(request), workspace=request.workspace)
    if getattr(request, "htmx", None):
        context = {"can_manage": True, **_sync(request)}
        return render_page(request, "message_templates/list.html", context, parts=("sync",))
    messages.info(request, _("Waymark is reading the templates from Meta. This page shows what it finds."))
    return redirect("message_templates:list", request.workspace.slug)


@workspace_view("templates.view")
def sync_status(request: WorkspaceRequest) -> HttpResponse:
    """The part that polls itself while a sync runs; when it is over, the page reloads its list once."""
    context = {"can_manage": access.can(request, "templates.manage"), **_sync(request)}
    response = render_page(request, "message_templates/list.html", context, parts=("sync",))
    if not context["sync"]["is_running"] and getattr(request, "htmx", None):
        response["HX-Trigger"] = json.dumps({"wm:announce": str(context["sync_sentence"]), "wm:synced": True})
    return response


@workspace_view("templates.view")
def template_detail(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One template: per language the preview, the slots, the versions and what Meta said."""
    template = access.get(request, MessageTemplate.objects.select_related("account"), pk=pk)
    languages = list(queries.translations(template))
    chosen = next((one for one in languages if one.language == request.GET.get("language")), None)
    translation = chosen or next(
        (one for one in languages if one.status == "APPROVED"), languages[0] if languages else None
    )
    context: dict[str, Any] = {
        "template": template,
        "state": describing.overall_state(languages),
        "translation": translation,
        "language_tabs": [
            {
                "label": one.language.replace("_", "-"),
                "url": f"?language={one.language}",
                "is_current": one is translation,
            }
            for one in languages
        ],
        "can_see_raw": access.can(request, "accounts.manage"),
    }
    if translation is not None:
        context |= _language(request, template, translation)
    return render_page(request, "message_templates/detail.html", context, parts=("language",))


def _language(request: WorkspaceRequest, template: MessageTemplate, translation: TemplateTranslation) -> dict[str, Any]:
    versions = list(queries.versions(translation)[:50])
    version = translation.version
    known = slots.load(version.slots) if version else []
    values = rendering.sample_values(known)
    preview = None
    if version is not None:
        preview = rendering.preview(
            version.components,
            values,
            slots=[],  # samples: nothing is missing here
            business_name=template.account.name or request.workspace.name,
            language=translation.language,
        )
    return {
        "version": version,
        "versions": versions,
        "preview": preview,
        "slots": [slot for slot in known if not slot.same_as],
        "gaps": slots.gaps_of(version.components) if version else [],
        "quality": describing.quality(translation.quality_score),
        "rejection": describing.rejection(translation) if translation.status == "REJECTED" else [],
        "notes": describing.notes(translation),
        "previous_category": str(translation.facts.get("previous_category", "")).capitalize(),
        "changes": _changes(request, versions),
        "raw": json.dumps(version.components, indent=2, ensure_ascii=False) if version else "",
    }


def _changes(request: WorkspaceRequest, versions: list[TemplateVersion]) -> dict[str, Any] | None:
    """The difference between the asked version (or the newest) and the one before; None for a first version."""
    wanted = request.GET.get("version", "")
    at = next((at for at, one in enumerate(versions) if str(one.number) == wanted), 0)
    if at + 1 >= len(versions):
        return None
    new, old = versions[at], versions[at + 1]
    return {"new": new, "old": old, "lines": describing.diff(old.components, new.components)}


def _sync(request: WorkspaceRequest) -> dict[str, Any]:
    totals = queries.sync_totals(list(queries.syncs(request.workspace)))
    return {"sync": totals, "sync_sentence": _sync_sentence(totals)}


def _sync_sentence(totals: Any) -> str:
    """ "3 new, 1 changed", "Nothing new", or how far a running sync is."""
    if totals["is_running"]:
        return ngettext("Syncing, %(count)d language read", "Syncing, %(count)d languages read", totals["seen"]) % {
            "count": totals["seen"]
        }
    parts = [
        text % {"count": totals[name]}
        for name, text in (
            ("new", _("%(count)d new")),
            ("changed", _("%(count)d changed")),
            ("deleted", _("%(count)d gone")),
        )
        if totals[name]
    ]
    return ", ".join(parts) or _("Nothing new")
