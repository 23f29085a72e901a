"""Message templates as Meta has them: one logical template, its languages, and dated versions of each."""

from django.db import models

from channels_app.accounts.models import WhatsAppAccount
from channels_app.message_templates.states import SYNC, TEMPLATE
from console.kit.fields import StatusField
from console.workspaces.models import Workspace


class MessageTemplate(models.Model):
    """One name in one WABA; its languages are TemplateTranslations."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="message_templates")
    account = models.ForeignKey(WhatsAppAccount, on_delete=models.CASCADE, related_name="message_templates")
    name = models.CharField(max_length=512)
    category = models.CharField(max_length=16)  # MARKETING, UTILITY, AUTHENTICATION: what Meta granted
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="template_name_once")]
        indexes = [
            models.Index(fields=["workspace", "name", "id"], name="template_by_name"),
            models.Index(fields=["workspace", "-updated_at", "-id"], name="template_by_updated"),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateTranslation(models.Model):
    """One language of a template: what Meta calls a template, with its own id, status and quality."""

    template = models.ForeignKey(MessageTemplate, on_delete=models.CASCADE, related_name="translations")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=10)
    meta_id = models.CharField(max_length=32, unique=True)
    status = StatusField(machine=TEMPLATE)
    category = models.CharField(max_length=16)
    parameter_format = models.CharField(max_length=12, default="POSITIONAL")
    rejected_reason = models.CharField(max_length=60, blank=True, default="")
    # What Meta said beside it: rejection {reason, recommendation}, note {title, description}, previous_category,
    # pending_category, pending_category_at, raw_status (of a status we do not know).
    facts = models.JSONField(default=dict, blank=True)
    quality_score = models.CharField(max_length=12, blank=True, default="")
    version = models.ForeignKey("TemplateVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    seen_at = models.DateTimeField()  # in Meta's list, last
    status_changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "language"], name="translation_once")]

    def __str__(self) -> str:
        return f"{self.template_id}/{self.language}"


class TemplateVersion(models.Model):
    """The components of a translation at one time; never changed. Content is bound to a version."""

    translation = models.ForeignKey(TemplateTranslation, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    components = models.JSONField()
    slots = models.JSONField()  # the typed contract of every variable slot, see slots.py
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["translation", "number"], name="template_version_once")]

    def __str__(self) -> str:
        return f"version {self.number}"


class TemplateSync(models.Model):
    """The last run of reading an account's templates from Meta, and what it found."""

    account = models.OneToOneField(WhatsAppAccount, on_delete=models.CASCADE, related_name="template_sync")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    status = StatusField(machine=SYNC, default="queued")
    seen_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    deleted_count = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=300, blank=True, default="")
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"sync of {self.account_id}"
