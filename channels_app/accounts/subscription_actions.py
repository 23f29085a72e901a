"""The webhook's side of Configure: where Meta posts to, and when it was heard. Re-exported by actions.

Meta is always asked with no transaction open; what it said is then written in one.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import queries
from channels_app.accounts.clients import management_client
from channels_app.accounts.models import ApiCredentials, WhatsAppAccount
from channels_app.accounts.refusals import refused_by_meta, sentence_of
from channels_app.cloud_api.errors import CloudApiError
from console.kit import clock
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

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
