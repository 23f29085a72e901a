"""Connecting a workspace to Meta: credentials, accounts, numbers, webhook. Channel configurations: channel_actions.

Meta is always asked with no transaction open; what it said is then written in one.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import inspection, queries
from channels_app.accounts.channel_actions import (
    create_channel_configuration,
    deactivate_channel_configuration,
    finish_channel_check,
    submit,
    update_channel_configuration,
)
from channels_app.accounts.cleaning import clean_id, clean_secret
from channels_app.accounts.clients import management_client
from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from channels_app.accounts.number_events import apply_number_event
from channels_app.accounts.refusals import refused_by_meta, sentence_of
from channels_app.accounts.states import CREDENTIALS
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError, GraphError
from channels_app.cloud_api.results import Number, Waba
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

__all__ = [
    "add_account",
    "add_credentials",
    "apply_number_event",
    "check_credentials",
    "create_channel_configuration",
    "deactivate_channel_configuration",
    "delete_credentials",
    "finish_channel_check",
    "hear_webhook",
    "import_numbers",
    "refresh_account",
    "renew_token",
    "submit",
    "subscribe_webhook",
    "update_channel_configuration",
    "verify_webhook",
]

FORMER_SECRETS = 3
DEAD_TOKEN_CODES = frozenset({0, 190})  # the token itself was refused; other refusals are about what it may do
WEBHOOK_FIELDS = (
    "messages",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "security",
    "user_preferences",
)


# --- credentials ----------------------------------------------------------------------------------------------
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
        findings = inspection.inspect_credentials(client, credentials, now)
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


# --- accounts and numbers -------------------------------------------------------------------------------------
def add_account(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials, waba_id: str) -> WhatsAppAccount:
    """Connects a WABA after reading it and its numbers at Meta, and imports the numbers. Safe to repeat.

    Raises Refused: not an id, unknown or invisible to the token, a portfolio's or a number's id, another workspace's.
    """
    waba_id = clean_id(waba_id)
    _refuse_foreign_waba(workspace, waba_id)
    with management_client(credentials) as client:
        try:
            numbers = list(client.phone_numbers(waba_id))
            waba = client.waba(waba_id)
        except GraphError as error:
            raise _explain_id(client, waba_id, error) from error
        except CloudApiError as error:
            raise refused_by_meta(error) from error
    return _store_account(actor, workspace, credentials, waba_id, waba, numbers, "accounts.add_account")


def _refuse_foreign_waba(workspace: Workspace, waba_id: str) -> None:
    if WhatsAppAccount.objects.filter(waba_id=waba_id).exclude(workspace=workspace).exists():
        raise Refused(
            "accounts.waba_elsewhere",
            _("This account is connected to another workspace of this installation. It can't be used in two."),
        )


def _explain_id(client: ManagementClient, object_id: str, error: GraphError) -> Refused:
    """Why an id is not a readable WABA: tells a portfolio's and a phone number's id from an unknown one."""
    if _node_has(client, object_id, "display_phone_number"):
        return Refused(
            "accounts.id_is_number",
            _("This is the id of a phone number. Enter the id of the WhatsApp Business Account it belongs to."),
        )
    if _node_has(client, object_id, "verification_status"):
        return Refused(
            "accounts.id_is_portfolio",
            _(
                "This is the id of a business portfolio. Enter the id of a WhatsApp Business Account in it: "
                "WhatsApp Manager shows it beside the account's name."
            ),
        )
    if error.code == 100:
        return Refused(
            "accounts.waba_unknown",
            _(
                "Meta has no account with this id, or this token does not see it. Check the id, and give the account "
                "to the token's system user. (Meta code 100)"
            ),
        )
    return refused_by_meta(error)


def _node_has(client: ManagementClient, object_id: str, field: str) -> bool:
    try:
        return field in client.node(object_id, f"id,{field}")
    except CloudApiError:
        return False


def import_numbers(*, actor: Actor, workspace: Workspace, account: WhatsAppAccount) -> list[PhoneNumber]:
    """Reads the account's numbers at Meta and stores all facts; new ones are added. Gives all numbers of the account."""
    refresh_account(actor=actor, workspace=workspace, account=account)
    return list(account.phone_numbers.order_by("pk"))


