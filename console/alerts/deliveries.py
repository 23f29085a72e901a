"""Sends what is due to the endpoints: claim, call with no transaction open, record. Run by a task.

A claim is one conditional UPDATE with a lease, and its outcome is recorded under that lease: two workers never send
the same try, and a worker that died loses its lease. What it sent then may arrive twice, always with the same id.
"""

import logging
import random
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from console.alerts import endpoint_actions, payload
from console.alerts.models import Delivery, Endpoint
from console.alerts.states import DELIVERY
from console.kit import clock, outbound, queue
from console.workspaces.actors import Actor

log = logging.getLogger("waymark.alerts")
RETRY_AFTER_S = (0, 30, 120, 600, 3600, 21_600)  # the wait before each try; then it is given up
MOST_TRIES = len(RETRY_AFTER_S)
TIMEOUT_S = 10.0
LEASE_S = 90.0  # longer than resolving a name and the call together
BATCH = 50
TURN_S = 1.0  # of one endpoint, then the next one has its turn
MOST_FAILURES = 20
GONE = 410
SYSTEM = Actor.system("alerts")


def send_due(budget_s: float) -> bool:
    """Sends until nothing is due or the time is up; True when something is left for now.

    The endpoints take turns in no order: one that is slow, or has thousands waiting, holds up no other workspace's. One
    that fails is left alone for the rest of this run: a dead server costs the others one timeout.
    """
    end = time.monotonic() + budget_s
    failing: set[int] = set()
    while endpoints := _waiting(failing):
        for endpoint_id in endpoints:
            turn_end = time.monotonic() + TURN_S
            for pk in _due(endpoint_id):
                if time.monotonic() > end or queue.is_stopping():
                    return True
                delivery = claim(pk)
                if delivery is not None and not attempt(delivery):
                    failing.add(endpoint_id)
                    break
                if time.monotonic() > turn_end:
                    break
    return False


def _open(now: datetime) -> QuerySet[Delivery]:
    """What may be claimed. No join: an UPDATE with one asks a subselect, which PostgreSQL does not ask again after a wait."""
    is_free = Q(lease_until=None) | Q(lease_until__lte=now)
    is_on = Exists(Endpoint.objects.filter(pk=OuterRef("endpoint"), is_on=True))
    return Delivery.objects.filter(is_free, is_on, status="waiting", due_at__lte=now)


def _waiting(failing: set[int]) -> list[int]:
    """The endpoints that have something due, shuffled. One query."""
    rows = _open(clock.now()).exclude(endpoint_id__in=failing).order_by()
    found = list(rows.values_list("endpoint_id", flat=True).distinct())
    random.shuffle(found)
    return found


def _due(endpoint_id: int) -> list[int]:
    rows = _open(clock.now()).filter(endpoint=endpoint_id).order_by("due_at", "pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def claim(pk: int) -> Delivery | None:
    """Takes one due delivery and counts the try; None when somebody else has it, or its last try died. Two queries."""
    now = clock.now()
    lease = now + timedelta(seconds=LEASE_S)
    if not _open(now).filter(pk=pk).update(lease_until=lease, attempt_count=F("attempt_count") + 1):
        return None
    delivery = Delivery.objects.select_related("endpoint", "workspace").get(pk=pk)
    if delivery.attempt_count > MOST_TRIES:
        _give_up(delivery, "interrupted", None)
        return None
    return delivery


def attempt(delivery: Delivery) -> bool:
    """One call and its record; whether it was received. No transaction is open during the call."""
    endpoint, body = delivery.endpoint, payload.encode(delivery.body)
    headers = payload.headers(endpoint.secret, str(delivery.body["id"]), clock.now(), body)
    try:
        answer = outbound.post(endpoint.url, body, headers, timeout_s=TIMEOUT_S)
    except outbound.OutboundError as error:
        _record_failure(delivery, error.code, None)
        return False
    if not answer.is_success:
        _record_failure(delivery, "http", answer.status)
        return False
    now = clock.now()
    with transaction.atomic():
        DELIVERY.move_all(
            _ours(delivery), "deliver", http_status=answer.status, failure="", lease_until=None, delivered_at=now
        )
        Endpoint.objects.filter(pk=endpoint.pk, failure_count__gt=0).update(failure_count=0)
    return True


def _ours(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, lease_until=delivery.lease_until)


def _record_failure(delivery: Delivery, code: str, http_status: int | None) -> None:
    """Plans the next try, or gives up after the last; counts against the endpoint. A test is tried once and counts nothing."""
    endpoint, is_test = delivery.endpoint, delivery.event == "test"
    with transaction.atomic():
        if is_test or http_status == GONE or delivery.attempt_count >= MOST_TRIES:
            _give_up(delivery, code, http_status)
        else:
            due_at = clock.now() + timedelta(seconds=RETRY_AFTER_S[delivery.attempt_count])
            _ours(delivery).update(due_at=due_at, lease_until=None, http_status=http_status, failure=code)
        if is_test:
            return
        Endpoint.objects.filter(pk=endpoint.pk).update(failure_count=F("failure_count") + 1)
        is_failing = Endpoint.objects.filter(pk=endpoint.pk, failure_count__gte=MOST_FAILURES).exists()
        if http_status == GONE or is_failing:
            reason = "gone" if http_status == GONE else "failing"
            endpoint_actions.turn_off(actor=SYSTEM, workspace=delivery.workspace, endpoint=endpoint, reason=reason)
    log.info("alerts: delivery %s failed (%s %s)", delivery.pk, code, http_status or "")


def _give_up(delivery: Delivery, code: str, http_status: int | None) -> None:
    DELIVERY.move_all(_ours(delivery), "give_up", lease_until=None, http_status=http_status, failure=code)
