"""The command palette: what it finds, and what it keeps back."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from campaigns import actions as campaigns
from console.audiences.models import Audience, Profile
from console.home import search
from console.home.search import Group
from console.workspaces.actors import Actor
from console.workspaces.models import Membership, User, Workspace
from console.workspaces.roles import Role
from tests.factories.campaigns import make_campaign, prepare_all, send_all
from tests.factories.delivery import FakeMeta, make_people
from tests.factories.workspaces import make_member, make_workspace

HEADERS = {"HX-Request": "true", "HX-Target": "results"}


@pytest.fixture(autouse=True)
def _every_hit_has_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search is about finding; where the pages are is asked by tests/shape."""
    monkeypatch.setattr(search, "link", lambda name, slug, **kwargs: f"/w/{slug}/{name}/{kwargs.get('pk')}")


def make_profile(workspace: Workspace, **fields: object) -> Profile:
    now = timezone.now()
    return Profile.objects.create(workspace=workspace, created_at=now, updated_at=now, **fields)


@pytest.fixture
def ada(workspace: Workspace) -> Profile:
    return make_profile(workspace, name="Ada Lovelace", phone="+447700900341", external_id="CRM-77")


def find(workspace: Workspace, words: str, role: str = Role.OWNER) -> list[Group]:
    person = make_member(workspace, role)
    return search.search(Membership.objects.select_related("workspace").get(user=person), words)


@pytest.mark.parametrize("words", ["ada", "Ada L", "lovelace", "CRM-77", "crm-7", "0341", "+44 7700 900", "900341"])
def test_a_profile_is_found_by_name_id_and_phone(workspace: Workspace, ada: Profile, words: str) -> None:
    (group,) = find(workspace, words)
    assert [hit.label for hit in group.hits] == ["Ada Lovelace"]
    assert group.hits[0].text == "+447700900341"


def test_who_may_not_see_numbers_sees_four_digits_and_finds_by_four(workspace: Workspace, ada: Profile) -> None:
    (group,) = find(workspace, "0341", Role.VIEWER)
    assert group.hits[0].text == "+44 •••• 0341"
    for words in ("+447700", "900341", "00341", "341"):
        assert find(workspace, words, Role.VIEWER) == []


def test_a_profile_known_by_its_number_only_stays_masked(workspace: Workspace) -> None:
    make_profile(workspace, phone="+447700900555")
    (group,) = find(workspace, "0555", Role.APPROVER)
    assert "7700" not in str(group.hits[0])


def test_other_workspaces_and_archived_audiences_are_not_found(workspace: Workspace) -> None:
    make_profile(make_workspace(), name="Ada Elsewhere", phone="+447700900342")
    now = timezone.now()
    Audience.objects.create(
        workspace=workspace, name="Ada fans", kind="list", archived_at=now, created_at=now, updated_at=now
    )
    assert find(workspace, "ada") == []


def test_a_campaign_that_has_ended_is_not_said_to_be_sending(workspace: Workspace) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 2), name="Spring roast")
    run = campaigns.activate(actor=Actor.system("test"), campaign=campaign)
    assert [str(hit.text) for hit in find(workspace, "spring")[0].hits] == ["Sending"]
    prepare_all(run)
    send_all(run, FakeMeta())
    assert [str(hit.text) for hit in find(workspace, "spring")[0].hits] == ["Completed"]


def test_at_most_six_of_a_kind_in_few_queries(
    workspace: Workspace, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(9):
        make_profile(workspace, name=f"Twin {number}", external_id=f"t{number}")
    with django_assert_max_num_queries(10):
        (group,) = find(workspace, "twin")
    assert len(group.hits) == 6


def test_the_palette_gets_links_alone_and_the_page_works_without_it(
    owner_client: Client, workspace: Workspace, ada: Profile
) -> None:
    url = f"/w/{workspace.slug}/search?q=ada"
    part = owner_client.get(url, headers=HEADERS).content.decode()
    assert part.startswith("<h3>")
    assert "<html" not in part
    assert "Ada Lovelace" in owner_client.get(url).content.decode()


def test_one_letter_and_hostile_words_find_nothing(owner_client: Client, workspace: Workspace, ada: Profile) -> None:
    for words in ("a", "%%", "__", "'; drop--", "\x00\x00"):
        response = owner_client.get(f"/w/{workspace.slug}/search", {"q": words}, headers=HEADERS)
        assert response.status_code == 200
        assert "Ada" not in response.content.decode()


def test_strangers_find_no_search(workspace: Workspace, client_of: Callable[[User], Client]) -> None:
    client = client_of(make_member(make_workspace()))
    assert client.get(f"/w/{workspace.slug}/search?q=ada").status_code == 404
