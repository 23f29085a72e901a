"""Applies stored bodies: takes a batch under a lease, splits it, dispatches it by workspace, quarantines what is bad.

A crash anywhere costs nothing: the lease runs out and the batch is applied again, which changes nothing twice.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import actions as account_actions
from channels_app.webhooks import self_tests
from channels_app.webhooks.appliers import APPLIERS, Applier
from channels_app.webhooks.items import BadItem, Item, UnreadableBody, check_shape, split
from channels_app.webhooks.models import QuarantinedItem, WebhookBody
from channels_app.webhooks.states import WEBHOOK
from console.kit import clock, values
from console.kit.batches import batched
from console.kit.errors import Refused
from console.kit.plain import storable
from console.kit.retrying import retried
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

log = logging.getLogger("waymark.webhooks")

BATCH_BODIES = 100
FIELDS_LENGTH = 200
MOST_FIELDS = 50  # names of one body that are counted: Meta knows some thirty
NOTES = frozenset({"waits", "unchanged"})  # reasons of appliers that are no failures
CODES = frozenset({"unknown_number"})  # reasons that a later change may heal by itself
STATES_OF_THINGS = frozenset({"account", "template"})
MOST_STATES = 200  # of one body: each costs dozens of statements, and Meta sends them one by one
COUNT_HEARD = """
INSERT INTO webhooks_heardday (credentials_id, heard_on, field, count) VALUES (%s, %s, %s, %s)
ON CONFLICT (credentials_id, heard_on, field) DO UPDATE SET count = webhooks_heardday.count + excluded.count
"""
TOLD = (("pk", "bigint"), ("item_count", "integer"), ("fields", "text"), ("outcomes", "jsonb"), ("failure", "text"))
KEEP_TOLD = """
UPDATE webhooks_webhookbody SET item_count = v.item_count, fields = v.fields, outcomes = v.outcomes, failure = v.failure
FROM {source} WHERE webhooks_webhookbody.id = v.pk AND webhooks_webhookbody.status = %s
"""
BATCH_BYTES = 8 * 1024 * 1024
LEASE = timedelta(seconds=60)
FAILURE_LENGTH = 300


@dataclass
class Outcome:
    """What became of one body: its items, those that could not be applied, or why it could not be read.

    `notes` are items that were applied and changed nothing ("unchanged") or wait for what they are about ("waits").
    """

    body: WebhookBody
    items: list[Item] = field(default_factory=list)
    bad: list[tuple[Item, str]] = field(default_factory=list)
    notes: list[tuple[Item, str]] = field(default_factory=list)
    unreadable: str = ""

    @property
    def fields(self) -> str:
        """ " account_update messages ": what it tells of, as many names as the column holds."""
        kept = " "
        for name in sorted({item.field for item in self.items if item.field and " " not in item.field}):
            if len(kept) + len(name) < FIELDS_LENGTH:
                kept += f"{name} "
        return storable(kept.strip() and kept)

    @property
    def tally(self) -> dict[str, dict[str, int]]:
        """{kind: {outcome: how many items}}."""
        told = {item.position: "quarantined" for item, _reason in self.bad}
        told = {item.position: note for item, note in self.notes} | told
        counts: dict[str, dict[str, int]] = {}
        for item in self.items:
            kind = "self_test" if item.field == self_tests.FIELD else item.kind
            outcome = told.get(item.position, "ignored" if kind == "other" else "applied")
            of_kind = counts.setdefault(kind, {})
            of_kind[outcome] = of_kind.get(outcome, 0) + 1
        return counts


def claim(limit: int = BATCH_BODIES) -> list[WebhookBody]:
    """The oldest waiting bodies, leased to the caller; others pass them over. Two statements and one to read them."""
    now = clock.now()
    with transaction.atomic():
        free = WebhookBody.objects.filter(status="stored").filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
        rows = free.select_for_update(skip_locked=True).order_by("id")
        ids = within_bytes(rows.values_list("id", Length("body"))[:limit])
        if not ids:
            return []
        WebhookBody.objects.filter(pk__in=ids).update(lease_until=now + LEASE)
    return list(WebhookBody.objects.filter(pk__in=ids).select_related("workspace").order_by("id"))


def within_bytes(rows: Iterable[tuple[int, int]]) -> list[int]:
    """The first ids whose bodies together stay below BATCH_BYTES; always at least one."""
    ids: list[int] = []
    total = 0
    for body_id, size in rows:
        total += size
        if ids and total > BATCH_BYTES:
            break
        ids.append(body_id)
    return ids


@dataclass
class Applied:
    """What an application came to: items in all, and how many of them are in quarantine."""

    item_count: int = 0
    bad_count: int = 0


def apply_batch(bodies: Sequence[WebhookBody], appliers: Mapping[str, Applier] = APPLIERS) -> Applied:
    """Applies these bodies in order and records what became of each.

    Bodies that were applied before (a replay) change nothing twice: see `_old_news`.
    """
    outcomes = {body.pk: _read(body) for body in bodies}
    waiting = _quarantined_before(bodies)
    groups: dict[tuple[int, str], list[tuple[int, Item]]] = defaultdict(list)
    workspaces: dict[int, Workspace] = {}
    for body in bodies:
        workspaces[body.workspace_id] = body.workspace
        for item in _good(outcomes[body.pk]):
            if _old_news(body, item, waiting):
                outcomes[body.pk].notes.append((item, "unchanged"))
            else:
                groups[body.workspace_id, item.kind].append((body.pk, item))
    for workspace in workspaces.values():
        _hear(workspace, [outcome for outcome in outcomes.values() if outcome.body.workspace_id == workspace.pk])
    for (workspace_id, kind), items in groups.items():
        applier = appliers[kind]
        for chunk in batched(items):
            for body_id, item, reason in _apply(applier, workspaces[workspace_id], chunk):
                told = outcomes[body_id].notes if reason in NOTES else outcomes[body_id].bad
                told.append((item, reason))
    for body in bodies:
        self_tests.find(body.credentials_id, bytes(body.body))
    found = list(outcomes.values())
    _record(found)
    return Applied(sum(len(one.items) for one in found), sum(len(one.bad) for one in found))


def _quarantined_before(bodies: Sequence[WebhookBody]) -> set[tuple[int, int]]:
    """(body, position) of the open items in quarantine. One query for a replay, none for new bodies."""
    known = [body.pk for body in bodies if body.status != "stored"]
    if not known:
        return set()
    rows = QuarantinedItem.objects.filter(body__in=known, resolved_at__isnull=True)
    return set(rows.values_list("body_id", "position"))


def _old_news(body: WebhookBody, item: Item, waiting: set[tuple[int, int]]) -> bool:
    """Whether an item of a replayed body would bring an old state back: those of accounts and templates are applied once.

    Statuses only move forward and messages and consent are known by their ids, so these may come again.
    """
    was_applied = body.status in ("applied", "partly") and (body.pk, item.position) not in waiting
    return was_applied and item.kind in STATES_OF_THINGS


def _hear(workspace: Workspace, outcomes: Sequence[Outcome]) -> None:
    """Sets the clocks of what Meta posted just now: neither replays nor our own test events."""
    news = [
        one for one in outcomes if one.body.status == "stored" and not self_tests.is_self_test(bytes(one.body.body))
    ]
    if not news:
        return
    items = [item for outcome in news for item in outcome.items]
    account_actions.hear_events(
        workspace=workspace,
        waba_ids={item.waba_id for item in items if item.waba_id},
        phone_number_ids={item.phone_number_id for item in items if item.phone_number_id},
        at=max(outcome.body.received_at for outcome in news),
    )


def _read(body: WebhookBody) -> Outcome:
    try:
        return Outcome(body, items=split(bytes(body.body)))
    except UnreadableBody as error:
        return Outcome(body, unreadable=str(error))


def _good(outcome: Outcome) -> list[Item]:
    good, states = [], 0
    for item in outcome.items:
        try:
            check_shape(item)
            states += item.kind in STATES_OF_THINGS
            if states > MOST_STATES and item.kind in STATES_OF_THINGS:
                raise BadItem("more events of accounts and templates than Meta ever puts into one body")
        except BadItem as error:
            outcome.bad.append((item, str(error)))
        else:
            if item.kind != "other":
                good.append(item)
    return good


def _apply(applier: Applier, workspace: Workspace, chunk: Sequence[tuple[int, Item]]) -> list[tuple[int, Item, str]]:
    """Applies a chunk; when it fails, its halves, until the bad items stand alone. Gives the bad ones with the reason."""
    try:
        aside = retried(lambda: applier(workspace, [item for _body, item in chunk]))
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
        _keep_bad(outcomes, now)
        _count_heard([outcome for outcome in outcomes if outcome.body.status == "stored"])
        _finish([outcome for outcome in outcomes if outcome.unreadable], "give_up", now)
        _finish([outcome for outcome in outcomes if not outcome.unreadable and outcome.bad], "apply_partly", now)
        _finish([outcome for outcome in outcomes if not outcome.unreadable and not outcome.bad], "apply", now)


def _keep_bad(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Puts bad items into quarantine, again where somebody had resolved them, and lets go of those that are good now."""
    for outcome in outcomes:
        if outcome.body.status == "partly" and not outcome.unreadable:
            still = [item.position for item, _reason in outcome.bad]
            open_ones = QuarantinedItem.objects.filter(body=outcome.body, resolved_at__isnull=True)
            open_ones.exclude(position__in=still).update(resolved_at=now)
    QuarantinedItem.objects.bulk_create(
        [_quarantined(outcome.body, item, failure, now) for outcome in outcomes for item, failure in outcome.bad],
        update_conflicts=True,
        unique_fields=["body", "position"],
        update_fields=["failure", "code", "phone_number_id", "resolved_at"],
    )


