"""The Cloud API simulator as its own process, one per test session, and a client of its control surface.

Use the fixture `graph` (imported by tests/channels_app/conftest.py): it points the settings at the simulator and
gives a fresh world to each test. `simulator` alone is the process.
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from channels_app.simulator.world import CONSTANTS

ROOT = Path(__file__).resolve().parents[2]
START_S = 20.0


@dataclass(frozen=True)
class Simulator:
    """A running simulator: where it is, what its world holds, and its controls."""

    base_url: str
    world: SimpleNamespace

    def get(self, path: str) -> dict[str, Any]:
        """For example get("ledger/summary")."""
        return self._call("GET", path)

    def post(self, path: str, **data: Any) -> dict[str, Any]:
        """For example post("faults", code=190), post("clock", speed=60)."""
        return self._call("POST", path, data)

    def delete(self, path: str) -> dict[str, Any]:
        return self._call("DELETE", path)

    def reset(self) -> None:
        """The default world again, nothing accepted, no faults."""
        self.post("reset", world=True)
        self.delete("faults")

    def _call(self, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        body = json.dumps(data).encode() if data is not None else None
        request = Request(  # noqa: S310 (a loopback address made here)
            f"{self.base_url}/_control/{path}",
            data=body,
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=10) as response:  # noqa: S310 (a loopback address made here)
            found: dict[str, Any] = json.load(response)
            return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Starts `manage.py simulator` on a free port and ends it with the session."""
    port = _free_port()
    log = tmp_path_factory.mktemp("simulator") / "simulator.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "simulator", "--bind", f"127.0.0.1:{port}", "--seed", "1"],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Simulator(f"http://127.0.0.1:{port}", SimpleNamespace(**CONSTANTS))
    try:
        _wait(running, process, log)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(running: Simulator, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            running.get("state")
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"The simulator did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def graph(simulator: Simulator, settings: Any) -> Simulator:
    """The simulator in Meta's place for this test, freshly reset."""
    settings.GRAPH_BASE_URL = simulator.base_url
    settings.ALLOW_PRIVATE_ADDRESSES = True
    simulator.reset()
    return simulator
