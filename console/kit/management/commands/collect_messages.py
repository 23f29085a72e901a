"""`manage.py collect_messages`: brings the catalogues up to date with the sources; the result does not depend on the day."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Collect translatable strings into console/locale. Needs GNU gettext (xgettext, msgmerge)."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command(
            "makemessages",
            locale=[code for code, _name in settings.LANGUAGES if code != "en"],
            domain="django",
            extensions=["html", "txt", "py"],
            ignore_patterns=["node_modules/*", ".venv/*", "var/*", "tests/*", "bench/*", "channels_app/simulator/*"],
            no_location=True,
            no_wrap=True,
            no_obsolete=True,
            verbosity=0,
        )
        for path in Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/*.po"):
            catalogue = polib.pofile(str(path), wrapwidth=0)
            catalogue.metadata.pop("POT-Creation-Date", None)
            catalogue.save()
