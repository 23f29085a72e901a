"""Makes credentials, accounts, numbers and channel configurations, and a Meta that answers from a table in memory."""

from collections.abc import Callable
from itertools import count
from typing import Any

import httpx

from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber, WhatsAppAccount
from console.kit import clock
from console.workspaces.models import Workspace

_numbers = count(1)
SECRET = "factory-app-secret"
APP_ID = "430000000000004"


def make_credentials(workspace: Workspace, **fields: Any) -> ApiCredentials:
    number = next(_numbers)
    fields.setdefault("name", f"Connection {number}")
    fields.setdefault("app_id", APP_ID)
    fields.setdefault("app_secret", SECRET)
    fields.setdefault("access_token", f"EAAfactorytoken{number:06}")
    fields.setdefault("token_hint", fields["access_token"][-4:])
    fields.setdefault("created_at", clock.now())
    return ApiCredentials.objects.create(workspace=workspace, **fields)


def make_account(workspace: Workspace, credentials: ApiCredentials | None = None, **fields: Any) -> WhatsAppAccount:
    fields.setdefault("waba_id", f"2199{next(_numbers):011}")
    fields.setdefault("name", "Demo Bakery")
    fields.setdefault("review_status", "APPROVED")
    fields.setdefault("created_at", clock.now())
    return WhatsAppAccount.objects.create(
        workspace=workspace, credentials=credentials or make_credentials(workspace), **fields
    )


def make_phone_number(workspace: Workspace, account: WhatsAppAccount | None = None, **fields: Any) -> PhoneNumber:
    number = next(_numbers)
    fields.setdefault("phone_number_id", f"3299{number:011}")
    fields.setdefault("display_number", f"+1 555-{number:07}")
    fields.setdefault("verified_name", "Demo Bakery")
    fields.setdefault("status", "CONNECTED")
    fields.setdefault("quality_rating", "GREEN")
    fields.setdefault("throughput_level", "STANDARD")
    fields.setdefault("messaging_limit", "TIER_2K")
    fields.setdefault("name_status", "APPROVED")
    fields.setdefault("created_at", clock.now())
    return PhoneNumber.objects.create(workspace=workspace, account=account or make_account(workspace), **fields)


def make_channel(workspace: Workspace, phone_number: PhoneNumber | None = None, **fields: Any) -> ChannelConfiguration:
    now = clock.now()
    fields.setdefault("name", f"channel-{next(_numbers)}")
    fields.setdefault("created_at", now)
    fields.setdefault("updated_at", now)
    return ChannelConfiguration.objects.create(
        workspace=workspace, phone_number=phone_number or make_phone_number(workspace), **fields
    )


Answer = tuple[int, dict[str, Any]]


def fake_meta(answers: dict[str, Answer | Callable[[httpx.Request], Answer]]) -> httpx.MockTransport:
    """A transport that answers by "METHOD path" (without the version); what is not in the table does not exist."""
    missing = {"code": 100, "error_subcode": 33, "type": "GraphMethodException", "message": "Unsupported get request."}

    def handle(request: httpx.Request) -> httpx.Response:
        path = request.url.path.split("/", 2)[2]
        found = answers.get(f"{request.method} {path}", (400, {"error": missing}))
        status, body = found(request) if callable(found) else found
        return httpx.Response(status, json=body)

    return httpx.MockTransport(handle)


def meta_token(**fields: Any) -> Answer:
    """A debug_token answer: a valid system user token with both permissions that never expires."""
    data = {
        "app_id": APP_ID,
        "type": "SYSTEM_USER",
        "is_valid": True,
        "expires_at": 0,
        "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"],
        "granular_scopes": [],
        **fields,
    }
    return 200, {"data": data}
