"""The door Meta knocks at."""

import json
import logging
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api.signatures import sign
from channels_app.webhooks.models import Refusal, WebhookBody
from channels_app.webhooks.receiving import MAX_BYTES
from console.workspaces.models import Workspace
from tests.factories.accounts import make_credentials

BODY = b'{"object":"whatsapp_business_account","entry":[]}'


@pytest.fixture
def credentials(workspace: Workspace) -> ApiCredentials:
    return make_credentials(workspace, app_secret="sim_app_secret")


def address(credentials: ApiCredentials) -> str:
    return reverse("hooks:whatsapp", args=[credentials.webhook_key])


def post(credentials: ApiCredentials, body: bytes = BODY, signature: str | None = "right") -> int:
    header = sign(credentials.app_secret, body) if signature == "right" else signature
    extra = {"X-Hub-Signature-256": header} if header is not None else {}
    client = Client(enforce_csrf_checks=True)
    answer = client.post(address(credentials), body, content_type="application/json", headers=extra)
    assert answer.content == b""
    return answer.status_code


def handshake(credentials: ApiCredentials, **query: str) -> Any:
    return Client().get(
        address(credentials),
        {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": credentials.verify_token, **query},
    )


def test_challenge_is_echoed_and_marks_the_webhook_verified(credentials: ApiCredentials) -> None:
    answer = handshake(credentials)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    credentials.refresh_from_db()
    assert credentials.webhook_verified_at


@pytest.mark.parametrize("query", [{"hub.verify_token": "wrong"}, {"hub.verify_token": "é"}, {"hub.mode": "x"}])
def test_wrong_challenge_is_forbidden(credentials: ApiCredentials, query: dict[str, str]) -> None:
    answer = handshake(credentials, **query)
    assert (answer.status_code, answer.content) == (403, b"")
    credentials.refresh_from_db()
    assert credentials.webhook_verified_at is None


def test_signed_body_is_stored_byte_for_byte(credentials: ApiCredentials) -> None:
    body = rb'{"object":"whatsapp_business_account","entry":[ ],"x":"caf\u00e9 \/"}'
    assert post(credentials, body) == 200
    row = WebhookBody.objects.get()
    assert (bytes(row.body), row.status, row.seen_count) == (body, "stored", 1)
    credentials.refresh_from_db()
    assert credentials.webhook_heard_at


def test_same_bytes_are_stored_once(credentials: ApiCredentials) -> None:
    assert [post(credentials) for _again in range(3)] == [200, 200, 200]
    assert WebhookBody.objects.get().seen_count == 3


@pytest.mark.parametrize(
    ("signature", "reason"),
    [(None, "missing"), ("", "missing"), ("sha256=" + "0" * 64, "wrong"), ("nonsense", "wrong")],
)
def test_unsigned_body_is_refused_and_not_kept(
    credentials: ApiCredentials, signature: str | None, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "waymark.webhooks"):
        assert [post(credentials, b'{"secret":"Ada"}', signature) for _twice in range(2)] == [401, 401]
    assert not WebhookBody.objects.exists()
    refusal = Refusal.objects.get()
    assert (refusal.reason, refusal.count) == (reason, 2)
    assert reason in caplog.text and "Ada" not in caplog.text


def test_signature_with_a_former_secret_is_stale(credentials: ApiCredentials) -> None:
    ApiCredentials.objects.filter(pk=credentials.pk).update(former_secrets="older\nold")
    assert post(credentials, signature=sign("old", BODY)) == 401
    assert Refusal.objects.get().reason == "stale"
    assert not WebhookBody.objects.exists()


def test_signature_is_over_the_raw_bytes(credentials: ApiCredentials) -> None:
    body = b'{"a": 1}'
    resigned = sign(credentials.app_secret, json.dumps(json.loads(body), separators=(",", ":")).encode())
    assert post(credentials, body, resigned) == 401


def test_too_large_is_refused(credentials: ApiCredentials) -> None:
    assert post(credentials, b"x" * (MAX_BYTES + 1)) == 413
    assert Refusal.objects.get().reason == "too_large"
    assert post(credentials, b" " * (3 * 1024 * 1024)) == 200


def test_unknown_key_and_other_methods(credentials: ApiCredentials) -> None:
    assert Client().post(reverse("hooks:whatsapp", args=[uuid4()])).status_code == 404
    assert Client().put(address(credentials)).status_code == 405


def test_many_bodies_ring_once(credentials: ApiCredentials, bell: Any, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            post(credentials, b'{"entry":[],"n":%d}' % number)
    assert bell() == ["channels_app.webhooks.tasks.apply_stored"]
    assert set(WebhookBody.objects.values_list("status", flat=True)) == {"applied"}
    with django_capture_on_commit_callbacks(execute=True):
        post(credentials, b'{"entry":[],"n":"later"}')
    assert len(bell()) == 1


def test_storing_costs_two_statements(credentials: ApiCredentials, django_assert_max_num_queries: Any) -> None:
    post(credentials)
    with django_assert_max_num_queries(4):  # the row of the address, savepoint, INSERT, release
        post(credentials, BODY + b" ")
