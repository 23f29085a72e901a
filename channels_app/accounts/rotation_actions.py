"""Renewing a token with no send lost: the new one waits beside the old one until it has passed. Re-exported by actions.

Offered, checked with a client of its own, then either accepted in one transaction or refused with its checks shown.
Until then the old token serves: senders read the secrets anew for each run and never see the one that waits. Who offers
a token checks it at once; what was left unchecked (a crash, Meta out of reach) the task of every minute finds.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.cleaning import clean_secret
from channels_app.accounts.clients import candidate_client
from channels_app.accounts.credential_actions import HINT_LENGTH, keep_findings, refuse_known_token
from channels_app.accounts.credential_inspection import SERVING_CODES, Sight, inspect_credentials
from channels_app.accounts.inspection import Findings
from channels_app.accounts.models import ApiCredentials
from channels_app.accounts.states import ROTATION
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

FORMER_SECRETS = 3
NOTHING_WAITS: dict[str, Any] = {
    "next_access_token": "",
    "next_app_secret": "",
    "next_token_hint": "",
    "next_checks": [],
    "next_offered_at": None,
}


def offer_token(
    *, actor: Actor, workspace: Workspace, credentials: ApiCredentials, access_token: str, app_secret: str = ""
) -> None:
    """Stores a new token, and a new app secret if given, beside the ones that serve. It is checked next.

    Raises Refused for text that can't be a token, for the token that serves already and for one of other credentials;
    MoveRefused while another new token is being checked.
    """
    access_token = clean_secret(access_token) if access_token.strip() else credentials.access_token
    app_secret = clean_secret(app_secret) if app_secret.strip() else ""
    if access_token == credentials.access_token and app_secret in ("", credentials.app_secret):
        raise Refused("accounts.token_same", _("This is the token that is in use already. Enter the new one."))
    refuse_known_token(workspace, access_token, besides=credentials.pk)
    with transaction.atomic():
        ROTATION.move(
            credentials,
            "offer",
            **NOTHING_WAITS
            | {
                "next_access_token": access_token,
                "next_app_secret": "" if app_secret == credentials.app_secret else app_secret,
                "next_token_hint": access_token[-HINT_LENGTH:],
                "next_offered_at": clock.now(),
            },
        )
        changes = {"app_secret_changes": bool(credentials.next_app_secret)}
        audit.record(actor, workspace, "accounts.offer_token", credentials, changes)


def retry_token(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> None:
    """Has a refused new token checked again, for example after its system user was given an account."""
    with transaction.atomic():
        ROTATION.move(credentials, "retry", next_checks=[], next_offered_at=clock.now())
        audit.record(actor, workspace, "accounts.retry_token", credentials)


def withdraw_token(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> None:
    """Discards a new token that was not accepted, or is still being checked; the old one goes on serving."""
    with transaction.atomic():
        ROTATION.move(credentials, "withdraw", **NOTHING_WAITS)
        audit.record(actor, workspace, "accounts.withdraw_token", credentials)


def check_candidate(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> str:
    """Checks the token that waits, and lets it replace the old one when it passed. Gives the rotation's status then.

    "none": it serves now; "failed": refused, the old one serves; "checking": Meta gave no answer, tried again later.
    Where the waiting token was exchanged or withdrawn meanwhile, nothing is written.
    """
    if credentials.rotation != "checking":
        return credentials.rotation
    now = clock.now()
    connected_ids = list(credentials.accounts.order_by("pk").values_list("waba_id", flat=True))
    with candidate_client(credentials) as client:
        findings, sight = inspect_credentials(client, credentials, now, connected_ids=connected_ids)
    failed = {check["code"] for check in findings.checks if check["status"] == "failed"} & SERVING_CODES
    with transaction.atomic():
        stored = ApiCredentials.objects.select_for_update(no_key=True).filter(pk=credentials.pk).first()
        if stored is None or _waiting(stored) != _waiting(credentials):
            return stored.rotation if stored else "none"
        if findings.unanswered and failed <= {"meta_reachable"}:
            ApiCredentials.objects.filter(pk=stored.pk).update(next_checks=findings.checks)
            credentials.next_checks = findings.checks
        elif failed:
            ROTATION.move(credentials, "refuse", next_checks=findings.checks)
            audit.record(actor, workspace, "accounts.refuse_token", credentials, {"failed": sorted(failed)})
        else:
            _accept(actor, workspace, credentials, stored, findings, sight)
    return credentials.rotation


def _waiting(credentials: ApiCredentials) -> tuple[str, str, str]:
    return credentials.rotation, credentials.next_access_token, credentials.next_app_secret


def _accept(
    actor: Actor,
    workspace: Workspace,
    credentials: ApiCredentials,
    stored: ApiCredentials,
    findings: Findings,
    sight: Sight,
) -> None:
    """The new token takes the old one's place; a replaced app secret is kept to name stale webhook signatures."""
    serving = {"access_token": stored.next_access_token, "token_hint": stored.next_token_hint}
    if stored.next_app_secret:
        former = [stored.app_secret, *stored.former_app_secrets]
        kept = [secret for secret in dict.fromkeys(former) if secret != stored.next_app_secret][:FORMER_SECRETS]
        serving |= {"app_secret": stored.next_app_secret, "former_secrets": "\n".join(kept)}
    ROTATION.move(credentials, "accept", **NOTHING_WAITS, **serving)
    keep_findings(credentials, findings, sight, clock.now())
    changes = {"app_secret_changed": "app_secret" in serving}
    audit.record(actor, workspace, "accounts.accept_token", credentials, changes)
