"""Every pair of status and move of every machine: it is done as the table says, or refused with nothing changed."""

from collections.abc import Callable

import pytest
from django.db.models import Model
from django.utils import timezone

from campaigns.models import CampaignRun
from channels_app.accounts.models import ChannelConfiguration, ChannelVersion
from channels_app.doctor.models import Examination
from channels_app.message_templates.models import TemplateSync
from channels_app.webhooks.models import Replay, SelfTest, WebhookBody
from console.alerts.models import Delivery, Endpoint
from console.audiences.models import Import
from console.kit.errors import MoveRefused
from console.kit.states import StateMachine
from console.workspaces.models import Workspace
from tests.factories.campaigns import make_campaign
from tests.factories.delivery import make_messages, make_number
from tests.factories.message_templates import make_account, make_version


def _import(workspace: Workspace) -> Model:
    return Import.objects.create(workspace=workspace, filename="a.csv", size_bytes=1, created_at=timezone.now())


def _credentials(workspace: Workspace) -> Model:
    return make_number(workspace).account.credentials


def _channel(workspace: Workspace) -> Model:
    now = timezone.now()
    return ChannelConfiguration.objects.create(
        workspace=workspace, name="Main", phone_number=make_number(workspace), created_at=now, updated_at=now
    )


def _template(workspace: Workspace) -> Model:
    return make_version(workspace).translation


def _sync(workspace: Workspace) -> Model:
    account = make_account(workspace)
    return TemplateSync.objects.create(account=account, workspace=workspace, requested_at=timezone.now())


def _message(workspace: Workspace) -> Model:
    return make_messages(make_number(workspace), 1)[0]


def _webhook(workspace: Workspace) -> Model:
    credentials = make_number(workspace).account.credentials
    return WebhookBody.objects.create(
        workspace=workspace, credentials=credentials, sha256="0" * 64, body=b"{}", received_at=timezone.now()
    )


def _run(workspace: Workspace) -> Model:
    return CampaignRun.objects.create(
        campaign=make_campaign(workspace), workspace=workspace, number=77, started_at=timezone.now()
    )


def _channel_version(workspace: Workspace) -> Model:
    channel = _channel(workspace)
    return ChannelVersion.objects.create(
        channel=channel, number=7, phone_number=channel.phone_number, purpose="marketing", created_at=timezone.now()
    )


def _self_test(workspace: Workspace) -> Model:
    credentials = make_number(workspace).account.credentials
    return SelfTest.objects.create(
        workspace=workspace, credentials=credentials, nonce="nonce", started_at=timezone.now()
    )


def _replay(workspace: Workspace) -> Model:
    now = timezone.now()
    return Replay.objects.create(workspace=workspace, from_at=now, until_at=now, created_at=now)


def _alert_delivery(workspace: Workspace) -> Model:
    now = timezone.now()
    endpoint = Endpoint.objects.create(workspace=workspace, name="Ops", url="https://ops.example/", created_at=now)
    return Delivery.objects.create(
        workspace=workspace, endpoint=endpoint, event="test", body={}, due_at=now, created_at=now
    )


# A new machine needs a row here: how to make one object that lives by it.
def _examination(workspace: Workspace) -> Model:
    return Examination.objects.create(workspace=workspace, trigger="page", requested_at=timezone.now())


FACTORIES: dict[str, Callable[[Workspace], Model]] = {
    "import": _import,
    "api_credentials": _credentials,
    "channel_configuration": _channel,
    "message_template": _template,
    "template_sync": _sync,
    "message": _message,
    "token_rotation": _credentials,
    "channel_version": _channel_version,
    "webhook_body": _webhook,
    "webhook_self_test": _self_test,
    "webhook_replay": _replay,
    "examination": _examination,
    "alert_delivery": _alert_delivery,
    "campaign": make_campaign,
    "campaign_run": _run,
}


def test_every_machine_has_a_factory_here() -> None:
    assert set(FACTORIES) == set(StateMachine.registry)


@pytest.mark.parametrize("name", sorted(FACTORIES))
def test_every_move_from_every_status_is_done_or_refused(workspace: Workspace, name: str) -> None:
    machine = StateMachine.registry[name]
    instance = FACTORIES[name](workspace)
    rows = type(instance)._default_manager.filter(pk=instance.pk)
    for status in machine.states:
        for move in machine.moves.values():
            rows.update(**{machine.field: status})
            setattr(instance, machine.field, status)
            before = rows.values().get()
            if machine.allows(move.name, status):
                machine.move(instance, move.name)
                assert getattr(instance, machine.field) == move.target
                assert rows.values().get() == {**before, machine.field: move.target}
            else:
                with pytest.raises(MoveRefused) as refused:
                    machine.move(instance, move.name)
                assert str(machine[status].label) in str(refused.value.sentence)
                assert rows.values().get() == before
                assert getattr(instance, machine.field) == status


@pytest.mark.parametrize("name", sorted(FACTORIES))
def test_every_status_can_be_reached_and_final_ones_are_left_only_by_reports(name: str) -> None:
    machine = StateMachine.registry[name]
    targets = {move.target for move in machine.moves.values()}
    starts = set(list(machine.states)[:1])
    shown_only = {"campaign": {"completed"}, "message": {"ready"}}.get(name, set())
    assert set(machine.states) - targets - starts <= shown_only
