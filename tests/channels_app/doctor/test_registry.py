"""Checks, words, fixes and the document agree; installation checks by their settings."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import NoReverseMatch

from channels_app.doctor import examining, fixes, words
from channels_app.doctor.case import Case
from channels_app.doctor.examining import Result
from channels_app.doctor.registry import CHECKS, Group, Scope, Verdict, check
from channels_app.doctor.sentences import WORDS
from console.kit import queue
from console.kit.queue import Cluster
from console.workspaces.models import Workspace

DOC = Path(__file__).parents[3] / "docs" / "doctor.md"


def test_the_document_lists_every_check_in_its_group() -> None:
    titles = {
        "Installation": "installation",
        "Access": "access",
        "Accounts and numbers": "senders",
        "Webhook": "webhook",
        "Templates and channels": "content",
    }
    told: dict[str, str] = {}
    for section in DOC.read_text().split("\n## ")[1:]:
        title = section.partition("\n")[0]
        if title in titles:
            told |= dict.fromkeys(re.findall(r"^\| `(\w+)` \|", section, re.M), titles[title])
    assert told == {code: str(one.group) for code, one in CHECKS.items()}


def test_every_check_has_a_name_and_every_word_a_check() -> None:
    assert set(CHECKS) == set(WORDS) | set(words.NAMES)
    assert not set(WORDS) & set(words.NAMES)
    for entry in WORDS.values():
        assert not set(entry.bad) & set(words.GENERAL)


def test_every_reason_in_the_code_has_its_words() -> None:
    folder = Path(examining.__file__).parent / "checks"
    code = "\n".join(path.read_text() for path in folder.glob("*.py"))
    reasons = set(re.findall(r'(?:failed|warning|judge)\(\s*"(\w+)"', code))
    known = {why for entry in WORDS.values() for why in entry.bad}
    assert reasons <= known


def test_every_fix_leads_somewhere() -> None:
    assert {one.fix for one in CHECKS.values() if one.fix} <= set(fixes.FIXES)
    for name, fix in fixes.FIXES.items():
        result = {"fix": name, "pks": {"credentials": 1, "number": 2}}
        assert fix.command or fixes.url_of(result, "some"), name
    assert fixes.url_of({"fix": "access", "pks": {}}, "some") == ""
    assert NoReverseMatch


def test_a_check_is_declared_once_and_after_what_it_needs() -> None:
    with pytest.raises(ValueError, match="twice"):
        check("database", group=Group.INSTALLATION, scope=Scope.INSTALLATION)
    with pytest.raises(ValueError, match="later or not at all"):
        check("fresh", group=Group.INSTALLATION, scope=Scope.INSTALLATION, needs=("nothing",))


# --- the installation ---------------------------------------------------------------------------------------------
def ask(code: str, at: datetime | None = None) -> Verdict:
    found = CHECKS[code].function(Case(at or datetime(2026, 11, 23, tzinfo=UTC)))
    assert isinstance(found, Verdict)
    return found


@pytest.mark.parametrize(
    ("version", "status", "why"),
    [
        ("v26.0", "passed", None),
        ("v25.0", "passed", None),
        ("v21.0", "warning", "soon"),
        ("v22.0", "warning", "soon"),
        ("v20.0", "failed", "gone"),
        ("v3.2", "failed", "gone"),
        ("v31.0", "warning", "unknown"),
    ],
)
def test_graph_versions_end(settings: Any, version: str, status: str, why: str | None) -> None:
    settings.GRAPH_VERSION = version
    verdict = ask("graph_version")
    assert (verdict.status, verdict.facts.get("why")) == (status, why)


@pytest.mark.parametrize(
    ("url", "is_local", "status"),
    [
        ("https://waymark.example.com", False, "passed"),
        ("http://waymark.example.com", False, "failed"),
        ("http://127.0.0.1:8000", True, "warning"),
        ("http://127.0.0.1:8000", False, "failed"),
        ("https://10.0.0.7", False, "failed"),
        ("https://[::1]:8000", False, "failed"),
        ("https://waymark", False, "failed"),
        ("https://waymark.local", False, "failed"),
    ],
)
def test_addresses_must_be_public_and_encrypted(settings: Any, url: str, is_local: bool, status: str) -> None:
    settings.WEBHOOK_BASE_URL, settings.IS_LOCAL = url, is_local
    assert ask("webhook_url").status == status


def test_mail_is_opened_and_nothing_sent(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    refused = ask("email")
    assert (refused.status, refused.facts["error"]) == ("failed", "ConnectionRefusedError")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert ask("email").status == "warning"

    class Mail(BaseEmailBackend):
        """Opens and closes."""

    monkeypatch.setattr("channels_app.doctor.checks.installation.get_connection", Mail)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert ask("email").status == "passed"


@pytest.mark.parametrize(
    ("host", "is_local", "private", "why"),
    [
        ("https://graph.facebook.com", False, False, None),
        ("http://127.0.0.1:9100", True, True, None),
        ("http://127.0.0.1:9100", False, True, "simulator"),
        ("https://graph.facebook.com", False, True, "private_allowed"),
        ("https://graph.facebook.com.evil.example", False, False, "simulator"),
        ("https://notfacebook.com", False, False, "simulator"),
    ],
)
def test_only_meta_is_asked_in_production(settings: Any, host: str, is_local: bool, private: bool, why: str) -> None:
    settings.GRAPH_BASE_URL, settings.IS_LOCAL, settings.ALLOW_PRIVATE_ADDRESSES = host, is_local, private
    assert ask("graph_address").facts.get("why") == why


def installation(workspace: Workspace) -> dict[str, Result]:
    return {result["code"]: result for result in examining.examine_installation(workspace)}


def test_workers_are_seen_and_schedules_kept(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    monkeypatch.setattr(queue, "clusters", lambda: [Cluster("host-a", 2, now), Cluster("host-b", 2, now)])
    assert installation(workspace)["schedules"]["facts"]["why"] == "missing"
    queue.sync_schedules()
    found = installation(workspace)
    assert found["workers"]["facts"] == {"hosts": ["host-a", "host-b"], "count": 4}
    assert found["schedules"]["status"] == "passed"
    queue.Schedule.objects.filter(func="channels_app.doctor.tasks.examine").update(
        next_run=datetime(2026, 1, 1, tzinfo=UTC)
    )
    late = installation(workspace)["schedules"]
    assert (late["status"], late["facts"]["names"]) == ("failed", ["channels_app.doctor.tasks.examine"])


def test_a_broker_that_is_down_fails_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> bool:
        raise ConnectionError("redis://:secret@cache")

    monkeypatch.setattr(queue, "is_answering", down)
    found = installation(workspace)
    assert found["broker"]["facts"] == {**found["broker"]["facts"], "why": "silent", "error": "ConnectionError"}
    assert found["workers"]["facts"]["because"] == "broker"
    assert found["schedules"]["facts"]["because"] == "broker"
