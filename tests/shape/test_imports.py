"""The import contracts of pyproject.toml hold: the stack, the order inside an app, one door to HTTP and to the queue."""

import os
import subprocess
import sys
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
STACK = [
    "kit",
    "workspaces",
    "alerts",
    "audiences",
    "accounts",
    "message_templates",
    "content",
    "delivery",
    "webhooks",
    "doctor",
    "campaigns",
    "journeys",
    "home",
    "reports",
    "demo",
]


def test_every_import_contract_is_kept() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint, "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "160"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_foreign_key_points_upwards() -> None:
    upwards = []
    for label in STACK:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                target = getattr(field, "remote_field", None) and field.related_model
                if not field.concrete or target is None or target._meta.app_label not in STACK:
                    continue
                if STACK.index(target._meta.app_label) > STACK.index(label):
                    upwards.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert not upwards


def test_every_room_of_ours_has_a_place_in_the_stack() -> None:
    ours = {
        config.label
        for config in apps.get_app_configs()
        if config.name.startswith(("console", "channels_app", "campaigns", "journeys"))
    }
    assert ours - {"simulator"} == set(STACK) - ({"home", "reports", "demo"} - ours) == ours - {"simulator"}
