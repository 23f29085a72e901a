"""Pages of content: the phone preview as a test profile, and the template picker."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from channels_app.content import queries
from channels_app.content.forms import PickerForm
from channels_app.content.models import Content
from channels_app.content.preview import version_preview
from channels_app.message_templates import queries as templates
from channels_app.message_templates import rendering, slots
from channels_app.message_templates.models import TemplateVersion
from console.audiences.models import Profile
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view

MOST_CHOICES = 24
PROFILE_FIELDS = ("phone", "external_id", "name", "attributes", "language", "country", "time_zone")


def profile_values(profile: Profile | None) -> dict[str, Any]:
    """What expressions read of a profile; nothing of nobody."""
    return {name: getattr(profile, name) for name in PROFILE_FIELDS} if profile else {}


@workspace_view("campaigns.view")
def content_preview(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The message as it is saved, as any test profile, in any language of the template, light or dark."""
    content = access.get(request, queries.contents(request.workspace), pk=pk)
    profiles = list(queries.test_profiles(request.workspace)[:100])
    profile = _chosen_profile(request, profiles)
    versions = list(templates.sibling_versions(content.version)) if content.version else []
    language = request.GET.get("language", "")
    version = next((one for one in versions if one.translation.language == language), content.version)
    is_dark = request.GET.get("theme") == "dark"
    kept = {"profile": str(profile.pk) if profile else "", "theme": "dark" if is_dark else "", "language": language}
    preview = {
        "profiles": profiles,
        "profile": profile,
        "language": language,
        "is_dark": is_dark,
        "here": request.path,
        "languages": [
            {
                "label": one.translation.language.replace("_", "-"),
                "url": _url(request, kept, language=one.translation.language),
                "is_current": version is not None and one.translation_id == version.translation_id,
            }
            for one in versions
        ],
        "light_url": _url(request, kept, theme=""),
        "dark_url": _url(request, kept, theme="dark"),
        "message": _message(request, content, version, profile),
    }
    context = {"content": content, "preview": preview}
    return render_page(request, "content/preview.html", context, parts=("content-preview",))


@workspace_view("campaigns.view")
def picker(request: WorkspaceRequest) -> HttpResponse:
    """Approved templates with their previews; `form` names the composer's form that "Use" submits, with `pick_version`."""
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
    context = {
        "filters": filters,
        "form_id": form_id,
        "kept": [("form", form_id)] if form_id else [],
        "here": reverse("content:picker", args=[request.workspace.slug]),
        "choices": [{"version": one, "preview": _sample(one)} for one in versions[:MOST_CHOICES]],
        "has_more": len(versions) > MOST_CHOICES,
    }
    return render_page(request, "content/picker.html", {"picker": context}, parts=("template-picker",))


def _chosen_profile(request: WorkspaceRequest, profiles: list[Profile]) -> Profile | None:
    """The asked test profile (404 for one that is none), else the first."""
    wanted = request.GET.get("profile", "")
    if not wanted:
        return profiles[0] if profiles else None
    return access.get(
        request, Profile.objects.filter(is_test=True), pk=int(wanted) if wanted.isdigit() and len(wanted) < 19 else 0
    )


def _message(
    request: WorkspaceRequest, content: Content, version: TemplateVersion | None, profile: Profile | None
) -> dict[str, Any]:
    if version is None:
        return {}
    return version_preview(
        version,
        content.bindings,
        profile_values(profile),
        workspace_name=request.workspace.name,
        business_name=request.workspace.name,
    )


def _sample(version: TemplateVersion) -> dict[str, Any]:
    values = rendering.sample_values(slots.load(version.slots))
    return rendering.preview(
        version.components,
        values,
        slots=[],
        business_name=version.translation.template.account.name,
        language=version.translation.language,
    )


def _url(request: WorkspaceRequest, kept: dict[str, str], **changes: str) -> str:
    return f"{request.path}?{urlencode({name: value for name, value in {**kept, **changes}.items() if value})}"
