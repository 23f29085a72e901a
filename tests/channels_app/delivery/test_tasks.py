"""What the schedule does every minute: rings who has something due, buries the dead, expires the late."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

from channels_app.delivery import claims, leases, tasks
from channels_app.delivery.models import Message, SenderLease
from console.kit import clock
from console.workspaces.models import Workspace
from tests.factories.delivery import make_messages, make_number

pytestmark = pytest.mark.django_db(transaction=True)


def rung() -> list[tuple[str, tuple[int, ...]]]:
    broker = get_broker()
    packages = [SignedPackage.loads(package) for _ack, package in broker.dequeue() or []]
    return [(package["func"], tuple(package["args"])) for package in packages]


def test_rings_who_has_something_due_and_does_not_rest(workspace: Workspace, bell: Callable[..., list[str]]) -> None:
    due, later, resting, idle = (make_number(workspace) for _ in range(4))
    make_messages(due, 1, source_id=1)
    make_messages(later, 1, source_id=2, due_at=clock.now() + timedelta(hours=1))
    make_messages(resting, 1, source_id=3)
    SenderLease.objects.create(phone_number=resting, rest_until=clock.now() + timedelta(hours=1))
    tasks.due_senders()
    assert rung() == [("channels_app.delivery.tasks.send", (due.pk,))] and idle.pk


def test_buries_the_dead_and_expires_the_late_twice_is_harmless(
    workspace: Workspace, bell: Callable[..., list[str]]
) -> None:
    number = make_number(workspace)
    lost, late = make_messages(number, 2)
    Message.objects.filter(pk=late.pk).update(
        late_at=clock.now() - timedelta(seconds=1), due_at=clock.now() + timedelta(1)
    )
    grip = leases.take(number.pk, "dead", clock.now())
    assert grip is not None
    assert len(claims.claim(number=number, epoch=grip.epoch, limit=9, now=clock.now()).claims) == 1
    Message.objects.filter(pk=lost.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    for _ in range(2):
        tasks.due_senders()
        tasks.match_unmatched()
    assert list(Message.objects.order_by("pk").values_list("status", flat=True)) == ["unknown", "expired"]


def test_sending_for_nobody_or_an_unknown_number_does_nothing(workspace: Workspace) -> None:
    tasks.send(make_number(workspace).pk)
    tasks.send(987654)
