"""Outgoing webhooks: signed, sent once by one worker, tried again, given up, turned off."""

import hashlib
import hmac
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from console.alerts import deliveries, endpoint_actions, payload, tasks
from console.alerts.actions import raise_alert, resolve_alert
from console.alerts.models import Alert, Delivery, Endpoint, Notification
from console.kit.queue import STOPPING_FLAG
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, User, Workspace
from tests.console.alerts.conftest import make_endpoint
from tests.factories.workspaces import make_workspace
from tests.support.receiver import Server

NOW = timezone.now().replace(microsecond=0)


def at(seconds: float) -> Any:
    return time_machine.travel(NOW + timedelta(seconds=seconds), tick=False)


def broken(workspace: Workspace, key: str = "1") -> Delivery:
    """The newest delivery of a new alert."""
    raise_alert(workspace, "tests.lasting", key=key, subject="Main", facts={"name": key, "words": "no"})
    return Delivery.objects.latest("pk")


# --- the message ----------------------------------------------------------------------------------------------


def test_the_signature_is_the_one_that_the_documentation_shows() -> None:
    vector = "v1=e811cd489119e95272882c7c8ecf8f21314704b0a183d76e1491a578112b30df"
    body = b'{"id":"4f9f","type":"alert.test"}'
    assert payload.signature("whsec_example", "4f9f", 1_795_392_000, body) == vector
    document = (Path(settings.BASE_DIR) / "docs" / "alerts.md").read_text(encoding="utf-8")
    assert vector in document
    code = document.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  # the example of our own documentation
    sent = payload.headers("whsec_example", "4f9f", timezone.now(), body)
    as_typed = {name.title(): value for name, value in sent.items()}
    assert names["is_from_waymark"]("whsec_example", as_typed, body) is True
    assert names["is_from_waymark"]("whsec_other", as_typed, body) is False
    assert names["is_from_waymark"]("whsec_example", as_typed, body + b" ") is False


