"""API credentials: add, check, renew, delete. Re-exported by actions.

Meta is always asked with no transaction open; what it said is then written in one.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import credential_inspection
from channels_app.accounts.cleaning import clean_id, clean_secret
from channels_app.accounts.clients import management_client
from channels_app.accounts.models import ApiCredentials
from channels_app.accounts.states import CREDENTIALS
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

FORMER_SECRETS = 3
DEAD_TOKEN_CODES = frozenset({0, 190})  # the token itself was refused; other refusals are about what it may do


def add_credentials(
    *, actor: Actor, workspace: Workspace, name: str, app_id: str, app_secret: str, access_token: str
) -> ApiCredentials:
    """Stores a Meta app and its token, encrypted. Nothing is asked at Meta yet: see check_credentials.

    Raises Refused for ids and secrets that can't be any, and for a name that is taken.
    """
    app_id, app_secret, access_token = clean_id(app_id), clean_secret(app_secret), clean_secret(access_token)
    try:
        with transaction.atomic():
            credentials = ApiCredentials.objects.create(
                workspace=workspace,
                name=name.strip(),
                app_id=app_id,
                app_secret=app_secret,
                access_token=access_token,
                token_hint=access_token[-4:],
                created_by=actor.user,
                created_at=clock.now(),
            )
            audit.record(actor, workspace, "accounts.add_credentials", credentials, {"app_id": app_id})
    except IntegrityError as error:
        raise Refused(
            "accounts.name_taken", _("There are already credentials of this name. Choose another name.")
        ) from error
    return credentials


def check_credentials(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> ApiCredentials:
    """Asks Meta about token, app, permissions and accounts, and stores each result. Never raises for what Meta says."""
    now = clock.now()
    with management_client(credentials) as client:
        findings = credential_inspection.inspect_credentials(client, credentials, now)
    token = findings.token
    updates: dict[str, Any] = {"checks": findings.checks, "checked_at": now}
    if token and token.is_valid:
        updates |= {
            "token_type": token.type[:40],
            "token_expires_at": token.expires_at,
            "scopes": list(token.scopes),
            "waba_ids": list(token.waba_ids),
        }
    move = "die" if findings.is_token_dead else "fail" if findings.has_failed else "pass"
    with transaction.atomic():
        before = credentials.status
        CREDENTIALS.move(credentials, move, **updates)
        failed = [check["code"] for check in findings.checks if check["status"] == "failed"]
        changes = {"status": [before, credentials.status], "failed": failed}
        audit.record(actor, workspace, "accounts.check_credentials", credentials, changes)
    return credentials


def renew_token(
    *, actor: Actor, workspace: Workspace, credentials: ApiCredentials, access_token: str, app_secret: str = ""
) -> None:
    """Replaces the token and, if given, the app secret; the old secret is kept to name stale webhook signatures."""
    access_token = clean_secret(access_token)
    updates: dict[str, Any] = {"access_token": access_token, "token_hint": access_token[-4:]}
    if app_secret.strip():
        app_secret = clean_secret(app_secret)
        if app_secret != credentials.app_secret:
            former = [credentials.app_secret, *credentials.former_app_secrets]
            kept = [secret for secret in dict.fromkeys(former) if secret != app_secret][:FORMER_SECRETS]
            updates |= {"app_secret": app_secret, "former_secrets": "\n".join(kept)}
    with transaction.atomic():
        CREDENTIALS.move(credentials, "renew", **updates)
        audit.record(
            actor, workspace, "accounts.renew_token", credentials, {"app_secret_changed": "app_secret" in updates}
        )


def note_refused_token(
    *, actor: Actor, workspace: Workspace, credentials_id: int, access_token: str, code: int
) -> bool:
    """Notes Meta's explicit answer that a token may not send; True when that is news.

    Only while the token is still the one that was refused: somebody may have renewed it in between.
    """
    with transaction.atomic():
        credentials = ApiCredentials.objects.select_for_update().get(pk=credentials_id, workspace=workspace)
        move = "die" if code in DEAD_TOKEN_CODES else "fail"
        if credentials.access_token != access_token or credentials.status in ("dead", CREDENTIALS.moves[move].target):
            return False
        before = credentials.status
        CREDENTIALS.move(credentials, move)
        changes = {"status": [before, credentials.status], "code": code}
        audit.record(actor, workspace, "accounts.note_refused_token", credentials, changes)
    return True


def delete_credentials(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> None:
    """Deletes credentials that no account uses; Refused otherwise."""
    with transaction.atomic():
        if credentials.accounts.exists():
            raise Refused(
                "accounts.credentials_in_use",
                _("These credentials are used by an account. Sending with it would stop, so they can't be deleted."),
            )
        audit.record(actor, workspace, "accounts.delete_credentials", credentials)
        credentials.delete()
