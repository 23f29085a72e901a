"""The preview and the picker as every role, with other workspaces' ids and without JavaScript."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from console.audiences.models import Profile
from console.kit import clock
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.content import make_content
from tests.factories.message_templates import make_version
from tests.factories.workspaces import make_member, make_workspace

pytestmark = pytest.mark.django_db


def make_test_profile(workspace: Workspace, **fields: object) -> Profile:
    fields = {"name": "Ada Lovell", "phone": "+447700900001", "is_test": True, **fields}
    return Profile.objects.create(workspace=workspace, created_at=clock.now(), updated_at=clock.now(), **fields)


def preview_url(workspace: Workspace, pk: int) -> str:
    return reverse("content:preview", args=[workspace.slug, pk])


@pytest.mark.parametrize("role", list(Role))
def test_everyone_sees_the_message_as_a_test_profile(
    workspace: Workspace, client_of: Callable[[User], Client], role: str
) -> None:
    make_test_profile(workspace, attributes={"order_no": "A-41"})
    client = client_of(make_member(workspace, role))
    answer = client.get(preview_url(workspace, make_content(workspace).pk))
    assert answer.status_code == 200
    assert '<mark class="wm-var">Ada</mark>' in answer.content.decode()
    assert '<mark class="wm-var">A-41</mark>' in answer.content.decode()


def test_the_part_alone_for_htmx_in_another_language_and_dark(workspace: Workspace, owner_client: Client) -> None:
    version = make_version(workspace)
    make_version(
        workspace,
        template=version.translation.template,
        language="ko",
        components=[{"type": "BODY", "text": "{{first_name}}님, 주문 {{order_no}}"}],
    )
    url = preview_url(workspace, make_content(workspace, version=version).pk)
    answer = owner_client.get(
        f"{url}?language=ko&theme=dark", headers={"HX-Request": "true", "HX-Target": "content-preview"}
    )
    text = answer.content.decode()
    assert "님, 주문" in text and "<html" not in text
    assert "there" in text


def test_only_test_profiles_of_this_workspace_may_be_looked_at(workspace: Workspace, owner_client: Client) -> None:
    url = preview_url(workspace, make_content(workspace).pk)
    customer = make_test_profile(workspace, is_test=False)
    stranger = make_test_profile(make_workspace())
    for wanted in (customer.pk, stranger.pk, "x", 10**30):
        assert owner_client.get(f"{url}?profile={wanted}").status_code == 404


def test_strangers_and_other_workspaces_get_404(workspace: Workspace, client_of: Callable[[User], Client]) -> None:
    other = make_workspace()
    client = client_of(make_member(other))
    content = make_content(workspace)
    assert client.get(preview_url(workspace, content.pk)).status_code == 404
    assert client.get(preview_url(other, content.pk)).status_code == 404
    assert Client().get(preview_url(workspace, content.pk)).status_code == 302


def test_a_content_without_a_template_says_so(workspace: Workspace, owner_client: Client) -> None:
    content = make_content(workspace)
    content.version = None
    content.save()
    assert "Choose a template" in owner_client.get(preview_url(workspace, content.pk)).content.decode()


def test_the_picker_narrows_by_name_category_and_language(workspace: Workspace, owner_client: Client) -> None:
    version = make_version(workspace, language="ko")
    make_version(workspace, language="en_US")
    make_version(workspace, status="PAUSED", language="de")
    url = reverse("content:picker", args=[workspace.slug])
    name = version.translation.template.name
    text = owner_client.get(
        url, {"language": "ko", "q": name, "category": "MARKETING", "form": "composer"}
    ).content.decode()
    assert f'name="pick_version" value="{version.pk}" form="composer"' in text
    assert text.count('name="pick_version"') == 1
    assert owner_client.get(url, {"q": "nothing like it"}).content.decode().count("No approved template matches") == 1
    assert owner_client.get(url, {"language": "xx", "category": "x"}).status_code == 200
