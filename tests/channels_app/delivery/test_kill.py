"""kill -9 of a real sender process in front of a server that accepts: nobody gets it twice, and nobody is lost."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

PEOPLE = 300
CROWD = 600  # seconds of sending, so that a busy machine still hears SIGTERM in the middle
ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def database(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Environment with a database of its own, on the same engine as the other tests."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield {"DATABASE_URL": f"sqlite:///{tmp_path / 'kill.sqlite3'}"}
        return
    name = f"waymark_kill_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        yield {"DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}"))}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "accepted.txt"
    path.touch()
    return path


@pytest.fixture
def environment(database: dict[str, str], ledger: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    port = free_port()
    sink = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port), "0.2", str(ledger)], cwd=ROOT)
    yield (
        os.environ
        | database
        | {
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "WAYMARK_DATA_DIR": str(tmp_path),
            "WAYMARK_GRAPH_BASE_URL": f"http://127.0.0.1:{port}",
            "WAYMARK_ALLOW_PRIVATE_ADDRESSES": "true",
            "REDIS_URL": "",
        }
    )
    sink.terminate()
    sink.wait()


def start(environment: dict[str, str], *step: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.channels_app.delivery.kill_scenario", *step]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> object:
    out, _ = process.communicate(timeout=90)
    assert process.returncode == 0
    return json.loads(out.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("killed_at", [1, 120])
def test_a_killed_sender_repeats_nobody(environment: dict[str, str], ledger: Path, killed_at: int) -> None:
    finish(start(environment, "setup", str(PEOPLE)))
    sender = start(environment, "send")
    give_up_at = time.monotonic() + 60
    while len(ledger.read_text().splitlines()) < killed_at:
        assert time.monotonic() < give_up_at and sender.poll() is None
        time.sleep(0.002)
    sender.send_signal(signal.SIGKILL)
    sender.communicate()
    at_kill = len(ledger.read_text().splitlines())
    assert killed_at <= at_kill < PEOPLE
    finish(start(environment, "takeover"))
    people = [line.split()[0] for line in ledger.read_text().splitlines()]
    assert len(people) == len(set(people)), "somebody got it twice"
    told = finish(start(environment, "settle", str(ledger)))
    assert isinstance(told, dict)
    assert told["waiting"] == 0 and told["adds_up"] and told["same_people"]
    assert told["delivered"] == len(people) and told["unknown"] == PEOPLE - len(people)
    assert told["unknown_before"] >= told["unknown"]


@pytest.mark.slow
def test_sigterm_ends_what_is_in_flight_and_hands_the_rest_back(environment: dict[str, str], ledger: Path) -> None:
    finish(start(environment, "setup", str(CROWD)))
    sender = start(environment, "send")
    give_up_at = time.monotonic() + 60
    while len(ledger.read_text().splitlines()) < 50:
        assert time.monotonic() < give_up_at and sender.poll() is None
        time.sleep(0.002)
    asked_at = time.monotonic()
    sender.terminate()
    sender.communicate(timeout=10)
    assert time.monotonic() - asked_at < 10
    assert len(ledger.read_text().splitlines()) < CROWD
    finish(start(environment, "takeover"))
    told = finish(start(environment, "settle", str(ledger)))
    assert isinstance(told, dict)
    assert (told["delivered"], told["unknown_before"], told["waiting"]) == (CROWD, 0, 0) and told["same_people"]
