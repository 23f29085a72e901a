"""A workspace whose set-up is sound, against the simulator; each test then breaks one thing."""

from datetime import timedelta

from channels_app.accounts import actions as accounts
from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from channels_app.accounts.subscription_actions import WEBHOOK_FIELDS
from channels_app.cloud_api.client import ManagementClient
from channels_app.doctor import examining
from channels_app.doctor.examining import Result
from channels_app.doctor.states import RESULTS
from channels_app.message_templates import actions as templates
from channels_app.message_templates.models import TemplateTranslation
from channels_app.simulator.world import CONSTANTS
from channels_app.webhooks.models import SelfTest
from console.audiences.models import Consent
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.accounts import make_channel
from tests.factories.audiences import make_profile

ORDER = list(RESULTS)


def connect(workspace: Workspace, actor: Actor, **fields: str) -> ApiCredentials:
    values = {
        "name": "Lumen",
        "app_id": CONSTANTS["app_id"],
        "app_secret": CONSTANTS["app_secret"],
        "access_token": CONSTANTS["token"],
        **fields,
    }
    return accounts.add_credentials(actor=actor, workspace=workspace, **values)


def set_up(workspace: Workspace, actor: Actor) -> ApiCredentials:
    """Everything that the checks ask for; needs the fixtures `graph` and `hook_url` (Meta makes its handshake)."""
    credentials = connect(workspace, actor)
    account = accounts.add_account(
        actor=actor, workspace=workspace, credentials=credentials, waba_id=CONSTANTS["waba_id"]
    )
    PhoneNumber.objects.exclude(status="CONNECTED").update(is_sender=False)
    accounts.subscribe_webhook(actor=actor, workspace=workspace, credentials=credentials)
    templates.sync_account(actor=actor, account=account)
    TemplateTranslation.objects.filter(status__in=("PAUSED", "DISABLED")).update(status="ARCHIVED")
    now = clock.now()
    ApiCredentials.objects.update(webhook_heard_at=now)
    SelfTest.objects.create(
        workspace=workspace,
        credentials=credentials,
        nonce="once",
        status="passed",
        started_at=now - timedelta(hours=1),
        finished_at=now,
    )
    make_channel(workspace, PhoneNumber.objects.get(status="CONNECTED"), status="active")
    make_profile(workspace, marketing_consent=Consent.GRANTED)
    credentials.refresh_from_db()
    return credentials


def account_of(credentials: ApiCredentials) -> WhatsAppAccount:
    return credentials.accounts.get()


def meta(credentials: ApiCredentials) -> ManagementClient:
    """To change something at Meta behind the product's back."""
    return ManagementClient(credentials.access_token, credentials.app_secret)


def examine(workspace: Workspace) -> dict[str, Result]:
    """The worst result of each check, asked now."""
    return worst(examining.examine(workspace, []))


def worst(results: list[Result]) -> dict[str, Result]:
    found: dict[str, Result] = {}
    for result in sorted(results, key=lambda row: ORDER.index(row["status"]), reverse=True):
        found[result["code"]] = result
    return found


def trouble(results: dict[str, Result]) -> set[str]:
    """Codes of the checks that failed or warned."""
    return {code for code, result in results.items() if result["status"] in ("failed", "warning")}


__all__ = ["WEBHOOK_FIELDS", "account_of", "connect", "examine", "meta", "set_up", "trouble", "worst"]
