"""The page of one message: its reason in plain words, its number masked for who may not see it, 404 for strangers."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.delivery.models import Message
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.delivery import make_messages, make_number
from tests.factories.workspaces import make_member, make_workspace

pytestmark = pytest.mark.django_db


def address(message: Message) -> str:
    return reverse("delivery:message", kwargs={"workspace_slug": message.workspace.slug, "pk": message.pk})


@pytest.mark.parametrize("status", ["ready", "unknown", "excluded", "failed", "read"])
def test_every_status_has_its_page(workspace: Workspace, owner_client: Client, status: str) -> None:
    [message] = make_messages(make_number(workspace), 1)
    Message.objects.filter(pk=message.pk).update(
        status=status, exclusion_reason="suppressed" if status == "excluded" else "", error_code=131026
    )
    response = owner_client.get(address(message))
    assert response.status_code == 200
    assert message.recipient in response.content.decode()


def test_a_viewer_sees_the_last_digits_only(workspace: Workspace, client_of: Callable[[User], Client]) -> None:
    [message] = make_messages(make_number(workspace), 1)
    page = client_of(make_member(workspace, Role.VIEWER)).get(address(message)).content.decode()
    assert message.recipient not in page and message.recipient[-4:] in page


def test_a_viewer_finds_the_number_neither_in_the_text_nor_in_metas_words(
    workspace: Workspace, client_of: Callable[[User], Client]
) -> None:
    [message] = make_messages(make_number(workspace), 1)
    spaced = f"Call {message.recipient[:4]} {message.recipient[4:]}"
    Message.objects.filter(pk=message.pk).update(
        params={"body.1": spaced}, status="failed", error_code=131026, error_detail=f"No {message.recipient[1:]} here"
    )
    page = client_of(make_member(workspace, Role.VIEWER)).get(address(message)).content.decode()
    assert message.recipient[1:] not in page and message.recipient[4:] not in page
    assert spaced in client_of(make_member(workspace, Role.MARKETER)).get(address(message)).content.decode()


def test_strangers_and_unknown_ids_get_404(workspace: Workspace, owner_client: Client) -> None:
    other = make_workspace()
    [message] = make_messages(make_number(other), 1)
    assert owner_client.get(address(message)).status_code == 404
    own = reverse("delivery:message", kwargs={"workspace_slug": workspace.slug, "pk": message.pk})
    assert owner_client.get(own).status_code == 404
