"""Reads of accounts, numbers and channel configurations; no secret leaves through here except sending_secrets."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber, WhatsAppAccount
from console.alerts.models import Alert
from console.workspaces.models import Workspace


def sending_secrets(phone_number: PhoneNumber) -> tuple[str, str]:
    """(access token, app secret) to send with. One query unless account and credentials were selected along."""
    row = (
        ApiCredentials.objects.filter(accounts=phone_number.account_id)
        .values_list("access_token", "app_secret")
        .first()
    )
    return row or ("", "")


def credentials_with_accounts(workspace: Workspace) -> QuerySet[ApiCredentials]:
    """Credentials with their accounts and numbers, by name. Three queries; secrets are not loaded."""
    accounts = WhatsAppAccount.objects.order_by("name", "pk").prefetch_related(
        Prefetch("phone_numbers", PhoneNumber.objects.order_by("verified_name", "pk"))
    )
    return (
        ApiCredentials.objects.filter(workspace=workspace)
        .defer("app_secret", "access_token", "former_secrets", "verify_token", "next_access_token", "next_app_secret")
        .prefetch_related(Prefetch("accounts", accounts))
        .order_by("name", "pk")
    )


def numbers(workspace: Workspace) -> QuerySet[PhoneNumber]:
    return PhoneNumber.objects.filter(workspace=workspace).select_related("account").order_by("verified_name", "pk")


def connected_elsewhere(credentials: ApiCredentials, waba_ids: Iterable[str]) -> dict[str, str]:
    """{waba id: the other credentials' name, "" in another workspace} of accounts that are in use already. One query."""
    rows = WhatsAppAccount.objects.filter(waba_id__in=list(waba_ids)).exclude(credentials=credentials)
    return {
        waba_id: name if workspace_id == credentials.workspace_id else ""
        for waba_id, workspace_id, name in rows.values_list("waba_id", "workspace_id", "credentials__name")
    }


def senders_in_use(workspace: Workspace) -> dict[int, list[ChannelConfiguration]]:
    """{number: the configurations that send with it or are about to}. One query."""
    found: dict[int, list[ChannelConfiguration]] = {}
    rows = ChannelConfiguration.objects.filter(workspace=workspace, status__in=("active", "processing"))
    for row in rows.only("pk", "name", "phone_number_id").order_by("name", "pk"):
        found.setdefault(row.phone_number_id, []).append(row)
    return found


def accounts_with_numbers(credentials: ApiCredentials) -> list[WhatsAppAccount]:
    """The accounts of these credentials with their numbers, by name. Two queries."""
    numbers = Prefetch("phone_numbers", PhoneNumber.objects.order_by("verified_name", "pk"))
    return list(credentials.accounts.order_by("name", "pk").prefetch_related(numbers))


def open_silences(workspace: Workspace, accounts: Sequence[WhatsAppAccount]) -> list[Alert]:
    """Open alerts about numbers of these accounts that Meta accepts messages of and tells nothing about. One query."""
    keys = [str(number.pk) for account in accounts for number in account.phone_numbers.all()]
    return list(
        Alert.objects.filter(
            workspace=workspace, kind="webhooks.silence", key__in=keys, resolved_at__isnull=True
        ).order_by("pk")
    )


def callback_url(credentials: ApiCredentials) -> str:
    """The address Meta posts this app's webhooks to."""
    path = reverse("hooks:whatsapp", kwargs={"webhook_key": credentials.webhook_key})
    return f"{settings.WEBHOOK_BASE_URL.rstrip('/')}{path}"
