"""Small parts of campaign pages that the kit cannot know."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from campaigns.lists import CampaignList, last_event_at, why
from campaigns.models import Campaign
from campaigns.people import AudiencePeople
from campaigns.queries import Progress
from campaigns.states import CAMPAIGN
from channels_app.delivery.models import Message
from channels_app.delivery.reasons import Reason
from console.audiences.models import Profile
from console.kit.templatetags.kit import pill
from console.kit.wording import NOTHING

register = template.Library()


@register.simple_tag
def campaign_pill(row: Campaign) -> SafeString:
    """The pill of the shown status: `completed` is computed, so the stored word alone is not enough."""
    return pill(CAMPAIGN[getattr(row, "shown_status", row.status)])


@register.simple_tag
def campaign_progress(page: CampaignList, row: Any) -> Progress | None:
    """How far the campaign of a row is; one query for the whole page."""
    return page.progress.get(row.run_pk)


@register.filter
def why_of(row: Message) -> Reason:
    return why(row)


@register.filter
def happened_at(row: Message) -> Any:
    return last_event_at(row)


@register.simple_tag
def shown_number(page: AudiencePeople, row: Profile) -> str:
    return page.shown_number(row) or NOTHING


@register.simple_tag
def why_excluded(page: AudiencePeople, row: Profile) -> Reason | None:
    return page.why(row)
