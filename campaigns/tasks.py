"""What workers do for campaigns: prepare runs and start what is due. Safe to run twice; ids only."""

import logging

from django.db import InterfaceError, OperationalError

from campaigns import actions, preparation, queries
from campaigns.models import Campaign, CampaignRun
from channels_app.delivery import actions as delivery
from console.kit import clock, queue
from console.kit.queue import task
from console.workspaces.actors import Actor

log = logging.getLogger("waymark.campaigns")
MOST_AT_ONCE = 50


@task(every_minutes=1)
def prepare_run(run_id: int | None = None) -> None:
    """Prepares a run for some seconds and rings itself again; without an id, rings for every unprepared run."""
    if run_id is None:
        for pk in (
            CampaignRun.objects.filter(preparation.UNFINISHED)
            .order_by("pk")
            .values_list("pk", flat=True)[:MOST_AT_ONCE]
        ):
            queue.ring(prepare_run, pk)
    elif _prepared(run_id):
        queue.ring(prepare_run, run_id)
    elif CampaignRun.objects.filter(pk=run_id, status="stopped").exists():
        delivery.cancel_waiting(queries.SOURCE_KIND, run_id)  # if a crash came between the stop and its end


def _prepared(run_id: int) -> bool:
    """Whether more is left. A try that breaks counts; after some in a row the run ends instead of trying for ever."""
    try:
        return preparation.prepare(run_id)
    except (OperationalError, InterfaceError):  # the database, not the run: the schedule rings again
        log.exception("campaigns: could not prepare run %s now", run_id)
    except Exception:
        log.exception("campaigns: could not prepare run %s", run_id)
        actions.note_failed_try(actor=Actor.system("preparation"), run_id=run_id)
    return False


@task(every_minutes=1)
def due_campaigns() -> None:
    """Starts every scheduled campaign whose time has come."""
    due = Campaign.objects.filter(status="scheduled", starts_at__lte=clock.now())
    related = ("workspace", "audience", "channel_configuration__phone_number", "content__version")
    for campaign in due.select_related(*related).order_by("starts_at")[:MOST_AT_ONCE]:
        actions.start_scheduled(actor=Actor.system("schedule"), campaign=campaign)
