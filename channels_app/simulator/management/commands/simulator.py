"""`manage.py simulator`: runs the Cloud API simulator in this process until it is told to stop."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from channels_app.simulator.server import add_arguments, options_from, run


class Command(BaseCommand):
    """Start the simulator. It needs no database and no settings of ours."""

    help = "Run a local Cloud API simulator in Meta's place."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the same options as `python -m channels_app.simulator`."""
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGINT or SIGTERM."""
        run(options_from(options))
