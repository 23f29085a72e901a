"""Campaigns (what to say, to whom, when) and their runs (one execution each)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.states import CAMPAIGN, RUN
from channels_app.accounts.models import ChannelConfiguration
from channels_app.content.models import Content
from console.audiences.models import Audience
from console.kit.fields import StatusField
from console.workspaces.models import User, Workspace


class Campaign(models.Model):
    """One message to one audience, now or at a time."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(_("name"), max_length=120)
    audience = models.ForeignKey(Audience, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns")
    channel_configuration = models.ForeignKey(
        ChannelConfiguration, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns"
    )
    phone_fields = models.JSONField(default=list)  # where a person's number is looked for; empty: as the channel says
    content = models.OneToOneField(Content, on_delete=models.PROTECT, related_name="campaign")
    starts_at = models.DateTimeField(null=True, blank=True)  # empty: now
    status = StatusField(machine=CAMPAIGN, default="draft")
    status_reason = models.CharField(max_length=300, blank=True, default="")
    revision = models.PositiveIntegerField(default=1)  # raised by every save: two editors notice each other
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    activated_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    activated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-updated_at", "-id"], name="campaign_by_updated"),
            models.Index(fields=["workspace", "name", "id"], name="campaign_by_name"),
            models.Index(fields=["starts_at"], condition=models.Q(status="scheduled"), name="campaign_due"),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignRun(models.Model):
    """One execution of a campaign: prepared in batches (resumable at `next_profile_id`), then sent by delivery.

    What was chosen at activation is frozen here: audience rule, sender, template version, bindings, purpose. A waiting
    run starts at `started_at`; a stopped one is still prepared to its end, so that nobody of the audience is missing.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="runs")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField(default=1)
    status = StatusField(machine=RUN, default="preparing")
    status_reason = models.CharField(max_length=300, blank=True, default="")
    frozen = models.JSONField(default=dict)  # see freezing.py
    audience_count = models.BigIntegerField(null=True)
    prepared_count = models.BigIntegerField(default=0)
    next_profile_id = models.BigIntegerField(default=0)
    last_profile_id = models.BigIntegerField(null=True)  # profiles made after activation don't join
    lease_until = models.DateTimeField(null=True)
    failed_try_count = models.PositiveSmallIntegerField(default=0)  # of the preparation, since it last got on
    started_at = models.DateTimeField()
    prepared_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="run_once")]
        indexes = [models.Index(fields=["id"], condition=models.Q(prepared_at__isnull=True), name="run_unprepared")]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.number}"
