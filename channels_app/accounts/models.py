"""What connects a workspace to Meta: API credentials, WABAs, phone numbers, what changed about them, channel
configurations."""

import secrets
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.states import CHANNEL, CHANNEL_VERSION, CREDENTIALS, ROTATION
from console.audiences.models import Purpose
from console.kit.fields import EncryptedTextField, StatusField
from console.workspaces.models import User, Workspace


def new_verify_token() -> str:
    return secrets.token_urlsafe(24)


class ApiCredentials(models.Model):
    """A Meta app and a token that reaches one or more WABAs. Secrets are encrypted and never shown again.

    `webhook_key` is the unguessable part of this app's webhook address; `verify_token` answers Meta's handshake.
    A renewed token waits in the `next_*` columns until it has passed its checks: until then the old one serves.
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
    offered = models.JSONField(default=list)  # the WABAs it showed last: [{id, name, review_status, portfolio_id, ...}]
    webhook_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    verify_token = EncryptedTextField(default=new_verify_token)
    webhook_verified_at = models.DateTimeField(null=True)
    webhook_heard_at = models.DateTimeField(null=True)
    portfolio_id = models.CharField(_("business portfolio id"), max_length=32, blank=True, default="")
    portfolio_name = models.CharField(max_length=200, blank=True, default="")
    status = StatusField(machine=CREDENTIALS, default="unchecked")
    checks = models.JSONField(default=list)  # [{code, status, facts}]
    checked_at = models.DateTimeField(null=True)
    unanswered_at = models.DateTimeField(null=True)  # since checked_at Meta could not be asked: nothing is known anew
    unanswered = models.JSONField(default=dict)  # why not: codes, class and Meta's text
    refused_code = models.IntegerField(null=True)  # of Meta's explicit answer that the token is dead
    refused_at = models.DateTimeField(null=True)
    rotation = StatusField(machine=ROTATION, default="none")
    next_access_token = EncryptedTextField(default="", blank=True)
    next_app_secret = EncryptedTextField(default="", blank=True)  # empty: the app secret stays
    next_token_hint = models.CharField(max_length=8, blank=True, default="")
    next_checks = models.JSONField(default=list)
    next_offered_at = models.DateTimeField(null=True)
    subscription = models.JSONField(default=dict)  # the app's at Meta: {callback_url, fields, is_active, ours}
    subscription_read_at = models.DateTimeField(null=True)
    last_handshake = models.JSONField(default=dict)  # {result, at, token_hint}: Meta's, or whoever called last
    silence_minutes = models.PositiveSmallIntegerField(_("minutes until silence is an alert"), default=10)
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
    has_payment_method = models.BooleanField(null=True)  # None: Meta has not been asked yet
    is_subscribed = models.BooleanField(default=False)
    override_callback_url = models.CharField(max_length=200, blank=True, default="")  # of its `messages`, at Meta
    standing = models.CharField(max_length=24, blank=True, default="")  # "" good; words.STANDINGS
    standing_facts = models.JSONField(default=dict)  # violation, restrictions [{type, until, remedy}], ban
    health_word = models.CharField(max_length=12, blank=True, default="")  # AVAILABLE, LIMITED, BLOCKED
    heard_at = models.DateTimeField(null=True)  # its last webhook
    templates_synced_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)  # the node as Meta gave it, without secrets
    events = models.JSONField(default=dict)  # {webhook field: the last value Meta posted}
    refreshed_at = models.DateTimeField(null=True)
    read_tried_at = models.DateTimeField(null=True)  # when Meta was asked last, answer or not
    read_failure = models.IntegerField(null=True)  # Meta's code of that try; 0: no answer
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
    username = models.CharField(max_length=40, blank=True, default="")  # the business username, without @
    is_sender = models.BooleanField(default=True)  # chosen: channel configurations may use it
    is_pin_enabled = models.BooleanField(null=True)  # two-step verification
    health_word = models.CharField(max_length=12, blank=True, default="")  # AVAILABLE, LIMITED, BLOCKED
    override_callback_url = models.CharField(max_length=200, blank=True, default="")  # of its `messages`, at Meta
    name_review = models.JSONField(default=dict)  # {requested, decision, reason, at}: the last one Meta told
    heard_at = models.DateTimeField(null=True)  # its last webhook
    facts = models.JSONField(default=dict)  # the node as Meta gave it; facts["health_status"] by entity
    refreshed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.display_number

    @property
    def can_send(self) -> bool:
        return self.status == "CONNECTED"


class Portfolio(models.Model):
    """A business portfolio as a workspace sees it: owner of the messaging limit that all its numbers share."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="portfolios")
    portfolio_id = models.CharField(max_length=32)
    name = models.CharField(max_length=200, blank=True, default="")
    verification_status = models.CharField(max_length=40, blank=True, default="")
    messaging_limit = models.CharField(max_length=20, blank=True, default="")  # TIER_...
    used_count = models.BigIntegerField(null=True)  # people written to in the 24 hours before used_at, at most
    used_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "portfolio_id"], name="portfolio_once")]

    def __str__(self) -> str:
        return self.name or self.portfolio_id


