"""Who hears of an alert, on which way, and how often."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from console.alerts.actions import raise_alert, resolve_alert
from console.alerts.models import Alert, Delivery, Emails, Notification, Subscription
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.console.alerts.conftest import make_endpoint
from tests.factories.workspaces import make_member, make_workspace

NOW = timezone.now()


def told(alert: Alert | None) -> dict[int, tuple[bool, bool]]:
    rows = Notification.objects.filter(alert=alert)
    return {row.user_id: (row.is_in_app, row.wants_email) for row in rows}


def subscribe(workspace: Workspace, user: User, kind: str, *, in_app: bool, emails: str) -> None:
    Subscription.objects.create(workspace=workspace, user=user, kind=kind, in_app=in_app, emails=emails)


@pytest.mark.parametrize(("tone", "mailed"), [("bad", {Role.OWNER, Role.CHANNEL_ADMIN}), ("warn", set()), ("", set())])
def test_by_default_those_hear_who_can_act_and_urgent_ones_are_mailed(
    workspace: Workspace, tone: str, mailed: set[str]
) -> None:
    people = {role: make_member(workspace, role) for role in Role.values}
    make_member(make_workspace())
    make_member(workspace, Role.OWNER, is_active=False)
    found = told(raise_alert(workspace, "tests.lasting", tone=tone))
    hear = {Role.OWNER, Role.CHANNEL_ADMIN}  # the default capability is accounts.manage
    assert found == {people[role].pk: (True, role in mailed) for role in hear}


def test_a_choice_holds_instead_of_the_default(workspace: Workspace) -> None:
    viewer, owner, admin, marketer = (
        make_member(workspace, role) for role in (Role.VIEWER, Role.OWNER, Role.CHANNEL_ADMIN, Role.MARKETER)
    )
    subscribe(workspace, viewer, "tests.lasting", in_app=True, emails=Emails.URGENT)
    subscribe(workspace, owner, "tests.lasting", in_app=False, emails=Emails.NEVER)
    subscribe(workspace, admin, "tests.lasting", in_app=False, emails=Emails.ALL)
    subscribe(workspace, marketer, "tests.event", in_app=True, emails=Emails.ALL)
    subscribe(make_workspace(), marketer, "tests.lasting", in_app=True, emails=Emails.ALL)
    assert told(raise_alert(workspace, "tests.lasting", tone="warn")) == {
        viewer.pk: (True, False),
        admin.pk: (False, True),
    }


def test_nobody_hears_of_a_kind_that_their_role_may_not_see(workspace: Workspace) -> None:
    owner, viewer = make_member(workspace, Role.OWNER), make_member(workspace, Role.VIEWER)
    subscribe(workspace, viewer, "tests.secret", in_app=True, emails=Emails.ALL)
    assert set(told(raise_alert(workspace, "tests.secret", tone="bad"))) == {owner.pk}


def test_an_open_alert_stays_one_and_its_facts_are_renewed(
    workspace: Workspace, owner: User, django_assert_num_queries: object
) -> None:
    first = raise_alert(workspace, "tests.lasting", key="7", subject="A", facts={"days": 14})
    with django_assert_num_queries(3):  # type: ignore[operator]  # the UPDATE between a savepoint and its release
        assert raise_alert(workspace, "tests.lasting", key="7", subject="B", facts={"days": 13}) is None
    alert = Alert.objects.get()
    assert first is not None and alert.pk == first.pk
    assert (alert.facts, alert.subject, Notification.objects.count()) == ({"days": 13}, "B", 1)
    assert raise_alert(workspace, "tests.lasting", key="8") is not None
    assert raise_alert(make_workspace(), "tests.lasting", key="7") is not None


def test_one_that_got_worse_is_told_anew_and_one_that_got_milder_is_not(workspace: Workspace, owner: User) -> None:
    first = raise_alert(workspace, "tests.lasting", tone="warn")
    worse = raise_alert(workspace, "tests.lasting", tone="bad")
    assert first and worse and worse.pk != first.pk
    first.refresh_from_db()
    assert first.resolved_at is not None
    assert told(worse) == {owner.pk: (True, True)}
    assert list(Notification.objects.filter(read_at=None).values_list("alert_id", flat=True)) == [worse.pk]
    assert raise_alert(workspace, "tests.lasting", tone="warn") is None
    assert Alert.objects.get(resolved_at=None).tone == "warn"


def test_a_resolved_alert_that_comes_back_is_a_new_one(workspace: Workspace, owner: User) -> None:
    with time_machine.travel(NOW):
        first = raise_alert(workspace, "tests.lasting", tone="bad")
        assert resolve_alert(workspace, "tests.lasting") is True
        assert resolve_alert(workspace, "tests.lasting") is False
    with time_machine.travel(NOW + timedelta(minutes=11)):
        second = raise_alert(workspace, "tests.lasting", tone="bad")
    assert first and second and first.pk != second.pk
    row = Notification.objects.get(alert=second)
    assert row.wants_email and row.email_lease_until is None


def test_one_that_flaps_rings_the_bell_and_is_mailed_and_posted_only_if_it_lasts(
    workspace: Workspace, owner: User
) -> None:
    make_endpoint(workspace)
    with time_machine.travel(NOW, tick=False):
        raise_alert(workspace, "tests.lasting", tone="bad")
        resolve_alert(workspace, "tests.lasting")
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        again = raise_alert(workspace, "tests.lasting", tone="bad")
        row, delivery = Notification.objects.get(alert=again), Delivery.objects.get(alert=again)
        assert row.is_in_app and row.email_lease_until == delivery.due_at == NOW + timedelta(minutes=15)
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        resolve_alert(workspace, "tests.lasting")
    assert not Notification.objects.get(alert=again).wants_email
    assert not Delivery.objects.filter(alert=again).exists(), "neither that it broke nor that it was mended"
    with time_machine.travel(NOW + timedelta(minutes=7), tick=False):
        lasting = raise_alert(workspace, "tests.lasting", tone="bad")
    with time_machine.travel(NOW + timedelta(minutes=20), tick=False):
        resolve_alert(workspace, "tests.lasting")
    assert Notification.objects.get(alert=lasting).wants_email
    assert list(Delivery.objects.filter(alert=lasting).order_by("pk").values_list("event", flat=True)) == [
        "raised",
        "resolved",
    ]


def test_an_event_is_over_as_it_happens_and_every_one_is_told(workspace: Workspace, owner: User) -> None:
    first, second = (raise_alert(workspace, "tests.event", key="7") for _ in range(2))
    assert first and second and first.resolved_at == first.raised_at
    assert resolve_alert(workspace, "tests.event", key="7") is False
    assert Notification.objects.filter(user=owner).count() == 2


def test_endpoints_hear_of_the_kinds_they_chose(workspace: Workspace) -> None:
    every = make_endpoint(workspace)
    chosen = make_endpoint(workspace, kinds=["tests.lasting"])
    make_endpoint(workspace, kinds=["tests.event"])
    make_endpoint(workspace, is_on=False)
    make_endpoint(make_workspace())
    raise_alert(workspace, "tests.lasting")
    assert set(Delivery.objects.values_list("endpoint_id", "event")) == {(every.pk, "raised"), (chosen.pk, "raised")}
    late = make_endpoint(workspace)
    resolve_alert(workspace, "tests.lasting")
    resolved = Delivery.objects.filter(event="resolved").values_list("endpoint_id", flat=True)
    assert set(resolved) == {every.pk, chosen.pk}, "who did not hear the beginning does not hear the end"
    assert late.pk not in resolved


def test_a_kind_nobody_declared_is_a_mistake_of_ours(workspace: Workspace) -> None:
    with pytest.raises(KeyError):
        raise_alert(workspace, "tests.unheard_of")


def test_raising_costs_a_known_number_of_queries(workspace: Workspace, django_assert_max_num_queries: object) -> None:
    for _ in range(3):
        make_member(workspace)
        make_endpoint(workspace)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        raise_alert(workspace, "tests.lasting", tone="bad")
