"""Where Meta posts to: read, said and changed, against the simulator over HTTP."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.accounts import actions, handshakes, queries, routing, tasks, webhook_presenting
from channels_app.accounts.models import ApiCredentials, PhoneNumber
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import graph_error
from channels_app.simulator.world import CONSTANTS
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from console.workspaces.roles import Role
from tests.factories.accounts import make_account, make_credentials, make_phone_number
from tests.factories.workspaces import make_member
from tests.support.simulator import Simulator

ELSEWHERE = "https://other-system.example/hooks"


@pytest.fixture
def credentials(graph: Simulator, workspace: Workspace, actor: Actor) -> ApiCredentials:
    row = make_credentials(
        workspace, app_id=CONSTANTS["app_id"], app_secret=CONSTANTS["app_secret"], access_token=CONSTANTS["token"]
    )
    actions.add_account(actor=actor, workspace=workspace, credentials=row, waba_id=CONSTANTS["waba_id"])
    return row


def page_of(credentials: ApiCredentials, *, can_manage: bool = True) -> dict[str, Any]:
    credentials.refresh_from_db()
    return webhook_presenting.page(
        credentials,
        queries.accounts_with_numbers(credentials),
        queries.callback_url(credentials),
        actions.WEBHOOK_FIELDS,
        can_manage=can_manage,
    )


def subscribe(credentials: ApiCredentials, actor: Actor, **more: Any) -> list[dict[str, Any]]:
    return actions.subscribe_webhook(actor=actor, workspace=credentials.workspace, credentials=credentials, **more)


def put_elsewhere(credentials: ApiCredentials, hook_url: str) -> None:
    """The app's address at Meta is that of other credentials: another system, as far as these know."""
    other = make_credentials(credentials.workspace, app_id=credentials.app_id, app_secret=credentials.app_secret)
    with ManagementClient(credentials.access_token, credentials.app_secret) as client:
        client.set_app_subscription(
            credentials.app_id,
            callback_url=queries.callback_url(other),
            verify_token=other.verify_token,
            fields=("messages",),
        )


def test_one_press_does_all_and_is_read_back(hook_url: str, credentials: ApiCredentials, actor: Actor) -> None:
    assert [step["did"] for step in subscribe(credentials, actor)] == [True, True]
    assert [step["did"] for step in subscribe(credentials, actor)] == [False, False]
    actions.read_subscription(actor=actor, workspace=credentials.workspace, credentials=credentials)
    page = page_of(credentials)
    assert page["state"] == "ours" and page["is_complete"]
    assert all(number["is_ours"] for account in page["accounts"] for number in account["numbers"])


def test_workers_read_it_every_hour(hook_url: str, credentials: ApiCredentials, actor: Actor, bell: Any) -> None:
    put_elsewhere(credentials, hook_url)
    tasks.read_subscriptions(credentials.pk)
    assert page_of(credentials)["state"] == "elsewhere"
    trail = str(AuditEntry.objects.get(action="accounts.read_subscription").changes)
    other = ApiCredentials.objects.exclude(pk=credentials.pk).get()
    assert "://" in trail and str(other.webhook_key) not in trail, "approvers read the trail, and may not see the key"
    subscribe(credentials, actor, takes_over=True)
    tasks.read_subscriptions(credentials.pk)
    assert page_of(credentials)["state"] == "ours"


def test_missing_fields_are_named_and_added(hook_url: str, credentials: ApiCredentials, actor: Actor) -> None:
    with ManagementClient(credentials.access_token, credentials.app_secret) as client:
        client.set_app_subscription(
            credentials.app_id,
            callback_url=queries.callback_url(credentials),
            verify_token=credentials.verify_token,
            fields=("messages",),
        )
    actions.read_subscription(actor=actor, workspace=credentials.workspace, credentials=credentials)
    titles = " ".join(str(line["title"]) for line in page_of(credentials)["lines"])
    assert "12 fields are missing" in titles and "account_update" in titles
    subscribe(credentials, actor)
    assert page_of(credentials)["is_complete"]


