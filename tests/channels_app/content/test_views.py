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


def test_only_test_profiles_of_this_workspace_are_shown(workspace: Workspace, owner_client: Client) -> None:
    url = preview_url(workspace, make_content(workspace).pk)
    make_test_profile(workspace, phone="+447700900009")
    customer = make_test_profile(workspace, name="Cleo Customer", is_test=False)
    stranger = make_test_profile(make_workspace(), name="Sam Stranger")
    for wanted in (customer.pk, stranger.pk, "x", 10**30):
        text = owner_client.get(f"{url}?as={wanted}").content.decode()
        assert '<mark class="wm-var">Ada</mark>' in text and "Cleo" not in text and "Sam" not in text


def test_previous_and_next_go_round_the_test_profiles(workspace: Workspace, owner_client: Client) -> None:
    ada, ben = make_test_profile(workspace), make_test_profile(workspace, name="Ben", phone="+447700900002")
    url = preview_url(workspace, make_content(workspace).pk)
    text = owner_client.get(f"{url}?as={ben.pk}").content.decode()
    assert '<mark class="wm-var">Ben</mark>' in text and "Test profile 2 of 2" in text
    assert text.count(f"?as={ada.pk}") >= 2


def test_what_is_typed_is_shown_and_not_saved(workspace: Workspace, owner_client: Client) -> None:
    content = make_content(workspace)
    typed = {"version": content.version_id, "expression:body.first_name": "Typed {{ profile.first_na"}
    broken = owner_client.post(preview_url(workspace, content.pk), typed)
    assert broken.status_code == 200
    typed["expression:body.first_name"] = "Typed"
    text = owner_client.post(preview_url(workspace, content.pk), typed).content.decode()
    assert '<mark class="wm-var">Typed</mark>' in text
    before = content.bindings
    content.refresh_from_db()
    assert content.bindings == before


def test_without_a_test_profile_it_says_what_to_do(workspace: Workspace, owner_client: Client) -> None:
    text = owner_client.get(preview_url(workspace, make_content(workspace).pk)).content.decode()
    assert "mark it as test profile" in text


def test_the_picker_gives_its_choice_back_to_the_composer_without_a_script(
    workspace: Workspace, owner_client: Client
) -> None:
    version = make_version(workspace)
    url = reverse("content:picker", args=[workspace.slug])
    back = f"/w/{workspace.slug}/campaigns/1/edit"
    assert f'href="{back}?pick_version={version.pk}"' in owner_client.get(url, {"next": back}).content.decode()
    for hostile in ("https://evil.example/", "//evil.example/", f"/w/{workspace.slug}/a?b"):
        assert "pick_version" not in owner_client.get(url, {"next": hostile}).content.decode()


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
