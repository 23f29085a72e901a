"""Applies what Meta reports about messages: in batches, forward only, whatever the order and however often it comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef

from channels_app.cloud_api.codes import explain
from channels_app.delivery import effects, reports, values
from channels_app.delivery.effects import Followed
from channels_app.delivery.models import Message, SenderLease, UnmatchedStatus
from channels_app.delivery.outcomes import Effect, decide_reported
from channels_app.delivery.reports import Fold, Malformed
from channels_app.delivery.states import RANKS
from console.kit import clock
from console.kit.batches import batched
from console.kit.retrying import retried
from console.workspaces.models import Workspace

TABLE = Message._meta.db_table
BATCH = 1000
UNMATCHED_KEPT = timedelta(days=7)  # Meta repeats a webhook for as long
COLUMNS = (
    ("message_id", "bigint"),
    ("new_wamid", "text"),
    ("new_rank", "smallint"),
    ("has_failed", "smallint"),
    ("first_at", "timestamptz"),
    ("new_sent_at", "timestamptz"),
    ("new_delivered_at", "timestamptz"),
    ("new_read_at", "timestamptz"),
    ("new_failed_at", "timestamptz"),
    ("code", "integer"),
    ("detail", "text"),
    ("new_pricing", "jsonb"),
)
RANK = f"CASE m.status {' '.join(f'WHEN {word!r} THEN {rank}' for word, rank in RANKS.items())} WHEN 'failed' THEN 9 ELSE 0 END"
FAILS = "(v.has_failed = 1 AND m.status IN ('ready', 'claimed', 'unknown', 'accepted', 'sent') AND v.new_rank < 3)"
# One report about a row that waits, is claimed or unknown proves that Meta took it: it moves on and never goes again.
APPLY = f"""
UPDATE {TABLE} AS m SET
    wamid = COALESCE(m.wamid, v.new_wamid),
    status = CASE WHEN {FAILS} THEN 'failed'
        WHEN v.new_rank > {RANK} THEN CASE v.new_rank WHEN 2 THEN 'sent' WHEN 3 THEN 'delivered' ELSE 'read' END
        ELSE m.status END,
    accepted_at = COALESCE(m.accepted_at, v.first_at),
    sent_at = COALESCE(m.sent_at, v.new_sent_at),
    delivered_at = COALESCE(m.delivered_at, v.new_delivered_at),
    read_at = COALESCE(m.read_at, v.new_read_at),
    failed_at = COALESCE(m.failed_at, v.new_failed_at),
    lease_until = NULL,
    error_code = CASE WHEN {FAILS} THEN v.code WHEN m.status = 'failed' THEN m.error_code ELSE NULL END,
    error_detail = CASE WHEN {FAILS} THEN v.detail WHEN m.status = 'failed' THEN m.error_detail ELSE '' END,
    pricing = COALESCE(m.pricing, v.new_pricing)
FROM {{source}}
WHERE m.id = v.message_id AND m.status NOT IN ('excluded', 'canceled', 'expired') AND (
    m.wamid IS NULL OR v.new_rank > {RANK} OR {FAILS}
    OR (m.sent_at IS NULL AND v.new_sent_at IS NOT NULL)
    OR (m.delivered_at IS NULL AND v.new_delivered_at IS NOT NULL)
    OR (m.read_at IS NULL AND v.new_read_at IS NOT NULL)
    OR (m.failed_at IS NULL AND v.new_failed_at IS NOT NULL)
    OR (m.pricing IS NULL AND v.new_pricing IS NOT NULL))
