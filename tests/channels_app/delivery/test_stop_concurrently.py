"""A stop and a sender at the same moment: neither waits for the other, and nothing stays waiting."""

import threading

import pytest
from django.db import connection, transaction

from channels_app.accounts.models import PhoneNumber
from channels_app.delivery import actions, claims, leases
from channels_app.delivery.models import Message
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.delivery import make_messages, make_number


def in_somebodys_hands(pk: int, taken: threading.Event, done: threading.Event) -> None:
    try:
        with transaction.atomic():
            Message.objects.select_for_update().get(pk=pk)
            taken.set()
            done.wait(20)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_stop_passes_by_what_a_sender_holds(workspace: Workspace, actor: Actor) -> None:
    number: PhoneNumber = make_number(workspace)
    rows = make_messages(number, 5)
    taken, done = threading.Event(), threading.Event()
    holder = threading.Thread(target=in_somebodys_hands, args=(rows[0].pk, taken, done))
    locks_rows = connection.vendor == "postgresql"  # SQLite has one writer and no row locks
    if locks_rows:
        holder.start()
        assert taken.wait(20)
    source = {"source_kind": rows[0].source_kind, "source_id": rows[0].source_id}
    canceled = actions.stop_source(actor=actor, workspace=workspace, **source)
    assert canceled == (4 if locks_rows else 5)
    done.set()
    if locks_rows:
        holder.join(20)
    grip = leases.take(number.pk, "sender", clock.now())
    assert grip is not None
    batch = claims.claim(number=number, epoch=grip.epoch, limit=10, now=clock.now())
    assert batch.claims == []
    assert set(Message.objects.values_list("status", flat=True)) == {"canceled"}
