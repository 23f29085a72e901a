"""What workers do with stored bodies; rung by the receiver and the pages, and by a schedule every minute."""

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


@queue.task()
def run_self_test(self_test_id: int) -> None:
    """Calls our own address, step by step; the last step comes when a worker applies what was posted."""
    actions.run_self_test(self_test_id)


@queue.task()
def run_replay(replay_id: int) -> None:
    """Applies a range once more for about 20 s, then rings itself again."""
    replay = actions.take_replay(replay_id)
    if replay is None:
        return
    end = time.monotonic() + BUDGET_S
    while actions.step_replay(replay):
        if time.monotonic() > end or queue.is_stopping():
            actions.let_go_replay(replay)
            queue.ring(run_replay, replay.pk)
            return


@queue.task(every_minutes=1)
def watch() -> None:
    """Looks for silence, refused calls and unknown numbers; ends tests nobody answered; rings for replays left behind."""
    actions.heal()
    actions.watch_silence()
    actions.watch_refusals()
    actions.watch_unknown_numbers()
    actions.expire_self_tests()
    for replay_id in actions.due_replays():
        queue.ring(run_replay, replay_id)
