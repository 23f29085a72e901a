"""What is done with examinations: asked for, made by a worker or a command, kept, told."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from channels_app.doctor import examining, queries
from channels_app.doctor.alert_kinds import DOCTOR_FAILED
from channels_app.doctor.models import Examination
from channels_app.doctor.states import EXAMINATION, FAILED
from console.alerts.actions import raise_alert, resolve_alert
from console.kit import clock, queue
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

LEASE = timedelta(seconds=120)
TOLD_AT_MOST = 10
TASK = "channels_app.doctor.tasks.examine"
Results = list[examining.Result]


def request_examination(*, actor: Actor, workspace: Workspace, trigger: str = Examination.Trigger.PAGE) -> Examination:
    """Asks a worker to check everything; the one that already waits or runs when there is one."""
    with transaction.atomic():
        # Two presses at once make one examination.
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        waiting = Examination.objects.filter(workspace=workspace).exclude(status="done").order_by("-pk").first()
        if waiting is not None:
            queue.ring(TASK, waiting.pk)
            return waiting
        examination = Examination.objects.create(
            workspace=workspace, trigger=trigger, requested_at=clock.now(), requested_by=actor.user
        )
        audit.record(actor, workspace, "doctor.request_examination", examination, {"trigger": trigger})
        queue.ring(TASK, examination.pk)
    return examination


def run_examination(*, actor: Actor, examination: Examination) -> bool:
    """Makes all checks and keeps the results as they come; False when another worker is at it or it is done.

    Calls Meta with no transaction open. Safe to run twice.
    """
    now = clock.now()
    rows = Examination.objects.filter(Q(pk=examination.pk), ~Q(status="running") | Q(lease_until__lt=now))
    if not EXAMINATION.move_all(rows, "start", started_at=now, lease_until=now + LEASE, results=[]):
        return False

    def tell(results: Results) -> None:
        Examination.objects.filter(pk=examination.pk, status="running").update(results=results)

    workspace = examination.workspace
    installation = examining.examine_installation(workspace)
    tell(installation)
    results = examining.examine(workspace, installation, tell)
    return finish_examination(actor=actor, examination=examination, results=results)


def finish_examination(*, actor: Actor, examination: Examination, results: Results) -> bool:
    """Keeps the results, tells the workspace what fails, and forgets the oldest; False when it was finished before."""
    workspace = examination.workspace
    counts = Counter(result["status"] for result in results)
    updates: dict[str, Any] = {
        f"{status}_count": counts[status] for status in ("passed", "warning", "failed", "skipped")
    }
    updates |= {"results": results, "finished_at": clock.now(), "lease_until": None}
    with transaction.atomic():
        if not EXAMINATION.move_all(Examination.objects.filter(pk=examination.pk), "finish", **updates):
            return False
        failed = [result for result in results if result["status"] == FAILED]
        _tell(workspace, examination.trigger, failed)
        audit.record(
            actor,
            workspace,
            "doctor.finish_examination",
            examination,
            {"failed": [result["code"] for result in failed]},
        )
        kept = Examination.objects.filter(workspace=workspace, status="done").order_by("-pk").values("pk")
        oldest = list(kept.values_list("pk", flat=True)[queries.KEPT :])
        Examination.objects.filter(pk__in=oldest).delete()
    return True


def _tell(workspace: Workspace, trigger: str, failed: Results) -> None:
    """The daily examination raises the alert and renews what it lists; any that finds nothing ends it."""
    if not failed:
        resolve_alert(workspace, DOCTOR_FAILED.name)
    elif trigger == Examination.Trigger.DAILY:
        named = [{name: result[name] for name in ("code", "status", "facts")} for result in failed[:TOLD_AT_MOST]]
        raise_alert(workspace, DOCTOR_FAILED.name, facts={"count": len(failed), "checks": named})


def record_examination(*, actor: Actor, workspace: Workspace, results: Results, started_at: datetime) -> Examination:
    """Keeps what the command line found, as an examination of its own."""
    with transaction.atomic():
        examination = Examination.objects.create(
            workspace=workspace,
            trigger=Examination.Trigger.COMMAND,
            status="running",
            requested_at=started_at,
            started_at=started_at,
            requested_by=actor.user,
        )
        finish_examination(actor=actor, examination=examination, results=results)
    examination.refresh_from_db()
    return examination


def request_daily(*, actor: Actor) -> int:
    """Asks for the daily examination of every workspace with credentials whose hour has come; gives how many.

    The hours spread by workspace, so that Meta and the workers are not asked for all at once.
    """
    now = clock.now()
    due = [pk for pk, last in queries.last_daily().items() if last is None or last < _slot(pk, now)]
    for workspace in Workspace.objects.filter(pk__in=due):
        request_examination(actor=actor, workspace=workspace, trigger=Examination.Trigger.DAILY)
    return len(due)


def _slot(workspace_id: int, now: datetime) -> datetime:
    """The latest moment of a workspace's hour of the day (UTC) that has come."""
    slot = now.replace(hour=workspace_id % 24, minute=0, second=0, microsecond=0)
    return slot if slot <= now else slot - timedelta(days=1)
