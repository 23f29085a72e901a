"""The self-test: through a real HTTP address, found by a worker, and nobody else's business."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.accounts import queries
from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api import signatures
from channels_app.webhooks import actions, self_test_words, self_tests, tasks
from channels_app.webhooks.models import HeardDay, Refusal, SelfTest, WebhookBody
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.accounts import make_credentials
from tests.factories.workspaces import make_workspace


@pytest.fixture
def credentials(workspace: Workspace) -> ApiCredentials:
    return make_credentials(workspace)


@pytest.fixture
def test(credentials: ApiCredentials, actor: Actor) -> SelfTest:
    return actions.start_self_test(actor=actor, workspace=credentials.workspace, credentials=credentials)


def codes(test: SelfTest) -> list[tuple[str, str]]:
    test.refresh_from_db()
    return [(step["code"], step["status"]) for step in test.steps]


def post(credentials: ApiCredentials, raw: bytes, secret: str = "") -> int:
    path = reverse("hooks:whatsapp", args=[credentials.webhook_key])
    signature = signatures.sign(secret or credentials.app_secret, raw)
    return (
        Client()
        .post(path, raw, content_type="application/json", headers={"X-Hub-Signature-256": signature})
        .status_code
    )


def test_a_round_trip_passes_and_leaves_no_trace_of_meta(
    hook_url: str, credentials: ApiCredentials, test: SelfTest
) -> None:
    tasks.run_self_test(test.pk)
    assert codes(test) == [(code, "passed") for code in self_tests.STEPS[:-1]]
    assert test.status == "running"
    tasks.apply_stored()
    assert codes(test)[-1] == ("applied", "passed") and test.status == "passed"
    body = WebhookBody.objects.get()
    assert body.outcomes == {"self_test": {"applied": 1}} and body.field_names == [self_tests.FIELD]
    credentials.refresh_from_db()
    assert credentials.webhook_heard_at is None and credentials.webhook_verified_at is None
    assert not Refusal.objects.exists() and not HeardDay.objects.exists()
    before = codes(test)
    tasks.run_self_test(test.pk)
    assert codes(test) == before and WebhookBody.objects.count() == 1, "a doubled task does nothing"


def test_an_address_nobody_answers_fails_with_the_reason(settings: Any, test: SelfTest) -> None:
    settings.WEBHOOK_BASE_URL = "http://127.0.0.1:9"
    tasks.run_self_test(test.pk)
    assert codes(test) == [("handshake", "failed")] and test.status == "failed"
    assert "Nothing answers at the callback URL" in self_test_words.rows(test)[0]["text"]


def test_something_else_at_the_address_is_told(monkeypatch: pytest.MonkeyPatch, test: SelfTest) -> None:
    answer = self_tests.Answer(200, 3, b"<html>Welcome</html>")
    monkeypatch.setattr(self_tests.outbound, "get", lambda *_args, **_more: answer)
    tasks.run_self_test(test.pk)
    assert codes(test) == [("handshake", "failed")]
    assert "not this installation" in self_test_words.rows(test)[0]["text"]


def test_without_a_worker_it_ends_with_the_right_sentence(
    test: SelfTest, credentials: ApiCredentials, owner_client: Client, time_machine: Any
) -> None:
    url = reverse("webhooks:watch", args=[credentials.workspace.slug, credentials.pk])
    assert b"?poll=1" in owner_client.get(url).content
    time_machine.move_to(clock.now() + timedelta(seconds=31), tick=False)
    page = owner_client.get(url, {"poll": 1}, headers={"HX-Request": "true", "HX-Target": "self_test"})
    assert page.status_code == 286 and "start the workers" in page.content.decode()
    tasks.watch()
    assert codes(test) == [("handshake", "failed")] and test.status == "failed"
    tasks.run_self_test(test.pk)
    assert test.status == "failed", "a late worker changes nothing"


def test_one_at_a_time(test: SelfTest, credentials: ApiCredentials, actor: Actor, time_machine: Any) -> None:
    with pytest.raises(Refused):
        actions.start_self_test(actor=actor, workspace=credentials.workspace, credentials=credentials)
    time_machine.move_to(clock.now() + timedelta(minutes=1), tick=False)
    actions.start_self_test(actor=actor, workspace=credentials.workspace, credentials=credentials)


def test_another_tenant_cannot_end_it(test: SelfTest, credentials: ApiCredentials) -> None:
    stranger = make_credentials(make_workspace(), app_secret="a-stranger's-secret")
    assert post(stranger, self_tests.body_of(test.nonce)) == 200
    tasks.apply_stored()
    assert codes(test) == [] and test.status == "running"


def test_forged_bodies_with_a_guessed_nonce_are_counted_as_attacks(credentials: ApiCredentials, test: SelfTest) -> None:
    assert post(credentials, self_tests.body_of("x" * 43), secret="wrong") == 401
    assert Refusal.objects.get().count == 1
    assert post(credentials, self_tests.body_of(test.nonce), secret="wrong") == 401
    assert Refusal.objects.get().count == 1, "the test's own is not counted"


@pytest.mark.parametrize(
    "raw",
    [
        self_tests.PREFIX,
        self_tests.PREFIX + b'"nonce":"' + b"x" * 100_000,
        self_tests.PREFIX + b'"nonce":"\xff\xfe\x00"}',
        b'{"object":"waymark_self_test","entry":"nonce"}',
    ],
)
def test_crooked_bodies_of_the_kind_change_nothing(raw: bytes, credentials: ApiCredentials, test: SelfTest) -> None:
    assert self_tests.nonce_of(raw) == ""
    assert post(credentials, raw) == 200
    tasks.apply_stored()
    assert codes(test) == []


def test_a_person_writing_about_the_test_is_heard_as_usual(credentials: ApiCredentials) -> None:
    assert post(credentials, b'{"entry":[],"text":"\\"waymark_self_test\\""}') == 200
    credentials.refresh_from_db()
    assert credentials.webhook_heard_at is not None


def test_the_handshake_of_a_finished_test_counts_for_nobody_else(credentials: ApiCredentials) -> None:
    path = reverse("hooks:whatsapp", args=[credentials.webhook_key])
    query = {"hub.mode": "subscribe", "hub.challenge": "waymark-\x00", "hub.verify_token": credentials.verify_token}
    assert Client().get(path, query).status_code == 200
    wrong = {**query, "hub.verify_token": "\ud800wrong-token-here"}
    assert Client().get(path, {**wrong, "hub.verify_token": "wrong-token-here"}).status_code == 403
    credentials.refresh_from_db()
    assert credentials.last_handshake["token_hint"] == "here"


def test_button_needs_the_right(credentials: ApiCredentials, owner_client: Client, bell: Any) -> None:
    url = reverse("webhooks:start_test", args=[credentials.workspace.slug, credentials.pk])
    assert owner_client.post(url).status_code == 302
    assert SelfTest.objects.filter(credentials=credentials).count() == 1
    assert queries.callback_url(credentials).startswith("http")
