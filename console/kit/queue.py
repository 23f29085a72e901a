"""The one door to django-q2: tasks carry ids and only ring the bell; what is due stands in our own tables.

A lost, doubled or late task costs nothing: a schedule rings for the same work every minute.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.db import transaction
from django_q.brokers import get_broker
from django_q.models import Schedule
from django_q.status import Stat
from django_q.tasks import async_task

log = logging.getLogger("waymark.queue")
STOPPING_FLAG = "WAYMARK_STOPPING_FLAG"  # set by `manage.py workers` for its own children, not a setting
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Task:
    """A registered entry point: its dotted path, and every how many minutes a schedule calls it without arguments."""

    path: str
    function: Callable[..., Any]
    every_minutes: int | None


TASKS: dict[str, Task] = {}


def task(*, every_minutes: int | None = None) -> Callable[[F], F]:
    """Registers a function as a task. One with a schedule must be callable without arguments: then it looks for all that is due."""

    def register(function: F) -> F:
        path = f"{function.__module__}.{function.__qualname__}"
        TASKS[path] = Task(path, function, every_minutes)
        return function

    return register


def ring(function: Callable[..., Any] | str, *ids: int | str) -> None:
    """Enqueues a task once the current transaction has committed; a queue that is down never breaks the write.

    An action names a task of its own room by its path ("campaigns.tasks.prepare_run"): tasks stand above actions.
    """
    path = function if isinstance(function, str) else f"{function.__module__}.{function.__qualname__}"
    if path not in TASKS:
        raise ValueError(f"{path} is not a task: decorate it with @task().")
    transaction.on_commit(partial(_enqueue, path, ids))


def _enqueue(path: str, ids: tuple[int | str, ...]) -> None:
    try:
        async_task(path, *ids)
    except Exception:  # the row is committed and the schedule will find it: a broken broker must not fail the request
        log.exception("queue: could not ring %s; the schedule will find the work", path)


def is_stopping() -> bool:
    """Whether these workers were asked to end: a task of many seconds asks now and then and finishes early. One stat()."""
    flag = os.environ.get(STOPPING_FLAG, "")
    return bool(flag) and os.path.exists(flag)  # noqa: PTH110  # asked several times a second


def sync_schedules() -> list[str]:
    """Makes django-q2's schedules equal to what the tasks declare; returns the paths. Run at every start."""
    wanted = {task.path: task.every_minutes for task in TASKS.values() if task.every_minutes}
    names = [f"waymark:{path}" for path in wanted]
    Schedule.objects.filter(name__startswith="waymark:").exclude(name__in=names).delete()
    for path, minutes in wanted.items():
        Schedule.objects.update_or_create(
            name=f"waymark:{path}",
            defaults={"func": path, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1},
        )
    return sorted(wanted)


def is_answering() -> bool:
    """Whether the broker can be reached now; raises what the broker raises."""
    return bool(get_broker().ping())


@dataclass(frozen=True)
class Cluster:
    """Workers of one host as they reported themselves within the last seconds."""

    host: str
    worker_count: int
    up_since: datetime


def clusters() -> list[Cluster]:
    """The workers that are alive now; with the ORM broker only those that share this host's cache. Asks the broker."""
    return [Cluster(stat.host, len(stat.workers), stat.tob) for stat in Stat.get_all() if stat.tob]


@dataclass(frozen=True)
class ScheduleState:
    """A declared schedule: `next_run_at` is None when nobody wrote it into the table (`manage.py sync_schedules`)."""

    path: str
    every_minutes: int
    next_run_at: datetime | None


def schedules() -> list[ScheduleState]:
    """Every declared schedule with when it is due next: workers that run move that on. One query."""
    due = dict(Schedule.objects.filter(name__startswith="waymark:").values_list("func", "next_run"))
    return [
        ScheduleState(task.path, task.every_minutes, due.get(task.path))
        for task in TASKS.values()
        if task.every_minutes is not None
    ]
