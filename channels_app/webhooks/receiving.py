"""Receives Meta's calls: the signature over the raw bytes first, then stored once by hash. No parsing here."""

import hashlib
import hmac
import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import actions as account_actions
from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api import signatures
from channels_app.webhooks import self_tests
from channels_app.webhooks.models import Refusal
from console.alerts.models import Alert
from console.kit import clock, queue
from console.kit.errors import Refused

log = logging.getLogger("waymark.webhooks")

MAX_BYTES = 4 * 1024 * 1024
HEARD_EVERY = timedelta(minutes=1)
RUNG = "webhooks.apply_stored.rung"
RUNG_S = 30  # a ring that got lost keeps others from ringing no longer than this
HINT_LENGTH = 4  # of a wrong verify token, so that it can be told from the right one

ALARMS = ("webhooks.silence", "webhooks.refused")

STORE = """
INSERT INTO webhooks_webhookbody
    (workspace_id, credentials_id, sha256, body, received_at, seen_count, status, item_count, fields, outcomes, failure)
VALUES (%s, %s, %s, %s, %s, 1, 'stored', 0, '', '{}', '')
ON CONFLICT (credentials_id, sha256) DO UPDATE SET seen_count = webhooks_webhookbody.seen_count + 1
"""
COUNT = """
INSERT INTO webhooks_refusal (credentials_id, refused_on, reason, count, last_at) VALUES (%s, %s, %s, 1, %s)
ON CONFLICT (credentials_id, refused_on, reason)
DO UPDATE SET count = webhooks_refusal.count + 1, last_at = excluded.last_at
"""


class CallRefused(Refused):
    """A call to the webhook address that is not Meta's, or not with today's secret."""

    status = 401


def answer_challenge(credentials: ApiCredentials, *, mode: str, token: str, challenge: str) -> str:
    """The challenge to echo. Raises CallRefused for a wrong token (compared in constant time) or mode.

    The handshake of our own self-test is answered and proves nothing about Meta.
    """
    is_right = hmac.compare_digest(token.encode("utf-8", "replace"), credentials.verify_token.encode())
    if mode != "subscribe" or not is_right:
        result = "wrong_mode" if is_right else "wrong_token" if token else "no_token"
        hint = "".join(filter(str.isprintable, token[-HINT_LENGTH:])) if len(token) > 2 * HINT_LENGTH else ""
        account_actions.note_handshake(credentials_id=credentials.pk, result=result, token_hint=hint)
        refuse(credentials, Refusal.Reason.VERIFY_TOKEN)
    if not self_tests.is_running(credentials.pk, _nonce(challenge)):
        account_actions.verify_webhook(credentials=credentials)
    return challenge


def _nonce(challenge: str) -> str:
    prefix = self_tests.CHALLENGE
    return challenge.removeprefix(prefix) if challenge.startswith(prefix) and "\x00" not in challenge else ""


def receive(credentials: ApiCredentials, raw: bytes, signature: str | None) -> None:
    """Stores a signed body once and rings for it; a retry of the same bytes only raises its count. Two statements.

    Raises CallRefused when the signature is missing, wrong or stale: then nothing of the body is kept.
    """
    if not signatures.verify(credentials.app_secret, raw, signature):
        if self_tests.is_running(credentials.pk, self_tests.nonce_of(raw)):
            raise CallRefused("webhooks.self_test", _("This call was refused."))
        refuse(credentials, _reason(credentials, raw, signature))
    now = clock.now()
    digest = hashlib.sha256(raw).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(STORE, [credentials.workspace_id, credentials.pk, digest, raw, _instant(now)])
        heard_at = credentials.webhook_heard_at
        if not self_tests.is_self_test(raw) and (heard_at is None or heard_at < now - HEARD_EVERY):
            account_actions.hear_webhook(credentials_id=credentials.pk)
            _end_alarm(credentials)
        transaction.on_commit(_ring_once)


def _end_alarm(credentials: ApiCredentials) -> None:
    """Has an open alarm looked at now instead of within the minute. One query, once a minute."""
    open_ones = Alert.objects.filter(workspace=credentials.workspace_id, kind__in=ALARMS, resolved_at__isnull=True)
    if open_ones.exists():
        queue.ring("channels_app.webhooks.tasks.watch")


def _instant(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def _reason(credentials: ApiCredentials, raw: bytes, signature: str | None) -> str:
    if not signature:
        return Refusal.Reason.MISSING
    former = credentials.former_app_secrets
    if any(signatures.verify(secret, raw, signature) for secret in former):
        return Refusal.Reason.STALE
    return Refusal.Reason.WRONG


def refuse(credentials: ApiCredentials, reason: str) -> None:
    """Counts and logs a refused call without its body, and raises CallRefused."""
    with connection.cursor() as cursor:
        now = clock.now()
        cursor.execute(COUNT, [credentials.pk, _date(now.date()), str(reason), _instant(now)])
    log.warning("webhooks: refused a call for credentials %s: %s", credentials.pk, reason)
    raise CallRefused(f"webhooks.{reason}", _("This call was refused."))


def _date(value: date) -> Any:
    return connection.ops.adapt_datefield_value(value)


def _ring_once() -> None:
    """Rings unless a ring is already on its way: the worker forgets it before it looks for bodies."""
    if cache.add(RUNG, True, RUNG_S):
        queue.ring("channels_app.webhooks.tasks.apply_stored")


def forget_ring() -> None:
    cache.delete(RUNG)
