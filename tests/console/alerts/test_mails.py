"""Mails: one per member and minute, never by two workers, again after trouble, never to who may not know."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.locmem import EmailBackend
from django.db.models import F, QuerySet
from django.utils import timezone

from console.alerts import mails, tasks
from console.alerts.actions import raise_alert, resolve_alert
from console.alerts.models import Alert, Notification
from console.workspaces.models import Membership, User, Workspace
from tests.factories.workspaces import make_member, make_workspace

NOW = timezone.now().replace(microsecond=0)


def at(seconds: float) -> Any:
    return time_machine.travel(NOW + timedelta(seconds=seconds), tick=False)


def broken(workspace: Workspace, key: str = "1", **facts: Any) -> Alert:
    alert = raise_alert(
        workspace, "tests.lasting", key=key, subject="Main", facts={"name": key, "words": "no", **facts}, tone="bad"
    )
    assert alert is not None
    return alert


def html_of(message: Any) -> str:
    assert isinstance(message, EmailMultiAlternatives)
    return str(message.alternatives[0][0])


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What the mail server says to the next mails; empty: it takes them."""
    trouble: list[Exception] = []
    send = EmailBackend.send_messages

    def refuse(self: EmailBackend, messages: Any) -> int:
        if trouble:
            raise trouble.pop(0)
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    return trouble


def test_a_mail_says_what_happened_and_leads_there(workspace: Workspace, owner: User, settings: Any) -> None:
    settings.WAYMARK_BASE_URL = "https://waymark.example"
    broken(workspace)
    tasks.send_mails()
    message = mail.outbox[0]
    assert message.to == [owner.email]
    assert message.subject == f"A test broke, {workspace.name}"
    assert "Urgent: Test 1 of Main broke\nIt said no.\n" in message.body
    base = f"https://waymark.example/w/{workspace.slug}/alerts/"
    assert base in message.body and f"{base}subscriptions/" in message.body
    html = html_of(message)
    assert f'href="{base}subscriptions/"' in html and "Test 1 of Main broke" in html
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    tasks.send_mails()
    assert len(mail.outbox) == 1


def test_what_happens_together_comes_as_one_and_the_next_a_minute_later(workspace: Workspace, owner: User) -> None:
    with at(0):
        for key in "abc":
            broken(workspace, key)
        tasks.send_mails()
    with at(10):
        broken(workspace, "d")
        broken(workspace, "e")
        tasks.send_mails()
    assert len(mail.outbox) == 1 and mail.outbox[0].subject == f"3 alerts in {workspace.name}"
    assert all(f"Test {key} of" in mail.outbox[0].body for key in "abc")
    with at(61):
        tasks.send_mails()
    assert len(mail.outbox) == 2 and mail.outbox[1].subject == f"2 alerts in {workspace.name}"


def test_many_are_shortened(workspace: Workspace, owner: User) -> None:
    for number in range(mails.MOST_SHOWN + 3):
        broken(workspace, str(number))
    tasks.send_mails()
    assert len(mail.outbox) == 1 and "And 3 more alerts:" in mail.outbox[0].body
    assert mail.outbox[0].body.count("It said no.") == mails.MOST_SHOWN


def test_each_member_gets_their_own_in_their_language(workspace: Workspace) -> None:
    people = [make_member(workspace, language=language) for language in ("en", "ko", "")]
    broken(workspace)
    tasks.send_mails()
    assert sorted(message.to[0] for message in mail.outbox) == sorted(person.email for person in people)
    assert all(len(message.to) == 1 and not message.cc and not message.bcc for message in mail.outbox)
    korean = next(html_of(m) for m in mail.outbox if m.to == [people[1].email])
    assert '<html lang="ko">' in korean


