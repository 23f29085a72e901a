"""The webhook's side of Configure: where Meta posts to, and when it was heard. Re-exported by actions.

Meta is always asked with no transaction open; what it said is then written in one.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import handshakes, queries, routing
from channels_app.accounts.clients import management_client
from channels_app.accounts.fact_changes import note_all, note_changes
from channels_app.accounts.models import ApiCredentials, FactChange, PhoneNumber, WhatsAppAccount
from channels_app.accounts.refusals import refused_by_meta
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError
from channels_app.cloud_api.results import AppSubscription
from console.kit import clock
from console.kit.addresses import without_path
from console.kit.errors import Refused
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
SILENCE_MINUTES = (2, 1440)
PERSON = FactChange.Source.PERSON


def read_subscription(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> None:
    """Asks Meta where it posts to, and keeps the answer: the app's address, each account's subscription, overrides.

    One call, and two for each account. Raises Refused with the first thing Meta refused, after keeping the rest.
    """
    refused: Refused | None = None
    with management_client(credentials) as client:
        try:
            app = client.app_subscription(credentials.app_id)
        except CloudApiError as error:
            raise refused_by_meta(error) from error
        found: list[tuple[WhatsAppAccount, dict[str, Any], dict[str, str]]] = []
        for account in credentials.accounts.order_by("pk"):
            try:
                found.append((account, *_account_facts(client, credentials, account)))
            except CloudApiError as error:
                refused = refused or refused_by_meta(error)
    with transaction.atomic():
        before = dict(credentials.subscription)
        _keep(credentials, app)
        for account, facts, overrides in found:
            WhatsAppAccount.objects.filter(pk=account.pk).update(**facts)
            for phone_number_id, url in overrides.items():
                account.phone_numbers.filter(phone_number_id=phone_number_id).update(override_callback_url=url)
        if before.get("callback_url", "") != app.callback_url:
            addresses = (str(before.get("callback_url") or ""), app.callback_url)
            changes = {"callback_url": [without_path(url) for url in addresses]}
            audit.record(actor, workspace, "accounts.read_subscription", credentials, changes)
    if refused:
        raise refused


def _account_facts(
    client: ManagementClient, credentials: ApiCredentials, account: WhatsAppAccount
) -> tuple[dict[str, Any], dict[str, str]]:
    apps = client.subscribed_apps(account.waba_id)
    own = next((app for app in apps if app.app_id == credentials.app_id), None)
    overrides = {}
    for number in client.phone_numbers(account.waba_id):
        hooks = number.facts.get("webhook_configuration")
        overrides[number.id] = str(hooks.get("phone_number") or "")[:200] if isinstance(hooks, dict) else ""
    facts = {"is_subscribed": own is not None, "override_callback_url": own.override_callback_url[:200] if own else ""}
    return facts, overrides


def _keep(credentials: ApiCredentials, app: AppSubscription) -> None:
    credentials.subscription = {
        "callback_url": app.callback_url,
        "fields": list(app.fields),
        "is_active": app.is_active,
        "ours": queries.callback_url(credentials),
    }
    credentials.subscription_read_at = clock.now()
    ApiCredentials.objects.filter(pk=credentials.pk).update(
        subscription=credentials.subscription, subscription_read_at=credentials.subscription_read_at
    )


def subscribe_webhook(
    *, actor: Actor, workspace: Workspace, credentials: ApiCredentials, takes_over: bool = False
) -> list[dict[str, Any]]:
    """Does all that is missing: the app's webhook address (Meta calls it at once), then each account's events.

    Gives the steps [{code, subject, did}]. Raises Refused when the app's address is another system's and `takes_over`
    is not set, and with the step that failed; what was subscribed before stays so.
    """
    callback_url = queries.callback_url(credentials)
    steps: list[dict[str, Any]] = []
    with management_client(credentials) as client:
        steps.append(_set_address(client, credentials, callback_url, takes_over))
        subscribed = []
        for account in credentials.accounts.order_by("pk"):
            try:
                did = _subscribe_account(client, credentials, account)
            except CloudApiError as error:
                raise refused_by_meta(error, code="accounts.subscribe_refused") from error
            steps.append({"code": "account", "subject": str(account), "did": did})
            subscribed.append(account.pk)
    with transaction.atomic():
        accounts = WhatsAppAccount.objects.filter(pk__in=subscribed)
        note_all([(account, {"is_subscribed": True}) for account in accounts], source=PERSON)
        fields = sorted({*(credentials.subscription.get("fields") or []), *WEBHOOK_FIELDS})
        _keep(credentials, AppSubscription(callback_url, tuple(fields), True))
        changes = {"accounts": subscribed, "takes_over": takes_over}
        audit.record(actor, workspace, "accounts.subscribe_webhook", credentials, changes)
    return steps


def _set_address(
    client: ManagementClient, credentials: ApiCredentials, callback_url: str, takes_over: bool
) -> dict[str, Any]:
    started = clock.now()
    try:
        app = client.app_subscription(credentials.app_id)
        if app.callback_url and app.callback_url != callback_url and not takes_over:
            _keep(credentials, app)
            raise Refused(
                "accounts.address_elsewhere",
                _(
                    "This app already posts to another address: %(url)s. Take the address over, which ends the "
                    "events of that system, or send only the messages of one account or number here."
                )
                % {"url": app.callback_url},
            )
        known = app.callback_url == callback_url and app.is_active and set(WEBHOOK_FIELDS) <= set(app.fields)
        if not known or credentials.webhook_verified_at is None:
            client.set_app_subscription(
                credentials.app_id,
                callback_url=callback_url,
                verify_token=credentials.verify_token,
                fields=WEBHOOK_FIELDS,
            )
    except CloudApiError as error:
        raise handshakes.callback_refused(error, credentials, started) from error
    return {"code": "address", "subject": callback_url, "did": not known}


def _subscribe_account(client: ManagementClient, credentials: ApiCredentials, account: WhatsAppAccount) -> bool:
    """Subscribes unless it is: an empty POST would take an override back. Gives whether it had to."""
    if any(app.app_id == credentials.app_id for app in client.subscribed_apps(account.waba_id)):
        return False
    client.subscribe_app(account.waba_id)
    return True


def override_account(*, actor: Actor, workspace: Workspace, account: WhatsAppAccount) -> None:
    """Sends the messages of this account here, whatever the app's address is. Meta makes the handshake at once."""
    credentials, started = account.credentials, clock.now()
    callback_url = _reachable(credentials)
    with management_client(credentials) as client:
        try:
            client.override_account(account.waba_id, callback_url=callback_url, verify_token=credentials.verify_token)
        except CloudApiError as error:
            raise handshakes.callback_refused(error, credentials, started) from error
    with transaction.atomic():
        note_changes(account, {"is_subscribed": True, "override_callback_url": callback_url}, source=PERSON)
        audit.record(actor, workspace, "accounts.override_webhook", account)