def _count_heard(outcomes: Sequence[Outcome]) -> None:
    """Adds to what was heard on the day, by field; replays don't count. One statement a field."""
    counts: dict[tuple[int, date, str], int] = defaultdict(int)
    for outcome in outcomes:
        day = outcome.body.received_at.astimezone(UTC).date()
        names = Counter(item.field for item in outcome.items if item.field and item.field != self_tests.FIELD)
        for name, count in names.most_common(MOST_FIELDS):
            counts[outcome.body.credentials_id, day, storable(name)[:60]] += count
    with connection.cursor() as cursor:
        for (credentials_id, day, name), count in sorted(counts.items()):
            adapted = connection.ops.adapt_datefield_value(day)
            cursor.execute(COUNT_HEARD, [credentials_id, adapted, name, count])


def _quarantined(body: WebhookBody, item: Item, failure: str, now: datetime) -> QuarantinedItem:
    return QuarantinedItem(
        body=body,
        position=item.position,
        field=item.field,
        item={"data": storable(item.data)},
        failure=failure,
        code=failure if failure in CODES else "",
        phone_number_id=storable(item.phone_number_id)[:32] if failure in CODES else "",
        created_at=now,
    )


def _finish(outcomes: Sequence[Outcome], move: str, now: datetime) -> None:
    """Moves these bodies on and keeps what each came to. Two UPDATEs: a CASE for every body costs more than applying it."""
    if not outcomes:
        return
    rows = WebhookBody.objects.filter(pk__in=[outcome.body.pk for outcome in outcomes])
    WEBHOOK.move_all(rows, move, applied_at=now, lease_until=None)
    told = [[one.body.pk, len(one.items), one.fields, one.tally, one.unreadable] for one in outcomes]
    source, cells = values.table_of(TOLD, told)
    with connection.cursor() as cursor:
        cursor.execute(KEEP_TOLD.format(source=source), [cells, WEBHOOK.moves[move].target])


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
    told = _apply(APPLIERS[item.kind], workspace, [(body.pk, item)]) if item.kind in APPLIERS else []
    failures = [row for row in told if row[2] not in NOTES]
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
