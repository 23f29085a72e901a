"""The phone beside an editor or a review: a content as a test profile will see it, in a language, light or dark."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from channels_app.content import queries
from channels_app.content.context import profile_values
from channels_app.content.models import Content
from channels_app.content.preview import version_preview
from channels_app.message_templates import queries as templates
from channels_app.message_templates.models import TemplateVersion
from console.audiences.models import Profile

PROFILE, LANGUAGE, THEME = "as", "language", "theme"  # what the switches of the preview post and link
MOST_PROFILES = 100
_UNSET: Any = object()


def preview_context(
    asked: Mapping[str, str],
    content: Content,
    *,
    version: TemplateVersion | None = _UNSET,
    bindings: Mapping[str, Mapping[str, str]] | None = None,
    time: str = "",
) -> dict[str, Any]:
    """The context of templates/content/_preview.html: `message`, the test profiles, and the addresses of the switches.

    `asked` has the keys `as`, `language` and `theme` of a GET or POST; anything unknown in it is ignored. `version` and
    `bindings` stand in for what is saved while somebody edits. Up to three queries.
    """
    version = content.version if version is _UNSET else version
    bindings = content.bindings if bindings is None else bindings
    profiles = list(queries.test_profiles(content.workspace)[:MOST_PROFILES])
    at = next((at for at, one in enumerate(profiles) if str(one.pk) == asked.get(PROFILE)), 0)
    profile = profiles[at] if profiles else None
    siblings = list(templates.sibling_versions(version)) if version else []
    shown = next((one for one in siblings if one.translation.language == asked.get(LANGUAGE)), version)
    is_dark = asked.get(THEME) == "dark"
    language = shown.translation.language if shown is not None and shown != version else ""
    kept = {PROFILE: str(profile.pk) if profile else "", LANGUAGE: language, THEME: "dark" if is_dark else ""}
    return {
        "part_url": reverse("content:preview", args=[content.workspace.slug, content.pk]),
        "profiles": profiles,
        "profile": profile,
        "position": at + 1,
        "previous": _query(kept, **_profile(profiles, at - 1)),
        "next": _query(kept, **_profile(profiles, at + 1)),
        "language": language,
        "languages": [
            _language(one, shown, kept, "" if one == version else one.translation.language) for one in siblings
        ],
        "is_dark": is_dark,
        "light": _query(kept, theme=""),
        "dark": _query(kept, theme="dark"),
        "message": _message(content, shown, bindings, profile, time),
    }


def _profile(profiles: list[Profile], at: int) -> dict[str, str]:
    return {PROFILE: str(profiles[at % len(profiles)].pk)} if profiles else {}


def _language(
    one: TemplateVersion, shown: TemplateVersion | None, kept: dict[str, str], language: str
) -> dict[str, Any]:
    return {
        "label": one.translation.language.replace("_", "-"),
        "query": _query(kept, language=language),
        "is_current": shown is not None and one.translation_id == shown.translation_id,
    }


def _message(
    content: Content,
    version: TemplateVersion | None,
    bindings: Mapping[str, Mapping[str, str]],
    profile: Profile | None,
    time: str,
) -> dict[str, Any]:
    if version is None:
        return {}
    return version_preview(
        version,
        bindings,
        profile_values(profile) if profile else {},
        workspace_name=content.workspace.name,
        business_name=queries.business_name(version) or content.workspace.name,
        time=time,
    )


def _query(kept: dict[str, str], **changes: str) -> str:
    return "?" + urlencode({name: value for name, value in {**kept, **changes}.items() if value})
