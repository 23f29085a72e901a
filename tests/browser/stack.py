"""The real processes for browser tests: `manage.py demo` on ports and data of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
READY = "Serving until Ctrl-C."
START_S = 240


@dataclass(frozen=True)
class Stack:
    """Where the running demo answers, and what it said until it was ready."""

    url: str
    simulator_url: str
    output: list[str]
    workspace_url: str
    environment: dict[str, str] = field(default_factory=dict)  # of its processes; empty where another's stack is used

    def run(self, code: str) -> str:
        """Runs Python among the stack's own code and data, for time that a test can't wait; gives what it printed."""
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def own_database(name: str) -> Iterator[dict[str, str]]:
    """Where tests run on PostgreSQL, the stack gets a database of its own there; else SQLite in its data directory."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield {}
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def running_demo() -> Iterator[Stack]:
    """Runs the demo until its proof is printed, gives the stack, and ends it with Ctrl-C; asserts that nothing is left."""
    web, simulator = free_port(), free_port()
    with tempfile.TemporaryDirectory() as data, own_database(f"waymark_browser_{os.getpid()}") as database:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("WAYMARK_", "DJANGO_"))}
        if redis := env.get("REDIS_URL"):
            env["REDIS_URL"] = urlsplit(redis)._replace(path="/15").geturl()
        env |= {"WAYMARK_DATA_DIR": data, **database}
        command = [sys.executable, "manage.py", "demo", "--port", str(web), "--simulator-port", str(simulator)]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        output: list[str] = []
        ready = threading.Event()

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                output.append(line.rstrip("\n"))
                if READY in line:
                    ready.set()
            ready.set()

        threading.Thread(target=read, daemon=True).start()
        try:
            assert ready.wait(START_S), "the demo did not become ready:\n" + "\n".join(output[-30:])
            assert process.poll() is None, "the demo ended:\n" + "\n".join(output[-30:])
            url = f"http://127.0.0.1:{web}"
            yield Stack(url, f"http://127.0.0.1:{simulator}", output, f"{url}/w/lumen-coffee", env)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        left = [port for port in (web, simulator) if not _is_free(port)]
        assert not left, f"processes still listen on {left} after Ctrl-C"
        assert not _mentions(data), "processes of the demo are left after Ctrl-C"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _mentions(data: str) -> list[int]:
    """Processes that still run with this data directory in their environment."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"WAYMARK_DATA_DIR={data}".encode() in entry.read_bytes().split(b"\0"):
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found