def override_number(*, actor: Actor, workspace: Workspace, number: PhoneNumber) -> None:
    """Sends the messages of this number here, whatever app and account say. Subscribes its account if need be."""
    account, started = number.account, clock.now()
    credentials = account.credentials
    callback_url = _reachable(credentials)
    with management_client(credentials) as client:
        try:
            _subscribe_account(client, credentials, account)
            client.override_number(
                number.phone_number_id, callback_url=callback_url, verify_token=credentials.verify_token
            )
        except CloudApiError as error:
            raise handshakes.callback_refused(error, credentials, started) from error
    with transaction.atomic():
        note_changes(account, {"is_subscribed": True}, source=PERSON)
        PhoneNumber.objects.filter(pk=number.pk).update(override_callback_url=callback_url)
        audit.record(actor, workspace, "accounts.override_webhook", number)


def _reachable(credentials: ApiCredentials) -> str:
    callback_url = queries.callback_url(credentials)
    if len(callback_url) > routing.MAX_URL:
        raise Refused(
            "accounts.callback_too_long",
            _("Meta takes no address of more than 200 characters for an override. Shorten WAYMARK_WEBHOOK_BASE_URL."),
        )
    return callback_url


def remove_account_override(*, actor: Actor, workspace: Workspace, account: WhatsAppAccount) -> None:
    """Lets the app's address hold again for this account; it stays subscribed."""
    with management_client(account.credentials) as client:
        try:
            client.subscribe_app(account.waba_id)
        except CloudApiError as error:
            raise refused_by_meta(error) from error
    with transaction.atomic():
        note_changes(account, {"is_subscribed": True, "override_callback_url": ""}, source=PERSON)
        audit.record(actor, workspace, "accounts.remove_override", account)


