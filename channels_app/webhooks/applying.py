"""Applies stored bodies: takes a batch under a lease, splits it, dispatches it by workspace, quarantines what is bad.

A crash anywhere costs nothing: the lease runs out and the batch is applied again, which changes nothing twice.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import actions as account_actions
from channels_app.webhooks.appliers import APPLIERS, Applier
from channels_app.webhooks.items import BadItem, Item, UnreadableBody, check_shape, split, storable
from channels_app.webhooks.models import QuarantinedItem, WebhookBody
from channels_app.webhooks.states import WEBHOOK
from console.kit import clock
from console.kit.batches import batched
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

log = logging.getLogger("waymark.webhooks")

BATCH_BODIES = 100
BATCH_BYTES = 8 * 1024 * 1024
LEASE = timedelta(seconds=60)
FAILURE_LENGTH = 300


@dataclass
class Outcome:
    """What became of one body: its items, those that could not be applied, or why it could not be read."""

    body: WebhookBody
    items: list[Item] = field(default_factory=list)
    bad: list[tuple[Item, str]] = field(default_factory=list)
    unreadable: str = ""


def claim(limit: int = BATCH_BODIES) -> list[WebhookBody]:
    """The oldest waiting bodies, leased to the caller; others pass them over. Two statements and one to read them."""
    now = clock.now()
    with transaction.atomic():
        free = WebhookBody.objects.filter(status="stored").filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
        rows = free.select_for_update(skip_locked=True).order_by("id")
        ids = _within_bytes(rows.values_list("id", Length("body"))[:limit])
        if not ids:
            return []
        WebhookBody.objects.filter(pk__in=ids).update(lease_until=now + LEASE)
    return list(WebhookBody.objects.filter(pk__in=ids).select_related("workspace").order_by("id"))


def _within_bytes(rows: Iterable[tuple[int, int]]) -> list[int]:
    """The first ids whose bodies together stay below BATCH_BYTES; always at least one."""
    ids: list[int] = []
    total = 0
    for body_id, size in rows:
        total += size
        if ids and total > BATCH_BYTES:
            break
        ids.append(body_id)
    return ids


def apply_batch(bodies: Sequence[WebhookBody], appliers: Mapping[str, Applier] = APPLIERS) -> int:
    """Applies these bodies in order and records what became of each; gives the number of items."""
    outcomes = {body.pk: _read(body) for body in bodies}
    groups: dict[tuple[int, str], list[tuple[int, Item]]] = defaultdict(list)
    workspaces: dict[int, Workspace] = {}
    for body in bodies:
        workspaces[body.workspace_id] = body.workspace
        for item in _good(outcomes[body.pk]):
            groups[body.workspace_id, item.kind].append((body.pk, item))
    for workspace in workspaces.values():
        _hear(workspace, [outcome for outcome in outcomes.values() if outcome.body.workspace_id == workspace.pk])
    for (workspace_id, kind), items in groups.items():
        applier = appliers[kind]
        for chunk in batched(items):
            for body_id, item, failure in _apply(applier, workspaces[workspace_id], chunk):
                outcomes[body_id].bad.append((item, failure))
    _record(list(outcomes.values()))
    return sum(len(outcome.items) for outcome in outcomes.values())


def _hear(workspace: Workspace, outcomes: Sequence[Outcome]) -> None:
    items = [item for outcome in outcomes for item in outcome.items]
    account_actions.hear_events(
        workspace=workspace,
        waba_ids={item.waba_id for item in items if item.waba_id},
        phone_number_ids={item.phone_number_id for item in items if item.phone_number_id},
        at=max(outcome.body.received_at for outcome in outcomes),
    )


def _read(body: WebhookBody) -> Outcome:
    try:
        return Outcome(body, items=split(bytes(body.body)))
    except UnreadableBody as error:
        return Outcome(body, unreadable=str(error))


def _good(outcome: Outcome) -> list[Item]:
    good = []
    for item in outcome.items:
        try:
            check_shape(item)
        except BadItem as error:
            outcome.bad.append((item, str(error)))
        else:
            if item.kind != "other":
                good.append(item)
    return good


def _apply(applier: Applier, workspace: Workspace, chunk: Sequence[tuple[int, Item]]) -> list[tuple[int, Item, str]]:
    """Applies a chunk; when it fails, its halves, until the bad items stand alone. Gives the bad ones with the reason."""
    try:
        with transaction.atomic():
            aside = applier(workspace, [item for _body, item in chunk])
    except (OperationalError, InterfaceError):
        raise  # the database, not the item: the whole batch waits for its lease to end
    except Exception as error:  # whatever an item breaks, it is quarantined alone
        if len(chunk) == 1:
            body_id, item = chunk[0]
            log.warning("webhooks: item %s of body %s quarantined: %s", item.position, body_id, type(error).__name__)
            return [(body_id, item, _failure(error))]
        middle = len(chunk) // 2
        return _apply(applier, workspace, chunk[:middle]) + _apply(applier, workspace, chunk[middle:])
    return [(*chunk[index], reason[:FAILURE_LENGTH]) for index, reason in aside]


def _failure(error: Exception) -> str:
    text = str(error) if isinstance(error, BadItem | Refused) else type(error).__name__
    return text[:FAILURE_LENGTH]


def _record(outcomes: Sequence[Outcome]) -> None:
    now = clock.now()
    with transaction.atomic():
        QuarantinedItem.objects.bulk_create(
            [_quarantined(outcome.body, item, failure, now) for outcome in outcomes for item, failure in outcome.bad],
            ignore_conflicts=True,
        )
        _finish([outcome for outcome in outcomes if outcome.unreadable], "give_up", now)
        _finish([outcome for outcome in outcomes if not outcome.unreadable and outcome.bad], "apply_partly", now)
        _finish([outcome for outcome in outcomes if not outcome.unreadable and not outcome.bad], "apply", now)


def _quarantined(body: WebhookBody, item: Item, failure: str, now: datetime) -> QuarantinedItem:
    return QuarantinedItem(
        body=body,
        position=item.position,
        field=item.field,
        item={"data": storable(item.data)},
        failure=failure,
        created_at=now,
    )


def _finish(outcomes: Sequence[Outcome], move: str, now: datetime) -> None:
    if not outcomes:
        return
    counts = [When(pk=outcome.body.pk, then=Value(len(outcome.items))) for outcome in outcomes]
    reasons = [When(pk=outcome.body.pk, then=Value(outcome.unreadable)) for outcome in outcomes if outcome.unreadable]
    rows = WebhookBody.objects.filter(pk__in=[outcome.body.pk for outcome in outcomes])
    WEBHOOK.move_all(
        rows,
        move,
        item_count=Case(*counts, default=0),
        failure=Case(*reasons, default=Value("")) if reasons else "",
        applied_at=now,
        lease_until=None,
    )


def apply_again(*, actor: Actor, workspace: Workspace, quarantined: QuarantinedItem) -> None:
    """Applies one quarantined item once more. Raises Refused with the reason when it fails again."""
    body = quarantined.body
    try:
        item = next(item for item in split(bytes(body.body)) if item.position == quarantined.position)
        check_shape(item)
    except StopIteration as error:
        raise _still_bad("not in the body") from error
    except (BadItem, UnreadableBody) as error:
        raise _still_bad(str(error)) from error
    failures = _apply(APPLIERS[item.kind], workspace, [(body.pk, item)]) if item.kind in APPLIERS else []
    if failures:
        raise _still_bad(failures[0][2])
    with transaction.atomic():
        QuarantinedItem.objects.filter(pk=quarantined.pk, resolved_at__isnull=True).update(resolved_at=clock.now())
        if not body.quarantined.filter(resolved_at__isnull=True).exists():
            WEBHOOK.move_all(WebhookBody.objects.filter(pk=body.pk), "apply")
        audit.record(actor, workspace, "webhooks.apply_again", body, {"position": quarantined.position})


def _still_bad(reason: str) -> Refused:
    return Refused(
        "webhooks.item_still_bad",
        _("The item still can't be applied: %(reason)s. It stays here, and nothing was changed.") % {"reason": reason},
    )
