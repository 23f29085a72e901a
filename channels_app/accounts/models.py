"""What connects a workspace to Meta: API credentials, WhatsApp Business Accounts, phone numbers, channel configurations."""

import secrets
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.states import CHANNEL, CREDENTIALS
from console.audiences.models import Purpose
from console.kit.fields import EncryptedTextField, StatusField
from console.workspaces.models import User, Workspace


def new_verify_token() -> str:
    return secrets.token_urlsafe(24)


class ApiCredentials(models.Model):
    """A Meta app and a token that reaches one or more WABAs. Secrets are encrypted and never shown again.

    `webhook_key` is the unguessable part of this app's webhook address; `verify_token` answers Meta's handshake.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_credentials")
    name = models.CharField(_("name"), max_length=120)
    app_id = models.CharField(_("app id"), max_length=32)
    app_secret = EncryptedTextField(_("app secret"))
    access_token = EncryptedTextField(_("access token"))
    former_secrets = EncryptedTextField(default="", blank=True)  # one a line: to name a stale webhook signature
    token_hint = models.CharField(max_length=8, blank=True, default="")  # last characters, to tell tokens apart
    token_type = models.CharField(max_length=40, blank=True, default="")
    token_expires_at = models.DateTimeField(null=True)
    scopes = models.JSONField(default=list)
    waba_ids = models.JSONField(default=list)  # what the token says it reaches
    webhook_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    verify_token = EncryptedTextField(default=new_verify_token)
    webhook_verified_at = models.DateTimeField(null=True)
    webhook_heard_at = models.DateTimeField(null=True)
    status = StatusField(machine=CREDENTIALS, default="unchecked")
    checks = models.JSONField(default=list)  # [{code, status, facts}]
    checked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="credentials_name_once")]
        verbose_name_plural = "API credentials"

    def __str__(self) -> str:
        return self.name

    @property
    def former_app_secrets(self) -> list[str]:
        return self.former_secrets.split()


class WhatsAppAccount(models.Model):
    """A WhatsApp Business Account (WABA; since September 2026 Meta's "Messaging account", same id)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="whatsapp_accounts")
    credentials = models.ForeignKey(ApiCredentials, on_delete=models.PROTECT, related_name="accounts")
    waba_id = models.CharField(max_length=32, unique=True)  # one workspace only: another may not send in its name
    name = models.CharField(max_length=200, blank=True, default="")
    portfolio_id = models.CharField(max_length=32, blank=True, default="")
    currency = models.CharField(max_length=3, blank=True, default="")
    review_status = models.CharField(max_length=24, blank=True, default="")
    is_subscribed = models.BooleanField(default=False)
    templates_synced_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)  # the node as Meta gave it, without secrets
    events = models.JSONField(default=dict)  # {webhook field: the last value Meta posted}
    refreshed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name or self.waba_id


class PhoneNumber(models.Model):
    """A sender, as Meta described it last."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="phone_numbers")
    account = models.ForeignKey(WhatsAppAccount, on_delete=models.CASCADE, related_name="phone_numbers")
    phone_number_id = models.CharField(max_length=32, unique=True)
    waac_id = models.CharField(max_length=32, blank=True, default="")  # WhatsApp account id, from 2027
    display_number = models.CharField(max_length=24)
    verified_name = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=24, blank=True, default="")  # CONNECTED is the only one that can send
    quality_rating = models.CharField(max_length=12, blank=True, default="")
    throughput_level = models.CharField(max_length=20, blank=True, default="")  # STANDARD 80/s, HIGH 1,000/s
    messaging_limit = models.CharField(max_length=20, blank=True, default="")  # of the portfolio: TIER_...
    name_status = models.CharField(max_length=32, blank=True, default="")
    code_verification_status = models.CharField(max_length=16, blank=True, default="")
    account_mode = models.CharField(max_length=12, blank=True, default="")
    facts = models.JSONField(default=dict)
    refreshed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.display_number

    @property
    def can_send(self) -> bool:
        return self.status == "CONNECTED"


class ChannelConfiguration(models.Model):
    """A sender made ready for a purpose: what a campaign or journey chooses."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channel_configurations")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    phone_number = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT, related_name="channel_configurations")
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices, default=Purpose.MARKETING)
    status = StatusField(machine=CHANNEL, default="draft")
    checks = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="channel_name_once")]
        indexes = [models.Index(fields=["workspace", "-updated_at", "-id"], name="channel_by_updated")]

    def __str__(self) -> str:
        return self.name
