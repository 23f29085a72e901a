"""Makes contents for tests."""

from typing import Any

from channels_app.content.models import Content
from channels_app.message_templates.models import TemplateVersion
from console.kit import clock
from console.workspaces.models import Workspace
from tests.factories.message_templates import make_version

BINDINGS = {
    "body.first_name": {"expression": "{{ profile.first_name }}", "fallback": "there"},
    "body.order_no": {"expression": "{{ profile.order_no }}", "fallback": "your order"},
}


def make_content(workspace: Workspace, *, version: TemplateVersion | None = None, **fields: Any) -> Content:
    fields.setdefault("bindings", BINDINGS)
    return Content.objects.create(
        workspace=workspace, version=version or make_version(workspace), updated_at=clock.now(), **fields
    )
