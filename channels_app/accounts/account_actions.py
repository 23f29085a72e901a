"""WhatsApp Business Accounts and their numbers: connect, read again. Re-exported by actions.

Meta is always asked with no transaction open; what it said is then written in one.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.cleaning import clean_id
from channels_app.accounts.clients import management_client
from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from channels_app.accounts.readings import keep_account, keep_numbers
from channels_app.accounts.refusals import refused_by_meta
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError, GraphError
from channels_app.cloud_api.results import Number, Waba
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

ELSEWHERE = _("This account is connected to another workspace of this installation. It can't be used in two.")
# Why an account can't be chosen, by Meta's review of it. What is connected already stays.
NOT_USABLE = {
    "PENDING": _("Can’t be used yet: Meta is still reviewing this account."),
    "DEFERRED": _("Can’t be used yet: Meta has put the review of this account off."),
    "REJECTED": _("Can’t be used: Meta did not approve this account. Appeal in Meta Business Suite."),
}

READ_EVERY = timedelta(minutes=55)  # each account at its own minute: the ring comes every five


def add_account(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials, waba_id: str) -> WhatsAppAccount:
    """Connects a WABA after reading it and its numbers at Meta, and imports the numbers. Safe to repeat.

    Raises Refused: not an id, unknown or invisible to the token, a portfolio's, an app's or a number's id, another
    workspace's, one that Meta has not approved yet.
    """
    waba_id = clean_id(waba_id)
    if waba_id == credentials.app_id:
        raise Refused(
            "accounts.id_is_app",
            _("This is the id of the app. Enter the id of a WhatsApp Business Account that the token sees."),
        )
    _refuse_foreign_waba(workspace, waba_id)
    read_at = clock.now()
    with management_client(credentials) as client:
        try:
            numbers = list(client.phone_numbers(waba_id))
            waba = client.waba(waba_id)
        except GraphError as error:
            raise _explain_id(client, waba_id, error) from error
        except CloudApiError as error:
            raise refused_by_meta(error) from error
    if not WhatsAppAccount.objects.filter(workspace=workspace, waba_id=waba_id).exists():
        _refuse_unreviewed(waba)
    return _store_account(actor, workspace, credentials, waba_id, read_at, waba, numbers, "accounts.add_account")


def _refuse_unreviewed(waba: Waba) -> None:
    sentence = NOT_USABLE.get(waba.review_status)
    if sentence:
        raise Refused("accounts.under_review", sentence)


def _refuse_foreign_waba(workspace: Workspace, waba_id: str) -> None:
    if WhatsAppAccount.objects.filter(waba_id=waba_id).exclude(workspace=workspace).exists():
        raise Refused("accounts.waba_elsewhere", ELSEWHERE)


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
    """Reads an account and its numbers again. Raises Refused with the reason when Meta does not answer with them.

    The try is noted either way: see due_for_reading.
    """
    read_at = clock.now()
    mine = WhatsAppAccount.objects.filter(pk=account.pk)
    with management_client(account.credentials) as client:
        try:
            numbers, waba = list(client.phone_numbers(account.waba_id)), client.waba(account.waba_id)
        except CloudApiError as error:
            mine.update(read_tried_at=read_at, read_failure=error.code or 0)
            raise refused_by_meta(error) from error
    action, waba_id = "accounts.refresh_account", account.waba_id
    _store_account(actor, workspace, account.credentials, waba_id, read_at, waba, numbers, action)
    mine.update(read_tried_at=read_at, read_failure=None)


def due_for_reading(now: datetime) -> QuerySet[WhatsAppAccount]:
    """The accounts that were not read for an hour, the longest unread first; a failed try counts as one."""
    is_due = Q(read_tried_at__isnull=True) | Q(read_tried_at__lte=now - READ_EVERY)
    return WhatsAppAccount.objects.filter(is_due).order_by("read_tried_at", "pk")


def _store_account(
    actor: Actor,
    workspace: Workspace,
    credentials: ApiCredentials,
    waba_id: str,
    read_at: datetime,
    waba: Waba,
    numbers: list[Number],
    action: str,
) -> WhatsAppAccount:
    try:
        with transaction.atomic():
            _refuse_foreign_waba(workspace, waba_id)
            account, _created = WhatsAppAccount.objects.get_or_create(
                workspace=workspace, waba_id=waba_id, defaults={"credentials": credentials, "created_at": clock.now()}
            )
            keep_account(account, waba, read_at=read_at, credentials=credentials)
            keep_numbers(account, numbers, read_at=read_at)
            if actor.user is not None or action != "accounts.refresh_account":
                audit.record(actor, workspace, action, account, {"numbers": [number.id for number in numbers]})
    except IntegrityError as error:  # another workspace was faster by a moment
        raise Refused("accounts.waba_elsewhere", ELSEWHERE) from error
    return account
