"""Examinations: asked for, made once, compared, kept, told; by page, command and day."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from channels_app.accounts.models import ApiCredentials
from channels_app.doctor import actions, examining, presenting, queries, tasks
from channels_app.doctor.models import Examination
from channels_app.simulator.world import CONSTANTS
from console.alerts.kinds import KINDS
from console.alerts.models import Alert
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, User, Workspace
from console.workspaces.roles import Role
from tests.channels_app.doctor.healthy import set_up
from tests.factories.accounts import make_credentials
from tests.factories.workspaces import make_member, make_workspace
from tests.support.simulator import Simulator

FAILED = {
    "code": "workers",
    "words": "workers",
    "group": "installation",
    "scope": "installation",
    "subject": "",
    "label": "",
    "status": "failed",
    "turn": "operator",
    "fix": "workers",
    "pks": {},
    "variant": "",
    "facts": {"why": "none"},
    "calls": [],
    "at": "2026-11-23T10:00:00+00:00",
    "took_ms": 3,
}
PASSED = {**FAILED, "code": "database", "words": "database", "status": "passed", "turn": "", "fix": "", "facts": {}}
META = {**FAILED, "code": "name_approved", "words": "name_approved", "turn": "meta", "facts": {}}
MINE = {**FAILED, "code": "channel_active", "words": "channel_active", "turn": "you", "fix": "channels"}


def done(workspace: Workspace, actor: Actor, results: list[dict[str, Any]], trigger: str = "page") -> Examination:
    row = Examination.objects.create(
        workspace=workspace, trigger=trigger, status="running", requested_at=clock.now(), started_at=clock.now()
    )
    actions.finish_examination(actor=actor, examination=row, results=results)
    row.refresh_from_db()
    return row


# --- actions ------------------------------------------------------------------------------------------------------
def test_two_presses_make_one_examination(workspace: Workspace, actor: Actor) -> None:
    first = actions.request_examination(actor=actor, workspace=workspace)
    assert actions.request_examination(actor=actor, workspace=workspace) == first
    assert Examination.objects.count() == 1


def test_a_worker_makes_it_once(workspace: Workspace, actor: Actor) -> None:
    row = actions.request_examination(actor=actor, workspace=workspace)
    tasks.examine(row.pk)
    row.refresh_from_db()
    assert row.status == "done"
    assert row.failed_count + row.warning_count + row.passed_count + row.skipped_count == len(row.results)
    before = row.finished_at
    tasks.examine(row.pk)
    row.refresh_from_db()
    assert row.finished_at == before


def test_an_examination_whose_worker_died_is_taken_over(workspace: Workspace, actor: Actor) -> None:
    row = actions.request_examination(actor=actor, workspace=workspace)
    now = clock.now()
    Examination.objects.update(status="running", started_at=now, lease_until=now + timedelta(minutes=2))
    tasks.examine()
    row.refresh_from_db()
    assert row.status == "running"
    Examination.objects.update(lease_until=now - timedelta(seconds=1))
    tasks.examine()
    row.refresh_from_db()
    assert row.status == "done"


def test_thirty_are_kept(workspace: Workspace, actor: Actor) -> None:
    for _ in range(33):
        newest = done(workspace, actor, [PASSED])
    assert Examination.objects.count() == queries.KEPT
    assert queries.newest(workspace) == newest
    assert AuditEntry.objects.filter(action="doctor.finish_examination").count() == 33


def test_what_failed_before_is_not_new(workspace: Workspace, actor: Actor) -> None:
    done(workspace, actor, [FAILED])
    row = done(workspace, actor, [FAILED, MINE])
    earlier = queries.before(row)
    assert earlier is not None
    shown = presenting.rows(row.results, known=earlier.results)
    assert {result["code"]: result["is_new"] for result in shown} == {"workers": False, "channel_active": True}


@pytest.mark.parametrize(
    ("results", "title", "turns"),
    [
        ([PASSED], "Everything works", []),
        ([PASSED, {**MINE, "status": "warning"}], "Everything works, with 1 warning", []),
        ([MINE, {**MINE, "subject": "x"}, META], "3 things do not work", ["2 need you", "1 needs Meta"]),
        ([FAILED], "1 thing does not work", ["1 needs whoever runs this installation"]),
    ],
)
def test_the_verdict_says_whose_turn_it_is(results: list[Any], title: str, turns: list[str]) -> None:
    verdict = presenting.verdict(results)
    assert (verdict["title"], verdict["turns"]) == (title, turns)


# --- the day ------------------------------------------------------------------------------------------------------
def test_each_workspace_has_its_hour_once_a_day(workspace: Workspace, actor: Actor) -> None:
    make_credentials(workspace)
    make_workspace()  # nothing connected: nothing to check
    hour = workspace.pk % 24
    start = datetime(2026, 11, 20, hour, 30, tzinfo=UTC)
    made = []
    for step in range(48):
        with time_machine.travel(start + timedelta(hours=step), tick=False):
            before = Examination.objects.count()
            tasks.examine_daily()
            if Examination.objects.count() > before:
                made.append(step)
                row = Examination.objects.latest("pk")
                Examination.objects.filter(pk=row.pk).update(status="done")
    assert made == [0, 24]
    assert set(Examination.objects.values_list("trigger", "workspace")) == {("daily", workspace.pk)}


def test_the_daily_one_raises_one_alert_that_ends_when_nothing_fails(workspace: Workspace, actor: Actor) -> None:
    done(workspace, actor, [FAILED])  # on request: whoever asked sees it
    assert not Alert.objects.exists()
    done(workspace, actor, [FAILED], "daily")
    done(workspace, actor, [FAILED, MINE], "daily")
    alert = Alert.objects.get()
    assert alert.resolved_at is None
    kind = KINDS[alert.kind]
    assert callable(kind.title)
    assert callable(kind.text)
    assert kind.title(alert.facts) == "2 set-up checks fail"
    assert "No worker is running" in kind.text(alert.facts)
    done(workspace, actor, [PASSED])
    alert.refresh_from_db()
    assert alert.resolved_at is not None


# --- the page -----------------------------------------------------------------------------------------------------
@pytest.fixture
def page_url(workspace: Workspace) -> str:
    return reverse("doctor:page", args=[workspace.slug])


def test_first_use_offers_the_one_button(owner_client: Client, page_url: str, workspace: Workspace) -> None:
    page = owner_client.get(page_url).content.decode()
    assert page.count("btn-primary") == 1
    owner_client.post(reverse("doctor:run", args=[workspace.slug]))
    assert Examination.objects.get().status == "queued"


def test_the_page_asks_again_until_it_is_done_and_then_stops(
    owner_client: Client, page_url: str, workspace: Workspace, actor: Actor
) -> None:
    part = {"HX-Request": "true", "HX-Target": "examination"}
    row = actions.request_examination(actor=actor, workspace=workspace)
    waiting = owner_client.get(page_url, headers=part)
    assert waiting.status_code == 200
    assert b"data-wm-poll" in waiting.content
    tasks.examine(row.pk)
    ended = owner_client.get(page_url, headers=part)
    assert ended.status_code == 286
    assert b"data-wm-poll" not in ended.content
    assert f'hx-get="{page_url}"' not in owner_client.get(page_url).content.decode()


def test_no_worker_is_said_after_twenty_seconds(
    owner_client: Client, page_url: str, workspace: Workspace, actor: Actor
) -> None:
    actions.request_examination(actor=actor, workspace=workspace)
    assert "No worker takes it up" not in owner_client.get(page_url).content.decode()
    Examination.objects.update(requested_at=clock.now() - timedelta(seconds=21))
    page = owner_client.get(page_url).content.decode()
    assert "No worker takes it up" in page
    assert "manage.py workers" in page


def test_a_marketer_sees_the_state_and_starts_nothing(
    workspace: Workspace, actor: Actor, client_of: Callable[[User], Client], page_url: str
) -> None:
    row = done(workspace, actor, [FAILED, MINE])
    client = client_of(make_member(workspace, Role.MARKETER))
    page = client.get(page_url).content.decode()
    assert "No worker is running" in page
    assert "Check everything" not in page
    assert "Export for support" not in page
    assert client.post(reverse("doctor:run", args=[workspace.slug])).status_code == 403
    assert client.get(reverse("doctor:export", args=[workspace.slug, row.pk])).status_code == 403


def test_another_workspaces_examination_does_not_exist(
    owner_client: Client, workspace: Workspace, actor: Actor
) -> None:
    row = done(make_workspace(), actor, [FAILED])
    for name in ("doctor:examination", "doctor:export"):
        assert owner_client.get(reverse(name, args=[workspace.slug, row.pk])).status_code == 404


def test_the_export_is_a_text_of_eighty_columns(owner_client: Client, workspace: Workspace, actor: Actor) -> None:
    row = done(workspace, actor, [FAILED, MINE, PASSED])
    answer = owner_client.get(reverse("doctor:export", args=[workspace.slug, row.pk]))
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert "attachment" in answer["Content-Disposition"]
    assert "FAILED  No worker is running" in text
    assert "$ python manage.py workers" in text
    assert max(map(len, text.splitlines())) <= 80


def test_names_of_customers_are_shown_as_text(owner_client: Client, workspace: Workspace, actor: Actor) -> None:
    evil = {
        **MINE,
        "label": "<script>alert(1)</script>",
        "facts": {"why": "failed", "count": 1, "names": ["<img src=x>"]},
    }
    done(workspace, actor, [evil])
    page = owner_client.get(reverse("doctor:page", args=[workspace.slug])).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


# --- the command ---------------------------------------------------------------------------------------------------
@pytest.fixture
def sound(
    graph: Simulator, hook_url: str, workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ApiCredentials]:
    """Everything works but for the workers, which a test has none of: they are said to be there."""
    credentials = set_up(workspace, actor)
    examine = examining.examine_installation

    def with_workers(*args: Any) -> list[Any]:
        return [
            {**row, "status": "passed"} if row["code"] in ("workers", "schedules") else row for row in examine(*args)
        ]

    monkeypatch.setattr(examining, "examine_installation", with_workers)
    yield credentials


def run(*args: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("doctor", *args, stdout=out, stderr=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_ends_with_0_when_nothing_failed(sound: ApiCredentials, workspace: Workspace) -> None:
    code, text = run()
    assert code == 0
    assert workspace.name in text
    assert "FAILED" not in text
    assert "\x1b[" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert Examination.objects.get().trigger == "command"


def test_the_command_ends_with_1_when_something_failed_and_says_what(
    sound: ApiCredentials, graph: Simulator, workspace: Workspace
) -> None:
    graph.post(f"numbers/{CONSTANTS['phone_number_id']}", name_status="DECLINED")
    code, text = run("--workspace", workspace.slug, "--format", "json")
    found = json.loads(text)
    assert code == 1
    failed = [row for row in found["workspaces"][0]["results"] if row["status"] == "failed"]
    assert [(row["code"], row["title"]) for row in failed] == [("name_approved", "Display name not approved")]
    assert found["installation"]["results"]


def test_the_command_says_that_no_worker_runs_and_still_works(workspace: Workspace) -> None:
    code, text = run("--workspace", workspace.slug)
    assert code == 1
    assert "No worker is running" in text
    assert "API credentials" in text or "No credentials yet" in text


def test_no_name_commands_the_terminal(workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(name="Demo\x1b]0;owned\x07")
    make_credentials(workspace, name="Lumen\x1b[2J\u202e")
    _code, text = run("--verbose")
    assert "Lumen" in text and not {"\x1b", "\x07", "\u202e"} & set(text)


def test_the_command_refuses_wrong_usage_with_2(workspace: Workspace) -> None:
    with pytest.raises(CommandError) as unknown:
        call_command("doctor", "--workspace", "nowhere")
    assert unknown.value.returncode == 2
    with pytest.raises(CommandError):
        call_command("doctor", "--format", "xml")
