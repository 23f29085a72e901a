"""The notification centre in the browser: list, bell, reading, choosing what to hear of."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.alerts.actions import raise_alert, resolve_alert
from console.alerts.hearing import default_choice
from console.alerts.kinds import KINDS, visible_to
from console.alerts.models import Alert, Emails, Notification, Subscription
from console.kit import clock
from console.workspaces.models import AuditEntry, User, Workspace
from console.workspaces.roles import Role
from tests.factories.workspaces import make_member, make_workspace

SignIn = Callable[[User], Client]
BELL = {"HX-Request": "true", "HX-Target": "bell"}
BELL_LIST = {"HX-Request": "true", "HX-Target": "bell-list"}


def url(workspace: Workspace, name: str = "list", *args: Any) -> str:
    return reverse(f"alerts:{name}", args=[workspace.slug, *args])


def broken(workspace: Workspace, key: str = "one", **more: Any) -> Alert:
    alert = raise_alert(workspace, "tests.lasting", key=key, subject="Main", facts={"name": key, "words": "no"}, **more)
    assert alert is not None
    return alert


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- the list -------------------------------------------------------------------------------------------------


def test_the_tabs_show_open_all_and_unread(workspace: Workspace, owner_client: Client) -> None:
    broken(workspace, "still")
    broken(workspace, "mended")
    resolve_alert(workspace, "tests.lasting", key="mended")
    seen = broken(workspace, "seen")
    owner_client.post(url(workspace, "mark_read", seen.pk))
    shown = {
        state: {key for key in ("still", "mended", "seen") if f"Test {key} of Main broke" in text}
        for state, text in (
            (state, text_of(owner_client.get(url(workspace), {"state": state}))) for state in ("", "all", "unread")
        )
    }
    assert shown == {"": {"still", "seen"}, "all": {"still", "mended", "seen"}, "unread": {"still", "mended"}}
    assert "Resolved" in text_of(owner_client.get(url(workspace), {"state": "all"}))


def test_kind_and_urgency_filter(workspace: Workspace, owner_client: Client) -> None:
    broken(workspace, "mild")
    broken(workspace, "grave", tone="bad")
    raise_alert(workspace, "tests.event", facts={"name": "event"})
    by = {
        "kind=tests.event": ["Written: event"],
        "tone=bad": ["Test grave of Main broke"],
        "kind=tests.unheard_of": [],
    }
    for query, wanted in by.items():
        text = text_of(owner_client.get(f"{url(workspace)}?state=all&{query}"))
        sentences = ("Written: event", "Test grave of Main broke", "Test mild of Main broke")
        assert [sentence for sentence in sentences if sentence in text] == wanted, query


def test_the_kind_can_be_shown_as_a_column(workspace: Workspace, owner_client: Client) -> None:
    broken(workspace)
    label = str(KINDS["tests.lasting"].label)
    before = text_of(owner_client.get(url(workspace))).count(label)  # the filter names it too
    columns = {"key": "alerts", "columns": ["alert", "kind"], "next": url(workspace)}
    assert owner_client.post(reverse("me:columns"), columns).status_code == 302
    assert text_of(owner_client.get(url(workspace))).count(label) == before + 1


def test_the_first_page_says_that_all_is_well(workspace: Workspace, owner_client: Client) -> None:
    assert "Nothing is wrong" in text_of(owner_client.get(url(workspace)))
    assert "Nothing matches these filters" in text_of(owner_client.get(url(workspace), {"state": "unread"}))


def test_members_see_what_their_role_may_see(workspace: Workspace, client_of: SignIn) -> None:
    alert = raise_alert(workspace, "tests.secret")
    assert alert is not None
    viewer, owner = (client_of(make_member(workspace, role)) for role in (Role.VIEWER, Role.OWNER))
    assert "For owners only" in text_of(owner.get(url(workspace)))
    page = text_of(viewer.get(url(workspace)))
    assert "For owners only" not in page and "For owners" not in text_of(viewer.get(url(workspace, "subscriptions")))
    for answer in (viewer.get(url(workspace, "go", alert.pk)), viewer.post(url(workspace, "mark_read", alert.pk))):
        assert answer.status_code == 404


def test_alerts_of_another_workspace_are_not_there(workspace: Workspace, owner_client: Client) -> None:
    other = make_workspace()
    theirs = broken(other, "theirs")
    assert "Test theirs" not in text_of(owner_client.get(url(workspace), {"state": "all"}))
    assert owner_client.get(url(workspace, "go", theirs.pk)).status_code == 404
    assert owner_client.post(url(workspace, "mark_read", theirs.pk)).status_code == 404
    assert owner_client.get(url(other)).status_code == 404


def test_markup_in_subject_and_facts_is_text_everywhere(workspace: Workspace, owner_client: Client) -> None:
    evil = "<script>alert(1)</script>"
    raise_alert(workspace, "tests.lasting", subject=evil, facts={"name": "<img src=x>", "words": evil})
    pages = [owner_client.get(url(workspace)), owner_client.get(url(workspace, "bell"), headers=BELL_LIST)]
    for page in pages:
        html = page.content.decode()
        assert evil not in html and "<img src=x>" not in html and "&lt;img src=x&gt;" in html


def test_a_kind_that_the_code_has_forgotten_breaks_no_page(
    workspace: Workspace, owner: User, owner_client: Client, client_of: SignIn
) -> None:
    alert = broken(workspace)
    Alert.objects.filter(pk=alert.pk).update(kind="tests.of_last_year", facts=[1, None], tone="purple")
    Subscription.objects.create(workspace=workspace, user=owner, kind="tests.of_last_year", emails=Emails.ALL)
    assert "Main" in text_of(owner_client.get(url(workspace)))
    assert "Main" in text_of(owner_client.get(url(workspace, "bell"), headers=BELL_LIST))
    assert owner_client.get(url(workspace, "subscriptions")).status_code == 200
    assert owner_client.get(url(workspace, "go", alert.pk))["Location"] == url(workspace)
    viewer = client_of(make_member(workspace, Role.VIEWER))
    assert "Main" not in text_of(viewer.get(url(workspace), {"state": "all"})), "who may see it is not known any more"


# --- reading --------------------------------------------------------------------------------------------------


def test_going_there_marks_it_read_for_oneself_only(workspace: Workspace, owner: User, owner_client: Client) -> None:
    other = make_member(workspace)
    alert = broken(workspace)
    answer = owner_client.get(url(workspace, "go", alert.pk))
    assert answer.status_code == 302 and answer["Location"] == url(workspace)
    read = dict(Notification.objects.values_list("user_id", "read_at"))
    assert read[owner.pk] is not None and read[other.pk] is None
    assert not AuditEntry.objects.filter(workspace=workspace).exists()


def test_marking_all_read_is_about_this_member_and_this_workspace(
    workspace: Workspace, owner: User, owner_client: Client
) -> None:
    make_member(workspace)
    other = make_workspace()
    other.memberships.create(user=owner, role=Role.OWNER)
    for place in (workspace, other):
        broken(place, "a")
        broken(place, "b")
    answer = owner_client.post(url(workspace, "mark_all_read"), follow=True)
    assert "2 alerts marked as read." in text_of(answer)
    unread = Notification.objects.filter(read_at=None)
    assert not unread.filter(user=owner, workspace=workspace).exists()
    assert unread.filter(user=owner, workspace=other).count() == unread.exclude(user=owner).count() == 2


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/w/other/", "javascript:alert(1)", ""])
def test_reading_leads_back_to_the_list_only(workspace: Workspace, owner_client: Client, back: str) -> None:
    answer = owner_client.post(url(workspace, "mark_all_read"), {"back": back})
    assert answer["Location"] == url(workspace)
    kept = f"{url(workspace)}?state=unread"
    assert owner_client.post(url(workspace, "mark_all_read"), {"back": kept})["Location"] == kept


# --- the bell -------------------------------------------------------------------------------------------------


def test_the_bell_counts_and_lists_the_newest(workspace: Workspace, owner_client: Client) -> None:
    page = owner_client.get(url(workspace)).content.decode()
    assert 'aria-label="Alerts, none unread"' in page and "wm-icon-btn-dot" not in page
    assert "Nothing new." in text_of(owner_client.get(url(workspace, "bell"), headers=BELL_LIST))
    alert = broken(workspace)
    page = owner_client.get(url(workspace)).content.decode()
    assert 'aria-label="1 unread alert"' in page and "wm-icon-btn-dot" in page
    bell = owner_client.get(url(workspace, "bell"), headers=BELL)
    assert 'id="bell"' in bell.content.decode() and 'data-wm-poll="60"' in bell.content.decode()
    assert bell["Cache-Control"] == "no-store"
    listed = owner_client.get(url(workspace, "bell"), headers=BELL_LIST).content.decode()
    assert "Test one of Main broke" in listed and url(workspace, "go", alert.pk) in listed
    assert owner_client.get(url(workspace, "bell"))["Location"] == url(workspace), "without a script: the page"


def test_the_bell_stops_counting_at_ninety_nine(workspace: Workspace, owner: User, owner_client: Client) -> None:
    alerts = Alert.objects.bulk_create(
        Alert(workspace=workspace, kind="tests.lasting", key=str(n), tone="warn", raised_at=clock.now())
        for n in range(120)
    )
    Notification.objects.bulk_create(
        Notification(alert=alert, workspace=workspace, user=owner, created_at=clock.now()) for alert in alerts
    )
    assert 'aria-label="99+ unread alerts"' in owner_client.get(url(workspace, "bell"), headers=BELL).content.decode()
    listed = owner_client.get(url(workspace, "bell"), headers=BELL_LIST).content.decode()
    assert listed.count("/go/") == 8


def test_the_bell_is_one_query_and_its_poll_four(
    workspace: Workspace, owner_client: Client, django_assert_num_queries: Any
) -> None:
    broken(workspace)
    owner_client.get(url(workspace))
    for headers in (BELL, BELL_LIST):
        with django_assert_num_queries(4):  # session, person, membership, bell
            owner_client.get(url(workspace, "bell"), headers=headers)


def test_what_a_role_may_not_see_any_more_does_not_ring(workspace: Workspace, owner: User, client_of: SignIn) -> None:
    raise_alert(workspace, "tests.secret")
    owner.memberships.update(role=Role.VIEWER)
    Notification.objects.update_or_create(
        alert=Alert.objects.get(), user=owner, defaults={"workspace": workspace, "created_at": clock.now()}
    )
    assert "none unread" in client_of(owner).get(url(workspace, "bell"), headers=BELL).content.decode()


# --- choosing -------------------------------------------------------------------------------------------------


def form_of(role: str, **changes: str | None) -> dict[str, str]:
    """What the untouched form of a role posts, with some fields changed; None leaves one out."""
    posted = {}
    for name in visible_to(role):
        choice = default_choice(role, KINDS[name])
        posted[f"{name}:emails"] = choice.emails
        if choice.in_app:
            posted[f"{name}:bell"] = "on"
    for field, value in changes.items():
        name = f"tests.lasting:{field}"
        posted.pop(name, None)
        if value is not None:
            posted[name] = value
    return posted


def test_a_choice_is_kept_and_forgotten_again(workspace: Workspace, owner: User, owner_client: Client) -> None:
    page = url(workspace, "subscriptions")
    assert "Reset to defaults" not in text_of(owner_client.get(page))
    answer = owner_client.post(page, form_of(Role.OWNER, bell=None, emails="all"), follow=True)
    assert "Saved what you hear of." in text_of(answer) and "Reset to defaults" in text_of(answer)
    row = Subscription.objects.get()
    assert (row.user, row.workspace, row.kind, row.in_app, row.emails) == (
        owner,
        workspace,
        "tests.lasting",
        False,
        "all",
    )
    html = owner_client.get(page).content.decode()
    assert re.search(r'name="tests\.lasting:bell"(?![^>]*checked)', html)
    owner_client.post(url(workspace, "reset_subscriptions"))
    assert not Subscription.objects.exists()


def test_saving_the_defaults_keeps_nothing(workspace: Workspace, owner_client: Client) -> None:
    assert owner_client.post(url(workspace, "subscriptions"), form_of(Role.OWNER)).status_code == 302
    assert not Subscription.objects.exists()


def test_nobody_subscribes_to_what_they_may_not_see_or_with_a_made_up_word(
    workspace: Workspace, client_of: SignIn
) -> None:
    viewer = client_of(make_member(workspace, Role.VIEWER))
    page = url(workspace, "subscriptions")
    sneaky = {**form_of(Role.VIEWER), "tests.secret:bell": "on", "tests.secret:emails": "all"}
    assert viewer.post(page, sneaky).status_code == 302
    assert not Subscription.objects.filter(kind="tests.secret").exists()
    assert viewer.post(page, form_of(Role.VIEWER, emails="hourly")).status_code == 422
    assert not Subscription.objects.exists()


def test_a_role_that_sees_nothing_is_told_so(
    workspace: Workspace, owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(KINDS):
        monkeypatch.delitem(KINDS, name)
    assert "There is nothing to choose" in text_of(owner_client.get(url(workspace, "subscriptions")))
