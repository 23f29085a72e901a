"""Content: a template version with an expression bound to every variable slot."""

from django.db import models

from channels_app.message_templates.models import TemplateVersion
from console.workspaces.models import Workspace


class Content(models.Model):
    """What a campaign or a journey step says: a template version, and per slot key {"expression", "fallback"}.

    `bindings` example: {"body.first_name": {"expression": "{{ profile.first_name }}", "fallback": "there"}}.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="contents")
    version = models.ForeignKey(TemplateVersion, null=True, on_delete=models.PROTECT, related_name="+")
    bindings = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"content {self.pk}"
