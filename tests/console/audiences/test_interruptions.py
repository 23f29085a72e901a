"""What comes between an import and its end: kill -9 of its process, and a person who cancels from another connection."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection

from console.audiences import actions, tasks
from console.audiences.actions import import_batches
from console.audiences.models import AudienceMember, ConsentEntry, Import, Profile
from console.kit import batches
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.audiences import make_import

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = 3000


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database and files of its own, on the same engine as the other tests."""
    url = os.environ.get("DATABASE_URL", "")
    own = os.environ | {
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "WAYMARK_DATA_DIR": str(tmp_path),
        "REDIS_URL": "",
    }
    if not url.startswith("postgres"):
        yield own | {"DATABASE_URL": f"sqlite:///{tmp_path / 'kill.sqlite3'}"}
        return
    name = f"waymark_kill_import_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        yield own | {"DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}"))}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def start(environment: dict[str, str], *step: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.console.audiences.kill_scenario", *step]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> Any:
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return json.loads(out.splitlines()[-1])


@pytest.mark.slow
def test_a_killed_import_goes_on_where_it_stood(environment: dict[str, str]) -> None:
    finish(start(environment, "setup", str(PEOPLE)))
    worker = start(environment, "import")
    assert worker.stdout is not None
    told = 0
    while told < PEOPLE // 3:
        told = int(worker.stdout.readline())
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    taken_over = finish(start(environment, "takeover"))
    assert taken_over["held"], "the dead worker's lease keeps others away"
    assert told <= taken_over["at_kill"] < PEOPLE
    assert finish(start(environment, "settle")) == {
        "status": "done",
        "counts": [PEOPLE, 0, 0, 2],
        "profiles": PEOPLE,
        "members": PEOPLE,
        "receipts": PEOPLE,
        "doubled": 0,
        "refused": [[PEOPLE + 2, "duplicate"], [PEOPLE + 3, "phone_too_short"]],
    }


@pytest.mark.django_db(transaction=True)
def test_canceling_from_another_connection_undoes_no_row_and_stops_the_rest(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cancel comes while the third batch is being written; SQLite, with one writer, lets it in after that."""
    monkeypatch.setattr(batches, "SIZE", 4)
    text = "phone,name,consent\n" + "\n".join(f"010-2000-{n:04d},P{n},yes" for n in range(40))
    batch = make_import(workspace, text, actor=actor)
    options = {"country": "KR", "audience": "new", "audience_name": "Spring"}
    actions.configure_import(actor=actor, workspace=workspace, batch=batch, columns_to=batch.mapping, options=options)
    tasks.preview_import(batch.pk)
    batch.refresh_from_db()
    actions.start_import(actor=actor, workspace=workspace, batch=batch)

    def cancel() -> None:
        try:
            actions.cancel_import(actor=actor, workspace=workspace, batch=Import.objects.get())
        finally:
            connection.close()

    canceler = threading.Thread(target=cancel)
    real_write, real_apply = import_batches.write_batch, import_batches._apply

    def write(running: Import, *args: Any) -> Any:
        counts = real_write(running, *args)
        if running.next_row == 8 and connection.vendor == "postgresql":
            canceler.start()
            canceler.join(20)
        return counts

    def apply(running: Import, *args: Any) -> None:
        begins_at = running.next_row
        real_apply(running, *args)
        if begins_at == 8 and not canceler.ident:
            canceler.start()
            canceler.join(20)

    monkeypatch.setattr(import_batches, "write_batch", write)
    monkeypatch.setattr(import_batches, "_apply", apply)
    tasks.run_import(batch.pk)
    canceler.join(20)
    batch.refresh_from_db()
    assert (batch.status, batch.lease_until) == ("canceled", None)
    assert batch.next_row == batch.created_count == (8 if connection.vendor == "postgresql" else 12)
    assert Profile.objects.count() == ConsentEntry.objects.count() == AudienceMember.objects.count() == batch.next_row
    tasks.run_import(batch.pk)
    assert Profile.objects.count() == batch.next_row