def test_markup_in_facts_is_text_and_a_line_break_in_a_name_is_no_header(owner: User, workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(name="Acme\r\nBcc: evil@example.com")
    broken(workspace, "<script>alert(1)</script>")
    tasks.send_mails()
    message = mail.outbox[0]
    assert "\n" not in message.subject and message.recipients() == [owner.email]
    html = html_of(message)
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_two_workers_never_mail_the_same_rows(workspace: Workspace, owner: User) -> None:
    broken(workspace)
    waiting = mails._waiting(timezone.now())
    first, second = mails.take(waiting[0]), mails.take(waiting[0])
    assert first is not None and second is None
    assert mails._waiting(timezone.now()) == []


def test_a_worker_that_died_before_the_mail_leaves_it_to_the_next(workspace: Workspace, owner: User) -> None:
    with at(0):
        broken(workspace)
        assert mails.take(mails._waiting(timezone.now())[0]) is not None  # and dies
    with at(mails.LEASE_S - 5):
        tasks.send_mails()
    assert not mail.outbox
    with at(mails.LEASE_S + 5):
        tasks.send_mails()
    assert len(mail.outbox) == 1


def test_a_worker_that_died_between_mail_and_mark_sends_the_same_mail_again(
    workspace: Workspace, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at(0):
        broken(workspace, "a")
        broken(workspace, "b")
        claim = mails.take(mails._waiting(timezone.now())[0])
        assert claim is not None
        connection = get_connection()
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(QuerySet, "update", _dies)
            mails.send(claim, connection)
        broken(workspace, "c")
    with at(mails.LEASE_S + 5):
        tasks.send_mails()
    with at(mails.LEASE_S + 70):
        tasks.send_mails()
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert ids[0] in ids[1:], "the same mail, which programs show once"
    assert sum("Test c of" in message.body for message in mail.outbox) == 1


def _dies(self: Any, **values: Any) -> int:
    if "emailed_at" in values:
        raise KeyboardInterrupt
    return 0


def test_a_mail_server_in_trouble_is_asked_again_later_and_at_last_given_up(
    workspace: Workspace, owner: User, failing: list[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    with at(0):
        broken(workspace)
    seconds = 0.0
    for wait in (*mails.RETRY_AFTER_S, 0):
        failing.append(smtplib.SMTPServerDisconnected("gone"))
        with at(seconds):
            tasks.send_mails()
            tasks.send_mails()  # not before its time
        assert not failing
        seconds += wait + 1
    row = Notification.objects.get()
    assert not row.wants_email and row.email_attempts == mails.MOST_TRIES and not mail.outbox
    assert owner.email not in caplog.text and "given up" in caplog.text
    with at(seconds + 100_000):
        tasks.send_mails()
    assert not mail.outbox


def test_trouble_that_passes_costs_one_try(workspace: Workspace, owner: User, failing: list[Exception]) -> None:
    failing.append(ConnectionRefusedError())
    with at(0):
        broken(workspace)
        tasks.send_mails()
    with at(61):
        tasks.send_mails()
    assert len(mail.outbox) == 1 and Notification.objects.get().emailed_at is not None


def test_a_mailbox_that_does_not_exist_is_given_up_and_the_others_are_served(
    workspace: Workspace, failing: list[Exception]
) -> None:
    for _ in range(2):
        make_member(workspace)
    broken(workspace)
    failing.append(smtplib.SMTPRecipientsRefused({"x@example.com": (550, b"no such user")}))
    tasks.send_mails()
    assert len(mail.outbox) == 1
    assert Notification.objects.filter(wants_email=False, emailed_at=None).count() == 1


def test_a_worker_that_dies_every_time_is_given_up(workspace: Workspace, owner: User) -> None:
    with at(0):
        broken(workspace)
        Notification.objects.update(email_attempts=mails.MOST_TRIES)
        tasks.send_mails()
    assert not mail.outbox and not Notification.objects.get().wants_email


@pytest.mark.parametrize("change", ["left", "closed", "demoted"])
def test_who_may_not_know_any_more_gets_nothing(workspace: Workspace, owner: User, change: str) -> None:
    raise_alert(workspace, "tests.secret", tone="bad")
    Notification.objects.update(wants_email=True)
    memberships = Membership.objects.filter(workspace=workspace, user=owner)
    if change == "left":
        memberships.delete()
    elif change == "closed":
        User.objects.filter(pk=owner.pk).update(is_active=False)
    else:
        memberships.update(role="viewer")
    tasks.send_mails()
    tasks.send_mails()
    assert not mail.outbox and not Notification.objects.filter(wants_email=True).exists()


def test_workspaces_do_not_share_a_mail(workspace: Workspace, owner: User) -> None:
    other = make_workspace(name="Other")
    Membership.objects.create(workspace=other, user=owner, role="owner")
    broken(workspace)
    broken(other)
    tasks.send_mails()
    assert len(mail.outbox) == 2
    assert all("/w/" + other.slug not in m.body or "/w/" + workspace.slug not in m.body for m in mail.outbox)


def test_a_forgotten_kind_is_mailed_as_well_as_it_can_be(workspace: Workspace, owner: User) -> None:
    alert = broken(workspace)
    Alert.objects.filter(pk=alert.pk).update(kind="tests.of_last_year")
    tasks.send_mails()
    assert mail.outbox[0].subject == f"Other, {workspace.name}" and "Urgent: Main" in mail.outbox[0].body


def test_a_mail_that_waited_says_that_it_is_over(workspace: Workspace, owner: User) -> None:
    broken(workspace)
    Alert.objects.update(raised_at=F("raised_at") - timedelta(hours=1))
    resolve_alert(workspace, "tests.lasting", key="1")
    tasks.send_mails()
    assert "Resolved today" in mail.outbox[0].body
