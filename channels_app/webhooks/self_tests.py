"""The self-test: one signed round trip to our own public address, found again by a worker with its nonce.

The calls are made by a task, never by the web server itself: one that has a single process could not answer itself.
"""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import queries as account_queries
from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api import signatures
from channels_app.webhooks.models import SelfTest
from channels_app.webhooks.states import SELF_TEST
from console.kit import clock, outbound, queue
from console.kit.errors import Refused
from console.kit.outbound import Answer
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

FIELD = "waymark_self_test"
PREFIX = b'{"object":"waymark_self_test",'  # Meta's bodies never begin so
NONCE = re.compile(rb'"nonce":"([A-Za-z0-9_-]{20,64})"')
MAX_BYTES = 1000
CHALLENGE = "waymark-"
STEPS = ("handshake", "unsigned", "forged", "accepted", "applied")
WAIT = timedelta(seconds=30)
TIMEOUT_S = 10.0

Facts = dict[str, Any]


def start_self_test(*, actor: Actor, workspace: Workspace, credentials: ApiCredentials) -> SelfTest:
    """Makes a test and rings for it. Raises Refused while another one of these credentials runs."""
    now = clock.now()
    with transaction.atomic():
        ApiCredentials.objects.select_for_update(no_key=True).only("pk").get(pk=credentials.pk)
        running = SelfTest.objects.filter(credentials=credentials, status="running", started_at__gt=now - WAIT)
        if running.exists():
            raise Refused("webhooks.self_test_runs", _("A test is on its way already. Wait for its result."))
        test = SelfTest.objects.create(
            workspace=workspace,
            credentials=credentials,
            nonce=secrets.token_urlsafe(32),
            started_at=now,
            started_by=actor.user,
        )
        audit.record(actor, workspace, "webhooks.start_self_test", credentials)
        queue.ring("channels_app.webhooks.tasks.run_self_test", test.pk)
    return test


def body_of(nonce: str) -> bytes:
    """The bytes that are posted: shaped like a body of Meta's, named so that it can't be taken for one."""
    change = f'{{"field":"{FIELD}","value":{{"nonce":"{nonce}"}}}}'
    return PREFIX + f'"entry":[{{"id":"0","changes":[{change}]}}]}}'.encode()


def is_self_test(raw: bytes) -> bool:
    return raw.startswith(PREFIX)


def nonce_of(raw: bytes) -> str:
    """The nonce in a body of the self-test; empty for any other body."""
    if not is_self_test(raw) or len(raw) > MAX_BYTES:
        return ""
    found = NONCE.search(raw)
    return found[1].decode() if found else ""


def is_running(credentials_id: int, nonce: str) -> bool:
    """Whether a test of these credentials waits for this nonce. One query, none without a nonce."""
    return bool(nonce) and SelfTest.objects.filter(credentials=credentials_id, nonce=nonce, status="running").exists()


def run(self_test_id: int) -> None:
    """Makes the calls, step by step, and keeps each result. A test that has begun or ended is left alone."""
    test = SelfTest.objects.select_related("credentials").filter(pk=self_test_id, status="running").first()
    if test is None or test.steps:
        return
    calls = {"handshake": _handshake, "unsigned": _unsigned, "forged": _forged, "accepted": _accepted}
    for code, call in calls.items():
        is_passed, facts = _outcome(call, test)
        if not add_step(test.pk, code, is_passed, facts) or not is_passed:
            return


def _outcome(call: Callable[[SelfTest, str], tuple[bool, Answer]], test: SelfTest) -> tuple[bool, Facts]:
    try:
        is_passed, answer = call(test, account_queries.callback_url(test.credentials))
    except outbound.OutboundError as error:
        return False, {"error": error.code}
    return is_passed, {"http": answer.status, "took_ms": answer.took_ms}


def _handshake(test: SelfTest, url: str) -> tuple[bool, Answer]:
    challenge = f"{CHALLENGE}{test.nonce}"
    token = test.credentials.verify_token
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token})
    answer = outbound.get(f"{url}?{query}", timeout_s=TIMEOUT_S, allow_private=True)
    return answer.status == 200 and answer.body.strip() == challenge.encode(), answer


def _unsigned(test: SelfTest, url: str) -> tuple[bool, Answer]:
    answer = _post(url, body_of(test.nonce), "")
    return answer.status == 401, answer


def _forged(test: SelfTest, url: str) -> tuple[bool, Answer]:
    body = body_of(test.nonce)
    answer = _post(url, body, signatures.sign(secrets.token_urlsafe(32), body))
    return answer.status == 401, answer


def _accepted(test: SelfTest, url: str) -> tuple[bool, Answer]:
    body = body_of(test.nonce)
    answer = _post(url, body, signatures.sign(test.credentials.app_secret, body))
    return answer.status == 200, answer


def _post(url: str, body: bytes, signature: str) -> Answer:
    headers = {"Content-Type": "application/json", **({"X-Hub-Signature-256": signature} if signature else {})}
    return outbound.post(url, body, headers, timeout_s=TIMEOUT_S, allow_private=True)


def find(credentials_id: int, raw: bytes) -> bool:
    """Notes that a worker applied this body. True when a test of these credentials waited for its nonce."""
    nonce = nonce_of(raw)
    test = SelfTest.objects.filter(credentials=credentials_id, nonce=nonce).first() if nonce else None
    if test is None:
        return False
    took_ms = round((clock.now() - test.started_at).total_seconds() * 1000)
    add_step(test.pk, "applied", True, {"took_ms": took_ms})
    return True


def add_step(self_test_id: int, code: str, is_passed: bool, facts: Facts) -> bool:
    """Keeps one result, once; the last one ends the test, and so does a failure. False when it had ended before."""
    with transaction.atomic():
        test = SelfTest.objects.select_for_update(no_key=True).filter(pk=self_test_id).first()
        if test is None or test.status != "running":
            return False
        if code not in {step["code"] for step in test.steps}:
            step = {"code": code, "status": "passed" if is_passed else "failed", "facts": facts}
            test.steps = sorted([*test.steps, step], key=lambda one: STEPS.index(one["code"]))
            SelfTest.objects.filter(pk=test.pk).update(steps=test.steps)
        if any(step["status"] == "failed" for step in test.steps):
            SELF_TEST.move(test, "fail", finished_at=clock.now())
        elif len(test.steps) == len(STEPS):
            SELF_TEST.move(test, "pass", finished_at=clock.now())
    return True


def expire() -> int:
    """Fails tests that waited too long, with the step that never came; gives how many."""
    late = SelfTest.objects.filter(status="running", started_at__lt=clock.now() - WAIT)
    ended = 0
    for test in late:
        ended += add_step(test.pk, next_step(test), False, {"error": "no_worker"})
    return ended


def next_step(test: SelfTest) -> str:
    """The first step that has no result."""
    known = {step["code"] for step in test.steps}
    return next((code for code in STEPS if code not in known), STEPS[-1])
