"""The page of one message: what was sent, to whom, and what became of it."""

from typing import Any

from django.http import HttpResponse

from channels_app.delivery import queries, reasons
from channels_app.delivery.models import Message
from channels_app.delivery.states import MESSAGE
from channels_app.message_templates.rendering import preview
from console.audiences.masking import without_number
from console.kit.pages import render_page
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest, workspace_view


@workspace_view("delivery.view")
def message(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """One message with its timeline, Meta's code in plain words, and the text as it was sent. Two queries."""
    row = access.get(request, queries.messages(request.workspace), pk=pk)
    can_see_number = access.can(request, "profiles.see_numbers")
    if not can_see_number:
        row.params = {key: without_number(value, row.recipient) for key, value in row.params.items()}
        row.error_detail = without_number(row.error_detail, row.recipient)
    context = {
        "message": row,
        "events": _events(row),
        "reason": _reason(row),
        "phone": _phone(row),
        "can_see_number": can_see_number,
    }
    return render_page(request, "delivery/message.html", context)


def _events(row: Message) -> list[dict[str, Any]]:
    """The timeline, newest first."""
    events = [
        {"icon": state.icon, "tone": state.tone, "title": state.label, "at": event.at}
        for event in reversed(queries.timeline(row))
        for state in [MESSAGE[event.status]]
    ]
    if row.status in ("excluded", "canceled", "expired", "unknown"):
        state = MESSAGE[row.status]
        events.insert(0, {"icon": state.icon, "tone": state.tone, "title": state.label})
    return events


def _reason(row: Message) -> reasons.Reason | None:
    if row.status == "excluded":
        return reasons.explain_exclusion(row.exclusion_reason)
    if row.error_code is not None and row.status in ("failed", "ready"):
        return reasons.explain_failure(row.error_code)
    return None


def _phone(row: Message) -> dict[str, Any] | None:
    version = row.template_version
    if version is None:
        return None
    return preview(
        version.components,
        row.params,
        parameter_format=version.translation.parameter_format,
        business_name=row.phone_number.verified_name if row.phone_number else "",
        language=version.translation.language,
    )
