"""The ledger: one row per recipient and send, made before any call to Meta; and who may send for a number."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.models import PhoneNumber
from channels_app.delivery.states import MESSAGE
from channels_app.message_templates.models import TemplateVersion
from console.audiences.models import Profile, Purpose
from console.kit.fields import StatusField
from console.workspaces.models import User, Workspace


class Message(models.Model):
    """One recipient of one send. Excluded recipients are rows too, so that the buckets add up by construction.

    `source_kind` + `source_id` name who wrote the row (campaign_run, ...), never a foreign key upwards. `dedupe_key`
    makes a second row for the same person and send impossible. `claim_epoch` fences: only the holder of the sender
    lease with that epoch may record the outcome of a claim.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    source_kind = models.CharField(max_length=24)
    source_id = models.BigIntegerField()
    dedupe_key = models.CharField(max_length=160)
    profile = models.ForeignKey(Profile, null=True, on_delete=models.SET_NULL, related_name="+")
    recipient = models.CharField(max_length=150, blank=True, default="")  # E.164 phone or business-scoped user id
    phone_number = models.ForeignKey(PhoneNumber, null=True, on_delete=models.PROTECT, related_name="+")
    template_version = models.ForeignKey(TemplateVersion, null=True, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    params = models.JSONField(default=dict)  # slot key -> rendered value
    priority = models.SmallIntegerField(default=50)  # smaller first: authentication 10, utility 30, marketing 50
    status = StatusField(machine=MESSAGE)
    exclusion_reason = models.CharField(max_length=40, blank=True, default="")
    due_at = models.DateTimeField()
    late_at = models.DateTimeField(null=True)  # after this it is expired, not sent
    lease_until = models.DateTimeField(null=True)
    claim_epoch = models.BigIntegerField(default=0)
    attempt_count = models.SmallIntegerField(default=0)
    wamid = models.CharField(max_length=200, null=True)
    error_code = models.IntegerField(null=True)
    error_detail = models.CharField(max_length=300, blank=True, default="")
    pricing = models.JSONField(null=True)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_kind", "source_id", "dedupe_key"], name="message_once"),
            models.UniqueConstraint(
                fields=["source_kind", "source_id", "recipient"],
                condition=~Q(status="excluded") & ~Q(recipient=""),
                name="message_recipient_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "wamid"], condition=Q(wamid__isnull=False), name="message_wamid_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["phone_number", "priority", "due_at", "id"], condition=Q(status="ready"), name="message_ready"
            ),
            models.Index(fields=["lease_until"], condition=Q(status="claimed"), name="message_claimed"),
            models.Index(
                fields=["phone_number", "accepted_at"], condition=Q(status="accepted"), name="message_awaited"
            ),
            models.Index(fields=["late_at"], condition=Q(status="ready", late_at__isnull=False), name="message_late"),
            models.Index(
                fields=["source_kind", "source_id", "status", "exclusion_reason", "error_code"], name="message_buckets"
            ),
            models.Index(fields=["source_kind", "source_id", "id"], name="message_by_source"),
            models.Index(
                fields=["source_kind", "source_id", "accepted_at"],
                condition=Q(accepted_at__isnull=False),
                name="message_accepted",
            ),
            models.Index(
                fields=["phone_number", "accepted_at"],
                condition=Q(accepted_at__isnull=False),
                name="message_by_acceptance",
            ),
            models.Index(fields=["profile", "-id"], name="message_by_profile"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class SenderLease(models.Model):
    """Which worker may send for a number now: one holder, until a moment; each taking raises the epoch.

    The pacing budget lives here too, so that it survives from one task to the next.
    """

    phone_number = models.OneToOneField(PhoneNumber, on_delete=models.CASCADE, related_name="sender_lease")
    holder = models.CharField(max_length=120, blank=True, default="")
    until_at = models.DateTimeField(null=True)
    epoch = models.BigIntegerField(default=0)
    rate_per_s = models.FloatField(default=0)
    tokens = models.FloatField(default=0)
    tokens_at = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)  # the number itself was slowed or stopped by Meta
    rest_reason = models.CharField(max_length=60, blank=True, default="")

    def __str__(self) -> str:
        return f"lease {self.phone_number_id} epoch {self.epoch}"


class Hold(models.Model):
    """Something that must not send now. The claim asks for holds in the same statement, so a stop works at once.

    Scopes: source (key "<kind>:<id>"), number, template (version id), workspace (their ids), all (key "").
    A stop (`is_stop`, only for sources) is never lifted: what is ready or comes back becomes `canceled`.
    """

    class Scope(models.TextChoices):
        SOURCE = "source", _("Campaign run")
        NUMBER = "number", _("Phone number")
        TEMPLATE = "template", _("Template")
        WORKSPACE = "workspace", _("Workspace")
        ALL = "all", _("Everything")

    scope = models.CharField(max_length=12, choices=Scope.choices)
    key = models.CharField(max_length=60, blank=True, default="")
    reason = models.CharField(max_length=80)
    is_stop = models.BooleanField(default=False)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="hold_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class UnmatchedStatus(models.Model):
    """A status for a wamid we don't know (yet): kept, and matched again when more is known."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    wamid = models.CharField(max_length=200)
    status = models.CharField(max_length=24)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    tried_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "wamid", "status"], name="unmatched_status_once")]
        indexes = [models.Index(fields=["received_at"], name="unmatched_by_time")]

    def __str__(self) -> str:
        return f"{self.status} of unknown message"
