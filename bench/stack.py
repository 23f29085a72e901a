"""The processes of the fault bench: started, killed without warning (with their children) and started again."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from console.demo.processes import Ports, commands, environment


def children(pid: int) -> list[int]:
    """All processes below one, parents first. Linux."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        below = parents.get(todo.pop(), [])
        found += below
        todo += below
    return found


class Stack:
    """Simulator, web and workers of one machine; output goes to `<folder>/logs`."""

    def __init__(self, port: int, folder: Path, *simulator_options: str) -> None:
        self.ports = Ports(port, port + 1)
        self.ports.refuse_taken()
        self.lines = commands(self.ports, simulator_options=simulator_options)
        self.env: Mapping[str, str] = environment(self.ports)
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(  # our own line
                self.lines[name], shell=True, env=dict(self.env), stdout=log, stderr=log, start_new_session=True
            )

    def pids(self, name: str) -> list[int]:
        process = self.running[name]
        return [process.pid, *children(process.pid)]

    def kill(self, name: str) -> None:
        """SIGKILL to a part and everything below it, all at once."""
        pids = self.pids(name)
        for pid in pids:
            self.kill_pid(pid)
        self.running[name].wait()

    @staticmethod
    def kill_pid(pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def close(self) -> None:
        """Asks the parts to end, and kills what doesn't within some seconds."""
        below = {name: self.pids(name) for name in self.running}
        for process in self.running.values():
            process.terminate()
        end = time.monotonic() + 12
        for name, process in self.running.items():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                for pid in below[name]:
                    self.kill_pid(pid)
                process.wait()
