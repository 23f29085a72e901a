"""Background work of Configure: checks of channels and tokens, and reading accounts again every hour."""

import logging
from datetime import timedelta

from django.db.models import Q, QuerySet

from channels_app.accounts import actions, channel_checking
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, WhatsAppAccount
from console.kit import clock, queue
from console.kit.errors import MoveRefused, Refused
from console.workspaces.actors import Actor

SENDER = ("workspace", "phone_number__account__credentials")
log = logging.getLogger("waymark.accounts")
TOKEN_CHECK_EVERY = timedelta(minutes=55)  # each credentials at their own minute of the hour: the ring comes every five
TOKEN_RETRY_AFTER = timedelta(minutes=9)  # where Meta could not be asked
TOKENS_A_RING = 50
ACCOUNTS_A_RING = 100
CANDIDATE_LEFT_AFTER = timedelta(seconds=30)  # whoever offered it checks it at once; older ones were left behind


@queue.task(every_minutes=1)
def check_channel(channel_id: int | None = None) -> None:
    """Checks one submitted configuration or update; without an id all that wait and nobody holds. Twice is harmless."""
    waiting = channel_checking.due_channels(clock.now()).select_related(*SENDER)
    for channel in waiting if channel_id is None else waiting.filter(pk=channel_id):
        try:
            actions.finish_channel_check(channel=channel)
        except MoveRefused:
            log.info("accounts: channel %s was checked by another worker", channel.pk)
        except Exception:  # one that breaks is tried again when its hold runs out; the others go on
            log.exception("accounts: channel %s could not be checked", channel.pk)


@queue.task(every_minutes=60)
def recheck_channels(channel_id: int | None = None) -> None:
    """Asks again about active configurations whose last checks are a day old; one that breaks leaves the others alone."""
    due = ChannelConfiguration.objects.filter(status="active").select_related(*SENDER).order_by("checked_at", "pk")
    is_old = Q(checked_at__isnull=True) | Q(checked_at__lte=clock.now() - channel_checking.RECHECK_AFTER)
    for channel in due.filter(is_old) if channel_id is None else due.filter(pk=channel_id):
        try:
            actions.recheck_channel(channel=channel)
        except Exception:
            log.exception("accounts: channel %s could not be checked again", channel.pk)


@queue.task(every_minutes=5)
def refresh_accounts(account_id: int | None = None) -> None:
    """Reads one account again at Meta; without an id rings for each that was not read for an hour, and ends what has
    run out."""
    if account_id is None:
        actions.end_restrictions(clock.now())
        for pk in actions.due_for_reading(clock.now()).values_list("pk", flat=True)[:ACCOUNTS_A_RING]:
            queue.ring(refresh_accounts, pk)
        return
    account = WhatsAppAccount.objects.select_related("workspace", "credentials").filter(pk=account_id).first()
    if account is None:
        return
    try:
        actions.refresh_account(actor=Actor.system("refresh"), workspace=account.workspace, account=account)
    except Refused as refused:
        log.warning("accounts: account %s could not be read: %s", account.pk, refused.code)


@queue.task(every_minutes=5)
def check_tokens(credentials_id: int | None = None) -> None:
    """Checks one token at Meta; without an id rings for each that was not checked for an hour, so one can't delay another."""
    if credentials_id is None:
        for pk in _due_tokens().order_by("checked_at", "pk").values_list("pk", flat=True)[:TOKENS_A_RING]:
            queue.ring(check_tokens, pk)
        return
    credentials = _due_tokens().select_related("workspace").filter(pk=credentials_id).first()
    if credentials is not None:
        actor = Actor.system("token check")
        actions.check_credentials(actor=actor, workspace=credentials.workspace, credentials=credentials)


def _due_tokens() -> QuerySet[ApiCredentials]:
    now = clock.now()
    is_due = Q(checked_at__isnull=True) | Q(checked_at__lt=now - TOKEN_CHECK_EVERY)
    is_patient = Q(unanswered_at__isnull=True) | Q(unanswered_at__lt=now - TOKEN_RETRY_AFTER)
    is_settled = Q(created_at__lt=now - CANDIDATE_LEFT_AFTER)
    return ApiCredentials.objects.filter(is_due & is_patient & is_settled)


@queue.task(every_minutes=1)
def check_candidates(credentials_id: int | None = None) -> None:
    """Checks one new token that waits, or all that were left behind; twice is harmless."""
    waiting = ApiCredentials.objects.filter(rotation="checking").select_related("workspace").order_by("pk")
    if credentials_id is None:
        waiting = waiting.filter(next_offered_at__lt=clock.now() - CANDIDATE_LEFT_AFTER)
    else:
        waiting = waiting.filter(pk=credentials_id)
    for credentials in waiting:
        try:
            actions.check_candidate(
                actor=Actor.system("token check"), workspace=credentials.workspace, credentials=credentials
            )
        except Exception:  # whatever is wrong with one, the others are checked
            log.exception("accounts: the new token of credentials %s could not be checked", credentials.pk)


@queue.task(every_minutes=5)
def read_subscriptions(credentials_id: int | None = None) -> None:
    """Asks Meta where one app posts to; without an id rings for each that was not asked for an hour."""
    if credentials_id is None:
        is_old = Q(subscription_read_at__isnull=True) | Q(subscription_read_at__lte=clock.now() - timedelta(hours=1))
        due = ApiCredentials.objects.filter(is_old, accounts__isnull=False).exclude(status="dead")
        oldest = due.order_by("subscription_read_at", "pk").values_list("pk", flat=True).distinct()
        for pk in oldest[:TOKENS_A_RING]:
            queue.ring(read_subscriptions, pk)
        return
    credentials = ApiCredentials.objects.select_related("workspace").filter(pk=credentials_id).first()
    if credentials is None:
        return
    try:
        actions.read_subscription(
            actor=Actor.system("refresh"), workspace=credentials.workspace, credentials=credentials
        )
    except Refused as refused:
        log.warning("accounts: the webhook of credentials %s could not be read: %s", credentials.pk, refused.code)
