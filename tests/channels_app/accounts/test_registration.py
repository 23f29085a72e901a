"""The registration ladder: against the simulator over HTTP from nothing to connected, and every error of Meta's in words."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from channels_app.accounts import actions, registration
from channels_app.accounts.models import FactChange, PhoneNumber, RegistrationAttempt, WhatsAppAccount
from channels_app.cloud_api.client import ManagementClient
from channels_app.simulator.world import CONSTANTS
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, User, Workspace
from console.workspaces.roles import Role
from tests.channels_app.accounts.connecting import connect
from tests.factories.accounts import fake_meta, make_account, make_phone_number
from tests.factories.workspaces import make_member
from tests.support.simulator import Simulator

pytestmark = pytest.mark.django_db
PIN = "482913"
ClientOf = Callable[[User], Client]


@pytest.fixture
def account(graph: Simulator, workspace: Workspace, actor: Actor) -> WhatsAppAccount:
    credentials = connect(workspace, actor)
    return actions.add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=CONSTANTS["waba_id"])


@pytest.fixture
def pending(account: WhatsAppAccount) -> PhoneNumber:
    return PhoneNumber.objects.select_related("account__credentials", "workspace").get(
        phone_number_id=CONSTANTS["pending_phone_number_id"]
    )


@pytest.fixture
def admin(client_of: ClientOf, workspace: Workspace) -> Client:
    return client_of(make_member(workspace, Role.CHANNEL_ADMIN))


def url(number: PhoneNumber, name: str = "number") -> str:
    return reverse(f"accounts:{name}", args=[number.workspace.slug, number.pk])


def stage(number: PhoneNumber) -> str:
    number.refresh_from_db()
    return registration.stage_of(number, registration.recent_attempts(number), clock.now())


def test_from_pending_to_connected_on_the_pages(pending: PhoneNumber, admin: Client) -> None:
    assert "Your turn: ask for a code" in admin.get(url(pending)).content.decode()
    assert admin.post(url(pending, "request_code"), {"method": "SMS", "language": "en_US"}).status_code == 302
    assert stage(pending) == "verify_code"
    wrong = admin.post(url(pending, "verify_code"), {"code": "000000"})
    assert wrong.status_code == 422
    assert "136025" in wrong.content.decode()
    assert admin.post(url(pending, "verify_code"), {"code": "123-456"}).status_code == 302
    assert stage(pending) == "register"
    assert (
        admin.post(url(pending, "register_number"), {"pin": PIN, "pin_again": PIN, "region": "DE"}).status_code == 302
    )
    assert stage(pending) == "registered"
    assert pending.can_send
    assert pending.is_pin_enabled
    kept = list(RegistrationAttempt.objects.order_by("id").values_list("step", "is_accepted", "code"))
    assert kept == [
        ("request_code", True, None),
        ("verify_code", False, 136025),
        ("verify_code", True, None),
        ("register", True, None),
    ]
    assert FactChange.objects.get(phone_number=pending, fact="status", after="CONNECTED").source == "person"
    assert "1 of 10 attempts used" in admin.get(url(pending)).content.decode()


def test_a_pin_is_nowhere(pending: PhoneNumber, admin: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    admin.post(url(pending, "request_code"), {"method": "VOICE", "language": "de"})
    admin.post(url(pending, "verify_code"), {"code": "123456"})
    page = admin.post(url(pending, "register_number"), {"pin": PIN, "pin_again": "111111"})
    assert page.status_code == 422
    assert "The two PINs differ" in page.content.decode()
    admin.post(url(pending, "register_number"), {"pin": PIN, "pin_again": PIN})
    refused = admin.post(url(pending, "set_pin"), {"pin": "12345", "pin_again": "12345"})
    assert "Enter six digits" in refused.content.decode()
    for model in (RegistrationAttempt, AuditEntry, FactChange, PhoneNumber):
        assert PIN not in json.dumps(list(model.objects.values()), default=str)
    assert PIN not in caplog.text
    assert PIN not in page.content.decode() + refused.content.decode()


def test_deregister_and_register_again_with_the_pin(account: WhatsAppAccount, admin: Client) -> None:
    number = PhoneNumber.objects.get(phone_number_id=CONSTANTS["phone_number_id"])
    assert admin.post(url(number, "deregister_number")).status_code == 302
    assert stage(number) == "register"
    wrong = admin.post(url(number, "register_number"), {"pin": "000000", "pin_again": "000000"})
    assert wrong.status_code == 422
    assert "133005" in wrong.content.decode()
    pin = CONSTANTS["pin"]
    assert admin.post(url(number, "register_number"), {"pin": pin, "pin_again": pin}).status_code == 302
    assert admin.post(url(number, "set_pin"), {"pin": PIN, "pin_again": PIN}).status_code == 302
    assert stage(number) == "registered"


def test_a_number_is_added_and_leads_to_its_ladder(account: WhatsAppAccount, admin: Client) -> None:
    page = reverse("accounts:new_number", args=[account.workspace.slug])
    typed = {"account": account.pk, "country_code": "+44", "number": "+44 7700 900 555", "verified_name": "Lumen Bar"}
    answer = admin.post(page, typed, follow=True)
    assert answer.status_code == 200
    assert "Your turn: ask for a code" in answer.content.decode()
    number = PhoneNumber.objects.get(verified_name="Lumen Bar")
    assert "".join(filter(str.isdigit, number.display_number)) == "447700900555"
    again = admin.post(page, typed)
    assert again.status_code == 422
    assert "Meta" in again.content.decode()


@pytest.mark.parametrize(
    "typed",
    [{"country_code": "x"}, {"country_code": "12345"}, {"number": "12"}, {"number": "no digits"}, {"account": "0"}],
)
def test_a_number_that_is_none_is_refused_before_meta(
    workspace: Workspace, client_of: ClientOf, owner: User, typed: dict[str, str]
) -> None:
    good = {"account": make_account(workspace).pk, "country_code": "44", "number": "7700900555", "verified_name": "X"}
    page = reverse("accounts:new_number", args=[workspace.slug])
    assert client_of(owner).post(page, {**good, **typed}).status_code == 422


ERRORS = [
    ("register", 133000, "deregister"),
    ("register", 133004, "unavailable"),
    ("register", 133005, "PIN"),
    ("register", 133006, "ask for a code"),
    ("register", 133008, "too often"),
    ("register", 133009, "quickly"),
    ("register", 133015, "five minutes"),
    ("register", 133016, "72 hours"),
    ("deregister", 133010, "register it"),
    ("request_code", 136024, "did not send a code"),
    ("verify_code", 136025, "Ask for a new code"),
    ("verify_code", 987654, "does not know"),
]


@pytest.fixture
def refusing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], PhoneNumber]:
    def make(step: str, code: int) -> PhoneNumber:
        number = make_phone_number(workspace, status="PENDING", code_verification_status="VERIFIED")
        error = {"code": code, "message": f"(#{code}) no", "error_data": {"details": "Try again in 14 minutes."}}
        answers: Any = {f"POST {number.phone_number_id}/{step}": (400, {"error": error})}
        monkeypatch.setattr(ManagementClient, "default_transport", fake_meta(answers))
        return number

    return make


def climb(step: str, number: PhoneNumber, actor: Actor) -> None:
    more: dict[str, dict[str, str]] = {
        "register": {"pin": PIN},
        "request_code": {"method": "SMS", "language": "en_US"},
        "verify_code": {"code": "123456"},
    }
    getattr(actions, step)(actor=actor, workspace=number.workspace, number=number, **more.get(step, {}))


@pytest.mark.parametrize(("step", "code", "words"), ERRORS)
def test_each_error_says_what_to_do(refusing: Any, actor: Actor, step: str, code: int, words: str) -> None:
    number = refusing(step, code)
    with pytest.raises(Refused) as caught:
        climb(step, number, actor)
    sentence = str(caught.value.sentence)
    assert words in sentence
    assert f"Meta code {code}" in sentence
    assert "Try again in 14 minutes" in sentence
    attempt = RegistrationAttempt.objects.get()
    assert (attempt.is_accepted, attempt.code, attempt.step) == (False, code, step)
    assert AuditEntry.objects.get(action=f"accounts.{step}").changes == {"refused": code}


def test_no_answer_is_an_attempt_too(workspace: Workspace, actor: Actor, settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    settings.GRAPH_BASE_URL = "http://127.0.0.1:9"
    number = make_phone_number(workspace, status="PENDING", code_verification_status="VERIFIED")
    with pytest.raises(Refused, match="unreachable"):
        climb("register", number, actor)
    assert RegistrationAttempt.objects.get().code is None


def test_the_eleventh_attempt_is_not_made(refusing: Any, actor: Actor) -> None:
    number = refusing("register", 133005)
    for _each in range(10):
        with pytest.raises(Refused, match="meta_133005"):
            climb("register", number, actor)
    with pytest.raises(Refused, match="registration_used_up"):
        climb("register", number, actor)
    assert RegistrationAttempt.objects.count() == 10
    with time_machine.travel(clock.now() + timedelta(hours=73)), pytest.raises(Refused, match="meta_133005"):
        climb("register", number, actor)


def test_other_steps_do_not_hide_what_counts(refusing: Any, actor: Actor) -> None:
    number = refusing("register", 133005)
    for _each in range(10):
        with pytest.raises(Refused, match="meta_133005"):
            climb("register", number, actor)
    RegistrationAttempt.objects.bulk_create(
        RegistrationAttempt(
            workspace=number.workspace, phone_number=number, step="verify_code", is_accepted=False, at=clock.now()
        )
        for _each in range(40)
    )
    with pytest.raises(Refused, match="registration_used_up"):
        climb("register", number, actor)


def test_after_a_lock_the_page_says_until_when(refusing: Any, actor: Actor, client_of: ClientOf, owner: User) -> None:
    number = refusing("register", 133016)
    with pytest.raises(Refused):
        climb("register", number, actor)
    assert "Meta takes no more before" in client_of(owner).get(url(number)).content.decode()


def test_when_meta_takes_it_but_cannot_be_read_the_state_is_believed(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = make_phone_number(workspace, status="PENDING", code_verification_status="VERIFIED")
    answers: Any = {f"POST {number.phone_number_id}/register": (200, {"success": True})}
    monkeypatch.setattr(ManagementClient, "default_transport", fake_meta(answers))
    climb("register", number, actor)
    number.refresh_from_db()
    assert (number.status, number.is_pin_enabled) == ("CONNECTED", True)


@pytest.mark.parametrize("status", ["BANNED", "DELETED", "MIGRATED", "A_NEW_WORD", ""])
def test_the_page_stands_for_every_state(workspace: Workspace, client_of: ClientOf, owner: User, status: str) -> None:
    number = make_phone_number(workspace, status=status)
    for step in ("", "register", "set_pin", "nonsense"):
        assert client_of(owner).get(f"{url(number)}?step={step}").status_code == 200
