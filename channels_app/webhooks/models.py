"""The raw event vault: every signed body Meta posted, stored once by its hash before anything is done with it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.models import ApiCredentials
from channels_app.webhooks.states import REPLAY, SELF_TEST, WEBHOOK
from console.kit.fields import StatusField
from console.workspaces.models import User, Workspace


class WebhookBody(models.Model):
    """One POST of Meta's, byte for byte. Retries of the same bytes only raise `seen_count`."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    credentials = models.ForeignKey(ApiCredentials, on_delete=models.CASCADE, related_name="webhook_bodies")
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    seen_count = models.PositiveIntegerField(default=1)
    status = StatusField(machine=WEBHOOK, default="stored")
    item_count = models.PositiveIntegerField(default=0)
    fields = models.CharField(max_length=200, blank=True, default="")  # " messages account_update ": what it tells of
    outcomes = models.JSONField(default=dict)  # {kind of item: {outcome: how many}} of the last application
    applied_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True, default="")
    lease_until = models.DateTimeField(null=True)  # a worker is applying it until then

    class Meta:
        constraints = [models.UniqueConstraint(fields=["credentials", "sha256"], name="webhook_body_once")]
        indexes = [
            models.Index(fields=["id"], condition=Q(status="stored"), name="webhook_stored"),
            models.Index(fields=["workspace", "-received_at", "-id"], name="webhook_by_time"),
        ]

    def __str__(self) -> str:
        return f"webhook {self.pk}"

    @property
    def field_names(self) -> list[str]:
        return self.fields.split()


class QuarantinedItem(models.Model):
    """One item of a body that could not be applied; the rest of the body was."""

    body = models.ForeignKey(WebhookBody, on_delete=models.CASCADE, related_name="quarantined")
    position = models.PositiveIntegerField()
    field = models.CharField(max_length=60)
    item = models.JSONField()
    failure = models.CharField(max_length=300)
    code = models.CharField(max_length=40, blank=True, default="")  # "unknown_number": waits until it is connected
    phone_number_id = models.CharField(max_length=32, blank=True, default="")
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["body", "position"], name="quarantined_once")]
        indexes = [
            models.Index(
                fields=["code", "phone_number_id"], condition=Q(resolved_at__isnull=True), name="quarantined_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.position}"


class InboundMessage(models.Model):
    """What a person wrote or tapped: kept once by Meta's id. Opens the 24-hour window and may carry an opt-out."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    phone_number_id = models.CharField(max_length=32)
    wamid = models.CharField(max_length=200)
    sender = models.CharField(max_length=150)
    kind = models.CharField(max_length=24)
    payload = models.JSONField()
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        # Per workspace: an id that another tenant guessed and signed must not stand in this one's way.
        constraints = [models.UniqueConstraint(fields=["workspace", "wamid"], name="inbound_once")]
        indexes = [models.Index(fields=["workspace", "sender", "-sent_at"], name="inbound_by_sender")]

    def __str__(self) -> str:
        return f"{self.kind} message"


class Refusal(models.Model):
    """How many calls to an app's webhook address were refused on a day (UTC), by reason; their bodies are not kept."""

    class Reason(models.TextChoices):
        MISSING = "missing", _("No signature")
        WRONG = "wrong", _("Wrong signature")
        STALE = "stale", _("Signed with a former app secret")
        TOO_LARGE = "too_large", _("Larger than 4 MB")
        VERIFY_TOKEN = "verify_token", _("Wrong verify token")

    credentials = models.ForeignKey(ApiCredentials, on_delete=models.CASCADE, related_name="webhook_refusals")
    refused_on = models.DateField()
    reason = models.CharField(max_length=16, choices=Reason.choices)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credentials", "refused_on", "reason"], name="webhook_refusal_once")
        ]

    def __str__(self) -> str:
        return f"{self.refused_on} {self.reason}"


class HeardDay(models.Model):
    """How many items of a field were applied on a day (UTC) for one app. Kept when bodies are applied the first time."""

    credentials = models.ForeignKey(ApiCredentials, on_delete=models.CASCADE, related_name="heard_days")
    heard_on = models.DateField()
    field = models.CharField(max_length=60)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["credentials", "heard_on", "field"], name="heard_day_once")]

    def __str__(self) -> str:
        return f"{self.heard_on} {self.field}"


class SelfTest(models.Model):
    """One signed round trip that we send to our own webhook address, step by step."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    credentials = models.ForeignKey(ApiCredentials, on_delete=models.CASCADE, related_name="self_tests")
    nonce = models.CharField(max_length=64, unique=True)
    status = StatusField(machine=SELF_TEST, default="running")
    steps = models.JSONField(default=list)  # [{code, status: passed | failed, facts: {took_ms, http, ...}}]
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["credentials", "-id"], name="self_test_by_credentials")]

    def __str__(self) -> str:
        return f"self-test {self.pk}"


class Replay(models.Model):
    """Applying a range of stored bodies once more: changes nothing twice, goes on where it was interrupted."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    credentials = models.ForeignKey(ApiCredentials, null=True, on_delete=models.CASCADE, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    field = models.CharField(max_length=60, blank=True, default="")  # only bodies that tell of it
    status = StatusField(machine=REPLAY, default="queued")
    body_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    item_count = models.PositiveIntegerField(default=0)
    bad_count = models.PositiveIntegerField(default=0)
    last_body_id = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="replay_by_workspace")]

    def __str__(self) -> str:
        return f"replay {self.pk}"
