"""What happened when in a run, for the chart of the live page: counts per step, from one pass over the run's rows."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from django.core.cache import cache
from django.db.models import BigIntegerField, Count, Func, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import CampaignRun
from campaigns.queries import SOURCE_KIND, last_left_at
from channels_app.delivery.queries import of_source
from console.kit import clock

STEPS_S = (10, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)
MOST_POINTS = 120
TAIL = timedelta(minutes=10)  # after the last acceptance: most deliveries and the first reads
SERIES = (("accepted_at", "pri"), ("delivered_at", "teal"), ("read_at", "vio"), ("failed_at", "bad"))
# The pass over a run of a million rows takes a second or more, and the page asks every two: its result is kept so long
# that watching never costs the database more than a twentieth of its time.
KEPT_AT_LEAST_S, KEPT_PER_SECOND, KEPT_S = 5, 20, 3600
LOCK_S = 60

Bins = dict[str, Counter[int]]


class Step(Func):
    """The number of whole steps of `step_s` seconds since 1970 of an instant. Rows with the same number share a bin."""

    output_field = BigIntegerField()

    def __init__(self, field: str, step_s: int) -> None:
        super().__init__(field)
        self.step_s = int(step_s)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template=f"(floor(extract(epoch FROM %(expressions)s) / {self.step_s}))::bigint"
        )

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template=f"(CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) / {self.step_s})"
        )


def chart(run: CampaignRun) -> dict[str, Any]:
    """The spec of the activity chart (kit: `{% chart %}`) with `step` in words. No query while the last pass is fresh."""
    step_s, counted = counts(run)
    return spec(run, step_s, counted)


def counts(run: CampaignRun) -> tuple[int, Bins]:
    """(seconds per bin, {field: {bin: messages}}): kept for twenty times as long as it took, at least five seconds.

    Two queries when it is counted anew: the last acceptance by its index, and one grouped pass. Who comes while
    somebody else counts gets the last figures.
    """
    key = f"campaigns.activity.{run.pk}"
    kept = cache.get(key)
    if kept is not None and clock.now().timestamp() < kept["until"]:
        return kept["step_s"], kept["bins"]
    if kept is not None and not cache.add(f"{key}.lock", 1, LOCK_S):
        return kept["step_s"], kept["bins"]
    started = monotonic()
    step_s = step_of(run)
    bins = count_anew(run, step_s)
    fresh_s = max(KEPT_AT_LEAST_S, KEPT_PER_SECOND * (monotonic() - started))
    until = clock.now().timestamp() + fresh_s
    cache.set(key, {"step_s": step_s, "bins": bins, "until": until}, KEPT_S)
    cache.delete(f"{key}.lock")
    return step_s, bins


def count_anew(run: CampaignRun, step_s: int) -> Bins:
    """{field: {bin: messages}} of everything that happened. One grouped query, one pass over the run's rows."""
    fields = [field for field, _tone in SERIES]
    happened = of_source(SOURCE_KIND, run.pk).filter(Q(accepted_at__isnull=False) | Q(failed_at__isnull=False))
    grouped = (
        happened.order_by()
        .annotate(**{f"{field}_bin": Step(field, step_s) for field in fields})
        .values_list(*(f"{field}_bin" for field in fields))
        .annotate(count=Count("pk"))
    )
    bins: Bins = {field: Counter() for field in fields}
    for *numbers, count in grouped:
        for field, number in zip(fields, numbers, strict=True):
            if number is not None:
                bins[field][number] += count
    return bins


def step_of(run: CampaignRun) -> int:
    """Seconds per bin: the smallest step that draws the whole send with few enough points. One query by index."""
    end = min(clock.now(), (last_left_at(run) or run.started_at) + TAIL)
    span_s = max(0.0, (end - run.started_at).total_seconds())
    return next((step_s for step_s in STEPS_S if span_s / step_s <= MOST_POINTS), STEPS_S[-1])


def spec(run: CampaignRun, step_s: int, bins: Bins) -> dict[str, Any]:
    """The chart's data from the start of the run on, at most MOST_POINTS bins: later reads are in the numbers only."""
    first = int(run.started_at.timestamp() // step_s)
    last = max((number for series in bins.values() for number in series), default=first)
    numbers = range(first, first + min(MOST_POINTS, max(6, last - first + 1)))
    now = int(clock.now().timestamp() // step_s)  # what has not happened yet is a gap, not a zero
    names = {"accepted_at": _("Sent"), "delivered_at": _("Delivered"), "read_at": _("Read"), "failed_at": _("Failed")}
    return {
        "kind": "area",
        "x": [_clock(number * step_s, step_s) for number in numbers],
        "series": [
            {"name": names[field], "tone": tone, "data": [bins[field][n] if n <= now else None for n in numbers]}
            for field, tone in SERIES
        ],
        "table_label": _("Messages over time"),
        "step": _step_words(step_s),
    }


def _clock(second: int, step_s: int) -> str:
    at = timezone.localtime(datetime.fromtimestamp(second, UTC))
    return at.strftime("%H:%M:%S" if step_s < 60 else "%H:%M" if step_s < 3600 else "%d.%m. %H:%M")


def _step_words(step_s: int) -> str:
    if step_s < 60:
        return ngettext("per second", "per %(count)d seconds", step_s) % {"count": step_s}
    minutes = step_s // 60
    if minutes < 60:
        return ngettext("per minute", "per %(count)d minutes", minutes) % {"count": minutes}
    return ngettext("per hour", "per %(count)d hours", minutes // 60) % {"count": minutes // 60}