def test_another_systems_address_is_not_taken_unasked(hook_url: str, credentials: ApiCredentials, actor: Actor) -> None:
    put_elsewhere(credentials, hook_url)
    with pytest.raises(Refused) as caught:
        subscribe(credentials, actor)
    assert caught.value.code == "accounts.address_elsewhere" and "another address" in str(caught.value.sentence)
    assert page_of(credentials)["state"] == "elsewhere"
    with pytest.raises(Refused):
        actions.disconnect_webhook(actor=actor, workspace=credentials.workspace, credentials=credentials)
    subscribe(credentials, actor, takes_over=True)
    assert page_of(credentials)["state"] == "ours"


def test_overrides_win_over_the_app_and_are_taken_back(
    hook_url: str, credentials: ApiCredentials, actor: Actor
) -> None:
    put_elsewhere(credentials, hook_url)
    common = {"actor": actor, "workspace": credentials.workspace}
    account = credentials.accounts.get()
    number = PhoneNumber.objects.get(phone_number_id=CONSTANTS["phone_number_id"])
    actions.override_number(**common, number=number)
    actions.read_subscription(**common, credentials=credentials)
    routes = {row["row"].pk: row for one in page_of(credentials)["accounts"] for row in one["numbers"]}
    assert routes[number.pk]["is_ours"] and "set for this number" in routes[number.pk]["text"]
    assert not all(row["is_ours"] for row in routes.values())
    actions.override_account(**common, account=account)
    subscribed = actions.subscribe_webhook(**common, credentials=credentials, takes_over=True)
    assert subscribed[1]["did"] is False
    actions.read_subscription(**common, credentials=credentials)
    assert page_of(credentials)["accounts"][0]["is_override_ours"], "subscribing again keeps the override"
    number.refresh_from_db()
    actions.remove_number_override(**common, number=number)
    actions.remove_account_override(**common, account=account)
    actions.read_subscription(**common, credentials=credentials)
    page = page_of(credentials)
    assert page["is_complete"] and not page["accounts"][0]["has_override"]


def test_unsubscribe_and_disconnect(hook_url: str, credentials: ApiCredentials, actor: Actor) -> None:
    subscribe(credentials, actor)
    common = {"actor": actor, "workspace": credentials.workspace}
    actions.unsubscribe_account(**common, account=credentials.accounts.get())
    actions.disconnect_webhook(**common, credentials=credentials)
    actions.read_subscription(**common, credentials=credentials)
    page = page_of(credentials)
    assert page["state"] == "none" and "posted nowhere" in page["accounts"][0]["numbers"][0]["text"]
    assert AuditEntry.objects.filter(action="accounts.disconnect_webhook").exists()


def refusal_of(credentials: ApiCredentials, actor: Actor) -> str:
    with pytest.raises(Refused) as caught:
        subscribe(credentials, actor)
    assert caught.value.code == "accounts.callback_refused"
    return str(caught.value.sentence)


def test_a_handshake_that_never_came_says_so(settings: Any, credentials: ApiCredentials, actor: Actor) -> None:
    settings.WEBHOOK_BASE_URL = "http://127.0.0.1:9"
    assert "no handshake arrived here" in refusal_of(credentials, actor)


def test_a_handshake_with_a_wrong_token_says_so(hook_url: str, credentials: ApiCredentials, actor: Actor) -> None:
    credentials.verify_token = "another-verify-token"  # what this process posts; the row keeps its own
    sentence = refusal_of(credentials, actor)
    assert "another verify token" in sentence and "oken" in sentence and "403" in sentence
    assert "another-verify-token" not in sentence


def test_a_dead_token_keeps_its_own_words(hook_url: str, credentials: ApiCredentials, actor: Actor) -> None:
    credentials.app_secret = "wrong"
    with pytest.raises(Refused) as caught:
        subscribe(credentials, actor)
    assert "did not accept the webhook address" not in str(caught.value.sentence)


VERIFICATION = (
    "(#2200) Callback verification failed with the following errors: HTTP Status Code = 502; HTTP Message = Bad"
)


