"""Tells the room of accounts which campaigns use a channel configuration. Imported when the apps are ready."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Count
from django.urls import reverse

from campaigns import queries
from campaigns.models import Campaign
from campaigns.states import CAMPAIGN
from channels_app.accounts.models import ChannelConfiguration
from channels_app.accounts.usages import Usage, UsageSource, register

LIVE = ("scheduled", "sending", "paused")
MOST_ROWS = 50


def rows(channel: ChannelConfiguration) -> Sequence[Usage]:
    """Campaigns that are not archived, live ones first, the newest fifty. Two queries."""
    campaigns = queries.campaigns(channel.workspace).filter(channel_configuration=channel)
    live = campaigns.filter(shown_status__in=LIVE).order_by("-updated_at", "-pk")[:MOST_ROWS]
    rest = campaigns.exclude(shown_status__in=(*LIVE, "archived")).order_by("-updated_at", "-pk")[:MOST_ROWS]
    return [_usage(campaign) for campaign in (*live, *rest)]


def _usage(campaign: Campaign) -> Usage:
    status = str(getattr(campaign, "shown_status", campaign.status))
    name = "campaigns:review" if campaign.status == "draft" else "campaigns:live"
    url = reverse(name, args=[campaign.workspace.slug, campaign.pk])
    return Usage(campaign.name, url, CAMPAIGN[status], status in LIVE)


def counts(channel_ids: Collection[int]) -> Mapping[int, int]:
    """{configuration: campaigns that are not archived}. One grouped query."""
    found = Campaign.objects.filter(channel_configuration__in=channel_ids).exclude(status="archived").order_by()
    return dict(found.values_list("channel_configuration").annotate(n=Count("pk")))


register(UsageSource("campaigns", rows, counts))
