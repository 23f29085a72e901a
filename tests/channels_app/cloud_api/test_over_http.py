"""Client and simulator share no code: what they say to each other over HTTP must fit all the same."""

import asyncio
from typing import Any

import pytest
import yaml

from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError, Outcome
from channels_app.cloud_api.sender import SendClient, SendResult
from tests.support.reference import OPENAPI
from tests.support.simulator import Simulator

SPEC = OPENAPI
CALLS = [
    ("get", "phone_numbers"),
    ("get", "message_templates"),
    ("get", "subscribed_apps"),
    ("post", "subscribed_apps"),
    ("delete", "subscribed_apps"),
    ("post", "messages"),
    ("post", "media"),
]


def send(graph: Simulator, payload: dict[str, Any], **fields: str) -> SendResult:
    values = {
        "phone_number_id": graph.world.phone_number_id,
        "access_token": graph.world.token,
        "app_secret": graph.world.app_secret,
        **fields,
    }

    async def run() -> SendResult:
        async with SendClient() as client:
            return await client.send_message(payload=payload, **values)

    return asyncio.run(run())


def template(name: str, language: str) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "to": "+447700900777",
        "type": "template",
        "template": {"name": name, "language": {"code": language}},
    }


def test_templates_are_listed_and_one_is_sent(graph: Simulator) -> None:
    with ManagementClient(graph.world.token, graph.world.app_secret) as client:
        templates = list(client.templates(graph.world.waba_id))
    plain = next(
        row
        for row in templates
        if row["status"] == "APPROVED"
        and "{{" not in str(row["components"])
        and "MEDIA" not in str(row)
        and not any(part.get("format", "TEXT") != "TEXT" for part in row["components"])
    )
    result = send(graph, template(plain["name"], plain["language"]))
    assert result.wamid.startswith("wamid.")
    assert result.message_status == "accepted"


@pytest.mark.parametrize(
    ("fields", "outcome", "code"),
    [
        ({"access_token": "EAAnobody"}, Outcome.STOP_CREDENTIALS, 190),
        ({"phone_number_id": "320100000000004"}, Outcome.PAUSE_NUMBER, 133010),
        ({"app_secret": "wrong"}, None, 100),
        ({}, Outcome.PAUSE_TEMPLATE, 132001),
    ],
)
def test_refusals_have_meta_codes(graph: Simulator, fields: dict[str, str], outcome: Outcome | None, code: int) -> None:
    with pytest.raises(CloudApiError) as caught:
        send(graph, template("renamed_away", "en_US"), **fields)
    assert caught.value.code == code
    assert outcome is None or caught.value.outcome == outcome


@pytest.mark.skipif(not SPEC.exists(), reason="Meta's OpenAPI file is not on this machine")
def test_every_call_is_in_metas_openapi_file() -> None:
    keys = [line.rstrip(":").strip("'\" ") for line in SPEC.read_text().splitlines() if line.startswith("  /")]
    text = SPEC.read_text()
    for method, edge in CALLS:
        paths = [key for key in keys if key.rstrip("'\"").endswith(f"/{edge}")]
        assert paths, edge
        blocks = [yaml.load(_block(text, key), yaml.CSafeLoader) for key in paths]
        assert any(method in block for block in blocks if block), (method, edge)


def _block(text: str, key: str) -> str:
    """The YAML below one path, without parsing thirty thousand lines."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip("'\": ") == key.strip("'\": "))
    body = []
    for line in lines[start + 1 :]:
        if line.strip() and not line.startswith("    "):
            break
        body.append(line)
    return "\n".join(body)
