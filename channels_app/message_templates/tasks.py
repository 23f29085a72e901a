"""Entry points of the workers: syncing templates."""

import logging

from channels_app.accounts.models import WhatsAppAccount
from channels_app.message_templates import actions
from console.kit.queue import task
from console.workspaces.actors import Actor

log = logging.getLogger("waymark.templates")


@task(every_minutes=60)
def sync_templates(account_id: int | None = None) -> None:
    """Syncs one account, or (by the schedule) all of them; one that fails does not keep the others from it."""
    accounts = WhatsAppAccount.objects.select_related("credentials", "workspace").order_by("pk")
    if account_id is not None:
        accounts = accounts.filter(pk=account_id)
    for account in accounts:
        try:
            actions.sync_account(actor=Actor.system("template sync"), account=account)
        except actions.SyncFailed as failed:
            log.warning("templates: account %s could not be synced: %s", account.pk, failed.code)


@task(every_minutes=1)
def sync_new_accounts() -> None:
    """Asks for the first sync of accounts that were just connected: none waits for the hour. Twice is harmless."""
    fresh = WhatsAppAccount.objects.filter(templates_synced_at__isnull=True, template_sync__isnull=True)
    for account in fresh.select_related("workspace").order_by("pk"):
        actions.request_sync(actor=Actor.system("template sync"), workspace=account.workspace, account=account)
