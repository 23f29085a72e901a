"""`manage.py serve`: web, workers and simulator on this machine, nothing seeded; `make run` calls it."""

import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from console.demo.processes import Ports, commands, environment, run_together


class Command(BaseCommand):
    help = "Serve the console with workers and the simulator until Ctrl-C, without seeding anything."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--simulator-port", type=int, default=9000)

    def handle(self, *args: Any, port: int, simulator_port: int, **options: Any) -> None:
        ports = Ports(port, simulator_port)
        ports.refuse_taken()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("sync_schedules", stdout=self.stderr)
        self.stdout.write(f"Waymark: {ports.web_url}   Simulator: {ports.simulator_url}/_control/   Ctrl-C ends both.")
        sys.exit(run_together(commands(ports), environment(ports)))
