"""Pages of content: the phone preview as a test profile, and the template picker."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from channels_app.content import queries
from channels_app.content.forms import ContentForm, PickerForm
from channels_app.content.previewing import preview_context
from channels_app.message_templates import rendering, slots
from channels_app.message_templates.models import TemplateVersion
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view

MOST_CHOICES = 24


@workspace_view("campaigns.view", methods=("GET", "POST"))
def content_preview(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The message as any test profile, in any language of the template, light or dark; a POST shows what is typed.

    A POST carries the fields of the editor and saves nothing.
    """
    content = access.get(request, queries.contents(request.workspace), pk=pk)
    if request.method == "POST":
        form = ContentForm(request.POST, content=content)
        preview = preview_context(request.POST, content, version=form.chosen, bindings=form.bindings)
    else:
        preview = preview_context(request.GET, content)
    context = {"content": content, "preview": preview}
    return render_page(request, "content/preview.html", context, parts=("content-preview",))


@workspace_view("campaigns.view")
def picker(request: WorkspaceRequest) -> HttpResponse:
    """Approved templates with their previews. "Use" gives `pick_version` to the composer.

    `form` names the composer's form that it submits (in a dialog); without a script `next` is the composer's address.
    """
    filters = PickerForm(request.GET or None, languages=queries.languages(request.workspace))
    asked = filters.cleaned_data if filters.is_valid() else {}
    rows = queries.pickable(
        request.workspace,
        words=asked.get("q", ""),
        category=asked.get("category", ""),
        language=asked.get("language", ""),
    )
    versions = list(rows.select_related("translation__template__account")[: MOST_CHOICES + 1])
    form_id = request.GET.get("form", "")
    form_id = form_id if form_id.replace("-", "").replace("_", "").isalnum() else ""
    way_back = "" if form_id else _way_back(request)
    kept = {name: value for name, value in (("form", form_id), ("next", way_back)) if value}
    here = reverse("content:picker", args=[request.workspace.slug])
    context = {
        "filters": filters,
        "form_id": form_id,
        "next": way_back,
        "kept": list(kept.items()),
        "here": here,
        "is_filtered": any(asked.values()),
        "clear_url": f"{here}?{urlencode(kept)}" if kept else here,
        "choices": [{"version": one, "preview": _sample(one)} for one in versions[:MOST_CHOICES]],
        "has_more": len(versions) > MOST_CHOICES,
    }
    return render_page(request, "content/picker.html", {"picker": context}, parts=("template-picker",))


def _sample(version: TemplateVersion) -> dict[str, Any]:
    values = rendering.sample_values(slots.load(version.slots))
    return rendering.preview(
        version.components,
        values,
        slots=[],
        business_name=version.translation.template.account.name,
        language=version.translation.language,
    )


def _way_back(request: WorkspaceRequest) -> str:
    """The composer to go back to with the choice: a path of this workspace, or ""."""
    wanted = request.GET.get("next", "")
    return wanted if wanted.startswith(f"/w/{request.workspace.slug}/") and "?" not in wanted else ""
