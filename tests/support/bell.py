"""Runs what the queue holds, as a worker would: through the real broker."""

from django.utils.module_loading import import_string
from django_q.brokers import get_broker
from django_q.signing import SignedPackage


def answer_bell(*, limit: int = 200) -> list[str]:
    """Takes queued tasks from the broker and runs them in this process until none is left; returns their paths."""
    broker = get_broker()
    done: list[str] = []
    while len(done) < limit and broker.queue_size():
        for ack_id, package in broker.dequeue() or []:
            task = SignedPackage.loads(package)
            broker.acknowledge(ack_id)
            function = import_string(task["func"]) if isinstance(task["func"], str) else task["func"]
            function(*task["args"], **task["kwargs"])
            done.append(task["func"])
    return done
