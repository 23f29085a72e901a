"""Applies a range of stored bodies once more, in batches under a lease: goes on where it was killed, may be canceled.

What a body tells is known by its ids or only moves forward, so a replay changes nothing twice; see applying._old_news.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from channels_app.accounts.models import ApiCredentials
from channels_app.webhooks.applying import BATCH_BODIES, apply_batch, within_bytes
from channels_app.webhooks.models import Replay, WebhookBody
from channels_app.webhooks.states import REPLAY
from console.kit import clock, queue
from console.kit.errors import MoveRefused, Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

LEASE = timedelta(seconds=60)
OPEN = ("queued", "running")
MOST_OPEN = 5


def bodies_in(
    workspace: Workspace, *, from_at: datetime, until_at: datetime, credentials_id: int | None = None, field: str = ""
) -> QuerySet[WebhookBody]:
    """The applied bodies of a range; those that wait are applied anyway. Walks the index by time."""
    rows = WebhookBody.objects.filter(
        workspace=workspace, received_at__gte=from_at, received_at__lt=until_at, status__in=FINAL
    )
    if credentials_id is not None:
        rows = rows.filter(credentials=credentials_id)
    return rows.filter(fields__contains=f" {field} ") if field else rows


FINAL = ("applied", "partly", "unreadable")


def start_replay(
    *,
    actor: Actor,
    workspace: Workspace,
    from_at: datetime,
    until_at: datetime,
    credentials: ApiCredentials | None = None,
    field: str = "",
) -> Replay:
    """Makes a replay and rings for it. Raises Refused for an empty or backward range, or when several run already."""
    if credentials is not None and credentials.workspace_id != workspace.pk:
        raise Refused("webhooks.replay_foreign", _("These credentials belong to another workspace."))
    if from_at >= until_at:
        raise Refused("webhooks.replay_backward", _("The range ends before it begins. Choose a later end."))
    key = credentials.pk if credentials else None
    count = bodies_in(workspace, from_at=from_at, until_at=until_at, credentials_id=key, field=field).count()
    if not count:
        raise Refused("webhooks.replay_empty", _("Nothing was received in this range. Choose another one."))
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace.pk)
        if Replay.objects.filter(workspace=workspace, status__in=OPEN).count() >= MOST_OPEN:
            raise Refused("webhooks.replays_open", _("Several replays run already. Wait for one, or cancel it."))
        replay = Replay.objects.create(
            workspace=workspace,
            credentials=credentials,
            from_at=from_at,
            until_at=until_at,
            field=field,
            body_count=count,
            created_by=actor.user,
            created_at=clock.now(),
        )
        facts = {"from": from_at.isoformat(), "until": until_at.isoformat(), "field": field, "bodies": count}
        audit.record(actor, workspace, "webhooks.start_replay", replay, facts)
        queue.ring("channels_app.webhooks.tasks.run_replay", replay.pk)
    return replay


def cancel_replay(*, actor: Actor, workspace: Workspace, replay: Replay) -> None:
    """Ends a replay after its current batch; what was applied stays. Raises MoveRefused when it has ended."""
    with transaction.atomic():
        REPLAY.move(replay, "cancel", finished_at=clock.now(), lease_until=None)
        audit.record(actor, workspace, "webhooks.cancel_replay", replay, {"done": replay.done_count})


def take(replay_id: int) -> Replay | None:
    """The replay under a lease of the caller's, or None when it has ended or another worker holds it."""
    now = clock.now()
    free = Replay.objects.filter(pk=replay_id).filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
    if not REPLAY.move_all(free, "start", lease_until=now + LEASE):
        return None
    return Replay.objects.select_related("workspace").get(pk=replay_id)


def step(replay: Replay) -> bool:
    """Applies the next batch and keeps how far it came; False when all is done or it was canceled or taken over.

    A worker that dies in between leaves the mark before the batch: the next one applies it again, which changes nothing.
    """
    bodies = _next(replay)
    if not bodies:
        try:
            REPLAY.move(replay, "finish", finished_at=clock.now(), lease_until=None)
        except MoveRefused:
            return False  # canceled meanwhile
        return False
    applied = apply_batch(bodies)
    mine = Replay.objects.filter(pk=replay.pk, status="running", last_body_id=replay.last_body_id)
    kept = mine.update(
        last_body_id=bodies[-1].pk,
        done_count=F("done_count") + len(bodies),
        item_count=F("item_count") + applied.item_count,
        bad_count=F("bad_count") + applied.bad_count,
        lease_until=clock.now() + LEASE,
    )
    replay.last_body_id = bodies[-1].pk
    return bool(kept)


def _next(replay: Replay) -> list[WebhookBody]:
    """The next bodies in order of time, within what a worker can hold."""
    rows = bodies_in(
        replay.workspace,
        from_at=replay.from_at,
        until_at=replay.until_at,
        credentials_id=replay.credentials_id,
        field=replay.field,
    )
    last = WebhookBody.objects.filter(pk=replay.last_body_id).values_list("received_at", flat=True).first()
    if last is not None:
        rows = rows.filter(received_at__gte=last).exclude(received_at=last, pk__lte=replay.last_body_id)
    ordered = rows.order_by("received_at", "pk")
    ids = within_bytes(ordered.values_list("pk", Length("body"))[:BATCH_BODIES])
    found = WebhookBody.objects.filter(pk__in=ids).select_related("workspace")
    return list(found.order_by("received_at", "pk"))


def let_go(replay: Replay) -> None:
    """Gives the lease back, so that the next worker goes on at once."""
    Replay.objects.filter(pk=replay.pk, status="running").update(lease_until=None)


def due(now: datetime | None = None) -> list[int]:
    """Replays that nobody works on: their ring was lost or their worker died."""
    now = now or clock.now()
    free = Replay.objects.filter(status__in=OPEN).filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
    return list(free.order_by("pk").values_list("pk", flat=True))
