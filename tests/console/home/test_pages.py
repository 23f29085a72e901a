"""The way in, Get started, health, navigation by role."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.actions import activate, create_campaign
from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from console.audiences.models import Profile
from console.home import health
from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.campaigns import make_campaign, prepare_all, send_all
from tests.factories.delivery import FakeMeta, make_people
from tests.factories.workspaces import make_member, make_user, make_workspace


def connect(workspace: Workspace, **number: object) -> PhoneNumber:
    now = timezone.now()
    credentials = ApiCredentials.objects.create(
        workspace=workspace, name="Main", app_id="1", status="valid", webhook_heard_at=now, webhook_verified_at=now,
        subscription={"callback_url": "https://a.example/", "ours": "https://a.example/", "is_active": True},
        created_at=now,
    )  # fmt: skip
    account = WhatsAppAccount.objects.create(
        workspace=workspace, credentials=credentials, waba_id=f"9{workspace.pk}", name="Lumen EU",
        review_status="APPROVED", portfolio_id="410", is_subscribed=True, created_at=now,
    )  # fmt: skip
    fields = {"status": "CONNECTED", "quality_rating": "GREEN", "messaging_limit": "TIER_100K", **number}
    return PhoneNumber.objects.create(
        workspace=workspace,
        account=account,
        phone_number_id=f"8{workspace.pk}",
        display_number="+44 7700 900118",
        verified_name="Lumen Coffee",
        created_at=now,
        **fields,
    )


def test_several_workspaces_are_offered_and_the_last_one_is_remembered(
    workspace: Workspace, client_of: Callable[[User], Client]
) -> None:
    person = make_member(workspace)
    other = make_workspace(name="Second")
    other.memberships.create(user=person, role=Role.VIEWER)
    client = client_of(person)
    page = client.get("/").content.decode()
    assert f"/w/{other.slug}/" in page
    assert f"/w/{workspace.slug}/" in page
    client.get(f"/w/{other.slug}/")
    assert client.get("/")["Location"] == f"/w/{other.slug}/"


@pytest.mark.django_db
def test_without_a_workspace_the_page_says_so_and_staff_go_to_their_pages(client_of: Callable[[User], Client]) -> None:
    assert "no workspace has added you" in client_of(make_user()).get("/").content.decode()
    assert client_of(make_user(is_staff=True)).get("/")["Location"] == "/staff/"


def test_signed_out_leads_to_sign_in_and_a_stranger_finds_nothing(
    client: Client, workspace: Workspace, client_of: Callable[[User], Client]
) -> None:
    url = f"/w/{workspace.slug}/"
    assert client.get(url)["Location"].startswith("/accounts/login/")
    assert client_of(make_member(make_workspace())).get(url).status_code == 404


def test_get_started_reads_its_lines_from_rows(owner_client: Client, workspace: Workspace) -> None:
    url = f"/w/{workspace.slug}/"
    assert "0 of 6 ready" in owner_client.get(url).content.decode()
    connect(workspace)
    now = timezone.now()
    Profile.objects.create(
        workspace=workspace, phone="+447700900341", marketing_consent="granted", created_at=now, updated_at=now
    )
    page = owner_client.get(url).content.decode()
    assert "5 of 6 ready" in page
    assert "7 of 10</em>" in page
    assert "+44 7700 900118" in page
    assert "1 person agreed to marketing messages" in page


def test_check_again_gives_the_part_alone(owner_client: Client, workspace: Workspace) -> None:
    part = owner_client.get(f"/w/{workspace.slug}/", headers={"HX-Request": "true", "HX-Target": "checklist"})
    assert part.content.decode().lstrip().startswith('<div class="wm-stack" id="checklist"')


@pytest.mark.parametrize(
    "fields,words",
    [
        ({}, ("High", "Up to 100,000 people a day")),
        ({"quality_rating": "RED"}, ("Low",)),
        ({"status": "BANNED"}, ("Sending is locked", "Banned by Meta")),
    ],
)
def test_the_sender_shows_its_health(
    owner_client: Client, workspace: Workspace, fields: dict[str, str], words: tuple[str, ...]
) -> None:
    connect(workspace, **fields)
    page = owner_client.get(f"/w/{workspace.slug}/").content.decode()
    for word in words:
        assert word in page


@pytest.mark.parametrize("role,sees", [(Role.OWNER, True), (Role.APPROVER, False), (Role.VIEWER, False)])
def test_the_navigation_shows_only_what_a_role_may_open(
    workspace: Workspace, client_of: Callable[[User], Client], role: str, sees: bool
) -> None:
    page = client_of(make_member(workspace, role)).get(f"/w/{workspace.slug}/").content.decode()
    assert (f"/w/{workspace.slug}/settings/members/" in page) is sees
    assert (f"/w/{workspace.slug}/settings/audit/" in page) is (role != Role.VIEWER)


@pytest.mark.django_db
def test_health_says_what_is_down(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "database": "ok", "broker": "ok"}

    def down() -> None:
        raise ConnectionError

    monkeypatch.setattr(health, "_ask_broker", down)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["broker"]) == (503, "down")
    assert connection.is_usable()


def test_get_started_says_what_became_of_the_campaign(workspace: Workspace, owner_client: Client) -> None:
    run = activate(actor=Actor.system("test"), campaign=make_campaign(workspace, make_people(workspace, 2)))
    prepare_all(run)
    url = reverse("home:get_started", args=[workspace.slug])
    assert "Sending" in owner_client.get(url).content.decode()
    send_all(run, FakeMeta())
    page = owner_client.get(url).content.decode()
    assert "Completed" in page and "Sending" not in page


def test_a_new_draft_does_not_hide_that_a_campaign_was_sent(
    workspace: Workspace, actor: Actor, owner_client: Client
) -> None:
    activate(actor=actor, campaign=make_campaign(workspace, make_people(workspace, 1)))
    create_campaign(actor=actor, workspace=workspace, name="Newer draft")
    page = owner_client.get(f"/w/{workspace.slug}/").content.decode()
    assert "Spring roast" in page and "Newer draft" not in page
