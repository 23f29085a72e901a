"""What the workspace must know: alerts, who was told on which way, who wants to be told, and outgoing webhooks."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from console.alerts.states import DELIVERY
from console.kit.fields import EncryptedTextField, StatusField
from console.workspaces.models import User, Workspace


def new_signing_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


class Alert(models.Model):
    """Something that lasts until it is resolved (a dead token), or that happened (a decision). Words: kinds.py.

    `key` tells one subject from another: while an alert of a kind and key is open, raising it again changes nothing
    but its facts.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    tone = models.CharField(max_length=8)
    subject = models.CharField(max_length=200, blank=True, default="")  # how people call what it is about
    facts = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "kind", "key"], condition=Q(resolved_at__isnull=True), name="alert_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "-raised_at", "-id"], name="alert_by_time"),
            models.Index(fields=["workspace", "kind", "key", "-resolved_at"], name="alert_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


class Notification(models.Model):
    """One alert for one member: the bell's dot until it is read, an e-mail if wanted.

    `email_lease_until` is the moment before which nobody mails it: a worker has it, or it waits for its next try.
    """

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notifications")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    is_in_app = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    wants_email = models.BooleanField(default=False)
    emailed_at = models.DateTimeField(null=True)
    email_attempts = models.PositiveSmallIntegerField(default=0)
    email_lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "user"], name="notification_once")]
        indexes = [
            models.Index(
                fields=["workspace", "user"],
                condition=Q(read_at__isnull=True, is_in_app=True),
                name="notification_unread",
            ),
            models.Index(fields=["workspace", "user", "-id"], name="notification_by_user"),
            models.Index(
                fields=["workspace", "user", "email_lease_until"],
                condition=Q(wants_email=True, emailed_at__isnull=True),
                name="notification_waiting",
            ),
            models.Index(fields=["emailed_at"], condition=Q(emailed_at__isnull=False), name="notification_mailed"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} to {self.user_id}"


class Emails(models.TextChoices):
    NEVER = "never", _("Never")
    URGENT = "urgent", _("Urgent")
    ALL = "all", _("All")


class Subscription(models.Model):
    """A member's own choice for one kind; without a row the kind's default holds (hearing.py)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alert_subscriptions")
    kind = models.CharField(max_length=60)
    in_app = models.BooleanField(default=True)
    emails = models.CharField(max_length=8, choices=Emails.choices, default=Emails.NEVER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "kind"], name="subscription_once")]

    def __str__(self) -> str:
        return self.kind


class Endpoint(models.Model):
    """An address of the customer's that gets every alert of the chosen kinds as a signed POST."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alert_endpoints")
    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("address"), max_length=500)
    secret = EncryptedTextField(default=new_signing_secret)
    kinds = models.JSONField(default=list)  # empty: every kind
    is_on = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=16, blank=True, default="")  # person, gone (410), failing
    failure_count = models.PositiveIntegerField(default=0)  # tries in a row that brought no 2xx
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="endpoint_name_once")]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One alert on its way to one endpoint: tried with growing gaps, then given up, never lost."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    alert = models.ForeignKey(Alert, null=True, on_delete=models.CASCADE, related_name="deliveries")  # null: a test
    event = models.CharField(max_length=16)  # raised, resolved, test
    body = models.JSONField()
    status = StatusField(machine=DELIVERY, default="waiting")
    attempt_count = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    failure = models.CharField(max_length=200, blank=True, default="")  # a code, in words: failures.py
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "alert", "event"], condition=Q(alert__isnull=False), name="delivery_once"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="waiting"), name="delivery_due"),
            models.Index(fields=["endpoint", "-id"], name="delivery_by_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint_id}"
