"""Makes campaigns that are ready to go, and plays a whole run with the real ledger, sender and a Meta in memory."""

from collections.abc import Sequence
from typing import Any

from asgiref.sync import async_to_sync

from campaigns import actions, tasks
from campaigns.models import Campaign, CampaignRun
from channels_app.accounts.models import ChannelConfiguration, PhoneNumber
from channels_app.cloud_api.sender import SendClient
from channels_app.delivery import sender
from channels_app.delivery.desk import Desk
from channels_app.message_templates import slots
from channels_app.message_templates.models import TemplateVersion
from console.audiences.models import Profile
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.audiences import make_list
from tests.factories.delivery import BODY, FakeMeta, make_number, make_version

BINDINGS = {"body.1": {"expression": "{{ profile.first_name }}", "fallback": "there"}}


def make_channel(workspace: Workspace, **fields: Any) -> ChannelConfiguration:
    """An active configuration for marketing, with a number of its own."""
    now = clock.now()
    fields.setdefault("phone_number", make_number(workspace))
    fields.setdefault("name", f"channel-{fields['phone_number'].pk}")
    fields.setdefault("status", "active")
    return ChannelConfiguration.objects.create(workspace=workspace, created_at=now, updated_at=now, **fields)


def make_sendable_version(number: PhoneNumber, components: list[dict[str, Any]] | None = None) -> TemplateVersion:
    """An approved template with its slots, current in its translation."""
    version = make_version(number, components)
    version.slots = slots.dump(slots.slots_of(components or BODY, "POSITIONAL"))
    version.save(update_fields=["slots"])
    version.translation.version = version
    version.translation.save(update_fields=["version"])
    return version


def make_campaign(workspace: Workspace, people: Sequence[Profile] = (), **fields: Any) -> Campaign:
    """A complete draft; pass `audience`, `channel_configuration`, `version`, `bindings`, `starts_at` to differ."""
    actor = Actor.system("test")
    campaign = actions.create_campaign(actor=actor, workspace=workspace, name=fields.pop("name", "Spring roast"))
    channel = fields.pop("channel_configuration", None) or make_channel(workspace)
    version = fields.pop("version", None) or make_sendable_version(channel.phone_number)
    audience = fields.pop("audience", None) or make_list(workspace, people)
    return actions.update_campaign(
        actor=actor,
        campaign=campaign,
        channel_configuration=channel,
        version=version,
        audience=audience,
        bindings=fields.pop("bindings", BINDINGS),
        **fields,
    )


def prepare_all(run: CampaignRun, limit: int = 50) -> None:
    """Answers the bell of the preparation until it is done."""
    for _ in range(limit):
        tasks.prepare_run(run.pk)
        run.refresh_from_db()
        if run.prepared_at:
            return


def send_all(run: CampaignRun, meta: FakeMeta) -> None:
    """One run of the real sender for the number of a run."""
    desk = Desk.open(run.frozen["phone_number_id"], "test")
    assert desk is not None
    async_to_sync(sender.run_once)(desk, client=SendClient(meta))
