"""Pause, resume and stop: what people (and the sender, when Meta says so) do to what is being sent."""

from collections.abc import Iterable

from django.db import transaction

from channels_app.accounts.models import PhoneNumber
from channels_app.delivery.models import Hold, Message, SenderLease
from channels_app.delivery.states import MESSAGE
from console.kit import clock, queue
from console.kit.retrying import retried
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

CANCEL_BATCH = 2000
SEND = "channels_app.delivery.tasks.send"


def source_key(source_kind: str, source_id: int) -> str:
    return f"{source_kind}:{source_id}"


def pause_source(
    *, actor: Actor, workspace: Workspace, source_kind: str, source_id: int, reason: str = "paused"
) -> None:
    """Holds everything of one send back. What is with Meta already is not taken back; nothing new goes within a second."""
    key = source_key(source_kind, source_id)
    with transaction.atomic():
        _place(actor, Hold.Scope.SOURCE, key, reason)
        audit.record(actor, workspace, "delivery.pause_source", changes={"source": key, "reason": reason})


def resume_source(
    *, actor: Actor, workspace: Workspace, source_kind: str, source_id: int, reason: str = "resumed"
) -> None:
    """Lets a paused send go on. A stopped one stays stopped."""
    key = source_key(source_kind, source_id)
    with transaction.atomic():
        Hold.objects.filter(scope=Hold.Scope.SOURCE, key=key, is_stop=False).delete()
        audit.record(actor, workspace, "delivery.resume_source", changes={"source": key, "reason": reason})
        _ring(_numbers_of(source_kind, source_id))


def stop_source(
    *, actor: Actor, workspace: Workspace, source_kind: str, source_id: int, reason: str = "stopped"
) -> int:
    """Stops one send for good: nothing new goes within a second, what waits becomes `canceled`; returns how many did.

    The stop itself commits first; canceling is batches of 2,000. What a sender hands back later is canceled by the claim.
    """
    key = source_key(source_kind, source_id)
    with transaction.atomic():
        _place(actor, Hold.Scope.SOURCE, key, reason, is_stop=True)
        audit.record(actor, workspace, "delivery.stop_source", changes={"source": key, "reason": reason})
        _ring(_numbers_of(source_kind, source_id))
    return cancel_waiting(source_kind, source_id)


def cancel_waiting(source_kind: str, source_id: int) -> int:
    """Cancels what still waits of a send; safe to run twice. Two statements per 2,000 rows.

    Rows that somebody holds this very moment are passed by, never waited for: a sender and the stop would block each
    other. The next claim cancels them, since the stop stands already.
    """
    canceled = 0
    while count := retried(lambda: _cancel_batch(source_kind, source_id)):
        canceled += count
    return canceled


def _cancel_batch(source_kind: str, source_id: int) -> int:
    waiting = Message.objects.filter(source_kind=source_kind, source_id=source_id, status="ready").order_by("pk")
    free = waiting.select_for_update(skip_locked=True).values_list(
        "pk", flat=True
    )  # SQLite has one writer, no row locks
    return MESSAGE.move_all(Message.objects.filter(pk__in=list(free[:CANCEL_BATCH])), "cancel")


def pause_number(*, actor: Actor, workspace: Workspace, phone_number: PhoneNumber, reason: str = "paused") -> None:
    """Holds everything of one sender back, whatever campaign it belongs to."""
    with transaction.atomic():
        _place(actor, Hold.Scope.NUMBER, str(phone_number.pk), reason)
        audit.record(actor, workspace, "delivery.pause_number", phone_number, {"reason": reason})


def resume_number(*, actor: Actor, workspace: Workspace, phone_number: PhoneNumber, reason: str = "resumed") -> None:
    """Lets a paused sender go on and ends a rest that Meta's refusals caused."""
    with transaction.atomic():
        Hold.objects.filter(scope=Hold.Scope.NUMBER, key=str(phone_number.pk)).delete()
        SenderLease.objects.filter(phone_number=phone_number).update(rest_until=None, rest_reason="")
        audit.record(actor, workspace, "delivery.resume_number", phone_number, {"reason": reason})
        _ring([phone_number.pk])


def hold_template(*, actor: Actor, workspace: Workspace, template_version_id: int, reason: str) -> None:
    """Holds every message with a template version back: Meta would refuse them all."""
    with transaction.atomic():
        if _place(actor, Hold.Scope.TEMPLATE, str(template_version_id), reason):
            audit.record(
                actor, workspace, "delivery.hold_template", changes={"version": template_version_id, "reason": reason}
            )


def release_template(*, actor: Actor, workspace: Workspace, template_version_id: int, reason: str = "resumed") -> None:
    """Lets messages with a template version go again."""
    with transaction.atomic():
        Hold.objects.filter(scope=Hold.Scope.TEMPLATE, key=str(template_version_id)).delete()
        audit.record(
            actor, workspace, "delivery.release_template", changes={"version": template_version_id, "reason": reason}
        )
        waiting = Message.objects.filter(template_version_id=template_version_id, status="ready")
        _ring(waiting.values_list("phone_number_id", flat=True).distinct())


def _place(actor: Actor, scope: str, key: str, reason: str, *, is_stop: bool = False) -> bool:
    """Makes the hold unless it is there; a stop replaces a pause, never the other way round."""
    _hold, is_new = Hold.objects.get_or_create(
        scope=scope,
        key=key,
        defaults={"reason": reason[:80], "is_stop": is_stop, "placed_at": clock.now(), "placed_by": actor.user},
    )
    if is_stop and not is_new:
        Hold.objects.filter(scope=scope, key=key).update(
            is_stop=True, reason=reason[:80], placed_at=clock.now(), placed_by=actor.user
        )
    return is_new


def _numbers_of(source_kind: str, source_id: int) -> list[int | None]:
    """The senders that a send still has something waiting for."""
    waiting = Message.objects.filter(source_kind=source_kind, source_id=source_id, status="ready")
    return list(waiting.values_list("phone_number_id", flat=True).distinct())


def _ring(phone_number_ids: Iterable[int | None]) -> None:
    for pk in phone_number_ids:
        if pk is not None:
            queue.ring(SEND, pk)
