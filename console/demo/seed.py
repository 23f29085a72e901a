"""Seeds the demo workspace through the product's own actions and the simulator's HTTP: what a new customer would do by hand.

Every step looks first whether it was done before, so that the demo can be started again on the same data.
"""

from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from django.conf import settings
from django.core.files import File
from django.core.management.base import CommandError

from channels_app.accounts import actions as accounts
from channels_app.accounts import channel_actions as channels
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber, WhatsAppAccount
from channels_app.message_templates import actions as message_templates
from channels_app.message_templates.models import TemplateSync
from channels_app.message_templates.states import SYNC
from console.audiences.actions import imports
from console.audiences.actions.profiles import set_test_flag
from console.audiences.models import Audience, Import, Profile
from console.demo.samples import write_profiles
from console.demo.world import (
    AUDIENCE_NAME,
    CHANNEL_NAME,
    PASSWORD,
    SIGN_INS,
    WORKSPACE_NAME,
    WORKSPACE_SLUG,
    Simulator,
)
from console.workspaces import actions as workspaces
from console.workspaces import people, policies
from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace
from console.workspaces.policy_actions import accept_policies

T = TypeVar("T")
Say = Callable[[str], None]
PATIENCE_S = 120
TEST_LANGUAGES = ("en", "ko")


def wait_for(what: str, found: Callable[[], T | None], *, patience_s: float = PATIENCE_S) -> T:
    """Asks until the workers are done; CommandError with what was waited for when they never are."""
    end = monotonic() + patience_s
    while monotonic() < end:
        if (value := found()) is not None:
            return value
        sleep(0.2)
    raise CommandError(
        f"Waited {patience_s:.0f} seconds for {what}. The logs are in {settings.WAYMARK_DATA_DIR / 'logs'}."
    )


def seed(simulator: Simulator, say: Say, *, recipients: int) -> Workspace:
    """The whole demo workspace, ready for a campaign: people, Meta account, webhook, channel, templates, profiles."""
    world = simulator.read("state")["world"]
    workspace, owner = _people(say)
    credentials = _credentials(owner, workspace, world, say)
    account = _account(owner, workspace, credentials, world, say)
    _webhook(owner, workspace, credentials, say)
    _templates(owner, workspace, account, say)
    _channel(owner, workspace, world, say)
    _profiles(owner, workspace, recipients, say)
    _test_profiles(owner, workspace, say)
    return workspace


def _people(say: Say) -> tuple[Workspace, Actor]:
    system = Actor.system("demo")
    for person in SIGN_INS:
        if not User.objects.filter(email=person.email).exists():
            people.create_person(
                actor=system, email=person.email, name=person.name, password=PASSWORD, is_staff=not person.role
            )
    owner = User.objects.get(email=SIGN_INS[0].email)
    workspace = Workspace.objects.filter(slug=WORKSPACE_SLUG).first()
    if workspace is None:
        workspace = workspaces.create_workspace(
            actor=system,
            name=WORKSPACE_NAME,
            owner=owner,
            slug=WORKSPACE_SLUG,
            time_zone="Europe/London",
            default_country="GB",
        )
    actor = Actor(str(owner), owner)
    members = set(workspace.memberships.values_list("user__email", flat=True))
    for person in SIGN_INS:
        if person.role and person.email not in members:
            workspaces.add_member(actor=actor, workspace=workspace, email=person.email, role=person.role)
    if open_ones := policies.open_policies(workspace):
        accept_policies(actor=actor, workspace=workspace, codes=[policy.code for policy in open_ones])
    say(f"Workspace {workspace.name}, {workspace.memberships.count()} members")
    return workspace, actor


def _credentials(actor: Actor, workspace: Workspace, world: dict[str, Any], say: Say) -> ApiCredentials:
    credentials = workspace.api_credentials.first()
    if credentials is None:
        credentials = accounts.add_credentials(
            actor=actor,
            workspace=workspace,
            name="Lumen Coffee",
            app_id=world["app_id"],
            app_secret=world["app_secret"],
            access_token=world["token"],
        )
    credentials = accounts.check_credentials(actor=actor, workspace=workspace, credentials=credentials)
    if credentials.status != "valid":
        raise CommandError(f"The simulator refused the demo's credentials: {credentials.checks}")
    say(f"API credentials checked: {len(credentials.checks)} checks passed")
    return credentials


