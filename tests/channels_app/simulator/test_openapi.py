"""The answers hold against Meta's own OpenAPI file, where that file is present."""

from typing import Any

import pytest
import yaml

from channels_app.simulator import world
from tests.support.reference import OPENAPI

from .harness import Lab, run

FILE = OPENAPI


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    if not FILE.exists():
        pytest.skip("Meta's OpenAPI file is not on this machine")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    return loaded


def answer_of(spec: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    content = spec["paths"][path][method]["responses"]["200"]["content"]["application/json"]
    return resolve(spec, content["schema"])


def resolve(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = spec["components"]["schemas"][name]
    return schema


def test_a_sent_message_has_the_keys_of_the_file(spec: dict[str, Any]) -> None:
    schema = answer_of(spec, "/{Version}/{Phone-Number-ID}/messages", "post")

    async def check(lab: Lab) -> None:
        _, body = await lab.send()
        assert set(body) <= set(schema["properties"])

    run(check)


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/{Version}/{WABA-ID}/phone_numbers", f"/v26.0/{world.WABA_ID}/phone_numbers"),
        ("/{Version}/{WABA-ID}/message_templates", f"/v26.0/{world.WABA_ID}/message_templates"),
        ("/{Version}/{WABA-ID}/subscribed_apps", f"/v26.0/{world.WABA_ID}/subscribed_apps"),
    ],
)
def test_lists_have_the_keys_of_the_file(spec: dict[str, Any], path: str, url: str) -> None:
    schema = answer_of(spec, path, "get")

    async def check(lab: Lab) -> None:
        await lab.subscribe()
        _, body = await lab.get(url)
        assert set(body) <= set(schema["properties"]) | {"paging"}
        item = resolve(spec, resolve(spec, schema["properties"]["data"]).get("items", {}))
        # Fields that came after the file was written (v24 to v26, see the reference).
        # `whatsapp_business_api_data`: the file's examples have it, its schema forgot it.
        newer = {"whatsapp_business_api_data", "parameter_format", "webhook_configuration", "throughput", "platform_type",
                 "override_callback_uri"}  # fmt: skip
        if item.get("properties"):
            assert not {key for row in body["data"] for key in row} - set(item["properties"]) - newer

    run(check)
