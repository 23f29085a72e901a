"""Reads of the webhook vault."""

import json
from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from channels_app.webhooks.models import QuarantinedItem, Refusal, WebhookBody
from console.kit import clock
from console.workspaces.models import Workspace

REFUSALS_DAYS = 14


def bodies(workspace: Workspace) -> QuerySet[WebhookBody]:
    """The newest first, without the bytes, with the number of open quarantined items."""
    return (
        WebhookBody.objects.filter(workspace=workspace)
        .defer("body")
        .select_related("credentials")
        .annotate(open_count=Count("quarantined", filter=Q(quarantined__resolved_at__isnull=True)))
        .order_by("-received_at", "-id")
    )


def quarantined(workspace: Workspace) -> QuerySet[QuarantinedItem]:
    """Items that wait for somebody, newest first."""
    return (
        QuarantinedItem.objects.filter(body__workspace=workspace, resolved_at__isnull=True)
        .select_related("body")
        .defer("body__body")
        .order_by("-created_at", "-id")
    )


def refusals(workspace: Workspace) -> QuerySet[Refusal]:
    """Refused calls of the last days by reason, newest first."""
    since = (clock.now() - timedelta(days=REFUSALS_DAYS)).date()
    return (
        Refusal.objects.filter(credentials__workspace=workspace, refused_on__gte=since)
        .select_related("credentials")
        .defer("credentials__app_secret", "credentials__access_token", "credentials__verify_token")
        .order_by("-refused_on", "reason")
    )


def pretty(body: WebhookBody) -> str:
    """The body as indented JSON, or as text when it is none."""
    raw = bytes(body.body)
    try:
        text = json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")
    return text.encode("utf-8", "replace").decode()  # half a character can't be shown
