"""Runs the processes of one machine under one manager: simulator, web, workers, and whoever drives them.

When one ends, all end; Ctrl-C ends all. Each process writes to its own log file, only the speaker to the terminal.
"""

import os
import shlex
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from honcho import manager as honcho_manager
from honcho.printer import Message, Printer

from console.kit.management.commands.workers import GRACE_S

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    web: int
    simulator: int

    @property
    def web_url(self) -> str:
        return f"http://{LOOPBACK}:{self.web}"

    @property
    def simulator_url(self) -> str:
        return f"http://{LOOPBACK}:{self.simulator}"

    def refuse_taken(self) -> None:
        """Raises CommandError with what to type when another program already listens on a port."""
        for port, option in ((self.web, "PORT"), (self.simulator, "SIMULATOR_PORT")):
            with socket.socket() as probe:
                if probe.connect_ex((LOOPBACK, port)) == 0:
                    raise CommandError(
                        f"Port {port} is taken by another program. Choose another: make demo {option}={port + 10}"
                    )


class LogPrinter(Printer):
    """Lines of the speaker go to the terminal as they are, everything else into `<name>.log`."""

    def __init__(self, folder: Path, speaker: str) -> None:
        super().__init__(sys.stdout, colour=False)
        self.folder = folder
        self.speaker = speaker
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, message: Message) -> None:
        text = message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else message.data
        if message.name == self.speaker:
            print(text.rstrip("\n"), flush=True)  # noqa: T201  # the terminal is this process's only output
            return
        with (self.folder / f"{message.name}.log").open("a") as log:
            log.write(f"{message.time:%H:%M:%S} {text.rstrip()}\n")


def environment(ports: Ports) -> dict[str, str]:
    """What the processes find in their environment: this machine's addresses, the simulator in Meta's place."""
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "WAYMARK_DATA_DIR": str(settings.WAYMARK_DATA_DIR),
        "WAYMARK_BASE_URL": ports.web_url,
        "WAYMARK_WEBHOOK_BASE_URL": ports.web_url,
        "WAYMARK_GRAPH_BASE_URL": ports.simulator_url,
        "WAYMARK_ALLOW_PRIVATE_ADDRESSES": "true",
        "EMAIL_URL": f"file:///{settings.WAYMARK_DATA_DIR / 'mails'}",  # four slashes: an absolute folder
    }


def manage(*words: str) -> str:
    """A shell line that runs manage.py; `exec` leaves no shell between the manager and the process."""
    return "exec " + shlex.join([sys.executable, str(settings.BASE_DIR / "manage.py"), *words])


def commands(ports: Ports, *, simulator_options: Sequence[str] = ()) -> dict[str, str]:
    """The processes of one machine by name."""
    gunicorn = ["-m", "gunicorn", "console.wsgi", "--bind", f"{LOOPBACK}:{ports.web}", "--threads", "8"]
    store = str(settings.WAYMARK_DATA_DIR / "simulator.sqlite3")
    return {
        "simulator": manage(
            "simulator", "--bind", f"{LOOPBACK}:{ports.simulator}", "--store", store, *simulator_options
        ),
        "web": "exec " + shlex.join([sys.executable, *gunicorn, "--log-level", "warning"]),
        "workers": manage("workers"),
    }


def run_together(processes: Mapping[str, str], env: Mapping[str, str], *, speaker: str = "") -> int:
    """Runs all until one ends or Ctrl-C; gives the exit status of the first that ended (0 after Ctrl-C).

    With a speaker only its lines reach the terminal; without one all do, each with its process's name.
    """
    # Workers finish what is in flight before they end; honcho would kill them after five seconds.
    honcho_manager.KILL_WAIT = GRACE_S + 5
    manager = honcho_manager.Manager(LogPrinter(settings.WAYMARK_DATA_DIR / "logs", speaker) if speaker else None)
    for name, command in processes.items():
        manager.add_process(name, command, env=dict(env), cwd=str(settings.BASE_DIR))
    manager.loop()
    interrupted = manager.returncode in (130, 143)
    return 0 if interrupted else int(manager.returncode or 0)
