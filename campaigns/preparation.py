"""Writes the ledger rows of a run, a thousand people at a time: resumable, nobody lost and nobody twice.

Reading and rendering happen outside any transaction. The rows of a batch and the move of the cursor are one short
transaction, and the cursor moves by compare-and-set: a second worker, a pause or a stop makes the batch void.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from campaigns import exclusions, freezing
from campaigns.addresses import Addressing
from campaigns.freezing import Frozen
from campaigns.models import CampaignRun
from campaigns.states import RUN
from channels_app.content.binding import CompiledContent, Rendered, compile_content
from channels_app.content.context import profile_context
from channels_app.delivery import ledger
from channels_app.delivery import tasks as delivery_tasks
from channels_app.delivery.ledger import NewMessage
from channels_app.message_templates import slots
from channels_app.message_templates.models import TemplateVersion
from console.kit import clock, queue
from console.kit.batches import SIZE

SOURCE_KIND = "campaign_run"
LEASE_S = 60
BUDGET_S = 8.0  # then the task ends and rings itself again, so that workers stay free for sending
UNFINISHED = Q(prepared_at__isnull=True) & Q(status__in=("preparing", "stopped"))
PROFILE_COLUMNS = (
    "id",
    "phone",
    "external_id",
    "bsuid",
    "name",
    "attributes",
    "language",
    "country",
    "time_zone",
    "is_test",
    "reason",
)


class LostLease(Exception):
    """Another worker holds the run, or it was paused or stopped: the batch was not written."""


def prepare(run_id: int, *, batch_size: int = SIZE, budget_s: float = BUDGET_S) -> bool:
    """Prepares a run until it is done, the time is used up, or the lease is lost; True when more is left to do.

    Takes the run's lease first; without it nothing happens. About four queries per batch.
    """
    lease = take_lease(run_id)
    if lease is None:
        return False
    run = CampaignRun.objects.select_related("workspace").get(pk=run_id)
    ends_at = monotonic() + budget_s
    try:
        frozen = freezing.thaw(run)
        content = compiled(frozen)
        while prepare_batch(run, frozen, content, batch_size):
            if monotonic() >= ends_at:  # asked after a batch: a task that rings itself again has always moved something
                return True
        return False
    except LostLease:
        return False
    finally:
        CampaignRun.objects.filter(pk=run.pk, lease_until=run.lease_until).update(lease_until=None)


def take_lease(run_id: int) -> datetime | None:
    """Takes the right to prepare a run for a minute, or None when somebody has it or nothing is left. One UPDATE."""
    now = clock.now()
    until = now + timedelta(seconds=LEASE_S)
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return until if CampaignRun.objects.filter(UNFINISHED, free, pk=run_id).update(lease_until=until) else None


def compiled(frozen: Frozen) -> CompiledContent:
    """The content of a run, parsed once per task. One query."""
    version = TemplateVersion.objects.get(pk=frozen.template_version_id)
    return compile_content(slots.load(version.slots), frozen.bindings)


def prepare_batch(run: CampaignRun, frozen: Frozen, content: CompiledContent, size: int) -> bool:
    """Prepares the next people of a run; False when nobody was left. Raises LostLease.

    Two people who share a number: the ledger keeps the second row as excluded.
    """
    now = clock.now()
    members, fields = freezing.members(run, frozen), frozen.phone_fields
    people = exclusions.with_reason(members, purpose=frozen.purpose, at=now, fields=fields)
    rows = list(people.filter(pk__gt=run.next_profile_id).order_by("pk").values(*PROFILE_COLUMNS)[:size])
    if not rows:
        finish(run)
        return False
    Addressing(run.workspace, frozen.purpose, now, fields).settle(rows)
    messages = to_messages(run, frozen, content, rows, now)
    with transaction.atomic():
        # The cursor moves first: whoever lost the race has written nothing when it finds out.
        advance(run, rows[-1]["id"], len(rows), now)
        ledger.add_messages(messages)
        queue.ring(delivery_tasks.send, frozen.phone_number_id)
    run.next_profile_id = rows[-1]["id"]
    run.prepared_count += len(rows)
    run.lease_until = now + timedelta(seconds=LEASE_S)
    return True


def advance(run: CampaignRun, last_id: int, count: int, now: datetime) -> None:
    """Moves the cursor if it still stands where we read it and the lease is ours. One UPDATE."""
    moved = CampaignRun.objects.filter(
        pk=run.pk, status=run.status, next_profile_id=run.next_profile_id, lease_until=run.lease_until
    ).update(
        next_profile_id=last_id,
        prepared_count=F("prepared_count") + count,
        failed_try_count=0,
        lease_until=now + timedelta(seconds=LEASE_S),
    )
    if not moved:
        raise LostLease


def finish(run: CampaignRun) -> None:
    """Closes the preparation; from here the ledger alone says how far the run is. One UPDATE."""
    rows = CampaignRun.objects.filter(pk=run.pk, status=run.status, lease_until=run.lease_until)
    facts = {"prepared_at": clock.now(), "audience_count": F("prepared_count")}
    done = rows.update(**facts) if run.status == "stopped" else RUN.move_all(rows, "prepared", **facts)
    if not done:
        raise LostLease


def to_messages(
    run: CampaignRun, frozen: Frozen, content: CompiledContent, rows: Sequence[dict[str, Any]], now: datetime
) -> list[NewMessage]:
    """The ledger rows of a batch: rendered for who gets the message, with a reason for who doesn't. No query."""
    messages = []
    for row in rows:
        reason, params = row["reason"], {}
        if not reason:
            rendered = content.render(profile_context(row, workspace_name=run.workspace.name, now=now))
            reason = reason_of(rendered)
            params = rendered.params
        if not reason and run.status == "stopped":
            reason = exclusions.STOPPED_EARLY
        messages.append(new_message(run, frozen, row, reason, params, now))
    return messages


def reason_of(rendered: Rendered) -> str:
    """Why a rendered message can't be sent, or "" when every variable has its value."""
    if not rendered.missing:
        return exclusions.ELIGIBLE
    broke = any(key in rendered.errors for key in rendered.missing)
    return exclusions.CONTENT_ERROR if broke else exclusions.MISSING_VALUE


def new_message(
    run: CampaignRun, frozen: Frozen, row: dict[str, Any], reason: str, params: dict[str, Any], now: datetime
) -> NewMessage:
    """One row for the ledger; the profile's id is the key that makes a second row for a person impossible."""
    return NewMessage(
        workspace_id=run.workspace_id,
        source_kind=SOURCE_KIND,
        source_id=run.pk,
        dedupe_key=f"profile:{row['id']}",
        profile_id=row["id"],
        recipient=row["address"],
        phone_number_id=frozen.phone_number_id,
        template_version_id=frozen.template_version_id,
        purpose=frozen.purpose,
        params={} if reason else params,
        priority=ledger.PRIORITIES[frozen.purpose],
        due_at=now,
        late_at=None,
        exclusion_reason=reason,
    )
