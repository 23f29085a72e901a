"""What happened when in a run: counts per ten seconds or per minute, for the chart of the live page."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncMinute, TruncSecond
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.models import CampaignRun
from campaigns.queries import SOURCE_KIND
from channels_app.delivery.queries import of_source
from console.kit import clock

SHORT = timedelta(minutes=15)  # so long a run is drawn per ten seconds, later per minute
MOST_POINTS = 180
CACHED_S = 5
SERIES = (("accepted_at", "pri"), ("delivered_at", "teal"), ("read_at", "vio"), ("failed_at", "bad"))


def chart(run: CampaignRun) -> dict[str, Any]:
    """The spec of the activity chart (kit: `{% chart %}`) with `step` in words. Four grouped queries, kept for 5 s."""
    key = f"campaigns.activity.{run.pk}.{timezone.get_current_timezone_name()}"
    counted = cache.get(key)
    if counted is None:
        counted = {field: moments(run, field) for field, _tone in SERIES}
        cache.set(key, counted, CACHED_S)
    return spec(run, counted)


def moments(run: CampaignRun, field: str) -> dict[datetime, int]:
    """{instant: messages} by second or minute. One grouped query over the run's rows."""
    truncate = TruncSecond if is_short(run) else TruncMinute
    rows = (
        of_source(SOURCE_KIND, run.pk)
        .filter(**{f"{field}__isnull": False})
        .order_by()
        .annotate(moment=truncate(field))
        .values_list("moment")
        .annotate(count=Count("pk"))
    )
    return dict(rows)


def is_short(run: CampaignRun) -> bool:
    return clock.now() - run.started_at < SHORT


def spec(run: CampaignRun, counted: dict[str, dict[datetime, int]]) -> dict[str, Any]:
    step_s = 10 if is_short(run) else 60
    start = _floor(run.started_at, step_s)
    last = max((moment for series in counted.values() for moment in series), default=start)
    points = min(MOST_POINTS, max(6, int((last - start).total_seconds() // step_s) + 1))
    edges = [start + timedelta(seconds=step_s * at) for at in range(points)]
    clock_format = "%H:%M:%S" if step_s < 60 else "%H:%M"
    names = {"accepted_at": _("Sent"), "delivered_at": _("Delivered"), "read_at": _("Read"), "failed_at": _("Failed")}
    return {
        "kind": "area",
        "x": [timezone.localtime(edge).strftime(clock_format) for edge in edges],
        "series": [
            {"name": names[field], "tone": tone, "data": _binned(counted[field], start, step_s, points)}
            for field, tone in SERIES
        ],
        "table_label": _("Messages over time"),
        "step": _("per 10 seconds") if step_s < 60 else _("per minute"),
    }


def _binned(series: dict[datetime, int], start: datetime, step_s: int, points: int) -> list[int]:
    bins: Counter[int] = Counter()
    for moment, count in series.items():
        bins[int((moment - start).total_seconds() // step_s)] += count
    return [bins[at] for at in range(points)]


def _floor(at: datetime, step_s: int) -> datetime:
    return at - timedelta(seconds=at.timestamp() % step_s)
