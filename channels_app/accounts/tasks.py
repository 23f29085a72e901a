"""Background work of Configure: channel checks, and reading accounts again every hour."""

import logging

from channels_app.accounts import actions
from channels_app.accounts.models import ChannelConfiguration, WhatsAppAccount
from console.kit import queue
from console.kit.errors import MoveRefused, Refused
from console.workspaces.actors import Actor

log = logging.getLogger("waymark.accounts")


@queue.task(every_minutes=1)
def check_channel(channel_id: int | None = None) -> None:
    """Checks one submitted configuration; without an id all that wait. Twice is harmless: only `processing` is judged."""
    waiting = ChannelConfiguration.objects.filter(status="processing").select_related(
        "workspace", "phone_number__account__credentials"
    )
    for channel in waiting if channel_id is None else waiting.filter(pk=channel_id):
        try:
            actions.finish_channel_check(channel=channel)
        except MoveRefused:
            log.info("accounts: channel %s was checked by another worker", channel.pk)


@queue.task(every_minutes=60)
def refresh_accounts(account_id: int | None = None) -> None:
    """Reads one account, or all, again at Meta; a failure of one leaves the others alone."""
    accounts = WhatsAppAccount.objects.select_related("workspace", "credentials").order_by("refreshed_at", "pk")
    for account in accounts if account_id is None else accounts.filter(pk=account_id):
        try:
            actions.refresh_account(actor=Actor.system("refresh"), workspace=account.workspace, account=account)
        except Refused as refused:
            log.warning("accounts: account %s could not be read: %s", account.pk, refused.code)