def refresh_account(*, actor: Actor, workspace: Workspace, account: WhatsAppAccount) -> None:
    """Reads an account and its numbers again. Raises Refused with the reason when Meta does not answer with them."""
    with management_client(account.credentials) as client:
        try:
            numbers, waba = list(client.phone_numbers(account.waba_id)), client.waba(account.waba_id)
        except CloudApiError as error:
            raise refused_by_meta(error) from error
    _store_account(actor, workspace, account.credentials, account.waba_id, waba, numbers, "accounts.refresh_account")


def _store_account(
    actor: Actor,
    workspace: Workspace,
    credentials: ApiCredentials,
    waba_id: str,
    waba: Waba,
    numbers: list[Number],
    action: str,
) -> WhatsAppAccount:
    now = clock.now()
    facts = {
        "credentials": credentials,
        "name": waba.name,
        "portfolio_id": waba.portfolio_id,
        "currency": waba.currency,
        "review_status": waba.review_status,
        "facts": waba.facts,
        "refreshed_at": now,
    }
    with transaction.atomic():
        _refuse_foreign_waba(workspace, waba_id)
        account, _created = WhatsAppAccount.objects.update_or_create(
            workspace=workspace, waba_id=waba_id, defaults=facts, create_defaults={**facts, "created_at": now}
        )
        for number in numbers:
            store_number(account, number)
        audit.record(actor, workspace, action, account, {"numbers": [number.id for number in numbers]})
    return account


def store_number(account: WhatsAppAccount, number: Number) -> PhoneNumber:
    """Keeps a number as Meta described it now. Refused when another workspace has it."""
    if PhoneNumber.objects.filter(phone_number_id=number.id).exclude(workspace=account.workspace_id).exists():
        raise Refused(
            "accounts.number_elsewhere",
            _("A number of this account is connected to another workspace of this installation."),
        )
    now = clock.now()
    facts = {
        "account": account,
        "display_number": number.display_number,
        "verified_name": number.verified_name,
        "status": number.status,
        "quality_rating": number.quality_rating,
        "throughput_level": number.throughput_level,
        "messaging_limit": number.messaging_limit,
        "name_status": number.name_status,
        "code_verification_status": number.code_verification_status,
        "account_mode": number.account_mode,
        "facts": number.facts,
        "refreshed_at": now,
    }
    stored, _created = PhoneNumber.objects.update_or_create(
        workspace=account.workspace,
        phone_number_id=number.id,
        defaults=facts,
        create_defaults={**facts, "created_at": now},
    )
    return stored


# --- webhook --------------------------------------------------------------------------------------------------
def subscribe_webhook(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> None:
    """Tells Meta where to post: the app's webhook address first (Meta calls it at once), then each account's events.

    Raises Refused with the step that failed; what was subscribed before stays so.
    """
    with management_client(credentials) as client:
        try:
            client.set_app_subscription(
                credentials.app_id,
                callback_url=queries.callback_url(credentials),
                verify_token=credentials.verify_token,
                fields=WEBHOOK_FIELDS,
            )
        except CloudApiError as error:
            raise refused_by_meta(
                error, code="accounts.callback_refused", sentence=_callback_sentence(error)
            ) from error
        subscribed = []
        for account in credentials.accounts.order_by("pk"):
            try:
                client.subscribe_app(account.waba_id)
            except CloudApiError as error:
                raise refused_by_meta(error, code="accounts.subscribe_refused") from error
            subscribed.append(account.pk)
    with transaction.atomic():
        WhatsAppAccount.objects.filter(pk__in=subscribed).update(is_subscribed=True)
        audit.record(actor, workspace, "accounts.subscribe_webhook", credentials, {"accounts": subscribed})


def _callback_sentence(error: CloudApiError) -> Any:
    return _(
        "Meta did not accept the webhook address: it must be reachable from Meta over HTTPS and answer the handshake. "
        "%(reason)s"
    ) % {"reason": sentence_of(error)}


def verify_webhook(*, credentials: ApiCredentials) -> None:
    """Meta made the handshake with the right verify token."""
    with transaction.atomic():
        ApiCredentials.objects.filter(pk=credentials.pk).update(webhook_verified_at=clock.now())
        audit.record(Actor.system("webhook"), credentials.workspace, "accounts.verify_webhook", credentials)


def hear_webhook(*, credentials_id: int) -> None:
    """Notes that Meta posted just now. One UPDATE; callers do it at most once a minute."""
    ApiCredentials.objects.filter(pk=credentials_id).update(webhook_heard_at=clock.now())
