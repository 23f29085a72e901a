"""Applies what the receiver stored; rung by it and by a schedule every minute."""

import time

from channels_app.webhooks import actions
from console.kit import queue

BUDGET_S = 20.0


@queue.task(every_minutes=1)
def apply_stored() -> None:
    """Applies waiting bodies in order, batch by batch, until none waits or the time is up; then it rings again."""
    actions.forget_ring()
    end = time.monotonic() + BUDGET_S
    while bodies := actions.claim():
        actions.apply_batch(bodies)
        if time.monotonic() > end:
            queue.ring(apply_stored)
            return
