"""Reads of accounts, numbers and channel configurations; no secret leaves through here except sending_secrets."""

from django.conf import settings
from django.db.models import Count, Prefetch, QuerySet
from django.urls import reverse

from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber, WhatsAppAccount
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
        .defer("app_secret", "access_token", "former_secrets", "verify_token")
        .prefetch_related(Prefetch("accounts", accounts))
        .order_by("name", "pk")
    )


def channels(workspace: Workspace) -> QuerySet[ChannelConfiguration]:
    """Channel configurations with sender, account and author, newest change first."""
    return (
        ChannelConfiguration.objects.filter(workspace=workspace)
        .select_related("workspace", "phone_number__account", "created_by")
        .order_by("-updated_at", "-id")
    )


def channel_counts(workspace: Workspace) -> dict[str, int]:
    """{status: how many, "": all}; one grouped query."""
    rows = ChannelConfiguration.objects.filter(workspace=workspace).values_list("status").annotate(n=Count("id"))
    counts = dict(rows.order_by())
    return counts | {"": sum(counts.values())}


def numbers(workspace: Workspace) -> QuerySet[PhoneNumber]:
    return PhoneNumber.objects.filter(workspace=workspace).select_related("account").order_by("verified_name", "pk")


def callback_url(credentials: ApiCredentials) -> str:
    """The address Meta posts this app's webhooks to."""
    path = reverse("hooks:whatsapp", kwargs={"webhook_key": credentials.webhook_key})
    return f"{settings.WEBHOOK_BASE_URL.rstrip('/')}{path}"
