"""One object of each kind, so that the tests of shape can open every detail page. Shared by roles and query counts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from campaigns.models import CampaignRun
from channels_app.accounts.models import ChannelConfiguration
from channels_app.doctor.models import Examination
from channels_app.webhooks.models import Replay, WebhookBody
from console.alerts.actions import raise_alert
from console.alerts.models import Delivery, Endpoint
from console.workspaces.models import Workspace
from tests.factories.audiences import make_import, make_list, make_profile, make_rule_audience
from tests.factories.campaigns import make_campaign
from tests.factories.delivery import make_number
from tests.factories.message_templates import make_version


def _pk(make: Callable[[Workspace], Any], name: str = "pk") -> Callable[[Workspace], dict[str, Any]]:
    return lambda workspace: {name: make(workspace).pk}


def _credentials(workspace: Workspace) -> Any:
    return make_number(workspace).account.credentials


def _channel(workspace: Workspace) -> Any:
    now = timezone.now()
    return ChannelConfiguration.objects.create(
        workspace=workspace, name="Main", phone_number=make_number(workspace), created_at=now, updated_at=now
    )


def _template(workspace: Workspace) -> Any:
    return make_version(workspace).translation.template


def _body(workspace: Workspace) -> Any:
    return WebhookBody.objects.create(
        workspace=workspace,
        credentials=_credentials(workspace),
        sha256="0" * 64,
        body=b'{"object": "whatsapp_business_account", "entry": []}',
        received_at=timezone.now(),
    )


def _replay(workspace: Workspace) -> Any:
    now = timezone.now()
    return Replay.objects.create(workspace=workspace, from_at=now - timedelta(days=1), until_at=now, created_at=now)


def _run_campaign(workspace: Workspace) -> Any:
    campaign = make_campaign(workspace)
    type(campaign).objects.filter(pk=campaign.pk).update(status="sending")
    CampaignRun.objects.create(
        campaign=campaign, workspace=workspace, number=1, status="sending", started_at=timezone.now(), audience_count=0
    )
    return campaign


def _alert(workspace: Workspace) -> Any:
    return raise_alert(workspace, "accounts.number_state", key="77", subject="Main", facts={"after": "FLAGGED"})


def _endpoint(workspace: Workspace) -> Any:
    now = timezone.now()
    endpoint = Endpoint.objects.create(workspace=workspace, name="Pager", url="https://ops.example/", created_at=now)
    Delivery.objects.create(workspace=workspace, endpoint=endpoint, event="test", body={}, due_at=now, created_at=now)
    return endpoint


def _rule(workspace: Workspace) -> Any:
    return make_rule_audience(workspace, {})


def _import(workspace: Workspace) -> Any:
    return make_import(workspace, "phone,first_name\n+447700900341,Ada\n")


def _examination(workspace: Workspace) -> Any:
    return Examination.objects.create(
        workspace=workspace, trigger="page", status="done", requested_at=timezone.now(), finished_at=timezone.now()
    )


# url name -> the arguments of a page that exists; a page with arguments and no row here is asked for an unknown id (404).
OBJECTS: dict[str, Callable[[Workspace], dict[str, Any]]] = {
    "alerts:go": _pk(_alert),
    "alerts:endpoint": _pk(_endpoint),
    "alerts:edit_endpoint": _pk(_endpoint),
    "accounts:access": _pk(_credentials),
    "accounts:senders": _pk(_credentials),
    "accounts:webhook": _pk(_credentials),
    "accounts:number": _pk(make_number),
    "accounts:channel": _pk(_channel),
    "accounts:edit_channel": _pk(_channel),
    "message_templates:detail": _pk(_template),
    "webhooks:body": _pk(_body),
    "doctor:examination": _pk(_examination),
    "doctor:export": _pk(_examination),
    "webhooks:watch": _pk(_credentials),
    "webhooks:replay": _pk(_replay),
    "campaigns:live": _pk(_run_campaign, "campaign_id"),
    "campaigns:proof": _pk(_run_campaign, "campaign_id"),
    "campaigns:edit": _pk(make_campaign, "campaign_id"),
    "campaigns:count": _pk(make_campaign, "campaign_id"),
    "campaigns:people": _pk(make_campaign, "campaign_id"),
    "campaigns:review": _pk(make_campaign, "campaign_id"),
    "audiences:profile": _pk(make_profile),
    "audiences:profile_edit": _pk(make_profile),
    "audiences:merge_find": _pk(make_profile),
    "audiences:merge": lambda workspace: {"pk": make_profile(workspace).pk, "other": make_profile(workspace).pk},
    "audiences:detail": _pk(make_list),
    "audiences:edit_rule": _pk(_rule),
    "audiences:import": _pk(_import),
    "audiences:import_mapping": _pk(_import),
    "audiences:import_refused": _pk(_import),
}
