"""What the shell's bell shows. The navigation asks on every page, the bell's own address once a minute."""

from typing import Any

from django.urls import reverse

from console.alerts import queries
from console.alerts.words import Worded
from console.workspaces.models import Membership


def bell(membership: Membership) -> dict[str, Any]:
    """{url, count, shown, bell_url} for kit/bell.html. One query."""
    count = queries.unread_count(membership)
    shown = f"{queries.MOST_COUNTED}+" if count > queries.MOST_COUNTED else str(count)
    return {**_addresses(membership), "count": count, "shown": shown}


def bell_list(membership: Membership) -> dict[str, Any]:
    """The same with the newest unread ones, as `newest`. One query."""
    slug = membership.workspace.slug
    items = []
    for row in queries.newest_unread(membership):
        worded = Worded(row.alert, slug)
        items.append(
            {
                "title": worded.title,
                "tone": worded.tone,
                "tone_word": worded.tone_word,
                "icon": worded.icon,
                "at": row.alert.raised_at,
                "url": reverse("alerts:go", args=[slug, row.alert_id]),
            }
        )
    return {**_addresses(membership), "is_loaded": True, "newest": items}


def _addresses(membership: Membership) -> dict[str, str]:
    slug = membership.workspace.slug
    return {"url": reverse("alerts:list", args=[slug]), "bell_url": reverse("alerts:bell", args=[slug])}
