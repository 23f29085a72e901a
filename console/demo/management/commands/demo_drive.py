"""`manage.py demo_drive`: what `make demo` runs beside the servers; seeds, sends, proves, then waits for Ctrl-C."""

import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from console.demo import drive


class Command(BaseCommand):
    help = "Seed the demo workspace, run a campaign, print the proof (used by `manage.py demo`)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--simulator", required=True)
        parser.add_argument("--recipients", type=int, default=500)
        parser.add_argument("--once", action="store_true")

    def handle(self, *args: Any, simulator: str, recipients: int, once: bool, **options: Any) -> None:
        say = self._say
        proof, campaign = drive.drive(simulator, recipients=recipients, say=say)
        drive.report(proof, campaign, simulator, say)
        if once:
            say(drive.last_line(proof))
            sys.exit(1 if proof.faults else 0)
        say(drive.last_line(proof))
        say("Serving until Ctrl-C.")
        signal.sigwait({signal.SIGTERM, signal.SIGINT})

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