@pytest.mark.parametrize(
    ("handshake", "text"),
    [(None, "it got HTTP 502 from"), ("verified", "answered with 200"), ("no_token", "without the verify token")],
)
def test_what_meta_saw_and_what_arrived_are_told_apart(workspace: Workspace, handshake: str | None, text: str) -> None:
    credentials, started = make_credentials(workspace), clock.now()
    if handshake:
        actions.note_handshake(credentials_id=credentials.pk, result=handshake)
    error = graph_error({"error": {"code": 2200, "message": VERIFICATION}}, 400)
    refused = handshakes.callback_refused(error, credentials, started)
    assert refused.code == "accounts.callback_refused" and text in str(refused.sentence)


def test_an_older_handshake_explains_nothing(workspace: Workspace) -> None:
    credentials = make_credentials(workspace)
    actions.note_handshake(credentials_id=credentials.pk, result="verified")
    error = graph_error({"error": {"code": 2200, "message": VERIFICATION}}, 400)
    refused = handshakes.callback_refused(error, credentials, clock.now())
    assert "no handshake arrived here" in str(refused.sentence)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://console.example.com/hooks/", "not_https"),
        ("https://localhost/hooks/", "private"),
        ("https://10.0.0.4/hooks/", "private"),
        ("https://[::1]/hooks/", "private"),
        ("https://waymark.internal/hooks/", "private"),
        ("https://console.example.com/hooks/", ""),
        ("https://console.example.com/" + "x" * 200, "too_long"),
    ],
)
def test_an_address_meta_cannot_reach_is_said_before_the_click(settings: Any, url: str, why: str) -> None:
    settings.GRAPH_BASE_URL = "https://graph.facebook.com"
    assert routing.unreachable(url) == why


def test_a_simulator_reaches_this_machine(settings: Any) -> None:
    settings.GRAPH_BASE_URL = "http://127.0.0.1:9"
    assert routing.unreachable("http://127.0.0.1:8000/hooks/") == ""


def test_viewers_see_no_token_and_only_the_host_of_others(
    owner_client: Client, workspace: Workspace, client_of: Any
) -> None:
    credentials = make_credentials(workspace, subscription={"callback_url": f"{ELSEWHERE}?key=s3cret"})
    ApiCredentials.objects.filter(pk=credentials.pk).update(subscription_read_at=credentials.created_at)
    make_phone_number(workspace, make_account(workspace, credentials, is_subscribed=True))
    url = reverse("accounts:webhook", args=[workspace.slug, credentials.pk])
    text = owner_client.get(url).content.decode()
    assert credentials.verify_token in text and "s3cret" in text and 'href="#take-over"' in text
    viewer = client_of(make_member(workspace, Role.VIEWER)).get(url).content.decode()
    assert credentials.verify_token not in viewer and "s3cret" not in viewer
    assert "other-system.example" in viewer and 'href="#take-over"' not in viewer


def test_override_of_another_connections_number_is_not_found(owner_client: Client, workspace: Workspace) -> None:
    credentials, other = make_credentials(workspace), make_credentials(workspace)
    number = make_phone_number(workspace, make_account(workspace, other))
    for data in ({"number": number.pk}, {"account": number.account_id}, {"number": "9" * 40}, {}):
        answer = owner_client.post(reverse("accounts:override", args=[workspace.slug, credentials.pk]), data)
        assert answer.status_code == 404


@pytest.mark.parametrize(("minutes", "status"), [("2", 302), ("1440", 302), ("1", 422), ("1441", 422), ("x", 422)])
def test_silence_minutes(owner_client: Client, workspace: Workspace, minutes: str, status: int) -> None:
    credentials = make_credentials(workspace)
    url = reverse("accounts:silence", args=[workspace.slug, credentials.pk])
    assert owner_client.post(url, {"minutes": minutes}).status_code == status
    credentials.refresh_from_db()
    assert credentials.silence_minutes == (int(minutes) if status == 302 else 10)
