"""Every approved sample template goes through: synced over HTTP, rendered, built, and taken by the simulator as Meta would."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from channels_app.content.binding import compile_content
from channels_app.content.context import profile_context
from channels_app.content.payload import template_payload
from channels_app.message_templates import actions, queries, slots
from channels_app.message_templates.slots import MEDIA_KINDS
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.message_templates import make_account
from tests.support.simulator import Simulator

pytestmark = pytest.mark.django_db


def test_all_approved_samples_are_accepted(workspace: Workspace, graph: Simulator) -> None:
    world = graph.world
    account = make_account(workspace, waba_id=world.waba_id)
    account.credentials.access_token, account.credentials.app_secret = world.token, world.app_secret
    found = actions.sync_account(actor=Actor.system("test"), account=account)
    assert found is not None and found.new > 20
    versions = list(queries.sendable_versions(workspace))
    for number, version in enumerate(versions):
        known = slots.load(version.slots)
        bindings = {slot.key: {"expression": value_for(slot)} for slot in known if slot.required and not slot.same_as}
        rendered = compile_content(known, bindings).render(profile_context({"name": "Ada Lovell"}))
        assert rendered.is_complete, (version.translation, rendered.errors)
        payload = template_payload(
            recipient=f"+44770091{number:02d}50",
            template_name=version.translation.template.name,
            language=version.translation.language,
            slots=known,
            params=rendered.params,
        )
        status, answer = post(graph, payload)
        assert status == 200, (payload, answer)


def value_for(slot: slots.Slot) -> str:
    if slot.kind in MEDIA_KINDS:
        return "https://cdn.lumen.example/file"
    return {"location": "51.5", "code": "482913"}.get(slot.kind, "*{{ profile.first_name }}*\tin\n  town")


def post(graph: Simulator, payload: dict[str, object]) -> tuple[int, object]:
    request = Request(  # noqa: S310 (the simulator's loopback address)
        f"{graph.base_url}/v26.0/{graph.world.phone_number_id}/messages",
        data=json.dumps(payload).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {graph.world.token}"},
    )
    try:
        with urlopen(request, timeout=10) as response:  # noqa: S310 (the simulator's loopback address)
            return response.status, json.load(response)
    except HTTPError as error:
        return error.code, json.load(error)
