"""How much of the messaging limit is used: people of the moving 24 hours, across all numbers of the portfolio."""

from datetime import datetime, timedelta
from itertools import count

import pytest
import time_machine

from channels_app.accounts.models import PhoneNumber, Portfolio
from channels_app.delivery import tasks, usage
from channels_app.delivery.models import Message
from console.kit import clock
from console.workspaces.models import Workspace
from tests.factories.accounts import make_account, make_phone_number
from tests.factories.workspaces import make_workspace

_keys = count(1)
PORTFOLIO = "900000000000001"
pytestmark = pytest.mark.django_db


def make_sender(workspace: Workspace, portfolio_id: str = PORTFOLIO) -> PhoneNumber:
    if portfolio_id:
        Portfolio.objects.get_or_create(
            workspace=workspace, portfolio_id=portfolio_id, defaults={"created_at": clock.now()}
        )
    return make_phone_number(workspace, make_account(workspace, portfolio_id=portfolio_id))


def make_message(number: PhoneNumber, recipient: str, status: str, accepted_at: datetime | None) -> Message:
    now, key = clock.now(), next(_keys)
    return Message.objects.create(
        workspace=number.workspace,
        source_kind="campaign_run",
        source_id=key,
        dedupe_key=f"person {key}",
        phone_number=number,
        recipient=recipient,
        status=status,
        purpose="marketing",
        accepted_at=accepted_at,
        due_at=now,
        created_at=now,
    )


def accept(number: PhoneNumber, recipient: str, at: datetime | None = None) -> Message:
    return make_message(number, recipient, "delivered", at or clock.now())


def used(workspace: Workspace) -> int | None:
    return Portfolio.objects.get(workspace=workspace, portfolio_id=PORTFOLIO).used_count


def test_counts_people_not_messages_over_all_numbers_and_workspaces(workspace: Workspace) -> None:
    other = make_workspace()
    one, two = make_sender(workspace), make_sender(workspace)
    theirs, stranger = make_sender(other), make_sender(workspace, "900000000000002")
    for number, recipient in [(one, "+1"), (one, "+1"), (two, "+1"), (two, "+2"), (theirs, "+3"), (stranger, "+4")]:
        accept(number, recipient)
    make_message(one, "+5", "ready", None)
    usage.measure(clock.now())
    assert used(workspace) == used(other) == 3


def test_the_window_moves(workspace: Workspace) -> None:
    number = make_sender(workspace)
    now = clock.now()
    accept(number, "+1", now - timedelta(hours=23))
    accept(number, "+2", now - timedelta(hours=25))
    usage.measure(now)
    assert used(workspace) == 1
    usage.measure(now + timedelta(hours=1, seconds=1))
    assert used(workspace) == 0


def test_what_has_not_moved_is_not_counted_again(workspace: Workspace) -> None:
    number = make_sender(workspace)
    now = clock.now()
    accept(number, "+1", now - timedelta(hours=2))
    assert usage.measure(now) == 1
    assert usage.measure(now + timedelta(minutes=5)) == 0
    portfolio = Portfolio.objects.get()
    assert (portfolio.used_count, portfolio.used_at) == (1, now + timedelta(minutes=5))
    accept(number, "+2", now + timedelta(minutes=6))
    assert usage.measure(now + timedelta(minutes=10)) == 1
    assert used(workspace) == 2


def test_a_second_workspace_of_the_portfolio_gets_its_count_at_once(workspace: Workspace) -> None:
    accept(make_sender(workspace), "+1")
    usage.measure(clock.now())
    newcomer = make_workspace()
    make_sender(newcomer)
    usage.measure(clock.now())
    assert used(newcomer) == used(workspace) == 1


def test_without_a_portfolio_nothing_is_counted(workspace: Workspace) -> None:
    accept(make_sender(workspace, ""), "+1")
    with time_machine.travel(clock.now(), tick=False):
        tasks.measure_usage()
    assert not Portfolio.objects.exists()
