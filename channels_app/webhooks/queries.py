"""Reads of the webhook vault."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from channels_app.accounts.models import ApiCredentials
from channels_app.webhooks.models import HeardDay, QuarantinedItem, Refusal, Replay, SelfTest, WebhookBody
from console.kit import clock
from console.workspaces.models import Workspace

REFUSALS_DAYS = 14
HEARD_DAYS = 7
MOST_HEARD = 50 * HEARD_DAYS
MOST_NUMBERS = 20
CREDENTIAL_SECRETS = tuple(
    f"credentials__{name}"
    for name in (
        "app_secret",
        "access_token",
        "former_secrets",
        "verify_token",
        "next_access_token",
        "next_app_secret",
    )
)


def bodies(workspace: Workspace) -> QuerySet[WebhookBody]:
    """Bodies without their bytes, each with the number of its open quarantined items. Sort and page them by key."""
    open_items = (
        QuarantinedItem.objects.filter(body=OuterRef("pk"), resolved_at__isnull=True)
        .order_by()
        .values("body")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        WebhookBody.objects.filter(workspace=workspace)
        .defer("body", *CREDENTIAL_SECRETS)
        .select_related("credentials")
        .annotate(open_count=Coalesce(Subquery(open_items), 0))
    )


def quarantined(workspace: Workspace) -> QuerySet[QuarantinedItem]:
    """Items that wait for somebody, newest first; those that wait for a number are told by unknown_numbers."""
    return (
        QuarantinedItem.objects.filter(body__workspace=workspace, resolved_at__isnull=True)
        .exclude(code="unknown_number")
        .select_related("body")
        .defer("body__body")
        .order_by("-created_at", "-id")
    )


def unknown_numbers(workspace: Workspace) -> list[dict[str, Any]]:
    """Number ids that events came for and that are not connected here, with how many wait. One grouped query."""
    rows = QuarantinedItem.objects.filter(
        code="unknown_number", resolved_at__isnull=True, body__workspace=workspace
    ).values("phone_number_id", "body__credentials")
    counted = rows.annotate(count=Count("pk"), last_at=Max("created_at")).order_by("-count", "phone_number_id")
    return [dict(row) for row in counted[:MOST_NUMBERS]]


def refusals(workspace: Workspace, credentials: ApiCredentials | None = None) -> QuerySet[Refusal]:
    """Refused calls of the last days by reason, newest first."""
    since = (clock.now() - timedelta(days=REFUSALS_DAYS)).date()
    rows = Refusal.objects.filter(credentials__workspace=workspace, refused_on__gte=since)
    if credentials is not None:
        rows = rows.filter(credentials=credentials)
    return rows.select_related("credentials").defer(*CREDENTIAL_SECRETS).order_by("-refused_on", "reason")


def last_self_test(credentials: ApiCredentials) -> SelfTest | None:
    return SelfTest.objects.filter(credentials=credentials).order_by("-id").first()


def heard_days(credentials: ApiCredentials) -> tuple[list[date], list[dict[str, Any]]]:
    """The last days (UTC) and, for each field heard, how many items on each of them. One query."""
    today = clock.now().date()
    days = [today - timedelta(days=back) for back in reversed(range(HEARD_DAYS))]
    counts: dict[str, dict[date, int]] = {}
    heard = HeardDay.objects.filter(credentials=credentials, heard_on__gte=days[0]).order_by("-count", "field")
    for row in sorted(heard[:MOST_HEARD], key=lambda row: row.field):
        counts.setdefault(row.field, {})[row.heard_on] = row.count
    rows = [{"field": name, "counts": [by_day.get(day, 0) for day in days]} for name, by_day in counts.items()]
    return days, rows


def replays(workspace: Workspace) -> QuerySet[Replay]:
    """Replays with who started them, newest first."""
    rows = Replay.objects.filter(workspace=workspace).select_related("credentials", "created_by")
    return rows.defer(*CREDENTIAL_SECRETS).order_by("-id")


def first_received_at(workspace: Workspace) -> datetime | None:
    """When the oldest body came."""
    rows = WebhookBody.objects.filter(workspace=workspace).order_by("received_at", "pk")
    return rows.values_list("received_at", flat=True).first()


def pretty(body: WebhookBody) -> str:
    """The body as indented JSON, or as text when it is none."""
    raw = bytes(body.body)
    try:
        text = json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return raw.decode("utf-8", "replace")
    return text.encode("utf-8", "replace").decode()  # half a character can't be shown
