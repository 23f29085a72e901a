"""What the queue runs for the ledger. Tasks carry ids and may be lost, doubled or late: the rows know what is due."""

import logging
import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from asgiref.sync import async_to_sync

from channels_app.delivery import claims, queries, sender, settlement, statuses, usage
from channels_app.delivery.desk import Desk
from console.kit import clock, queue

log = logging.getLogger("waymark.delivery")


@queue.task()
def send(phone_number_id: int) -> None:
    """Sends what is due for one number, for about 20 s at most; rings itself again while there is more."""
    desk = Desk.open(phone_number_id, f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}")
    if desk is None:
        return
    with stop_signal() as stopped:
        report = async_to_sync(sender.run_once)(desk, should_stop=lambda: stopped.is_set() or queue.is_stopping())
    log.info("delivery: number %s: %s", phone_number_id, report)
    if report.wants_ring:
        queue.ring(send, phone_number_id)


@queue.task(every_minutes=1)
def due_senders() -> None:
    """Rings every number with something due, and settles what dead senders left behind."""
    now = clock.now()
    settlement.expire_claims(now)
    while claims.expire_late(now):
        pass
    for phone_number_id in queries.waiting_numbers(due_by=now):
        queue.ring(send, phone_number_id)


@queue.task(every_minutes=1)
def match_unmatched() -> None:
    """Applies statuses that came before their message's id was known; forgets those nobody ever knew."""
    statuses.match_unmatched()


@queue.task(every_minutes=5)
def measure_usage() -> None:
    """Counts how much of each portfolio's messaging limit is used; what has not moved is not counted again."""
    usage.measure(clock.now())


@contextmanager
def stop_signal() -> Iterator[threading.Event]:
    """An event that SIGTERM sets instead of killing the worker at once: calls in flight end and are recorded first."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def remember(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = signal.signal(signal.SIGTERM, remember)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGTERM, before)
        if stopped.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
