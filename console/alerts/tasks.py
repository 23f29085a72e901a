"""Entry points of the queue: what is due stands in our tables; rung by whoever made it due, and by a schedule."""

from console.alerts import deliveries, mails
from console.kit import queue

BUDGET_S = 20.0


@queue.task(every_minutes=1)
def send_mails() -> None:
    mails.send_due(BUDGET_S)


@queue.task(every_minutes=1)
def deliver() -> None:
    if deliveries.send_due(BUDGET_S):
        queue.ring(deliver)
