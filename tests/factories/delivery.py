"""Makes senders, template versions and ledger rows for tests, and a Meta that lives in memory."""

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import httpx

from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from channels_app.delivery.ledger import NewMessage, add_messages
from channels_app.delivery.models import Message
from channels_app.message_templates.models import MessageTemplate, TemplateTranslation, TemplateVersion
from console.audiences.models import Profile
from console.kit import clock
from console.workspaces.models import Workspace

_numbers = count(1)
BODY = [{"type": "BODY", "text": "Hello {{1}}, see you soon.", "example": {"body_text": [["Ada"]]}}]


def make_number(workspace: Workspace, **fields: Any) -> PhoneNumber:
    """A connected sender with working credentials."""
    number, now = next(_numbers), clock.now()
    credentials = ApiCredentials.objects.create(
        workspace=workspace,
        name=f"Credentials {number}",
        app_id="1",
        app_secret="secret",
        access_token=f"token-{number}",
        status="valid",
        created_at=now,
    )
    account = WhatsAppAccount.objects.create(
        workspace=workspace, credentials=credentials, waba_id=f"21{number:012}", created_at=now
    )
    fields.setdefault("phone_number_id", f"32{number:012}")
    fields.setdefault("display_number", f"+82 2-{number:04}")
    fields.setdefault("status", "CONNECTED")
    fields.setdefault("throughput_level", "HIGH")
    return PhoneNumber.objects.create(workspace=workspace, account=account, created_at=now, **fields)


def make_version(number: PhoneNumber, components: list[dict[str, Any]] | None = None, **fields: Any) -> TemplateVersion:
    """A version of an approved marketing template."""
    serial, now = next(_numbers), clock.now()
    fields.setdefault("status", "APPROVED")
    template = MessageTemplate.objects.create(
        workspace=number.workspace,
        account=number.account,
        name=f"template_{serial}",
        category="MARKETING",
        created_at=now,
        updated_at=now,
    )
    translation = TemplateTranslation.objects.create(
        template=template,
        workspace=number.workspace,
        language="en_US",
        meta_id=str(serial),
        category="MARKETING",
        seen_at=now,
        status_changed_at=now,
        **fields,
    )
    return TemplateVersion.objects.create(
        translation=translation,
        number=1,
        components=BODY if components is None else components,
        slots=[],
        content_hash=f"{serial:064}",
        created_at=now,
    )


def make_people(workspace: Workspace, how_many: int, **fields: Any) -> list[Profile]:
    """Profiles who agreed to marketing, each with a number of their own; one statement."""
    now, first = clock.now(), next(_numbers) * 100_000
    fields.setdefault("marketing_consent", "granted")
    return Profile.objects.bulk_create(
        Profile(
            workspace=workspace,
            phone=f"+8210{first + i:010}",
            name=f"Person {i}",
            country="KR",
            created_at=now,
            updated_at=now,
            **fields,
        )
        for i in range(how_many)
    )


def new_message(profile: Profile, number: PhoneNumber, version: TemplateVersion, **fields: Any) -> NewMessage:
    defaults: dict[str, Any] = {
        "workspace_id": profile.workspace_id,
        "source_kind": "campaign_run",
        "source_id": 1,
        "dedupe_key": f"profile:{profile.pk}",
        "profile_id": profile.pk,
        "recipient": profile.phone or "",
        "phone_number_id": number.pk,
        "template_version_id": version.pk,
        "purpose": "marketing",
        "params": {"body.1": profile.name},
        "due_at": clock.now() - timedelta(seconds=1),
    }
    return NewMessage(**(defaults | fields))


def make_messages(number: PhoneNumber, how_many: int, **fields: Any) -> list[Message]:
    """Ready rows of one send for as many people."""
    version = fields.pop("version", None) or make_version(number)
    people = make_people(number.workspace, how_many)
    rows = [new_message(profile, number, version, **fields) for profile in people]
    add_messages(rows)
    return list(
        Message.objects.filter(
            source_kind=rows[0].source_kind, source_id=rows[0].source_id, profile__in=people
        ).order_by("pk")
    )


class FakeMeta(httpx.AsyncBaseTransport):
    """A transport that takes messages as Meta does and remembers every one; `script(body)` may refuse or break."""

    def __init__(self, script: Callable[[dict[str, Any]], httpx.Response | Exception | None] | None = None) -> None:
        self.script = script or (lambda body: None)
        self.accepted: list[tuple[str, str, str]] = []  # recipient, wamid, callback data
        self.calls = 0

    def accept(self, body: dict[str, Any]) -> str:
        wamid = f"wamid.{next(_numbers):020}"
        self.accepted.append((addressee(body), wamid, body["biz_opaque_callback_data"]))
        return wamid

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        body = json.loads(request.content)
        answer = self.script(body)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return answer
        return httpx.Response(200, json=accepted_body(addressee(body), self.accept(body)))

    @property
    def twice(self) -> set[str]:
        """Recipients who got more than one."""
        people = [recipient for recipient, _wamid, _data in self.accepted]
        return {one for one in people if people.count(one) > 1}

    def statuses(self, *words: str) -> list[dict[str, Any]]:
        """The status items Meta would report for everything accepted."""
        return [
            status_item(wamid, word, callback_data=data)
            for _to, wamid, data in self.accepted
            for word in words or ("sent",)
        ]


def addressee(body: dict[str, Any]) -> str:
    """The number or the business-scoped user id that a message is for; `to` wins, as at Meta."""
    return str(body.get("to") or body["recipient"])


def accepted_body(to: str, wamid: str) -> dict[str, Any]:
    known = {"user_id": to} if to[:1].isalpha() else {"wa_id": to.lstrip("+")}
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": to, **known}],
        "messages": [{"id": wamid, "message_status": "accepted"}],
    }


def refusal(code: int, details: str = "refused", status: int = 400) -> httpx.Response:
    """Meta's error envelope."""
    error = {
        "message": f"(#{code}) refused",
        "type": "OAuthException",
        "code": code,
        "error_data": {"details": details},
    }
    return httpx.Response(status, json={"error": error})


def status_item(
    wamid: str, word: str, *, callback_data: str = "", at: int = 1795430401, code: int | None = None
) -> dict[str, Any]:
    item: dict[str, Any] = {"id": wamid, "status": word, "timestamp": str(at), "recipient_id": "15550002222"}
    if callback_data:
        item["biz_opaque_callback_data"] = callback_data
    if word == "failed":
        item["errors"] = [
            {"code": code or 131026, "title": "Undeliverable", "error_data": {"details": "not delivered"}}
        ]
    return item
