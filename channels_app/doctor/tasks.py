"""Entry points of the workers: one examination, and the daily ones."""

import time

from django.db.models import Q

from channels_app.doctor import actions
from channels_app.doctor.models import Examination
from console.kit import clock, queue
from console.workspaces.actors import Actor

BUDGET_S = 20.0  # then it rings again: one examination may take a minute, a task ninety seconds
ACTOR = Actor.system("setup doctor")


@queue.task(every_minutes=1)
def examine(examination_id: int | None = None) -> None:
    """Makes one examination, or all that wait or whose worker died. Twice is harmless."""
    now, end = clock.now(), time.monotonic() + BUDGET_S
    waiting = Examination.objects.filter(Q(status="queued") | Q(status="running", lease_until__lt=now))
    if examination_id is not None:
        waiting = waiting.filter(pk=examination_id)
    for examination in waiting.select_related("workspace").order_by("pk"):
        actions.run_examination(actor=ACTOR, examination=examination)
        if queue.is_stopping():
            return
        if time.monotonic() > end:
            queue.ring(examine)
            return


@queue.task(every_minutes=60)
def examine_daily() -> None:
    """Asks for each workspace's daily examination once its hour has come."""
    actions.request_daily(actor=ACTOR)
