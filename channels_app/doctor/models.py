"""The setup doctor's examinations: what was checked, when, for whom, and what was found."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.doctor.states import EXAMINATION
from console.kit.fields import StatusField
from console.workspaces.models import User, Workspace


class Examination(models.Model):
    """All checks of a workspace at one time. `results` grow while it runs; see registry.py for what one holds."""

    class Trigger(models.TextChoices):
        PAGE = "page", _("On request")
        COMMAND = "command", _("Command line")
        DAILY = "daily", _("Daily")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="examinations")
    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    status = StatusField(machine=EXAMINATION, default="queued")
    results = models.JSONField(default=list)  # [{code, subject, status, facts, calls, ...}], secrets masked
    passed_count = models.PositiveIntegerField(default=0)
    warning_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)  # a worker is at it until then
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="examination_newest"),
            models.Index(fields=["id"], condition=~models.Q(status="done"), name="examination_open"),
        ]

    def __str__(self) -> str:
        return f"examination {self.pk}"
