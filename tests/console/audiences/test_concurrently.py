"""Two writers on one person at the same moment: neither undoes what the other wrote, and nobody sees a deadlock."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from console.audiences import actions
from console.audiences.models import ConsentEntry, Profile
from console.kit import clock
from console.kit.errors import Refused
from console.kit.retrying import retried
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.audiences import make_profile

pytestmark = pytest.mark.django_db(transaction=True)


def beside(work: Callable[[], object]) -> threading.Thread:
    """Does it on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_the_newest_of_two_receipts_counts_also_at_the_same_moment(workspace: Workspace, actor: Actor) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite has one writer: nobody can come between
    profile, now = make_profile(workspace, marketing_consent="granted"), clock.now()

    def say(value: str, given_at: datetime) -> None:
        named = {"purpose": "marketing", "value": value, "source": "page", "evidence": {}, "given_at": given_at}
        actions.record_consent(actor=actor, workspace=workspace, profile_ids=[profile.pk], **named)

    with transaction.atomic():
        say("withdrawn", now)
        other = beside(lambda: say("granted", now - timedelta(minutes=1)))
        other.join(0.5)  # it waits for us
        assert other.is_alive()
    other.join(20)
    assert ConsentEntry.objects.count() == 2
    assert Profile.objects.get().marketing_consent == "withdrawn"


def test_a_change_by_hand_does_not_bring_a_consent_back(workspace: Workspace, actor: Actor) -> None:
    opened = make_profile(workspace, marketing_consent="granted")
    Profile.objects.filter(pk=opened.pk).update(marketing_consent="withdrawn", username="ada")
    actions.save_profile(
        actor=actor, workspace=workspace, profile=opened, values={"name": "Ada", "phone": opened.phone}
    )
    stored = Profile.objects.get()
    assert (stored.name, stored.marketing_consent, stored.username) == ("Ada", "withdrawn", "ada")


def test_a_change_by_hand_does_not_make_a_merged_profile_again(workspace: Workspace, actor: Actor) -> None:
    kept, opened = make_profile(workspace), make_profile(workspace)
    actions.merge_profiles(actor=actor, workspace=workspace, kept=kept, absorbed=opened)
    with pytest.raises(Refused) as refused:
        actions.save_profile(actor=actor, workspace=workspace, profile=opened, values={"name": "Ada"})
    assert refused.value.code == "profile.gone"
    assert list(Profile.objects.values_list("pk", flat=True)) == [kept.pk]


def test_two_who_lock_each_other_out_both_get_through(workspace: Workspace) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite has one writer: nobody can come between
    people = [make_profile(workspace), make_profile(workspace)]
    both_hold_one = threading.Barrier(2)
    undone: list[str] = []

    def take(first: Profile, second: Profile) -> None:
        is_first_try = True

        def write() -> None:
            nonlocal is_first_try
            Profile.objects.filter(pk=first.pk).update(name=f"{first.pk}")
            if is_first_try:
                is_first_try = False
                both_hold_one.wait(20)
            try:
                Profile.objects.filter(pk=second.pk).update(name=f"{first.pk}")
            except OperationalError:
                undone.append(f"{first.pk}")
                raise

        retried(write)

    threads = [beside(lambda: take(*people)), beside(lambda: take(*reversed(people)))]
    for thread in threads:
        thread.join(20)
    assert len(undone) == 1  # the database chose one of them, and it was done again
    assert set(Profile.objects.values_list("name", flat=True)) == {undone[0]}
