"""The pages of people who may be one: what each role sees and may do."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from console.audiences import actions
from console.audiences.models import PossibleDuplicate, Profile, ProfileMerge
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.audiences import make_profile
from tests.factories.workspaces import make_member, make_workspace


@pytest.fixture
def base(workspace: Workspace) -> str:
    return f"/w/{workspace.slug}/profiles"


@pytest.fixture
def pair(workspace: Workspace) -> tuple[Profile, Profile]:
    older = make_profile(workspace, name="Ada", phone="+821012340341", created_at=clock.now() - timedelta(days=3))
    return older, make_profile(workspace, name="Ada", phone=None, bsuid="KR.77", username="ada_demo")


def test_two_profiles_are_merged_and_parted_by_hand(
    owner_client: Client, base: str, pair: tuple[Profile, Profile]
) -> None:
    older, newer = pair
    found = owner_client.get(f"{base}/{newer.pk}/merge/").content.decode()
    assert f"{base}/{newer.pk}/merge/{older.pk}/" in found
    page = owner_client.get(f"{base}/{newer.pk}/merge/{older.pk}/").content.decode()
    assert "KR.77" in page
    assert page.index(f'value="{older.pk}"') < page.index(f'value="{newer.pk}"')
    answer = owner_client.post(f"{base}/{newer.pk}/merge/{older.pk}/", {"keep": older.pk, "do": "merge"})
    assert answer["Location"] == f"{base}/{older.pk}/"
    shown = owner_client.get(f"{base}/{older.pk}/").content.decode()
    assert "Undo merge" in shown
    assert "@ada_demo" in shown
    merge = ProfileMerge.objects.get()
    answer = owner_client.post(f"{base}/merges/{merge.pk}/undo/")
    assert answer["Location"] == f"{base}/{newer.pk}/"
    assert Profile.objects.get(pk=newer.pk).bsuid == "KR.77"
    again = owner_client.post(f"{base}/merges/{merge.pk}/undo/")
    assert "undone already" in again.content.decode()


def test_a_pair_is_kept_apart(owner_client: Client, base: str, pair: tuple[Profile, Profile]) -> None:
    older, newer = pair
    answer = owner_client.post(f"{base}/{older.pk}/merge/{newer.pk}/", {"keep": older.pk, "do": "apart"})
    assert answer["Location"] == f"{base}/duplicates/"
    assert PossibleDuplicate.objects.get().apart_at is not None
    assert "Ada" not in owner_client.get(f"{base}/duplicates/", {"q": ""}).content.decode().split("<main")[1]
    assert "Ada" in owner_client.get(f"{base}/duplicates/", {"state": "apart"}).content.decode()
    assert "kept apart" in owner_client.get(f"{base}/{older.pk}/merge/{newer.pk}/").content.decode()


@pytest.mark.parametrize("posted", [{}, {"keep": "x", "do": "merge"}, {"keep": "999999"}, {"do": "drop"}])
def test_a_post_that_makes_no_sense_changes_nothing(
    owner_client: Client, base: str, pair: tuple[Profile, Profile], posted: dict[str, str]
) -> None:
    older, newer = pair
    assert owner_client.post(f"{base}/{older.pk}/merge/{newer.pk}/", posted).status_code == 422
    assert Profile.objects.count() == 2


def test_another_workspaces_profile_is_not_found(
    owner_client: Client, base: str, pair: tuple[Profile, Profile]
) -> None:
    stranger = make_profile(make_workspace(), name="Ada")
    assert owner_client.get(f"{base}/{pair[0].pk}/merge/{stranger.pk}/").status_code == 404
    assert owner_client.get(f"{base}/{pair[0].pk}/merge/{pair[0].pk}/").status_code == 404
    assert str(stranger.pk) not in owner_client.get(f"{base}/{pair[0].pk}/merge/", {"q": "ada"}).context["people"]


def test_former_numbers_are_masked_like_the_present_one(
    client_of: Callable[[User], Client], owner_client: Client, workspace: Workspace, base: str, actor: Actor
) -> None:
    ada = make_profile(workspace, phone="+821012340341", wa_id="8210112340341")
    second = make_profile(workspace, phone="+821055556666", external_id="K-821055556666")
    actions.merge_profiles(actor=actor, workspace=workspace, kept=ada, absorbed=second)
    ada.refresh_from_db()
    values = {"phone": "+821099998888", "external_id": ""}
    actions.save_profile(actor=actor, workspace=workspace, profile=ada, values=values)
    viewer = client_of(make_member(workspace, Role.VIEWER))
    for secret in ("1012340341", "1055556666", "1099998888"):
        assert secret in owner_client.get(f"{base}/{ada.pk}/").content.decode(), secret
        assert secret not in viewer.get(f"{base}/{ada.pk}/").content.decode(), secret
    assert "Undo merge" not in viewer.get(f"{base}/{ada.pk}/").content.decode()
    assert viewer.get(f"{base}/{ada.pk}/merge/").status_code == 403


def test_search_finds_by_username_and_user_id(owner_client: Client, base: str, pair: tuple[Profile, Profile]) -> None:
    for words in ("ada_demo", "@ada_demo", "KR.77"):
        assert f"{base}/{pair[1].pk}/" in owner_client.get(f"{base}/", {"q": words}).content.decode(), words
