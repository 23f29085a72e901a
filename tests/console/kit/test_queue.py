"""The bell: rung after the commit, never breaks a write, schedules follow the declarations."""

from typing import Any

import pytest
from django.db import transaction
from django_q.models import Schedule

from console.kit import queue
from tests.support.bell import answer_bell

rung: list[tuple[Any, ...]] = []


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    rung.clear()
    monkeypatch.setattr(queue, "TASKS", {})
    queue.task(every_minutes=5)(note)


def note(*ids: int) -> None:
    rung.append(ids)


@pytest.mark.django_db(transaction=True)
def test_a_ring_waits_for_the_commit(bell: Any) -> None:
    with transaction.atomic():
        queue.ring(note, 7)
        assert answer_bell() == []
    assert answer_bell() == [f"{__name__}.note"]
    assert rung == [(7,)]


@pytest.mark.django_db(transaction=True)
def test_a_ring_of_a_rolled_back_write_is_never_heard(bell: Any) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        queue.ring(note, 7)
        raise RuntimeError
    assert answer_bell() == []


def test_a_broken_broker_does_not_break_the_write(
    db: None, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(queue, "async_task", refuse)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        queue.ring(note, 1)
    assert len(callbacks) == 1


def test_only_tasks_can_be_rung(db: None) -> None:
    with pytest.raises(ValueError, match="is not a task"):
        queue.ring(answer_bell)


def test_schedules_follow_the_declarations(db: None) -> None:
    Schedule.objects.create(name="waymark:gone.task", func="gone.task")
    Schedule.objects.create(name="somebody else's", func="their.task")
    assert queue.sync_schedules() == [f"{__name__}.note"]
    queue.sync_schedules()
    assert set(Schedule.objects.values_list("name", "minutes")) == {
        (f"waymark:{__name__}.note", 5),
        ("somebody else's", None),
    }
