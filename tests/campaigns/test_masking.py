"""No page of a campaign tells a number to who may not see numbers: not in lists, files, searches or previews."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import actions
from campaigns.models import Campaign
from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.audiences import make_profile
from tests.factories.campaigns import make_campaign, prepare_all
from tests.factories.workspaces import make_member

pytestmark = pytest.mark.django_db
PHONE = "+821012345678"
TELLING = {"expression": "{{ profile.phone }} {{ profile.mobile }}", "fallback": "-"}


def at(name: str, campaign: Campaign) -> str:
    return reverse(f"campaigns:{name}", args=[campaign.workspace.slug, campaign.pk])


@pytest.fixture
def campaign(workspace: Workspace) -> Campaign:
    person = make_profile(
        workspace, phone=PHONE, is_test=True, marketing_consent="granted", attributes={"mobile": "010-1234-5678"}
    )
    return make_campaign(workspace, [person], bindings={"body.1": TELLING})


@pytest.fixture
def viewer(workspace: Workspace, client_of: Callable[[User], Client]) -> Client:
    return client_of(make_member(workspace, Role.VIEWER))


def body(client: Client, url: str, **query: str) -> str:
    response = client.get(url, query)
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[arg-type]
    return content.decode()


def tells(text: str) -> bool:
    return "12345678" in text.replace("-", "").replace(" ", "")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_previews_show_the_masked_number(campaign: Campaign, client_of: Callable[[User], Client], role: str) -> None:
    client = client_of(make_member(campaign.workspace, role))
    content = reverse("content:preview", args=[campaign.workspace.slug, campaign.content_id])
    for url in (at("review", campaign), content):
        text = client.get(url, headers={"HX-Request": "true", "HX-Target": "content-preview"}, follow=True)
        assert "5678" in text.content.decode() and not tells(text.content.decode()), url


def test_people_and_their_file_show_the_masked_number(campaign: Campaign, actor: Actor, viewer: Client) -> None:
    prepare_all(actions.activate(actor=actor, campaign=campaign))
    assert "5678" in body(viewer, at("live", campaign))
    assert not tells(body(viewer, at("live", campaign)))
    assert not tells(body(viewer, at("live", campaign), format="csv"))
    assert not tells(body(viewer, at("proof", campaign), format="json"))


def test_a_search_does_not_give_the_number_away_digit_by_digit(
    campaign: Campaign, actor: Actor, viewer: Client, owner_client: Client
) -> None:
    prepare_all(actions.activate(actor=actor, campaign=campaign))
    assert "•••• 5678" in body(viewer, at("live", campaign), q="5678")
    assert "•••• 5678" not in body(viewer, at("live", campaign), q="45678")
    assert PHONE in body(owner_client, at("live", campaign), q="45678")
