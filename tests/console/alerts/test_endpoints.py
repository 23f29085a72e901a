"""Outgoing webhooks in the browser: made, tested, turned on and off; a secret is seen once."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.alerts import endpoint_actions, tasks
from console.alerts.actions import raise_alert
from console.alerts.models import Delivery, Endpoint
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, User, Workspace
from tests.console.alerts.conftest import make_endpoint
from tests.console.alerts.test_pages import text_of, url
from tests.factories.workspaces import make_workspace
from tests.support.receiver import Server


def post(client: Client, workspace: Workspace, page: str, /, *args: Any, **data: Any) -> Any:
    return client.post(reverse(f"alerts:{page}", args=[workspace.slug, *args]), data)


@pytest.fixture(autouse=True)
def _strict(settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False


def test_a_new_one_shows_its_secret_once(workspace: Workspace, owner_client: Client) -> None:
    assert "Let your own systems know" in text_of(owner_client.get(url(workspace, "endpoints")))
    assert owner_client.get(url(workspace, "new_endpoint")).status_code == 200
    made = post(
        owner_client, workspace, "new_endpoint", name="Pager", url="https://hooks.example/in", kinds="tests.event"
    )
    endpoint = Endpoint.objects.get()
    assert (endpoint.name, endpoint.url, endpoint.kinds) == ("Pager", "https://hooks.example/in", ["tests.event"])
    assert endpoint.secret.startswith("whsec_") and len(endpoint.secret) > 40
    assert endpoint.secret in made.content.decode() and made["Cache-Control"] == "no-store"
    for name, args in (("endpoints", ()), ("endpoint", (endpoint.pk,)), ("edit_endpoint", (endpoint.pk,))):
        page = owner_client.get(url(workspace, name, *args))
        assert "Pager" in text_of(page) and endpoint.secret not in page.content.decode()
    trail = AuditEntry.objects.get(action="alerts.create_endpoint")
    assert endpoint.secret not in str(trail.changes)


def test_rolling_gives_another_secret(workspace: Workspace, owner_client: Client) -> None:
    endpoint = make_endpoint(workspace)
    before = endpoint.secret
    page = post(owner_client, workspace, "roll_secret", endpoint.pk)
    endpoint = Endpoint.objects.get()
    assert endpoint.secret != before and endpoint.secret in page.content.decode()
    assert before not in page.content.decode()
    assert AuditEntry.objects.get(action="alerts.roll_endpoint_secret").changes == {}


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("file:///etc/passwd", "Only addresses with https or http"),
        ("ftp://files.example/", "Only addresses with https or http"),
        ("javascript:alert(1)", "Only addresses with https or http"),
        ("hooks.example/in", "Only addresses with https or http"),
        ("https://ada:secret@hooks.example/", "user name or password"),
        ("http://169.254.169.254/latest/meta-data/", "private network"),
        ("http://[::ffff:169.254.169.254]/", "private network"),
        ("http://[::1]:8000/", "private network"),
        ("http://10.1.2.3/", "private network"),
        ("http://2130706433/", "private network"),
        ("http://localhost/", "private network"),
        ("https:///path", "names no server"),
        ("https://hooks.example:99999/", "not an address that can be called"),
        ("https://" + "a" * 600 + ".example/", "at most 500 characters"),
        ("", "required"),
    ],
)
def test_addresses_that_are_refused(workspace: Workspace, owner_client: Client, address: str, says: str) -> None:
    answer = post(owner_client, workspace, "new_endpoint", name="Pager", url=address)
    assert answer.status_code == 422 and says in text_of(answer)
    endpoint = make_endpoint(workspace)
    answer = post(owner_client, workspace, "edit_endpoint", endpoint.pk, name="Pager", url=address)
    assert answer.status_code == 422
    assert Endpoint.objects.get().url == "https://hooks.example/"


def test_names_are_taken_once_and_there_is_an_end(
    workspace: Workspace, owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_endpoint(workspace, name="Pager")
    make_endpoint(make_workspace(), name="Chat")
    answer = post(owner_client, workspace, "new_endpoint", name="Pager", url="https://hooks.example/")
    assert answer.status_code == 409 and "has the name “Pager”" in text_of(answer)
    post(owner_client, workspace, "new_endpoint", name="Chat", url="https://hooks.example/")
    chat = Endpoint.objects.get(workspace=workspace, name="Chat")
    answer = post(owner_client, workspace, "edit_endpoint", chat.pk, name="Pager", url="https://hooks.example/")
    assert answer.status_code == 409
    monkeypatch.setattr(endpoint_actions, "MOST_ENDPOINTS", 2)
    answer = post(owner_client, workspace, "new_endpoint", name="Third", url="https://hooks.example/")
    assert answer.status_code == 409 and Endpoint.objects.filter(workspace=workspace).count() == 2
    assert "There is no room" in text_of(owner_client.get(url(workspace, "endpoints")))


def test_changing_is_on_the_trail_and_changing_nothing_is_not(workspace: Workspace, owner_client: Client) -> None:
    endpoint = make_endpoint(workspace, name="Pager")
    same = {"name": "Pager", "url": endpoint.url}
    post(owner_client, workspace, "edit_endpoint", endpoint.pk, **same)
    assert not AuditEntry.objects.filter(action="alerts.update_endpoint").exists()
    post(owner_client, workspace, "edit_endpoint", endpoint.pk, **same, kinds=["tests.lasting", "tests.event"])
    entry = AuditEntry.objects.get(action="alerts.update_endpoint")
    assert set(entry.changes) == {"kinds"}
    assert "A test broke" in text_of(owner_client.get(url(workspace, "endpoint", endpoint.pk)))


def test_the_trail_has_no_path_of_an_address(workspace: Workspace, owner_client: Client) -> None:
    post(owner_client, workspace, "new_endpoint", name="Chat", url="https://hooks.example/services/T0P-S3CRET")
    endpoint = Endpoint.objects.get()
    post(owner_client, workspace, "edit_endpoint", endpoint.pk, name="Chat", url="https://hooks.example/n3w-S3CRET")
    post(owner_client, workspace, "delete_endpoint", endpoint.pk)
    trail = str(list(AuditEntry.objects.values_list("action", "changes")))
    assert trail.count("hooks.example") == 4 and "S3CRET" not in trail


def test_off_sends_nothing_and_on_starts_clean(workspace: Workspace, owner_client: Client) -> None:
    endpoint = make_endpoint(workspace, failure_count=3)
    raise_alert(workspace, "tests.lasting")
    page = text_of(owner_client.get(url(workspace, "endpoint", endpoint.pk)))
    assert "3 failures in a row" in page and "Waiting" in page
    post(owner_client, workspace, "switch_endpoint", endpoint.pk, is_on="0")
    assert Delivery.objects.get().status == "failed"
    page = text_of(owner_client.get(url(workspace, "endpoint", endpoint.pk)))
    assert "turned off before this could be sent" in page and "Send a test" not in page
    for name, pk in (("try_endpoint", endpoint.pk), ("send_again", Delivery.objects.get().pk)):
        refused = post(owner_client, workspace, name, pk)
        assert refused.status_code == 409 and "Turn it on first" in text_of(refused)
    post(owner_client, workspace, "switch_endpoint", endpoint.pk, is_on="1")
    endpoint.refresh_from_db()
    assert (endpoint.is_on, endpoint.failure_count, endpoint.off_reason) == (True, 0, "")
    post(owner_client, workspace, "send_again", Delivery.objects.get().pk)
    assert (Delivery.objects.get().status, Delivery.objects.get().attempt_count) == ("waiting", 0)
    again = post(owner_client, workspace, "send_again", Delivery.objects.get().pk)
    assert again.status_code == 409, "it is on its way already"
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["alerts.turn_off_endpoint", "alerts.turn_on_endpoint", "alerts.send_delivery_again"]


@pytest.mark.parametrize(
    ("reason", "says"), [("gone", "the address is gone"), ("failing", "failed too often in a row")]
)
def test_the_page_says_why_it_is_off(workspace: Workspace, owner_client: Client, reason: str, says: str) -> None:
    make_endpoint(workspace, is_on=False, off_reason=reason)
    assert says in text_of(owner_client.get(url(workspace, "endpoints")))


def test_a_test_is_sent_and_the_log_shows_what_came_of_it(
    workspace: Workspace, owner_client: Client, server: Server
) -> None:
    endpoint = make_endpoint(workspace, server.url)
    log = url(workspace, "endpoint", endpoint.pk)
    assert "Nothing was sent yet" in text_of(owner_client.get(log))
    post(owner_client, workspace, "try_endpoint", endpoint.pk)
    waiting = owner_client.get(log).content.decode()
    assert re.search(r'id="list"[^>]*data-wm-poll="5"', waiting), "watched while it is on its way"
    tasks.deliver()
    done = owner_client.get(log)
    assert "Delivered" in text_of(done) and not re.search(r'id="list"[^>]*data-wm-poll', done.content.decode())
    server.status = 500
    raise_alert(workspace, "tests.lasting", subject="<script>alert(1)</script>", facts={"name": "x"})
    tasks.deliver()
    failed = owner_client.get(log)
    assert "only 2xx counts as received" in text_of(failed) and "<script>alert" not in failed.content.decode()


def test_deleting_takes_the_log_with_it(workspace: Workspace, owner: User, owner_client: Client) -> None:
    endpoint = make_endpoint(workspace, name="Pager")
    raise_alert(workspace, "tests.lasting")
    endpoint_actions.turn_off(actor=Actor("x"), workspace=workspace, endpoint=endpoint, reason="gone")
    post(owner_client, workspace, "delete_endpoint", endpoint.pk)
    assert not Endpoint.objects.exists() and not Delivery.objects.exists()
    assert "Nothing is wrong" not in text_of(owner_client.get(url(workspace))), "the other alert is still open"
    assert "“Pager” was turned off" not in text_of(owner_client.get(url(workspace)))
