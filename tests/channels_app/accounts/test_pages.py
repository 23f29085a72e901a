"""The Configure pages: forms, states, strangers, and that no page ever shows a secret."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber
from channels_app.cloud_api.client import ManagementClient
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.accounts import (
    APP_ID,
    SECRET,
    fake_meta,
    make_account,
    make_channel,
    make_credentials,
    make_phone_number,
    meta_token,
)
from tests.factories.workspaces import make_member, make_workspace

TOKEN = "EAAneverseenonanypage0123456789"
WABA = "210000000000002"
NUMBER = {
    "id": "320000000000003",
    "display_phone_number": "+1 555-000-1111",
    "verified_name": "Demo Bakery",
    "status": "CONNECTED",
    "name_status": "APPROVED",
    "quality_rating": "GREEN",
    "throughput": {"level": "STANDARD"},
}


@pytest.fixture(autouse=True)
def meta(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Meta in memory; a test changes the table."""
    answers: dict[str, Any] = {
        "GET debug_token": meta_token(
            granular_scopes=[{"scope": "whatsapp_business_management", "target_ids": [WABA]}]
        ),
        f"GET {WABA}": (200, {"id": WABA, "name": "Demo Bakery", "account_review_status": "APPROVED"}),
        f"GET {WABA}/phone_numbers": (200, {"data": [NUMBER]}),
        f"GET {WABA}/subscribed_apps": (200, {"data": []}),
        f"POST {WABA}/subscribed_apps": (200, {"success": True}),
        f"GET {APP_ID}/subscriptions": (200, {"data": []}),
        f"POST {APP_ID}/subscriptions": (200, {"success": True}),
        f"GET {NUMBER['id']}": (200, NUMBER),
    }
    monkeypatch.setattr(ManagementClient, "default_transport", fake_meta(answers))
    yield answers


def url(workspace: Workspace, name: str, *args: int) -> str:
    return reverse(f"accounts:{name}", args=[workspace.slug, *args])


def form(**fields: str) -> dict[str, str]:
    return {"name": "Main", "app_id": APP_ID, "app_secret": SECRET, "access_token": TOKEN, **fields}


def connect(client: Client, workspace: Workspace) -> ApiCredentials:
    client.post(url(workspace, "new"), form())
    return ApiCredentials.objects.get(workspace=workspace)


def test_a_person_connects_activates_and_never_sees_the_secret_again(
    owner_client: Client, workspace: Workspace, bell: Any, django_capture_on_commit_callbacks: Any
) -> None:
    pages = [owner_client.post(url(workspace, "new"), form(), follow=True)]
    credentials = ApiCredentials.objects.get()
    assert credentials.status == "valid"
    pages.append(owner_client.post(url(workspace, "senders", credentials.pk), {"waba_id": f" {WABA} "}, follow=True))
    assert "Demo Bakery" in pages[-1].content.decode() and "Connected" in pages[-1].content.decode()
    pages.append(owner_client.post(url(workspace, "subscribe", credentials.pk), follow=True))
    number = PhoneNumber.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        pages.append(
            owner_client.post(
                url(workspace, "new_channel"),
                {"name": "bakery", "phone_number": number.pk, "purpose": "marketing"},
                follow=True,
            )
        )
    assert "Processing" in pages[-1].content.decode() and "hx-trigger" in pages[-1].content.decode()
    bell()
    channel = ChannelConfiguration.objects.get()
    assert channel.status == "failed"
    pages.append(owner_client.get(url(workspace, "channel", channel.pk)))
    assert "Webhook not subscribed" in pages[-1].content.decode()
    pages += [
        owner_client.get(url(workspace, name, *args))
        for name, args in (
            ("accounts", ()),
            ("new", ()),
            ("access", (credentials.pk,)),
            ("senders", (credentials.pk,)),
            ("webhook", (credentials.pk,)),
            ("channels", ()),
            ("new_channel", ()),
            ("edit_channel", (channel.pk,)),
        )
    ]
    for page in pages:
        assert page.status_code == 200
        text = page.content.decode()
        assert TOKEN not in text and SECRET not in text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"app_id": "+1 555"}, "This looks like a phone number"),
        ({"app_id": "abc"}, "consists of digits only"),
        ({"access_token": "EAA BBB"}, "spaces inside"),
        ({"name": ""}, "required"),
    ],
)
def test_wrong_input_is_explained_and_secrets_are_not_sent_back(
    owner_client: Client, workspace: Workspace, wrong: dict[str, str], sentence: str
) -> None:
    answer = owner_client.post(url(workspace, "new"), form(**wrong))
    text = answer.content.decode()
    assert answer.status_code == 422 and sentence in text
    assert TOKEN not in text and SECRET not in text and "EAA BBB" not in text
    assert not ApiCredentials.objects.exists()


