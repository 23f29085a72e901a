"""Settings: a wrong one stops the start with a sentence, a secret may come from a file, production is strict."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def start(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**kept, "WAYMARK_DATA_DIR": str(tmp_path), **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"WAYMARK_WORKERS": "many"}, "WAYMARK_WORKERS is wrong: it must be a whole number from 1 to 64"),
        ({"WAYMARK_WORKERS": "0"}, "WAYMARK_WORKERS is wrong: it must be a whole number from 1 to 64"),
        ({"WAYMARK_GRAPH_VERSION": "26"}, "WAYMARK_GRAPH_VERSION is wrong"),
        ({"WAYMARK_BASE_URL": "waymark.example.com"}, "WAYMARK_BASE_URL is wrong"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "Waymark runs on SQLite and PostgreSQL"),
        ({"EMAIL_URL": "nowhere"}, "EMAIL_URL is wrong"),
        ({"WAYMARK_ENCRYPTION_KEYS": "short"}, "WAYMARK_ENCRYPTION_KEYS is wrong"),
        ({"WAYMARK_ENV": "production"}, "WAYMARK_BASE_URL is not set"),
        ({"WAYMARK_ENV": "production", "WAYMARK_BASE_URL": "https://w.example"}, "WAYMARK_SECRET_KEY is not set"),
        ({"WAYMARK_SECRET_KEY_FILE": "/nowhere/at/all"}, "WAYMARK_SECRET_KEY is wrong"),
    ],
)
@pytest.mark.slow
def test_a_wrong_setting_stops_the_start_with_one_sentence(
    tmp_path: Path, variables: dict[str, str], sentence: str
) -> None:
    result = start(tmp_path, **variables)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_a_secret_may_come_from_a_file_and_a_local_one_is_kept(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40)
    assert start(tmp_path, WAYMARK_SECRET_KEY_FILE=str(tmp_path / "key")).returncode == 0
    kept = tmp_path / "waymark_encryption_keys.secret"
    assert kept.stat().st_mode & 0o077 == 0
    before = kept.read_text()
    assert start(tmp_path).returncode == 0
    assert kept.read_text() == before
