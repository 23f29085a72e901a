"""Mails alerts: one mail per member, with everything that waits for them; at most one a minute, the rest is folded into the next.

The rows are claimed first (a lease), the mail is sent with no transaction open, and marked right after the mail server
has taken it. Two workers never mail the same rows. A crash between the server's answer and the mark is the one gap
that SMTP leaves: the rows are mailed again when the lease ends, as the same mail with the same Message-ID, which mail
programs show once.
"""

import hashlib
import logging
import secrets
import smtplib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from console.alerts.models import Notification
from console.alerts.queries import visible
from console.alerts.words import Worded
from console.kit import clock, queue
from console.workspaces.access import zone_of
from console.workspaces.models import Membership

log = logging.getLogger("waymark.mail")
RETRY_AFTER_S = (60, 300, 1800, 7200)  # the wait after each failed try but the last
MOST_TRIES = len(RETRY_AFTER_S) + 1
LEASE_S = 120.0  # longer than a mail server may take
PAUSE_S = 60.0  # between two mails to one member
BATCH = 200
MOST_SHOWN = 20


@dataclass(frozen=True)
class Waiting:
    """The rows of one member in one workspace that were made or claimed together."""

    workspace_id: int
    user_id: int
    lease: datetime | None

    def rows(self, now: datetime) -> QuerySet[Notification]:
        return _due(now).filter(workspace_id=self.workspace_id, user_id=self.user_id, email_lease_until=self.lease)


@dataclass(frozen=True)
class Claim:
    """Rows that are ours to mail until the lease ends."""

    workspace_id: int
    user_id: int
    lease: datetime

    @property
    def rows(self) -> QuerySet[Notification]:
        return Notification.objects.filter(
            workspace_id=self.workspace_id, user_id=self.user_id, email_lease_until=self.lease, emailed_at=None
        )


def send_due(budget_s: float) -> None:
    """Mails everything that is due, member by member, until the time is up or the mail server does not answer."""
    end = time.monotonic() + budget_s
    now = clock.now()
    mailed = _mailed_since(now - timedelta(seconds=PAUSE_S))
    connection = get_connection()
    try:
        for waiting in _waiting(now):
            if time.monotonic() > end or queue.is_stopping():
                return
            if (waiting.workspace_id, waiting.user_id) in mailed:
                continue
            claim = take(waiting)
            if claim is None:
                continue
            mailed.add((waiting.workspace_id, waiting.user_id))
            if not send(claim, connection):
                return
    finally:
        connection.close()


def _due(now: datetime) -> QuerySet[Notification]:
    is_free = Q(email_lease_until=None) | Q(email_lease_until__lte=now)
    return Notification.objects.filter(is_free, wants_email=True, emailed_at=None)


def _waiting(now: datetime) -> list[Waiting]:
    """Who waits for a mail, who waits longest first. One query."""
    rows = _due(now).values_list("workspace_id", "user_id", "email_lease_until").distinct()
    return [Waiting(*row) for row in rows.order_by("email_lease_until", "workspace_id", "user_id")[:BATCH]]


def _mailed_since(since: datetime) -> set[tuple[int, int]]:
    return set(Notification.objects.filter(emailed_at__gt=since).values_list("workspace_id", "user_id"))


def take(waiting: Waiting) -> Claim | None:
    """Claims the rows and counts the try; None when another worker has them. One UPDATE."""
    now = clock.now()
    lease = now + timedelta(seconds=LEASE_S, microseconds=secrets.randbelow(1_000_000))  # ours, not another worker's
    taken = waiting.rows(now).update(email_lease_until=lease, email_attempts=F("email_attempts") + 1)
    return Claim(waiting.workspace_id, waiting.user_id, lease) if taken else None


def send(claim: Claim, connection: BaseEmailBackend) -> bool:
    """Sends one mail and records what came of it; False when the mail server is in trouble. About six queries."""
    membership = (
        Membership.objects.select_related("workspace", "user")
        .filter(workspace_id=claim.workspace_id, user_id=claim.user_id, user__is_active=True)
        .first()
    )
    seen = visible(membership.role, "alert__kind") if membership else Q(pk__in=[])
    claim.rows.exclude(seen).update(wants_email=False, email_lease_until=None)  # no member any more, or another role
    rows = list(claim.rows.select_related("alert").order_by("pk"))
    if membership is None or not rows:
        return True
    if rows[0].email_attempts > MOST_TRIES:  # the last try died half-way
        _record_failure(claim, rows[0].email_attempts)
        return True
    try:
        connection.send_messages([compose(membership, rows)])
    except smtplib.SMTPRecipientsRefused as error:
        is_final = all(code >= 500 for code, _text in error.recipients.values())
        _record_failure(claim, MOST_TRIES if is_final else rows[0].email_attempts)
        return True
    except OSError as error:  # smtplib's errors are OSErrors
        log.warning("mail: alerts of member %s could not be sent: %s", membership.pk, type(error).__name__)
        _record_failure(claim, rows[0].email_attempts)
        return False
    claim.rows.update(emailed_at=clock.now(), email_lease_until=None)
    return True


def _record_failure(claim: Claim, attempts: int) -> None:
    if attempts >= MOST_TRIES:
        log.warning("mail: alerts of user %s in workspace %s are given up", claim.user_id, claim.workspace_id)
        claim.rows.update(wants_email=False, email_lease_until=None)
    else:
        claim.rows.update(email_lease_until=clock.now() + timedelta(seconds=RETRY_AFTER_S[attempts - 1]))


def compose(membership: Membership, rows: list[Notification]) -> EmailMultiAlternatives:
    """The mail in the member's language and the workspace's time; its subject names kinds and workspace, nobody."""
    workspace, user = membership.workspace, membership.user
    language = user.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(zone_of(workspace)):
        worded = [Worded(row.alert, workspace.slug) for row in rows]
        context = {
            "workspace": workspace,
            "alerts": worded[:MOST_SHOWN],
            "count": len(worded),
            "more_count": max(0, len(worded) - MOST_SHOWN),
            "list_url": settings.WAYMARK_BASE_URL + reverse("alerts:list", args=[workspace.slug]),
            "choices_url": settings.WAYMARK_BASE_URL + reverse("alerts:subscriptions", args=[workspace.slug]),
            "language": language,
        }
        subject = " ".join(render_to_string("alerts/mail/digest_subject.txt", context).split())
        text = render_to_string("alerts/mail/digest.txt", context).strip() + "\n"
        html = render_to_string("alerts/mail/digest.html", context)
    headers = {"Message-ID": _message_id(rows), "Auto-Submitted": "auto-generated"}
    mail = EmailMultiAlternatives(subject, text, None, [user.email], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


def _message_id(rows: list[Notification]) -> str:
    """The same for the same rows, so that a mail that had to be sent again is recognized."""
    digest = hashlib.sha256(",".join(str(row.pk) for row in rows).encode()).hexdigest()[:32]
    return f"<alerts.{digest}@{urlsplit(settings.WAYMARK_BASE_URL).hostname or 'waymark'}>"
