"""Makes message templates for tests, and Meta's side of a sync as a fake transport."""

import json
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import httpx

from channels_app.accounts.models import ApiCredentials, WhatsAppAccount
from channels_app.message_templates.models import MessageTemplate, TemplateTranslation, TemplateVersion
from channels_app.message_templates.nodes import content_hash
from channels_app.message_templates.slots import dump, slots_of
from console.kit import clock
from console.workspaces.models import Workspace

_numbers = count(1)
BODY = {
    "type": "BODY",
    "text": "Hi {{first_name}}, order {{order_no}} is ready for pickup.",
    "example": {
        "body_text_named_params": [
            {"param_name": "first_name", "example": "Ada"},
            {"param_name": "order_no", "example": "A-41"},
        ]
    },
}


def make_account(workspace: Workspace, **fields: Any) -> WhatsAppAccount:
    number = next(_numbers)
    credentials = fields.pop("credentials", None) or ApiCredentials.objects.create(
        workspace=workspace,
        name=f"Credentials {number}",
        app_id="100",
        app_secret="secret",
        access_token="token",
        created_at=clock.now(),
    )
    fields.setdefault("waba_id", f"21000000000{number:04d}")
    fields.setdefault("name", f"Lumen Coffee {number}")
    return WhatsAppAccount.objects.create(
        workspace=workspace, credentials=credentials, created_at=clock.now(), **fields
    )


def make_template(workspace: Workspace, *, account: WhatsAppAccount | None = None, **fields: Any) -> MessageTemplate:
    now = clock.now()
    fields.setdefault("name", f"template_{next(_numbers)}")
    fields.setdefault("category", "MARKETING")
    return MessageTemplate.objects.create(
        workspace=workspace, account=account or make_account(workspace), created_at=now, updated_at=now, **fields
    )


def make_version(
    workspace: Workspace,
    *,
    template: MessageTemplate | None = None,
    components: Sequence[dict[str, Any]] = (BODY,),
    parameter_format: str = "NAMED",
    language: str = "en_US",
    status: str = "APPROVED",
    **fields: Any,
) -> TemplateVersion:
    """The current version of one language of a template."""
    now = clock.now()
    template = template or make_template(workspace)
    translation = TemplateTranslation.objects.create(
        template=template,
        workspace=workspace,
        language=language,
        meta_id=fields.pop("meta_id", f"5400000000{next(_numbers):05d}"),
        status=status,
        category=fields.pop("category", template.category),
        parameter_format=parameter_format,
        seen_at=now,
        status_changed_at=now,
        **fields,
    )
    return add_version(translation, components)


def add_version(translation: TemplateTranslation, components: Sequence[dict[str, Any]]) -> TemplateVersion:
    """A newer version of a language, made current."""
    version = TemplateVersion.objects.create(
        translation=translation,
        number=translation.versions.count() + 1,
        components=list(components),
        slots=dump(slots_of(components, translation.parameter_format)),
        content_hash=content_hash(components, translation.parameter_format),
        created_at=clock.now(),
    )
    translation.version = version
    translation.save(update_fields=["version"])
    return version


def make_node(**fields: Any) -> dict[str, Any]:
    """A template as Meta lists it."""
    number = next(_numbers)
    return {
        "id": f"7700000000{number:05d}",
        "name": f"node_{number}",
        "language": "en_US",
        "status": "APPROVED",
        "category": "UTILITY",
        "parameter_format": "NAMED",
        "components": [BODY],
        "quality_score": {"score": "GREEN", "date": 1790000000},
        "rejected_reason": "NONE",
        **fields,
    }


def paged_transport(
    nodes: Callable[[], Sequence[Any]], *, page_size: int = 2, fail_on_page: int = 0
) -> httpx.MockTransport:
    """Meta's template list in pages of `page_size`; page `fail_on_page` (from 1) answers with an expired token."""

    def answer(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("after", "0") or 0)
        if fail_on_page and start // page_size + 1 >= fail_on_page:
            error = {"message": "Session has expired", "type": "OAuthException", "code": 190, "error_subcode": 463}
            return httpx.Response(401, json={"error": error})
        rows = list(nodes())
        end = start + page_size
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(rows):
            paging["next"] = f"https://graph.facebook.com/next?after={end}"
        return httpx.Response(200, content=json.dumps({"data": rows[start:end], "paging": paging}))

    return httpx.MockTransport(answer)
