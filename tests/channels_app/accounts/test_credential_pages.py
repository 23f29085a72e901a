"""Pages of API credentials: what an admin is offered next, and what a marketer, a viewer and a stranger see."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.accounts import credential_presenting
from channels_app.accounts.models import ApiCredentials
from channels_app.simulator.world import CONSTANTS
from console.kit import clock
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.accounts import make_account, make_credentials
from tests.factories.workspaces import make_member, make_workspace
from tests.support.simulator import Simulator

TOKEN, SECRET = CONSTANTS["token"], CONSTANTS["app_secret"]


def form(**fields: str) -> dict[str, str]:
    values = {"name": "Lumen", "app_id": CONSTANTS["app_id"], "app_secret": SECRET, "access_token": TOKEN}
    return {**values, **fields}


def url(workspace: Workspace, name: str, *args: int) -> str:
    return reverse(f"accounts:{name}", args=[workspace.slug, *args])


def connected(client: Client, workspace: Workspace, **fields: str) -> tuple[ApiCredentials, str]:
    """New credentials and the page that follows."""
    page = client.post(url(workspace, "new"), form(**fields), follow=True).content.decode()
    return ApiCredentials.objects.get(workspace=workspace, name=fields.get("name", "Lumen")), page


def primary(page: str) -> list[str]:
    """What the filled buttons say."""
    found = re.findall(r'<(a|button) class="btn btn-primary"[^>]*>(.*?)</\1>', page, re.S)
    return [re.sub(r"<[^>]+>", "", inner).strip() for _tag, inner in found]


def test_all_good_offers_the_next_step(graph: Simulator, owner_client: Client, workspace: Workspace) -> None:
    _credentials, page = connected(owner_client, workspace)
    assert primary(page) == ["Continue to account and sender"]


def test_what_can_not_work_offers_to_check_again_and_no_way_on(
    graph: Simulator, owner_client: Client, workspace: Workspace
) -> None:
    _credentials, page = connected(owner_client, workspace, access_token=CONSTANTS["token_without_messaging"])
    assert primary(page) == ["Check again"]
    assert "Continue to account and sender" not in page
    assert "1 check fails. Mend it, then check again." in page


def test_what_works_in_part_offers_both(graph: Simulator, owner_client: Client, workspace: Workspace) -> None:
    _credentials, page = connected(owner_client, workspace, portfolio_id=CONSTANTS["other_portfolio_id"])
    assert primary(page) == ["Check again"]
    assert "Continue to account and sender" in page and "The rest works: you can go on." in page


def test_an_account_id_in_the_portfolios_place_is_mended_with_one_press(
    graph: Simulator, owner_client: Client, workspace: Workspace
) -> None:
    credentials, page = connected(owner_client, workspace, portfolio_id=CONSTANTS["waba_id"])
    assert "This is the id of the WhatsApp Business Account “Lumen Coffee”" in page
    assert "Use this portfolio" in page
    hidden = dict(re.findall(r'<input type="hidden" name="(name|portfolio_id)" value="([^"]+)"', page))
    assert hidden == {"name": "Lumen", "portfolio_id": CONSTANTS["portfolio_id"]}
    page = owner_client.post(url(workspace, "edit", credentials.pk), hidden, follow=True).content.decode()
    assert "The accounts and the business portfolio belong together" in page
    assert "Use this portfolio" not in page


def test_both_ids_are_explained_before_one_is_asked_for(owner_client: Client, workspace: Workspace) -> None:
    page = owner_client.get(url(workspace, "new")).content.decode()
    assert "The id of the business portfolio, not of the WhatsApp Business Account." in page
    assert "Business portfolio id" in page and "WhatsApp Business Account id" in page


def test_a_known_token_links_to_its_credentials(graph: Simulator, owner_client: Client, workspace: Workspace) -> None:
    credentials, _page = connected(owner_client, workspace)
    answer = owner_client.post(url(workspace, "new"), form(name="Again"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "“Lumen”" in page
    assert url(workspace, "access", credentials.pk) in page and TOKEN not in page


def test_renewing_shows_a_refused_token_beside_the_one_in_use(
    graph: Simulator, owner_client: Client, workspace: Workspace
) -> None:
    credentials, _page = connected(owner_client, workspace)
    renew = url(workspace, "renew", credentials.pk)
    page = owner_client.post(renew, {"access_token": CONSTANTS["token_expired"]}, follow=True).content.decode()
    assert "It was not accepted, so the old one stays in use." in page
    assert "Access token expired" in page and "Working" in page
    assert CONSTANTS["token_expired"] not in page
    for name in ("senders", "webhook"):
        other = owner_client.get(url(workspace, name, credentials.pk)).content.decode()
        assert "The new token was not accepted" in other and "The old one stays in use" in other
    listed = owner_client.get(url(workspace, "accounts")).content.decode()
    assert "New token not accepted" in listed
    page = owner_client.post(url(workspace, "withdraw", credentials.pk), follow=True).content.decode()
    assert "Discarded the new token" in page
    page = owner_client.post(renew, {"access_token": CONSTANTS["token_of_all_accounts"]}, follow=True).content.decode()
    assert "The new token passed its checks and is in use now." in page


def test_a_token_whose_checks_hang_says_that_the_old_one_serves(
    graph: Simulator, owner_client: Client, workspace: Workspace
) -> None:
    credentials, _page = connected(owner_client, workspace)
    graph.post("faults", endpoint="debug_token", kind="http_500", mode="always")
    data = {"access_token": CONSTANTS["token_of_all_accounts"]}
    page = owner_client.post(url(workspace, "renew", credentials.pk), data, follow=True).content.decode()
    assert "Meta has not answered every check yet. The old one stays in use" in page
    assert "data-wm-poll" in page
    part = owner_client.get(url(workspace, "access", credentials.pk), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="renew")
    assert "The old one stays in use" in part.content.decode() and "<html" not in part.content.decode()
    second = owner_client.post(url(workspace, "renew", credentials.pk), {"access_token": "EAAanother"})
    assert second.status_code == 409
    graph.delete("faults")
    owner_client.post(url(workspace, "check", credentials.pk))
    credentials.refresh_from_db()
    assert credentials.token_hint == CONSTANTS["token_of_all_accounts"][-4:]


def test_wrong_renewals_are_explained(graph: Simulator, owner_client: Client, workspace: Workspace) -> None:
    credentials, _page = connected(owner_client, workspace)
    renew = url(workspace, "renew", credentials.pk)
    for data, sentence in (
        ({}, "Enter the new access token."),
        ({"access_token": TOKEN}, "This is the token that is in use already."),
        ({"access_token": "EAA with spaces"}, "spaces inside"),
    ):
        answer = owner_client.post(renew, data)
        assert answer.status_code == 422 and sentence in answer.content.decode()


def test_what_meta_does_not_answer_keeps_the_last_good_check_in_view(
    graph: Simulator, owner_client: Client, workspace: Workspace
) -> None:
    credentials, _page = connected(owner_client, workspace)
    graph.post("faults", endpoint="debug_token", kind="throttle", mode="always")
    page = owner_client.post(url(workspace, "check", credentials.pk), follow=True).content.decode()
    assert "Meta could not be asked" in page and "from the last check that Meta answered" in page
    assert "Working" in page and "Access token accepted" in page
    assert "Meta could not be asked" in owner_client.get(url(workspace, "accounts")).content.decode()


def test_a_first_check_without_an_answer_offers_to_check_again(
    graph: Simulator, owner_client: Client, workspace: Workspace
) -> None:
    graph.post("faults", endpoint="debug_token", kind="http_500", mode="always")
    credentials, page = connected(owner_client, workspace)
    assert credentials.status == "unchecked"
    assert "Meta could not be asked" in page and primary(page) == ["Check again"]


@pytest.mark.parametrize(
    ("left", "tone", "label"),
    [
        (timedelta(days=30, hours=1), "ok", "Expires in 30 days"),
        (timedelta(days=14), "warn", "Expires in 13 days"),
        (timedelta(days=2, hours=1), "warn", "Expires in 2 days"),
        (timedelta(hours=23), "bad", "Expires within a day"),
        (-timedelta(hours=1), "bad", "Expired"),
    ],
)
def test_the_countdown(left: timedelta, tone: str, label: str) -> None:
    credentials = ApiCredentials(token_type="SYSTEM_USER", token_expires_at=clock.now() + left)
    pill = credential_presenting.expiry(credentials)
    assert (pill["tone"], pill["label"]) == (tone, label)


def test_a_token_without_an_end_and_one_not_read_yet() -> None:
    assert credential_presenting.expiry(ApiCredentials(token_type="SYSTEM_USER"))["label"] == "Never expires"
    assert credential_presenting.expiry(ApiCredentials())["tone"] == "mute"


# --- who sees what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MARKETER, Role.APPROVER, Role.VIEWER])
def test_a_reader_sees_state_and_no_secret_address_or_hint(
    graph: Simulator,
    owner_client: Client,
    workspace: Workspace,
    client_of: Callable[[User], Client],
    role: Role,
) -> None:
    credentials, _page = connected(owner_client, workspace)
    owner_client.post(url(workspace, "renew", credentials.pk), {"access_token": CONSTANTS["token_expired"]})
    reader = client_of(make_member(workspace, role))
    for name, args in (
        ("accounts", ()),
        ("access", (credentials.pk,)),
        ("senders", (credentials.pk,)),
        ("webhook", (credentials.pk,)),
    ):
        page = reader.get(url(workspace, name, *args)).content.decode()
        assert "Working" in page
        for hidden in (TOKEN, SECRET, credentials.verify_token, str(credentials.webhook_key)):
            assert hidden not in page
        assert "Token ending" not in page and "oken ending" not in page
        assert TOKEN[-4:] not in re.sub(r"\d{6,}", "", re.sub(r"<[^>]+>", " ", page))
    for name in ("check", "renew", "retry", "withdraw", "edit", "delete", "choose_senders", "senders"):
        assert reader.post(url(workspace, name, credentials.pk)).status_code == 403


def test_an_admin_sees_the_last_four_characters_and_no_more(
    graph: Simulator, owner_client: Client, workspace: Workspace, client_of: Callable[[User], Client]
) -> None:
    credentials, _page = connected(owner_client, workspace)
    admin = client_of(make_member(workspace, Role.CHANNEL_ADMIN))
    page = admin.get(url(workspace, "access", credentials.pk)).content.decode()
    assert f"Token ending {TOKEN[-4:]}" in page
    assert TOKEN not in page and SECRET not in page and TOKEN[-6:] not in page


def test_a_stranger_finds_nothing(
    owner_client: Client, workspace: Workspace, client_of: Callable[[User], Client]
) -> None:
    credentials = make_credentials(workspace)
    make_account(workspace, credentials)
    stranger = client_of(make_member(make_workspace(), Role.OWNER))
    for name in ("access", "senders", "webhook"):
        assert stranger.get(url(workspace, name, credentials.pk)).status_code == 404
    for name in ("check", "renew", "retry", "withdraw", "edit", "delete", "choose_senders"):
        assert stranger.post(url(workspace, name, credentials.pk)).status_code == 404
    mine = make_workspace()
    make_member(mine, Role.OWNER)
    for name in ("check", "renew", "retry", "withdraw", "edit", "choose_senders"):
        theirs = make_credentials(mine)
        assert owner_client.post(url(workspace, name, theirs.pk)).status_code == 404