def test_name_is_taken_once(owner_client: Client, workspace: Workspace) -> None:
    connect(owner_client, workspace)
    answer = owner_client.post(url(workspace, "new"), form(access_token="EAAanothertoken"))
    assert answer.status_code == 422 and "already credentials of this name" in answer.content.decode()


def test_unknown_account_keeps_the_typed_id(owner_client: Client, workspace: Workspace) -> None:
    credentials = connect(owner_client, workspace)
    answer = owner_client.post(url(workspace, "senders", credentials.pk), {"waba_id": "99"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "Meta has no account with this id" in text and 'value="99"' in text


def test_viewer_sees_states_but_neither_buttons_nor_the_verify_token(
    owner_client: Client, workspace: Workspace, client_of: Callable[[User], Client]
) -> None:
    credentials = connect(owner_client, workspace)
    viewer = client_of(make_member(workspace, Role.VIEWER))
    page = viewer.get(url(workspace, "webhook", credentials.pk)).content.decode()
    assert credentials.verify_token not in page and str(credentials.webhook_key) not in page
    assert credentials.verify_token in owner_client.get(url(workspace, "webhook", credentials.pk)).content.decode()
    access_page = viewer.get(url(workspace, "access", credentials.pk)).content.decode()
    assert "Working" in access_page and "New access token" not in access_page
    for name in ("check", "renew", "delete", "subscribe", "senders"):
        assert viewer.post(url(workspace, name, credentials.pk)).status_code == 403
    assert viewer.get(url(workspace, "new")).status_code == 403


def test_other_workspaces_objects_do_not_exist(owner_client: Client, workspace: Workspace) -> None:
    other = make_workspace()
    credentials = make_credentials(other)
    account = make_account(other, credentials)
    channel = make_channel(other, make_phone_number(other, account))
    for name in ("access", "senders", "webhook"):
        assert owner_client.get(url(workspace, name, credentials.pk)).status_code == 404
    for name in ("check", "renew", "delete", "subscribe"):
        assert owner_client.post(url(workspace, name, credentials.pk)).status_code == 404
    assert owner_client.get(url(workspace, "channel", channel.pk)).status_code == 404
    for name in ("submit_channel", "deactivate_channel", "edit_channel"):
        assert owner_client.post(url(workspace, name, channel.pk)).status_code == 404
    mine = make_phone_number(workspace)
    theirs = {"name": "x", "phone_number": channel.phone_number_id, "purpose": "marketing"}
    assert owner_client.post(url(workspace, "new_channel"), theirs).status_code == 422
    assert mine.workspace == workspace


def test_failed_row_opens_with_its_remedy(owner_client: Client, workspace: Workspace) -> None:
    checks = [
        {"code": "number_connected", "status": "failed", "facts": {"status": "PENDING"}},
        {"code": "token_valid", "status": "passed", "facts": {}},
    ]
    make_channel(workspace, name="broken", status="failed", checks=checks)
    make_channel(workspace, name="fine", status="active")
    page = owner_client.get(url(workspace, "channels")).content.decode()
    assert "the number isn’t registered" in page and "1 other check passed" in page
    failed = owner_client.get(url(workspace, "channels"), {"state": "failed"}).content.decode()
    assert "broken" in failed and "fine" not in re.sub(r"<nav.*?</nav>", "", failed, flags=re.S)


def test_moves_that_are_not_legal_are_refused(owner_client: Client, workspace: Workspace) -> None:
    channel = make_channel(workspace, status="processing")
    for name in ("submit_channel", "deactivate_channel"):
        assert owner_client.post(url(workspace, name, channel.pk)).status_code == 409
    channel = make_channel(workspace, status="active")
    assert owner_client.post(url(workspace, "deactivate_channel", channel.pk), follow=True).status_code == 200
    channel.refresh_from_db()
    assert channel.status == "deactivated"


def test_pages_cost_the_same_with_more_rows(
    owner_client: Client, workspace: Workspace, django_assert_max_num_queries: Any
) -> None:
    for _more in range(6):
        make_channel(workspace)
    owner_client.get(url(workspace, "channels"))
    with django_assert_max_num_queries(17):
        owner_client.get(url(workspace, "channels"))
    with django_assert_max_num_queries(12):
        owner_client.get(url(workspace, "accounts"))