RETURNING id, status
"""  # noqa: S608


@dataclass
class Applied:
    """What became of a batch of items: messages changed, items that said nothing new, kept for later, not about delivery.

    `malformed` has the positions of items that are no statuses, `waiting` of those kept for later, `stale` of those that
    said nothing new.
    """

    changed: int = 0
    unchanged: int = 0
    unmatched: int = 0
    ignored: int = 0
    malformed: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)


def apply_statuses(workspace: Workspace, items: Sequence[Any]) -> Applied:
    """Applies the `statuses[]` items of webhooks. Safe to repeat, in any order, from several workers at once.

    A status for a message nobody knows yet is kept and matched later. About four statements per thousand items.
    """
    total = Applied()
    for start, batch in zip(range(0, len(items), BATCH), batched(items, BATCH), strict=False):
        parsed = []
        for position, item in enumerate(batch, start):
            try:
                report = reports.parse(item)
            except Malformed:
                total.malformed.append(position)
                continue
            if report is None:
                total.ignored += 1
            else:
                parsed.append((report, item, position))
        _apply_batch(workspace, parsed, total)
    return total


def _apply_batch(workspace: Workspace, parsed: list[tuple[reports.Report, Any, int]], total: Applied) -> None:
    if not parsed:
        return
    folds = reports.fold(report for report, _item, _position in parsed)
    try:
        unknown, changed = retried(lambda: _apply_folds(workspace, folds))
    except IntegrityError:  # two webhooks named the same message at once: one at a time finds which
        unknown, changed = set(), set()
        for one in folds.values():
            alone_unknown, alone_changed = retried(partial(_apply_folds, workspace, {one.wamid: one}))
            unknown |= alone_unknown
            changed |= alone_changed
    left = [(report, item) for report, item, _position in parsed if report.wamid in unknown]
    if left:
        _keep(workspace, left)
    total.changed += len(changed)
    total.unmatched += len(left)
    total.unchanged += len(folds) - len(unknown) - len(changed)
    total.waiting += [position for report, _item, position in parsed if report.wamid in unknown]
    total.stale += [position for report, _item, position in parsed if report.wamid not in unknown | changed]


def _apply_folds(workspace: Workspace, folds: dict[str, Fold]) -> tuple[set[str], set[str]]:
    """(ids nobody knows, ids of messages that changed)."""
    matched = _match(workspace, folds)
    changed: set[str] = set()
    if matched:
        source, params = values.table_of(COLUMNS, [_row(pk, one) for pk, one in sorted(matched.items())])
        rows = values.fetch(APPLY.format(source=source), params)
        changed = {matched[pk].wamid for pk, _status in rows}
        _follow(workspace, {pk: matched[pk] for pk, status in rows if status == "failed" and matched[pk].has_failed})
    return folds.keys() - {one.wamid for one in matched.values()}, changed


def _match(workspace: Workspace, folds: dict[str, Fold]) -> dict[int, Fold]:
    """{our id: what Meta says}: by Meta's id, else by our callback data where the row has no id of Meta's yet.

    Locks the rows in the order of their ids, as the sender does.
    """
    rows = Message.objects.filter(workspace=workspace).order_by("pk").select_for_update(of=("self",))
    known = dict(rows.filter(wamid__in=list(folds)).values_list("pk", "wamid"))
    matched = {pk: folds[wamid] for pk, wamid in known.items() if wamid is not None}
    seen = {one.wamid for one in matched.values()}
    named = {one.message_id: one for one in folds.values() if one.message_id and one.wamid not in seen}
    if named:
        nameless = rows.filter(pk__in=list(named), wamid__isnull=True).exclude(
            status__in=("excluded", "canceled", "expired")
        )
        for pk, attempts in nameless.values_list("pk", "attempt_count"):
            # A try that was given back keeps its number for the next one, so one more than counted is ours too.
            if (named[pk].attempt or 0) <= attempts + 1:
                matched[pk] = named[pk]
    return matched


def _row(pk: int, one: Fold) -> tuple[object, ...]:
    times = one.times
    moments = (times.get("sent"), times.get("delivered"), times.get("read"), times.get("failed"))
    return (
        pk,
        one.wamid,
        one.rank,
        int(one.has_failed),
        min(times.values()),
        *moments,
        one.code,
        one.detail,
        one.pricing,
    )


def _follow(workspace: Workspace, failed: dict[int, Fold]) -> None:
    """What failures mean for people, templates and numbers; in the same transaction as the statuses."""
    followed = []
    for pk, one in failed.items():
        verdict = decide_reported(explain(one.code).outcome, one.code)
        at = one.times["failed"]
        followed.append(Followed(verdict.effect, pk, one.code, at))
        if verdict.effect is Effect.REST:
            until = clock.now() + timedelta(seconds=verdict.rest_s)
            numbers = Message.objects.filter(pk=pk).values("phone_number")
            SenderLease.objects.filter(phone_number__in=numbers).update(
                rest_until=until, rest_reason=f"meta_{one.code}", until_at=None, epoch=F("epoch") + 1
            )
    effects.follow(workspace, followed)


def _keep(workspace: Workspace, left: Iterable[tuple[reports.Report, Any]]) -> None:
    now = clock.now()
    rows = [
        UnmatchedStatus(workspace=workspace, wamid=one.wamid, status=one.status, payload=item, received_at=now)
        for one, item in left
    ]
    UnmatchedStatus.objects.bulk_create(rows, ignore_conflicts=True)


def match_unmatched() -> int:
    """Applies kept statuses whose message is known by now; returns how many. Drops those older than Meta's repeats."""
    UnmatchedStatus.objects.filter(received_at__lt=clock.now() - UNMATCHED_KEPT).delete()
    known = Message.objects.filter(wamid=OuterRef("wamid"), workspace=OuterRef("workspace"))
    count = 0
    while found := list(UnmatchedStatus.objects.filter(Exists(known)).order_by("workspace_id", "pk")[:BATCH]):
        with transaction.atomic():
            for workspace in Workspace.objects.filter(pk__in={one.workspace_id for one in found}):
                apply_statuses(workspace, [one.payload for one in found if one.workspace_id == workspace.pk])
            UnmatchedStatus.objects.filter(pk__in=[one.pk for one in found]).delete()
        count += len(found)
    return count
