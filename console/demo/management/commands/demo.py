"""`manage.py demo`: the whole product on this machine, with a campaign run through it; `make demo` calls it."""

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.demo.processes import Ports, commands, environment, manage, run_together

# Recipients answer as people do, only sixty times faster: a minute of theirs is a second of the demo.
SIMULATOR_OPTIONS = ("--seed", "7", "--speed", "60")


class Command(BaseCommand):
    help = "Seed a demo workspace through the simulator, run a campaign, print the proof, and serve until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end after the proof; status 1 if it does not add up")
        parser.add_argument("--recipients", type=int, default=500, help="how many profiles the sample file has")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--simulator-port", type=int, default=9000)

    def handle(self, *args: Any, once: bool, recipients: int, port: int, simulator_port: int, **options: Any) -> None:
        if not settings.IS_LOCAL:
            raise CommandError("The demo runs only with WAYMARK_ENV=local: it makes sign-ins with known passwords.")
        ports = Ports(port, simulator_port)
        ports.refuse_taken()
        env = environment(ports)
        for step in (("migrate", "--noinput", "-v", "0"), ("sync_schedules",)):
            line = manage(*step)
            done = subprocess.run(line, shell=True, env=env, capture_output=True, text=True)  # noqa: S602  # our own line
            if done.returncode:
                raise CommandError(f"manage.py {' '.join(step)} failed:\n{done.stdout}{done.stderr}")
        drive = ["demo_drive", "--simulator", ports.simulator_url, "--recipients", str(recipients)]
        processes = commands(ports, simulator_options=SIMULATOR_OPTIONS)
        processes["demo"] = manage(*drive, *(["--once"] if once else []))
        sys.exit(run_together(processes, env, speaker="demo"))