def _account(
    actor: Actor, workspace: Workspace, credentials: ApiCredentials, world: dict[str, Any], say: Say
) -> WhatsAppAccount:
    account = workspace.whatsapp_accounts.filter(waba_id=world["waba_id"]).first()
    if account is None:
        account = accounts.add_account(
            actor=actor, workspace=workspace, credentials=credentials, waba_id=world["waba_id"]
        )
    numbers = accounts.import_numbers(actor=actor, workspace=workspace, account=account)
    say(f"WhatsApp Business Account {account}, {len(numbers)} phone numbers")
    return account


def _webhook(actor: Actor, workspace: Workspace, credentials: ApiCredentials, say: Say) -> None:
    accounts.subscribe_webhook(actor=actor, workspace=workspace, credentials=credentials)
    say("Webhook subscribed and verified by handshake")


def _templates(actor: Actor, workspace: Workspace, account: WhatsAppAccount, say: Say) -> None:
    message_templates.request_sync(actor=actor, workspace=workspace, account=account)

    def synced() -> TemplateSync | None:
        last = TemplateSync.objects.filter(account=account).first()
        return last if last is not None and SYNC[last.status].is_final else None

    last = wait_for("the workers to sync the templates", synced)
    say(f"Templates synced: {last.seen_count} languages")


def _channel(actor: Actor, workspace: Workspace, world: dict[str, Any], say: Say) -> None:
    channel = workspace.channel_configurations.filter(name=CHANNEL_NAME).first()
    if channel is None:
        number = PhoneNumber.objects.get(workspace=workspace, phone_number_id=world["phone_number_id"])
        channel = channels.create_channel_configuration(
            actor=actor, workspace=workspace, name=CHANNEL_NAME, phone_number=number, purpose="marketing"
        )
    if channel.status != "active":
        channels.submit(actor=actor, workspace=workspace, channel=channel)

    def checked() -> ChannelConfiguration | None:
        channel.refresh_from_db()
        return channel if channel.status in ("active", "failed") else None

    wait_for("the workers to check the channel configuration", checked)
    if channel.status != "active":
        raise CommandError(f"The channel configuration failed: {channel.checks}")
    say(f"Channel configuration {channel.name} is active")


def _profiles(actor: Actor, workspace: Workspace, recipients: int, say: Say) -> None:
    if Audience.objects.filter(workspace=workspace, name=_audience_name(recipients)).exists():
        say("Profiles are here from an earlier start")
        return
    path = sample_file(recipients)
    with path.open("rb") as file:
        batch = imports.upload_file(actor=actor, workspace=workspace, file=File(file), filename=path.name)
    options = {**batch.options, "audience": "new", "audience_name": _audience_name(recipients)}
    imports.configure_import(actor=actor, workspace=workspace, batch=batch, columns_to=batch.mapping, options=options)
    _import_reaches(batch, "ready")
    imports.start_import(actor=actor, workspace=workspace, batch=batch)
    _import_reaches(batch, "done")
    counts = f"{batch.created_count} created, {batch.updated_count} updated"
    say(f"CSV imported: {batch.row_count} rows, {counts}, {batch.skipped_count} skipped, {batch.refused_count} refused")


def _test_profiles(actor: Actor, workspace: Workspace, say: Say) -> None:
    """One person per language to preview messages as: English and Korean."""
    if Profile.objects.filter(workspace=workspace, is_test=True).exists():
        return
    for language in TEST_LANGUAGES:
        consented = Profile.objects.filter(
            workspace=workspace, language__startswith=language, marketing_consent="granted"
        )
        if (person := consented.order_by("pk").first()) is not None:
            set_test_flag(actor=actor, workspace=workspace, profile=person, is_test=True)
            say(f"Test profile {person}, {person.language}")


def _import_reaches(batch: Import, status: str) -> None:
    def arrived() -> bool | None:
        batch.refresh_from_db()
        if batch.status == "failed":
            raise CommandError(f"The import failed: {batch.failure}")
        return True if batch.status == status else None

    wait_for(f"the import to be {status}", arrived, patience_s=900)


def _audience_name(recipients: int) -> str:
    return AUDIENCE_NAME if recipients == SAMPLE_ROWS else f"{AUDIENCE_NAME} ({recipients:,})"


SAMPLE_ROWS = 500


def sample_file(recipients: int) -> Path:
    """The sample of docs/, or a larger one of the same shape, written into the data directory."""
    if recipients == SAMPLE_ROWS:
        return Path(settings.BASE_DIR) / "docs" / "samples" / "profiles.csv"
    path = Path(settings.WAYMARK_DATA_DIR) / f"profiles-{recipients}.csv"
    write_profiles(path, recipients)
    return path


def audience_of(workspace: Workspace, recipients: int) -> Audience:
    return Audience.objects.get(workspace=workspace, name=_audience_name(recipients))