@given(secret=st.text(min_size=1), identifier=st.text(), timestamp=st.integers(0, 2**40), body=st.binary())
def test_whoever_knows_the_secret_can_verify(secret: str, identifier: str, timestamp: int, body: bytes) -> None:
    try:
        secret.encode(), identifier.encode()
    except UnicodeEncodeError:
        return
    wanted = hmac.new(secret.encode(), f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert payload.signature(secret, identifier, timestamp, body) == f"v1={wanted}"


def test_what_arrives_is_signed_and_says_what_happened(
    workspace: Workspace, endpoint: Endpoint, server: Server, settings: Any
) -> None:
    settings.WAYMARK_BASE_URL = "https://waymark.example"
    with translation.override("ko"):
        delivery = broken(workspace)
    tasks.deliver()
    command, _path, headers, raw = server.seen[0]
    body = json.loads(raw)
    assert command == "POST" and headers["content-type"] == "application/json"
    assert headers["waymark-id"] == body["id"]
    assert headers["waymark-signature"] == payload.signature(
        endpoint.secret, body["id"], int(headers["waymark-timestamp"]), raw
    )
    assert body["type"] == "alert.raised"
    assert body["workspace"] == {"slug": workspace.slug, "name": workspace.name}
    assert body["alert"] == {
        "id": delivery.alert_id,
        "kind": "tests.lasting",
        "tone": "warn",
        "subject": "Main",
        "title": "Test 1 of Main broke",
        "text": "It said no.",
        "url": f"https://waymark.example/w/{workspace.slug}/alerts/",
        "facts": {"name": "1", "words": "no"},
        "raised_at": body["at"],
        "resolved_at": None,
    }
    assert datetime.fromisoformat(body["at"]).tzinfo == UTC
    delivery.refresh_from_db()
    assert (delivery.status, delivery.http_status, delivery.attempt_count) == ("delivered", 200, 1)
    resolve_alert(workspace, "tests.lasting", key="1")
    tasks.deliver()
    second = json.loads(server.seen[1][3])
    assert second["type"] == "alert.resolved" and second["alert"]["id"] == delivery.alert_id
    assert second["alert"]["resolved_at"] and second["id"] != body["id"]


def test_texts_of_any_language_and_half_characters_arrive(
    workspace: Workspace, endpoint: Endpoint, server: Server
) -> None:
    raise_alert(workspace, "tests.lasting", subject="번호 ☎ \ud83d", facts={"name": "<b>", "words": ["\x00\udc00"]})
    tasks.deliver()
    body = json.loads(server.seen[0][3])
    assert "번호 ☎" in body["alert"]["subject"] and body["alert"]["facts"]["name"] == "<b>"


# --- trying again ---------------------------------------------------------------------------------------------


def test_a_failed_try_is_repeated_with_growing_gaps_and_at_last_given_up(
    workspace: Workspace, endpoint: Endpoint, server: Server
) -> None:
    server.status = 500
    with at(0):
        delivery = broken(workspace)
    seconds = 0.0
    for number, wait in enumerate(deliveries.RETRY_AFTER_S, 1):
        seconds += wait
        with at(seconds - 1):
            tasks.deliver()
        assert len(server.seen) == number - 1, "not before its time"
        with at(seconds):
            tasks.deliver()
            tasks.deliver()
        delivery.refresh_from_db()
        assert (len(server.seen), delivery.attempt_count) == (number, number)
        assert delivery.status == ("waiting" if number < deliveries.MOST_TRIES else "failed")
    assert (delivery.http_status, delivery.failure) == (500, "http")
    with at(seconds + 10**6):
        tasks.deliver()
    assert len(server.seen) == deliveries.MOST_TRIES
    assert len({headers["waymark-id"] for _c, _p, headers, _b in server.seen}) == 1, "always the same id"
    assert len({headers["waymark-timestamp"] for _c, _p, headers, _b in server.seen}) > 1


def test_a_success_after_failures_clears_the_count(workspace: Workspace, endpoint: Endpoint, server: Server) -> None:
    server.status = 503
    with at(0):
        broken(workspace)
        tasks.deliver()
    endpoint.refresh_from_db()
    assert endpoint.failure_count == 1
    server.status = 204
    with at(31):
        tasks.deliver()
    endpoint.refresh_from_db()
    assert endpoint.failure_count == 0 and Delivery.objects.get().status == "delivered"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_nobody_follows_it(
    workspace: Workspace, endpoint: Endpoint, server: Server, status: int
) -> None:
    server.status, server.headers = status, {"Location": "http://169.254.169.254/latest/"}
    broken(workspace)
    tasks.deliver()
    assert (Delivery.objects.get().failure, Delivery.objects.get().http_status) == ("http", status)
    assert len(server.seen) == 1


def test_a_name_that_leads_into_a_private_network_is_never_called(
    workspace: Workspace, server: Server, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: rows)
    make_endpoint(workspace, f"http://hooks.example:{server.port}/")
    broken(workspace)
    tasks.deliver()
    assert server.seen == [] and Delivery.objects.get().failure == "private"


def test_an_endpoint_that_fails_is_left_alone_and_the_others_are_served(
    workspace: Workspace, endpoint: Endpoint, server: Server
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = make_endpoint(workspace, f"http://127.0.0.1:{free.getsockname()[1]}/")
    for key in "abc":
        broken(workspace, key)
    tasks.deliver()
    assert len(server.seen) == 3
    tries = list(Delivery.objects.filter(endpoint=dead).order_by("pk").values_list("attempt_count", flat=True))
    assert tries == [1, 0, 0] and Delivery.objects.filter(endpoint=dead).earliest("pk").failure == "not_connected"


# --- turning off ----------------------------------------------------------------------------------------------


def test_gone_turns_the_endpoint_off_and_tells_the_owners(
    workspace: Workspace, owner: User, endpoint: Endpoint, server: Server
) -> None:
    server.status = 410
    broken(workspace, "a")
    broken(workspace, "b")
    tasks.deliver()
    endpoint.refresh_from_db()
    assert (endpoint.is_on, endpoint.off_reason, len(server.seen)) == (False, "gone", 1)
    assert set(Delivery.objects.values_list("status", "failure")) == {("failed", "http"), ("failed", "off")}
    alert = Alert.objects.get(kind="alerts.endpoint_off")
    row = Notification.objects.get(alert=alert)
    assert (row.user_id, row.is_in_app, row.wants_email) == (owner.pk, True, False)
    entry = AuditEntry.objects.get(action="alerts.turn_off_endpoint")
    assert entry.actor is None and entry.changes == {"reason": "gone"}
    broken(workspace, "c")
    assert Delivery.objects.count() == 2, "nothing is made for one that is off"
    endpoint_actions.turn_on(actor=Actor.system("test"), workspace=workspace, endpoint=endpoint)
    alert.refresh_from_db()
    assert alert.resolved_at is not None


def test_twenty_failures_in_a_row_turn_it_off(
    workspace: Workspace, owner: User, endpoint: Endpoint, server: Server
) -> None:
    server.status = 500
    Endpoint.objects.update(failure_count=deliveries.MOST_FAILURES - 2)
    for key, is_on in (("a", True), ("b", False)):
        broken(workspace, key)
        tasks.deliver()
        endpoint.refresh_from_db()
        assert endpoint.is_on is is_on
    assert endpoint.off_reason == "failing"
    alert = Alert.objects.get(kind="alerts.endpoint_off")
    assert alert.facts == {"endpoint_pk": endpoint.pk, "reason": "failing", "failure_count": 20}


def test_a_test_is_tried_once_and_counts_for_nothing(
    workspace: Workspace, owner: User, endpoint: Endpoint, server: Server
) -> None:
    server.status = 500
    Endpoint.objects.update(failure_count=deliveries.MOST_FAILURES - 1)
    endpoint_actions.send_test(actor=Actor("x", owner), workspace=workspace, endpoint=endpoint)
    tasks.deliver()
    body = json.loads(server.seen[0][3])
    assert body["type"] == "alert.test" and body["alert"]["kind"] == "alerts.test"
    endpoint.refresh_from_db()
    assert (Delivery.objects.get().status, endpoint.is_on) == ("failed", True)
    server.status = 200
    endpoint_actions.send_again(actor=Actor("x", owner), workspace=workspace, delivery=Delivery.objects.get())
    tasks.deliver()
    assert Delivery.objects.get().status == "delivered"
    assert json.loads(server.seen[1][3])["id"] == body["id"]


# --- workers --------------------------------------------------------------------------------------------------


def test_two_workers_never_send_the_same_try(workspace: Workspace, endpoint: Endpoint, server: Server) -> None:
    delivery = broken(workspace)
    assert deliveries.claim(delivery.pk) is not None
    assert deliveries.claim(delivery.pk) is None
    tasks.deliver()
    assert server.seen == []


def test_a_worker_that_died_loses_its_lease(workspace: Workspace, endpoint: Endpoint, server: Server) -> None:
    with at(0):
        assert deliveries.claim(broken(workspace).pk) is not None  # and dies, before or after the call
    with at(deliveries.LEASE_S - 1):
        tasks.deliver()
    assert server.seen == []
    with at(deliveries.LEASE_S + 1):
        tasks.deliver()
    delivery = Delivery.objects.get()
    assert (len(server.seen), delivery.status, delivery.attempt_count) == (1, "delivered", 2)


def test_a_worker_that_dies_every_time_is_given_up(workspace: Workspace, endpoint: Endpoint, server: Server) -> None:
    broken(workspace)
    Delivery.objects.update(attempt_count=deliveries.MOST_TRIES)
    tasks.deliver()
    assert server.seen == []
    assert (Delivery.objects.get().status, Delivery.objects.get().failure) == ("failed", "interrupted")


def test_a_late_worker_does_not_overwrite_what_another_one_recorded(
    workspace: Workspace, endpoint: Endpoint, server: Server
) -> None:
    with at(0):
        late = deliveries.claim(broken(workspace).pk)
    assert late is not None
    with at(deliveries.LEASE_S + 1):
        tasks.deliver()
        server.status = 500
        deliveries.attempt(late)
    assert Delivery.objects.get().status == "delivered" and Delivery.objects.get().http_status == 200


def test_workers_that_are_asked_to_end_do(
    workspace: Workspace, endpoint: Endpoint, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    flag = tmp_path / "stop"
    flag.touch()
    monkeypatch.setenv(STOPPING_FLAG, str(flag))
    broken(workspace)
    assert deliveries.send_due(5) is True and server.seen == []


def test_the_budget_ends_a_run_and_it_rings_again(workspace: Workspace, endpoint: Endpoint, server: Server) -> None:
    broken(workspace)
    assert deliveries.send_due(-1) is True and server.seen == []
    assert deliveries.send_due(5) is False and len(server.seen) == 1


def test_a_slow_endpoint_with_a_long_queue_holds_up_nobody(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = make_endpoint(make_workspace())
    for key in range(40):
        broken(slow.workspace, f"slow {key}")
    other = make_endpoint(workspace)
    broken(workspace)

    def crawl(delivery: Delivery) -> bool:
        time.sleep(0.05 if delivery.endpoint_id == slow.pk else 0)
        return bool(Delivery.objects.filter(pk=delivery.pk).update(status="delivered"))

    monkeypatch.setattr(deliveries, "attempt", crawl)
    monkeypatch.setattr(deliveries, "TURN_S", 0.1)
    assert deliveries.send_due(1.0) is True
    assert Delivery.objects.get(endpoint=other).status == "delivered"