def remove_number_override(*, actor: Actor, workspace: Workspace, number: PhoneNumber) -> None:
    """Lets the account's or the app's address hold again for this number."""
    with management_client(number.account.credentials) as client:
        try:
            client.override_number(number.phone_number_id, callback_url="", verify_token="")
        except CloudApiError as error:
            raise refused_by_meta(error) from error
    with transaction.atomic():
        PhoneNumber.objects.filter(pk=number.pk).update(override_callback_url="")
        audit.record(actor, workspace, "accounts.remove_override", number)


def unsubscribe_account(*, actor: Actor, workspace: Workspace, account: WhatsAppAccount) -> None:
    """Ends this app's events of one account: nobody learns any more what became of its messages."""
    with management_client(account.credentials) as client:
        try:
            client.unsubscribe_app(account.waba_id)
        except CloudApiError as error:
            raise refused_by_meta(error) from error
    with transaction.atomic():
        note_changes(account, {"is_subscribed": False, "override_callback_url": ""}, source=PERSON)
        audit.record(actor, workspace, "accounts.unsubscribe_account", account)


def disconnect_webhook(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> None:
    """Takes the app's address away at Meta. Refused when it is another system's: that one is not ours to end."""
    with management_client(credentials) as client:
        try:
            app = client.app_subscription(credentials.app_id)
            if app.callback_url and app.callback_url != queries.callback_url(credentials):
                _keep(credentials, app)
                raise Refused(
                    "accounts.address_elsewhere",
                    _("This app posts to another system's address: %(url)s. It is left alone.")
                    % {"url": app.callback_url},
                )
            client.delete_app_subscription(credentials.app_id)
        except CloudApiError as error:
            raise refused_by_meta(error) from error
    with transaction.atomic():
        _keep(credentials, AppSubscription())
        ApiCredentials.objects.filter(pk=credentials.pk).update(webhook_verified_at=None)
        audit.record(actor, workspace, "accounts.disconnect_webhook", credentials)


def set_silence_minutes(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials, minutes: int) -> None:
    """After how many minutes without an event silence is an alert. Raises Refused outside 2 to 1440."""
    lowest, highest = SILENCE_MINUTES
    if not lowest <= minutes <= highest:
        raise Refused("accounts.silence_minutes", _("Choose a time from 2 minutes to a day (1440 minutes)."))
    with transaction.atomic():
        before = credentials.silence_minutes
        ApiCredentials.objects.filter(pk=credentials.pk).update(silence_minutes=minutes)
        audit.record(actor, workspace, "accounts.set_silence", credentials, {"silence_minutes": [before, minutes]})


def verify_webhook(*, credentials: ApiCredentials) -> None:
    """Meta made the handshake with the right verify token."""
    with transaction.atomic():
        ApiCredentials.objects.filter(pk=credentials.pk).update(webhook_verified_at=clock.now())
        note_handshake(credentials_id=credentials.pk, result="verified")
        audit.record(Actor.system("webhook"), credentials.workspace, "accounts.verify_webhook", credentials)


def note_handshake(*, credentials_id: int, result: str, token_hint: str = "") -> None:
    """Keeps what the last handshake was, so that a refusal of Meta's can be explained. One UPDATE."""
    seen = {"result": result, "at": clock.now().isoformat(), "token_hint": token_hint}
    ApiCredentials.objects.filter(pk=credentials_id).update(last_handshake=seen)


def hear_webhook(*, credentials_id: int) -> None:
    """Notes that Meta posted just now. One UPDATE; callers do it at most once a minute."""
    ApiCredentials.objects.filter(pk=credentials_id).update(webhook_heard_at=clock.now())
