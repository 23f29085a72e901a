"""What Meta reports: forward only, in any order, any number of times."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.delivery import queries
from channels_app.delivery.desk import Desk
from channels_app.delivery.models import Message, UnmatchedStatus
from channels_app.delivery.records import Accepted, record
from channels_app.delivery.reports import fold, parse
from channels_app.delivery.statuses import apply_statuses, match_unmatched
from console.audiences.models import Profile
from console.kit import clock
from console.workspaces.models import Workspace
from tests.factories.delivery import make_messages, make_number, status_item
from tests.factories.workspaces import make_workspace

pytestmark = pytest.mark.django_db


def accepted(workspace: Workspace, how_many: int = 1) -> list[Message]:
    number = make_number(workspace)
    messages = make_messages(number, how_many)
    desk = Desk.open(number.pk, "test")
    assert desk is not None
    claims = desk.claim(1000).claims
    record([Accepted(claim, f"wamid.{claim.id}", clock.now()) for claim in claims], [])
    return list(Message.objects.filter(pk__in=[message.pk for message in messages]).order_by("pk"))


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "read"])))
def test_every_order_ends_the_same_and_keeps_each_time(workspace: Workspace, order: tuple[str, ...]) -> None:
    [message] = accepted(workspace)
    times = {"sent": 1795430401, "delivered": 1795430404, "read": 1795430409}
    for word in order:
        apply_statuses(workspace, [status_item(message.wamid or "", word, at=times[word])])
    message.refresh_from_db()
    assert message.status == "read"
    moments = (message.sent_at, message.delivered_at, message.read_at)
    assert [int(at.timestamp()) for at in moments if at] == list(times.values())


def test_replays_change_nothing(workspace: Workspace) -> None:
    messages = accepted(workspace, 5)
    items = [status_item(message.wamid or "", "delivered") for message in messages]
    assert apply_statuses(workspace, items * 2).changed == 5
    again = apply_statuses(workspace, items)
    assert (again.changed, again.unchanged) == (0, 5)


def test_failed_is_final_and_a_late_status_does_not_revive_it(workspace: Workspace) -> None:
    [message] = accepted(workspace)
    wamid = message.wamid or ""
    apply_statuses(workspace, [status_item(wamid, "failed", code=131026)])
    apply_statuses(workspace, [status_item(wamid, "sent"), status_item(wamid, "delivered")])
    message.refresh_from_db()
    assert (message.status, message.error_code) == ("failed", 131026)
    assert message.sent_at is not None
    assert queries.buckets("campaign_run", 1).failed == {131026: 1}


def test_who_stopped_promotions_loses_consent(workspace: Workspace) -> None:
    [message] = accepted(workspace)
    apply_statuses(workspace, [status_item(message.wamid or "", "failed", code=131050)])
    assert Profile.objects.get(pk=message.profile_id).marketing_consent == "withdrawn"


def test_a_status_before_the_answer_was_recorded_settles_the_row(workspace: Workspace) -> None:
    number = make_number(workspace)
    make_messages(number, 1)
    desk = Desk.open(number.pk, "test")
    assert desk is not None
    [claim] = desk.claim(1).claims
    apply_statuses(workspace, [status_item("wamid.fast", "delivered", callback_data=claim.callback_data)])
    record([Accepted(claim, "wamid.fast", clock.now())], [])
    message = Message.objects.get()
    assert (message.status, message.wamid) == ("delivered", "wamid.fast")


def test_unknown_ids_wait_and_are_matched_later(workspace: Workspace) -> None:
    result = apply_statuses(workspace, [status_item("wamid.later", "sent"), status_item("wamid.later", "delivered")])
    assert result.unmatched == 2 and UnmatchedStatus.objects.count() == 2
    [message] = accepted(workspace)
    Message.objects.filter(pk=message.pk).update(wamid="wamid.later")
    assert match_unmatched() == 2
    message.refresh_from_db()
    assert message.status == "delivered" and not UnmatchedStatus.objects.exists()


def test_another_workspace_cannot_move_our_rows(workspace: Workspace) -> None:
    [message] = accepted(workspace)
    stranger = make_workspace()
    items = [
        status_item(message.wamid or "", "read"),
        status_item("wamid.forged", "read", callback_data=f"wm1:{message.pk}:1"),
    ]
    assert apply_statuses(stranger, items).unmatched == 2
    message.refresh_from_db()
    assert message.status == "accepted"


def test_odd_items_are_counted_or_named_never_fatal(workspace: Workspace) -> None:
    [message] = accepted(workspace)
    wamid = message.wamid or ""
    items: list[Any] = [
        "text",
        {"status": "sent"},
        {"id": wamid, "status": "sent", "timestamp": "soon"},
        {"id": wamid, "status": "played", "timestamp": "1795430401"},
        {"id": wamid, "status": "teleported", "timestamp": "1795430401"},
        {"id": wamid, "status": "sent", "timestamp": 1795430401999},
    ]
    result = apply_statuses(workspace, items)
    assert (result.malformed, result.ignored, result.changed) == ([0, 1, 2], 2, 1)
    message.refresh_from_db()
    assert message.sent_at is not None and message.sent_at.year == 2026


def test_the_first_price_stays(workspace: Workspace) -> None:
    [message] = accepted(workspace)
    first = {"billable": True, "type": "regular", "category": "marketing"}
    for word, pricing in (("sent", first), ("delivered", {**first, "category": "utility"})):
        apply_statuses(workspace, [status_item(message.wamid or "", word) | {"pricing": pricing}])
    message.refresh_from_db()
    assert message.pricing == first


WORDS = st.sampled_from(["sent", "delivered", "read", "failed"])


@given(words=st.lists(WORDS, min_size=1, max_size=8), cut=st.integers(0, 8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_batch_or_many_the_furthest_status_wins(words: list[str], cut: int) -> None:
    workspace = make_workspace()
    [message] = accepted(workspace)
    items = [status_item(message.wamid or "", word, at=1795430401 + i) for i, word in enumerate(words)]
    for part in (items[:cut], items[cut:]):
        apply_statuses(workspace, part)
    message.refresh_from_db()
    if "failed" not in words:
        assert message.status == max(words, key=["sent", "delivered", "read"].index)
    elif not {"delivered", "read"} & set(words):
        assert message.status == "failed"
    else:
        assert message.status in ("failed", "delivered", "read")
    assert {word for word in words if getattr(message, f"{word}_at")} == set(words)


@given(st.lists(st.tuples(WORDS, st.integers(0, 100)), min_size=1, max_size=10).flatmap(lambda xs: st.permutations(xs)))
def test_folding_does_not_depend_on_the_order(pairs: list[tuple[str, int]]) -> None:
    items = [parse(status_item("wamid.x", word, at=1795430401 + at)) for word, at in pairs]
    reports = [item for item in items if item is not None]
    one, other = fold(reports)["wamid.x"], fold(reversed(reports))["wamid.x"]
    assert (one.rank, one.times, one.has_failed) == (other.rank, other.times, other.has_failed)
