"""What the tests of connecting share: credentials made and checked against the simulator, and what the checks say."""

from typing import Any

from channels_app.accounts import actions, presenting
from channels_app.accounts.models import ApiCredentials
from channels_app.simulator.world import CONSTANTS
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace


def connect(workspace: Workspace, actor: Actor, **fields: str) -> ApiCredentials:
    values = {
        "name": "Lumen",
        "app_id": CONSTANTS["app_id"],
        "app_secret": CONSTANTS["app_secret"],
        "access_token": CONSTANTS["token"],
        **fields,
    }
    credentials = actions.add_credentials(actor=actor, workspace=workspace, **values)
    return actions.check_credentials(actor=actor, workspace=workspace, credentials=credentials)


def check_again(credentials: ApiCredentials, actor: Actor) -> ApiCredentials:
    credentials.refresh_from_db()
    actions.check_credentials(actor=actor, workspace=credentials.workspace, credentials=credentials)
    credentials.refresh_from_db()
    return credentials


def statuses(checks: list[dict[str, Any]]) -> dict[str, str]:
    return {check["facts"].get("permission", check["code"]): check["status"] for check in checks}


def sentences(checks: list[dict[str, Any]], *wanted: str) -> str:
    """ "Title: text" of the checks of these statuses (failed unless others are wanted)."""
    rows = presenting.checks(checks)
    return " ".join(f"{row['title']}: {row['text']}" for row in rows if row["status"] in (wanted or ("failed",)))