class FactChange(models.Model):
    """One dated change of one fact about a number, an account or a portfolio. Only ever added."""

    class Source(models.TextChoices):
        WEBHOOK = "webhook", _("Webhook")
        POLL = "poll", _("Hourly check")
        PERSON = "person", _("A member")
        FIRST = "first", _("First reading")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    phone_number = models.ForeignKey(PhoneNumber, null=True, on_delete=models.CASCADE, related_name="changes")
    account = models.ForeignKey(WhatsAppAccount, null=True, on_delete=models.CASCADE, related_name="changes")
    portfolio = models.ForeignKey(Portfolio, null=True, on_delete=models.CASCADE, related_name="changes")
    fact = models.CharField(max_length=32)  # the name of the column that changed
    before = models.CharField(max_length=200, blank=True, default="")
    after = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=8, choices=Source.choices)
    details = models.JSONField(default=dict)  # what Meta said beside it: reason, until
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["phone_number", "fact", "-at", "-id"], name="fact_of_number"),
            models.Index(fields=["workspace", "-at", "-id"], name="fact_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.fact}: {self.after}"


class RegistrationAttempt(models.Model):
    """One call of the registration ladder. Meta allows ten register and deregister calls in 72 hours per number."""

    class Step(models.TextChoices):
        REQUEST_CODE = "request_code", _("Ask for a code")
        VERIFY_CODE = "verify_code", _("Verify the code")
        REGISTER = "register", _("Register")
        DEREGISTER = "deregister", _("Deregister")
        SET_PIN = "set_pin", _("Set the PIN")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    phone_number = models.ForeignKey(PhoneNumber, on_delete=models.CASCADE, related_name="registration_attempts")
    step = models.CharField(max_length=16, choices=Step.choices)
    is_accepted = models.BooleanField()
    code = models.IntegerField(null=True)  # Meta's error code
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["phone_number", "-at", "-id"], name="attempt_of_number")]

    def __str__(self) -> str:
        return f"{self.step} {self.at}"


class ChannelConfiguration(models.Model):
    """A sender made ready for a purpose: what a campaign or journey chooses.

    Sender, purpose and phone fields are those of the version that serves; a change waits in a ChannelVersion of its
    own until its checks have passed.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channel_configurations")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    phone_number = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT, related_name="channel_configurations")
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices, default=Purpose.MARKETING)
    phone_fields = models.JSONField(default=list)  # where a person's number is looked for; empty: the workspace's
    tags = models.JSONField(default=list)
    version_number = models.PositiveIntegerField(default=0)  # the version that serves; 0: none passed yet
    status = StatusField(machine=CHANNEL, default="draft")
    checks = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    check_due_at = models.DateTimeField(null=True)  # a worker holds the checks until then, or Meta is asked again then
    check_try_count = models.PositiveSmallIntegerField(default=0)  # tries in a row that did not reach Meta
    revision = models.PositiveIntegerField(default=1)  # raised by every change a person makes: two editors notice
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="channel_name_once")]
        indexes = [models.Index(fields=["workspace", "-updated_at", "-id"], name="channel_by_updated")]

    def __str__(self) -> str:
        return self.name


class ChannelVersion(models.Model):
    """What a channel configuration was, is, or shall be: the newest may still be checked while an older one serves."""

    channel = models.ForeignKey(ChannelConfiguration, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    phone_number = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    phone_fields = models.JSONField(default=list)
    status = StatusField(machine=CHANNEL_VERSION, default="draft")
    checks = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "number"], name="channel_version_once")]

    def __str__(self) -> str:
        return f"version {self.number}"
