"""Connecting to Meta, against the simulator over HTTP: what goes wrong ends with the right sentence."""

from collections.abc import Iterator
from typing import Any

import pytest

from channels_app.accounts import actions, queries, tasks
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber
from channels_app.simulator.world import CONSTANTS
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.channels_app.accounts.connecting import connect, sentences, statuses
from tests.factories.accounts import make_account, make_credentials
from tests.factories.workspaces import make_workspace
from tests.support.simulator import Simulator


@pytest.fixture
def credentials(graph: Simulator, workspace: Workspace, actor: Actor) -> Iterator[ApiCredentials]:
    yield connect(workspace, actor)


def test_good_credentials_pass_every_check(credentials: ApiCredentials) -> None:
    assert credentials.status == "valid"
    assert set(statuses(credentials.checks).values()) == {"passed"}
    assert credentials.waba_ids == [CONSTANTS["waba_id"]]
    assert credentials.token_hint == CONSTANTS["token"][-4:]


def test_missing_permission_is_named(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    credentials = connect(workspace, actor, access_token=CONSTANTS["token_without_messaging"])
    assert credentials.status == "failing"
    assert "Permission missing: whatsapp_business_messaging" in sentences(credentials.checks)


@pytest.mark.parametrize("token", [CONSTANTS["token_expired"], "EAAnobodyknowsthistoken"])
def test_refused_token_is_dead(graph: Simulator, workspace: Workspace, actor: Actor, token: str) -> None:
    credentials = connect(workspace, actor, access_token=token)
    assert credentials.status == "dead"
    assert "Access token" in sentences(credentials.checks)


def test_wrong_app_secret_is_told_apart_from_a_wrong_token(
    graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    credentials = connect(workspace, actor, app_secret="wrong")
    assert credentials.status == "failing"
    assert "Meta refuses app id and app secret" in sentences(credentials.checks)


def test_meta_out_of_reach_is_said_and_nothing_breaks(settings: Any, workspace: Workspace, actor: Actor) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    settings.GRAPH_BASE_URL = "http://127.0.0.1:9"
    credentials = connect(workspace, actor)
    assert credentials.status == "unchecked"
    assert "Meta can't be reached" in sentences(credentials.checks)


def test_account_brings_its_numbers_with_all_facts(
    credentials: ApiCredentials, workspace: Workspace, actor: Actor
) -> None:
    for _twice in range(2):
        account = actions.add_account(
            actor=actor, workspace=workspace, credentials=credentials, waba_id=f" {CONSTANTS['waba_id']} "
        )
    assert account.name == "Lumen Coffee"
    number = PhoneNumber.objects.get(phone_number_id=CONSTANTS["phone_number_id"])
    assert (number.status, number.throughput_level, number.can_send) == ("CONNECTED", "STANDARD", True)
    assert PhoneNumber.objects.count() == 2
    assert queries.sending_secrets(number) == (CONSTANTS["token"], CONSTANTS["app_secret"])


@pytest.mark.parametrize(
    ("waba_id", "code"),
    [
        ("299999999999999", "accounts.waba_unknown"),
        (CONSTANTS["portfolio_id"], "accounts.id_is_portfolio"),
        (CONSTANTS["phone_number_id"], "accounts.id_is_number"),
        ("+447700900118", "accounts.id_is_phone"),
        ("lumen-coffee", "accounts.id_not_digits"),
    ],
)
def test_wrong_account_id_is_explained(
    credentials: ApiCredentials, workspace: Workspace, actor: Actor, waba_id: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        actions.add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=waba_id)
    assert caught.value.code == code
    assert not PhoneNumber.objects.exists()


def test_account_of_another_workspace_is_refused(
    credentials: ApiCredentials, workspace: Workspace, actor: Actor
) -> None:
    make_account(make_workspace(), waba_id=CONSTANTS["waba_id"])
    with pytest.raises(Refused) as caught:
        actions.add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=CONSTANTS["waba_id"])
    assert caught.value.code == "accounts.waba_elsewhere"


def sender(credentials: ApiCredentials, actor: Actor, key: str = "phone_number_id") -> PhoneNumber:
    actions.add_account(
        actor=actor, workspace=credentials.workspace, credentials=credentials, waba_id=CONSTANTS["waba_id"]
    )
    return PhoneNumber.objects.get(phone_number_id=CONSTANTS[key])


def activate(number: PhoneNumber, actor: Actor) -> ChannelConfiguration:
    channel = actions.create_channel_configuration(
        actor=actor, workspace=number.workspace, name="lumen", phone_number=number, purpose="marketing"
    )
    actions.submit(actor=actor, workspace=number.workspace, channel=channel)
    assert channel.status == "processing"
    tasks.check_channel(channel.pk)
    tasks.check_channel(channel.pk)
    channel.refresh_from_db()
    return channel


def test_number_not_registered_fails_with_its_remedy(credentials: ApiCredentials, actor: Actor) -> None:
    channel = activate(sender(credentials, actor, "pending_phone_number_id"), actor)
    assert channel.status == "failed"
    text = sentences(channel.checks)
    assert "the number isn’t registered" in text and "133010" in text and "PIN" in text
    assert "Webhook not subscribed" in text


def test_failed_configuration_can_be_changed(credentials: ApiCredentials, workspace: Workspace, actor: Actor) -> None:
    channel = activate(sender(credentials, actor, "pending_phone_number_id"), actor)
    actions.update_channel_configuration(actor=actor, workspace=workspace, channel=channel, name="other")
    channel.refresh_from_db()
    assert channel.name == "other"


def test_used_credentials_stay(workspace: Workspace, actor: Actor) -> None:
    used, unused = make_credentials(workspace), make_credentials(workspace)
    make_account(workspace, used)
    with pytest.raises(Refused):
        actions.delete_credentials(actor=actor, workspace=workspace, credentials=used)
    actions.delete_credentials(actor=actor, workspace=workspace, credentials=unused)
    assert list(ApiCredentials.objects.all()) == [used]


def test_no_secret_in_the_audit_trail_nor_in_the_database(
    credentials: ApiCredentials, workspace: Workspace, actor: Actor
) -> None:
    sender(credentials, actor)
    trail = str(list(AuditEntry.objects.values_list("changes", "object_label")))
    stored = str(ApiCredentials.objects.values_list("checks", "scopes", "token_hint").get())
    for secret in (CONSTANTS["token"], CONSTANTS["app_secret"], credentials.verify_token):
        assert secret not in trail and secret not in stored


def test_refresh_reads_what_changed_at_meta(graph: Simulator, credentials: ApiCredentials, actor: Actor) -> None:
    number = sender(credentials, actor)
    graph.post(f"numbers/{number.phone_number_id}", quality_rating="RED")
    tasks.refresh_accounts(number.account_id)
    number.refresh_from_db()
    assert number.quality_rating == "RED"


def test_subscribed_webhook_makes_the_channel_active(
    graph: Simulator, hook_url: str, workspace: Workspace, actor: Actor
) -> None:
    credentials = connect(workspace, actor)
    number = sender(credentials, actor)
    actions.subscribe_webhook(actor=actor, workspace=workspace, credentials=credentials)
    credentials.refresh_from_db()
    assert credentials.webhook_verified_at is not None
    assert credentials.accounts.get().is_subscribed
    channel = activate(number, actor)
    assert (channel.status, sentences(channel.checks)) == ("active", "")


def test_callback_that_does_not_answer_is_explained(
    credentials: ApiCredentials, settings: Any, workspace: Workspace, actor: Actor
) -> None:
    settings.WEBHOOK_BASE_URL = "http://127.0.0.1:9"
    with pytest.raises(Refused) as caught:
        actions.subscribe_webhook(actor=actor, workspace=workspace, credentials=credentials)
    assert caught.value.code == "accounts.callback_refused"
    assert "did not accept the webhook address" in str(caught.value.sentence)
