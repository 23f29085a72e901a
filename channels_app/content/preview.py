"""A content as one profile will see it: the phone part's data, with what is missing."""

from collections.abc import Mapping
from typing import Any

from channels_app.content.binding import compile_content
from channels_app.content.context import profile_context
from channels_app.content.models import Content
from channels_app.message_templates import rendering, slots
from channels_app.message_templates.models import TemplateVersion
from console.audiences.masking import without_number


def content_preview(
    content: Content,
    profile_values: Mapping[str, Any],
    *,
    workspace_name: str = "",
    business_name: str = "",
    time: str = "",
) -> dict[str, Any]:
    """The message of a content for a profile (`context.profile_context` says which values). {} without a template.

    No query when `content.version` and its translation are loaded.
    """
    if content.version is None:
        return {}
    return version_preview(
        content.version,
        content.bindings,
        profile_values,
        workspace_name=workspace_name,
        business_name=business_name,
        time=time,
    )


def version_preview(
    version: TemplateVersion,
    bindings: Mapping[str, Mapping[str, str]],
    profile_values: Mapping[str, Any],
    *,
    workspace_name: str = "",
    business_name: str = "",
    time: str = "",
) -> dict[str, Any]:
    """The same for bindings that are not saved yet. Adds `missing` and `errors` of the rendering to the phone's data.

    The person's number is masked wherever it stands: every role reads previews, and may type any expression into one.
    """
    known = slots.load(version.slots)
    context = profile_context(_masked(profile_values), workspace_name=workspace_name)
    rendered = compile_content(known, bindings).render(context)
    message = rendering.preview(
        version.components,
        rendered.params,
        slots=known,
        business_name=business_name,
        language=version.translation.language,
        time=time,
    )
    return {**message, "missing": rendered.missing, "errors": rendered.errors}


def _masked(values: Mapping[str, Any]) -> dict[str, Any]:
    phone = values.get("phone")

    def hide(value: Any) -> Any:
        hidden = without_number(str(value), phone)
        return value if hidden == str(value) else hidden

    attributes = {key: hide(value) for key, value in (values.get("attributes") or {}).items()}
    return {**{key: hide(value) for key, value in values.items()}, "attributes": attributes}
