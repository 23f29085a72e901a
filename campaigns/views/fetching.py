"""How the views fetch a campaign: in its workspace, or 404."""

from django.db.models import QuerySet

from campaigns.models import Campaign
from console.workspaces import access
from console.workspaces.access import WorkspaceRequest

RELATED = (
    "workspace",
    "audience",
    "channel_configuration__phone_number",
    "content__version__translation__template",
    "activated_by",
)


def whole_campaigns() -> QuerySet[Campaign]:
    """Campaigns with everything that checker, review and preview read."""
    return Campaign.objects.select_related(*RELATED)


def campaign_of(request: WorkspaceRequest, campaign_id: int) -> Campaign:
    """One campaign of the request's workspace, or 404. One query."""
    return access.get(request, whole_campaigns(), pk=campaign_id)
