"""Which templates and which parts a test session rendered: nothing may exist that no test has ever drawn.

A pytest plugin (see tests/conftest.py). Each process writes what it saw; the last one compares with templates/ when the
whole suite ran. `WAYMARK_SHOW_UNRENDERED=1` prints the list after any run.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.base import Template
from template_partials.templatetags.partials import TemplateProxy

SEEN: set[str] = set()
PART = re.compile(r"{%\s*(?:partialdef|startpartial)\s+([\w-]+)")
# Drawn by Django or a mail server only when everything else is broken, or only included where nothing is wrong to show.
EXEMPT: set[str] = {
    "campaigns/recipients.html",  # only holds the parts of the table's columns
}

_render_template = Template._render
_render_part = TemplateProxy._render


def _template(self: Template, context: Any) -> Any:
    SEEN.add(str(self.name))
    return _render_template(self, context)


def _part(self: TemplateProxy, context: Any) -> Any:
    name = getattr(self.origin, "template_name", "") or ""
    SEEN.add(f"{name}#{self.name}")
    return _render_part(self, context)


def watch() -> None:
    """Starts to note what is rendered; after Django's own test set-up, which replaces Template._render."""
    global _render_template
    _render_template = Template._render
    Template._render = _template  # type: ignore[method-assign]
    TemplateProxy._render = _part


def expected() -> set[str]:
    """Every template of ours, and every part as "<template>#<part>"."""
    root = Path(settings.BASE_DIR) / "templates"
    names: set[str] = set()
    for path in root.rglob("*"):
        if path.suffix in (".html", ".txt"):
            name = str(path.relative_to(root))
            names.add(name)
            names |= {f"{name}#{part}" for part in PART.findall(path.read_text(encoding="utf-8"))}
    return names - EXEMPT


@pytest.fixture(scope="session", autouse=True)
def _watch_templates(django_test_environment: None) -> None:
    watch()


def _folder(config: pytest.Config) -> Path:
    base = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    return base.parent if hasattr(config, "workerinput") else base


def is_whole(config: pytest.Config) -> bool:
    """Whether the whole suite was asked for: no path, no -k, no --lf. The browser's run draws in other processes."""
    option = config.option
    asked = getattr(option, "file_or_dir", None) or option.keyword or option.markexpr != "not browser"
    return not asked and not getattr(option, "lf", False) and not option.collectonly and not option.maxfail


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    folder = _folder(config)
    (folder / f"rendered-{os.getpid()}.json").write_text(json.dumps(sorted(SEEN)), encoding="utf-8")
    shows = os.environ.get("WAYMARK_SHOW_UNRENDERED") == "1"
    if hasattr(config, "workerinput") or not (shows or is_whole(config)):
        return
    seen: set[str] = set()
    for file in folder.glob("rendered-*.json"):
        seen |= set(json.loads(file.read_text(encoding="utf-8")))
    config.stash[UNRENDERED] = sorted(expected() - seen)
    if config.stash[UNRENDERED] and is_whole(config) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


UNRENDERED: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    names = config.stash.get(UNRENDERED, [])
    if names:
        terminalreporter.section("templates and parts that no test rendered", sep="=", red=True)
        for name in names:
            terminalreporter.line(name)
