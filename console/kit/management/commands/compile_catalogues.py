"""`manage.py compile_catalogues`: .po to .mo without GNU gettext; `--check` refuses an incomplete catalogue."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Compile the message catalogues. With --check: fail when one is incomplete, fuzzy or has obsolete entries."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        for path in sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/*.po")):
            catalogue = polib.pofile(str(path))
            gaps = [
                *(f"not translated: {entry.msgid!r}" for entry in catalogue.untranslated_entries()),
                *(f"fuzzy: {entry.msgid!r}" for entry in catalogue.fuzzy_entries()),
                *(f"obsolete: {entry.msgid!r}" for entry in catalogue.obsolete_entries()),
            ]
            if check and gaps:
                raise CommandError(f"{path.parent.parent.name}: {len(gaps)} gaps\n" + "\n".join(gaps[:40]))
            catalogue.save_as_mofile(str(path.with_suffix(".mo")))
