"""API credentials: add, change, check, delete. Re-exported by actions; renewing tokens is in rotation_actions.

Meta is always asked with no transaction open; what it said is then written in one.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import token_alerts
from channels_app.accounts.cleaning import clean_id, clean_secret
from channels_app.accounts.clients import management_client
from channels_app.accounts.credential_inspection import Sight, inspect_credentials
from channels_app.accounts.inspection import DEAD_TOKEN_CODES, Findings
from channels_app.accounts.models import ApiCredentials
from channels_app.accounts.states import CREDENTIALS
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

HINT_LENGTH = 4
NAME_TAKEN = _("There are already credentials of this name. Choose another name.")


def add_credentials(
    *,
    actor: Actor,
    workspace: Workspace,
    name: str,
    app_id: str,
    app_secret: str,
    access_token: str,
    portfolio_id: str = "",
) -> ApiCredentials:
    """Stores a Meta app and its token, encrypted. Nothing is asked at Meta yet: see check_credentials.

    Raises Refused for ids and secrets that can't be any, for a name that is taken and a token that is here already.
    """
    app_id, app_secret, access_token = clean_id(app_id), clean_secret(app_secret), clean_secret(access_token)
    portfolio_id = clean_id(portfolio_id) if portfolio_id.strip() else ""
    refuse_known_token(workspace, access_token)
    try:
        with transaction.atomic():
            credentials = ApiCredentials.objects.create(
                workspace=workspace,
                name=name.strip(),
                app_id=app_id,
                app_secret=app_secret,
                access_token=access_token,
                token_hint=access_token[-HINT_LENGTH:],
                portfolio_id=portfolio_id,
                created_by=actor.user,
                created_at=clock.now(),
            )
            changes = {"app_id": app_id, "portfolio_id": portfolio_id}
            audit.record(actor, workspace, "accounts.add_credentials", credentials, changes)
    except IntegrityError as error:
        raise Refused("accounts.name_taken", NAME_TAKEN) from error
    return credentials


def refuse_known_token(workspace: Workspace, access_token: str, *, besides: int = 0) -> None:
    """Raises Refused when other credentials of the workspace have or wait for this token. One query."""
    hint = access_token[-HINT_LENGTH:]
    others = ApiCredentials.objects.filter(workspace=workspace).exclude(pk=besides)
    for other in others.order_by("pk"):
        is_near = hint in (other.token_hint, other.next_token_hint)
        if is_near and access_token in (other.access_token, other.next_access_token):
            raise Refused(
                "accounts.token_known",
                _("This token is connected already: it belongs to the credentials “%(name)s”.") % {"name": other.name},
                fix_url=reverse("accounts:access", args=[workspace.slug, other.pk]),
                fix_label=_("Open these credentials"),
            )


def change_credentials(
    *, actor: Actor, workspace: Workspace, credentials: ApiCredentials, name: str, portfolio_id: str
) -> None:
    """Renames credentials and sets the business portfolio they are checked against. Raises Refused for a taken name."""
    name, portfolio_id = name.strip(), clean_id(portfolio_id) if portfolio_id.strip() else ""
    changes = {}
    for field, value in (("name", name), ("portfolio_id", portfolio_id)):
        if getattr(credentials, field) != value:
            changes[field] = [getattr(credentials, field), value]
            setattr(credentials, field, value)
    if "portfolio_id" in changes:
        credentials.portfolio_name = ""
    try:
        with transaction.atomic():
            credentials.save(update_fields=["name", "portfolio_id", "portfolio_name"])
            audit.record(actor, workspace, "accounts.change_credentials", credentials, changes)
    except IntegrityError as error:
        raise Refused("accounts.name_taken", NAME_TAKEN) from error


def check_credentials(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> ApiCredentials:
    """Asks Meta about token, app, permissions, portfolio and accounts, and stores each result.

    Never raises for what Meta says. Where Meta can't be asked, status and results stay and only that is noted; where
    somebody renewed the token meanwhile, nothing is stored: the answers are about the old one.
    """
    now = clock.now()
    connected_ids = list(credentials.accounts.order_by("pk").values_list("waba_id", flat=True))
    with management_client(credentials) as client:
        findings, sight = inspect_credentials(client, credentials, now, connected_ids=connected_ids)
    with transaction.atomic():
        stored = ApiCredentials.objects.select_for_update(no_key=True).filter(pk=credentials.pk).first()
        if stored is None or secrets_of(stored) != secrets_of(credentials):
            return stored or credentials
        before = stored.status
        keep_findings(credentials, findings, sight, now)
        if actor.user is not None or credentials.status != before:
            failed = [check["code"] for check in findings.checks if check["status"] == "failed"]
            changes = {"status": [before, credentials.status], "failed": failed}
            audit.record(actor, workspace, "accounts.check_credentials", credentials, changes)
    return credentials


def secrets_of(credentials: ApiCredentials) -> tuple[str, str]:
    return credentials.access_token, credentials.app_secret


def keep_findings(credentials: ApiCredentials, findings: Findings, sight: Sight, now: datetime, **updates: Any) -> None:
    """Writes what an inspection found, moves the status and tells of it. Call it inside a transaction.

    Only what Meta answered moves the status: no connection, a timeout, a broken server or too many calls say nothing.
    """
    _add_same_app(credentials, findings)
    failed = {check["code"] for check in findings.checks if check["status"] == "failed"}
    if findings.token and findings.token.is_valid:
        updates |= _token_facts(findings)
    if findings.unanswered and failed <= {"meta_reachable"}:
        updates |= {"unanswered_at": now, "unanswered": findings.unanswered}
        if credentials.checked_at is None:
            updates["checks"] = findings.checks
        ApiCredentials.objects.filter(pk=credentials.pk).update(**updates)
        for field, value in updates.items():
            setattr(credentials, field, value)
    else:
        updates |= {"checks": findings.checks, "checked_at": now, "unanswered_at": None, "unanswered": {}}
        stays_dead = findings.token is None and credentials.status == "dead"  # the token itself was not judged anew
        updates |= {} if stays_dead else _refusal(findings, now)
        if sight.wabas or sight.hidden:
            updates["offered"] = sight.rows
        if sight.portfolio is not None:
            updates["portfolio_name"] = sight.portfolio.name
        move = "die" if findings.is_token_dead or stays_dead else "fail" if failed else "pass"
        CREDENTIALS.move(credentials, move, **updates)
        token_alerts.tell_dead(credentials)
    token_alerts.tell_expiry(credentials, now)


def _token_facts(findings: Findings) -> dict[str, Any]:
    token = findings.token
    assert token is not None
    return {
        "token_type": token.type[:40],
        "token_expires_at": token.expires_at,
        "scopes": list(token.scopes),
        "waba_ids": list(token.waba_ids),
    }


def _refusal(findings: Findings, now: datetime) -> dict[str, Any]:
    if findings.is_token_dead and findings.token:
        return {"refused_code": findings.token.error_code, "refused_at": now}
    return {"refused_code": None, "refused_at": None}


def _add_same_app(credentials: ApiCredentials, findings: Findings) -> None:
    """An app has one webhook address: two credentials of one app in a workspace take it from each other."""
    others = ApiCredentials.objects.filter(workspace=credentials.workspace_id, app_id=credentials.app_id)
    names = list(others.exclude(pk=credentials.pk).order_by("name").values_list("name", flat=True))
    if names:
        findings.add("app_once", "warning", names="”, “".join(names))


def note_refused_token(
    *, actor: Actor, workspace: Workspace, credentials_id: int, access_token: str, code: int
) -> bool:
    """Notes Meta's explicit answer that a token may not send; True when that is news.

    Only while the token is still the one that was refused: somebody may have renewed it in between.
    """
    with transaction.atomic():
        credentials = ApiCredentials.objects.select_for_update(no_key=True).get(pk=credentials_id, workspace=workspace)
        move = "die" if code in DEAD_TOKEN_CODES else "fail"
        if credentials.access_token != access_token or credentials.status in ("dead", CREDENTIALS.moves[move].target):
            return False
        before = credentials.status
        refusal = {"refused_code": code, "refused_at": clock.now()} if move == "die" else {}
        CREDENTIALS.move(credentials, move, **refusal)
        token_alerts.tell_dead(credentials)
        changes = {"status": [before, credentials.status], "code": code}
        audit.record(actor, workspace, "accounts.note_refused_token", credentials, changes)
    return True


def delete_credentials(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> None:
    """Deletes credentials that no account uses; Refused otherwise, naming one that does."""
    with transaction.atomic():
        account = credentials.accounts.order_by("name", "pk").first()
        if account is not None:
            raise Refused(
                "accounts.credentials_in_use",
                _(
                    "These credentials are used by the account “%(name)s”. Sending with it would stop, so they can't be "
                    "deleted. Connect the account through other credentials first."
                )
                % {"name": account},
            )
        token_alerts.forget(credentials)
        audit.record(actor, workspace, "accounts.delete_credentials", credentials)
        credentials.delete()
