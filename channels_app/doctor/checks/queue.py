"""Database, broker, workers and schedules: what has to run before anything is sent."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from channels_app.doctor.case import Case
from channels_app.doctor.registry import Group, Scope, Turn, Verdict, check, failed, passed
from console.kit import queue

OVERDUE_AFTER = timedelta(minutes=5)
ALIVE_WITHIN = timedelta(seconds=90)  # a schedule of every minute was moved on since
NAMED_AT_MOST = 5


@check("database", group=Group.INSTALLATION, scope=Scope.INSTALLATION, turn=Turn.OPERATOR)
def database(case: Case) -> Verdict:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            answer = cursor.fetchone()
    except DatabaseError as error:  # its text may hold the address with its password
        return failed("silent", engine=connection.vendor, error=type(error).__name__)
    return passed(engine=connection.vendor) if answer == (1,) else failed("wrong", engine=connection.vendor)


@check(
    "migrations",
    group=Group.INSTALLATION,
    scope=Scope.INSTALLATION,
    turn=Turn.OPERATOR,
    fix="migrate",
    needs=("database",),
)
def migrations(case: Case) -> Verdict:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return passed()
    names = [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]
    return failed("missing", count=len(plan), names=names[:NAMED_AT_MOST])


@check("broker", group=Group.INSTALLATION, scope=Scope.INSTALLATION, turn=Turn.OPERATOR, needs=("database",))
def broker(case: Case) -> Verdict:
    kind = "redis" if settings.REDIS_URL else "database"
    try:
        is_answering = queue.is_answering()
    except Exception as error:  # whatever the broker raises: it does not answer
        return failed("silent", broker=kind, error=type(error).__name__)
    return passed(broker=kind) if is_answering else failed("silent", broker=kind)


@check(
    "workers",
    group=Group.INSTALLATION,
    scope=Scope.INSTALLATION,
    turn=Turn.OPERATOR,
    fix="workers",
    needs=("database", "broker"),
)
def workers(case: Case) -> Verdict:
    """They report themselves every half second; on another host without Redis only what they did can be seen."""
    clusters = queue.clusters()
    if clusters:
        count = sum(cluster.worker_count for cluster in clusters)
        return passed(hosts=sorted({cluster.host for cluster in clusters}), count=count)
    moved = [row.next_run_at for row in queue.schedules() if row.every_minutes == 1 and row.next_run_at]
    if moved and max(moved) > case.now - ALIVE_WITHIN:
        return passed(seen_by="schedules")
    return failed("none")


@check(
    "schedules",
    group=Group.INSTALLATION,
    scope=Scope.INSTALLATION,
    turn=Turn.OPERATOR,
    fix="sync_schedules",
    needs=("database", "workers"),
)
def schedules(case: Case) -> Verdict:
    rows = queue.schedules()
    missing = [row.path for row in rows if row.next_run_at is None]
    if missing:
        return failed("missing", count=len(missing), names=missing[:NAMED_AT_MOST])
    late = [row.path for row in rows if row.next_run_at and row.next_run_at < case.now - OVERDUE_AFTER]
    if late:
        return failed("late", fix="workers", count=len(late), names=late[:NAMED_AT_MOST])
    return passed(count=len(rows))
