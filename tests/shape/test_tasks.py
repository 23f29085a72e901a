"""Every task may run twice, or for something that is gone: a doubled bell changes nothing."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from campaigns import actions as campaigns
from channels_app.delivery.models import SenderLease
from console.alerts.actions import raise_alert
from console.audiences.models import Import
from console.kit.queue import TASKS, Task
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.audiences import make_import, make_list, make_profile
from tests.factories.campaigns import make_campaign
from tests.factories.delivery import make_number, make_people
from tests.factories.workspaces import make_member
from tests.support.addresses import UNKNOWN_ID

CSV = "phone,first_name\n+447700900341,Ada\n+447700900342,Grace\n+44,Nobody\n"
# Moments and leases differ from one run to the next; what they guard must not.
VOLATILE = {"counted_at", "updated_at", "lease_until", "finished_at", "started_at", "checked_at", "prepared_at"}


def _uploaded(workspace: Workspace) -> tuple[Any, ...]:
    return (make_import(workspace, CSV).pk,)


def _importing(workspace: Workspace) -> tuple[Any, ...]:
    batch = make_import(workspace, CSV)
    TASKS["console.audiences.tasks.preview_import"].function(batch.pk)
    Import.objects.filter(pk=batch.pk).update(status="importing")
    return (batch.pk,)


def _audience(workspace: Workspace) -> tuple[Any, ...]:
    return (make_list(workspace, [make_profile(workspace)]).pk,)


def _run(workspace: Workspace) -> tuple[Any, ...]:
    campaign = make_campaign(workspace, make_people(workspace, 5))
    return (campaigns.activate(actor=Actor.system("test"), campaign=campaign).pk,)


def _idle_number(workspace: Workspace) -> tuple[Any, ...]:
    return (make_number(workspace).pk,)


def _nothing(workspace: Workspace) -> tuple[Any, ...]:
    return ()


def _alerted(workspace: Workspace) -> tuple[Any, ...]:
    make_member(workspace)
    raise_alert(workspace, "alerts.endpoint_off", key="1", subject="Pager", tone="bad")
    return ()


def _gone(workspace: Workspace) -> tuple[Any, ...]:
    return (UNKNOWN_ID,)


# A new task needs a row here: what to make before it runs, and the arguments it is rung with.
# Tasks that talk to Meta are asked for something that is gone here; their rooms' tests run them against a transport.
SCENARIOS: dict[str, Callable[[Workspace], tuple[Any, ...]]] = {
    "console.alerts.tasks.send_mails": _alerted,
    "console.alerts.tasks.deliver": _nothing,
    "console.audiences.tasks.preview_import": _uploaded,
    "console.audiences.tasks.run_import": _importing,
    "console.audiences.tasks.due_imports": lambda workspace: _importing(workspace)[:0],
    "console.audiences.tasks.count_audience": _audience,
    "channels_app.accounts.tasks.check_channel": _gone,
    "channels_app.accounts.tasks.recheck_channels": _gone,
    "channels_app.accounts.tasks.refresh_accounts": _gone,
    "channels_app.accounts.tasks.check_tokens": _gone,
    "channels_app.accounts.tasks.check_candidates": _gone,
    "channels_app.message_templates.tasks.sync_templates": _gone,
    "channels_app.message_templates.tasks.sync_new_accounts": _nothing,
    "channels_app.delivery.tasks.send": _idle_number,
    "channels_app.delivery.tasks.due_senders": _nothing,
    "channels_app.delivery.tasks.match_unmatched": _nothing,
    "channels_app.delivery.tasks.measure_usage": _nothing,
    "channels_app.accounts.tasks.read_subscriptions": _gone,
    "channels_app.webhooks.tasks.apply_stored": _nothing,
    "channels_app.doctor.tasks.examine": _gone,
    "channels_app.doctor.tasks.examine_daily": _nothing,
    "channels_app.webhooks.tasks.run_self_test": _gone,
    "channels_app.webhooks.tasks.run_replay": _gone,
    "channels_app.webhooks.tasks.watch": _nothing,
    "campaigns.tasks.prepare_run": _run,
    "campaigns.tasks.due_campaigns": lambda workspace: _run(workspace)[:0],
}


def rows() -> dict[str, list[dict[str, Any]]]:
    """Everything our own tables hold, without what differs from one moment to the next."""
    found = {}
    for config in apps.get_app_configs():
        if not config.name.startswith(("console", "channels_app", "campaigns", "journeys")):
            continue
        for model in config.get_models():
            if model is not SenderLease:
                kept = [field.attname for field in model._meta.concrete_fields if field.attname not in VOLATILE]
                found[model._meta.label] = list(model._default_manager.order_by("pk").values(*kept))
    return found


def takes_id(task: Task) -> bool:
    return bool(inspect.signature(task.function).parameters)


def test_every_task_has_a_scenario_here() -> None:
    assert set(SCENARIOS) == set(TASKS)


@pytest.mark.parametrize("path", sorted(SCENARIOS))
def test_run_twice_gives_the_same_rows(workspace: Workspace, path: str) -> None:
    arguments = SCENARIOS[path](workspace)
    function = TASKS[path].function
    function(*arguments)
    once = rows()
    function(*arguments)
    assert rows() == once


@pytest.mark.parametrize("path", [path for path, task in sorted(TASKS.items()) if takes_id(task)])
def test_a_row_that_is_gone_is_nobodys_problem(workspace: Workspace, path: str) -> None:
    before = rows()
    TASKS[path].function(UNKNOWN_ID)
    assert rows() == before


@pytest.mark.parametrize("path", sorted(path for path, task in TASKS.items() if task.every_minutes))
def test_a_scheduled_task_finds_its_work_itself(workspace: Workspace, path: str) -> None:
    TASKS[path].function()
