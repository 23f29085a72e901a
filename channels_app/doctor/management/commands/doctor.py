"""`manage.py doctor`: checks the installation and every workspace, or one, here and now: no worker is needed.

Exit code 0: nothing failed; 1: something failed; 2: wrong usage.
"""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from channels_app.doctor import actions, examining, report
from channels_app.doctor.presenting import Result
from channels_app.doctor.states import FAILED
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

ACTOR = Actor.system("command line")


class Command(BaseCommand):
    help = "Check whether the set-up is sound: installation, Meta, webhook, templates. Nothing is changed or sent."
    requires_system_checks: list[str] = []  # it finds out what is wrong; it must not stop at it

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", metavar="SLUG", help="only this workspace")
        parser.add_argument("--format", choices=("text", "json"), default="text")
        parser.add_argument("--verbose", action="store_true", help="show the evidence of every check")

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        installation = examining.examine_installation()
        found = [(workspace, self._examine(workspace, installation)) for workspace in self._workspaces(options)]
        if options["format"] == "json":
            self._write_json(installation, found)
        else:
            paint = report.colored if self.stdout.isatty() and not options["no_color"] else report.plain
            self._write(
                report.text("Waymark setup doctor", at, installation, is_verbose=options["verbose"], paint=paint)
            )
            for workspace, results in found:
                heading = f"{workspace.name} ({workspace.slug})"
                self._write(report.text(heading, at, results, is_verbose=options["verbose"], paint=paint))
        everything = [*installation, *(result for _workspace, results in found for result in results)]
        if any(result["status"] == FAILED for result in everything):
            sys.exit(1)

    def _workspaces(self, options: dict[str, Any]) -> list[Workspace]:
        slug = options["workspace"]
        try:
            found = list(Workspace.objects.filter(**({"slug": slug} if slug else {})).order_by("slug"))
        except DatabaseError:  # the installation's own checks say so
            return []
        if slug and not found:
            raise CommandError(f"There is no workspace “{slug}”.", returncode=2)
        return found

    def _examine(self, workspace: Workspace, installation: list[Result]) -> list[Result]:
        """The workspace's own results; the whole is kept for the page, unless the tables are not there yet."""
        started_at = clock.now()
        results = examining.examine(workspace, installation)
        try:
            actions.record_examination(actor=ACTOR, workspace=workspace, results=results, started_at=started_at)
        except DatabaseError as error:
            self.stderr.write(f"The examination could not be kept ({type(error).__name__}).")
        return results[len(installation) :]

    def _write(self, text: str) -> None:
        self.stdout.write(text)

    def _write_json(self, installation: list[Result], found: list[tuple[Workspace, list[Result]]]) -> None:
        workspaces = [{"workspace": workspace.slug, **report.as_json(results)} for workspace, results in found]
        self._write(json.dumps({"installation": report.as_json(installation), "workspaces": workspaces}, indent=2))
