"""The Korean catalogue is complete and up to date with the sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CATALOGUE = Path("console/locale/ko/LC_MESSAGES/django.po")
SOURCES = ("console", "channels_app", "campaigns", "journeys", "templates", "manage.py")


def keys(catalogue: polib.POFile) -> set[tuple[str | None, str]]:
    return {(entry.msgctxt, entry.msgid) for entry in catalogue if not entry.obsolete}


def test_everything_is_translated() -> None:
    catalogue = polib.pofile(str(ROOT / CATALOGUE))
    gaps = [entry.msgid for entry in catalogue.untranslated_entries()]
    assert not gaps, f"{len(gaps)} without Korean, such as {gaps[:5]}"
    assert not catalogue.fuzzy_entries()
    assert not catalogue.obsolete_entries()


@pytest.mark.slow
def test_the_catalogue_holds_what_the_sources_say(tmp_path: Path) -> None:
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        else:
            shutil.copy(source, tmp_path / name)
    environment = {
        **os.environ,
        "WAYMARK_DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "console.settings",
    }
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "manage.py", "collect_messages"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kept, fresh = polib.pofile(str(ROOT / CATALOGUE)), polib.pofile(str(tmp_path / CATALOGUE))
    missing, extra = keys(fresh) - keys(kept), keys(kept) - keys(fresh)
    assert not missing, (
        f"{len(missing)} strings are not collected, run `manage.py collect_messages`: {list(missing)[:5]}"
    )
    assert not extra, f"{len(extra)} strings are gone from the sources: {list(extra)[:5]}"
