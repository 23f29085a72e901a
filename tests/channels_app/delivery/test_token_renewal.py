"""A token is renewed while messages go out with the old one: nothing is lost, nobody gets it twice, no rest is kept."""

from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync

from channels_app.accounts import actions as accounts
from channels_app.accounts.models import PhoneNumber
from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.sender import SendClient
from channels_app.delivery import queries, sender
from channels_app.delivery.desk import Desk
from channels_app.delivery.models import Message, SenderLease
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.accounts import fake_meta, meta_token
from tests.factories.delivery import FakeMeta, make_messages, make_number, refusal

pytestmark = pytest.mark.django_db
NEW = "EAAthenewtokenthatserves"


class RenewedMidway(FakeMeta):
    """After some messages a person renews the token, and Meta refuses the old one from then on."""

    def __init__(self, number: PhoneNumber, after: int) -> None:
        super().__init__()
        self.number, self.after, self.is_renewed = number, after, False
        self.tokens: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        if len(self.accepted) >= self.after:
            self.is_renewed = True
        if self.is_renewed and token != NEW:
            return refusal(190, status=401)
        self.tokens.append(token)
        return await super().handle_async_request(request)


def renew(number: PhoneNumber) -> None:
    credentials = number.account.credentials
    options: dict[str, Any] = {"actor": Actor.system("test"), "workspace": number.workspace, "credentials": credentials}
    accounts.offer_token(access_token=NEW, **options)
    assert accounts.check_candidate(**options) == "none"


@pytest.fixture
def number(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> PhoneNumber:
    number = make_number(workspace)
    waba_id = number.account.waba_id
    scopes = [{"scope": "whatsapp_business_management", "target_ids": [waba_id]}]
    answers = {
        "GET debug_token": meta_token(app_id=number.account.credentials.app_id, granular_scopes=scopes),
        f"GET {waba_id}": (200, {"id": waba_id, "name": "Demo Bakery", "account_review_status": "APPROVED"}),
    }
    monkeypatch.setattr(ManagementClient, "default_transport", fake_meta(answers))
    return number


def run(number: PhoneNumber, meta: FakeMeta) -> sender.Report:
    desk = Desk.open(number.pk, "test")
    assert desk is not None
    return async_to_sync(sender.run_once)(desk, client=SendClient(meta))


def test_a_run_that_holds_the_old_token_gives_back_what_is_refused_and_the_next_one_sends_it(
    number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_messages(number, 120)
    meta = RenewedMidway(number, after=40)
    monkeypatch.setattr(Desk, "has_new_token", _renewing_first(number, Desk.has_new_token))
    report = run(number, meta)
    assert report.accepted < 120 and report.has_more
    lease = SenderLease.objects.get(phone_number=number)
    assert (lease.rest_reason, lease.holder) == ("", "")
    number.account.credentials.refresh_from_db()
    assert (number.account.credentials.status, number.account.credentials.access_token) == ("valid", NEW)
    run(number, meta)
    assert len(meta.accepted) == 120 and not meta.twice
    assert set(Message.objects.values_list("status", flat=True)) == {"accepted"}
    assert meta.tokens[0] != NEW and meta.tokens[-1] == NEW
    assert queries.proof("campaign_run", 1)["adds_up"]


def _renewing_first(number: PhoneNumber, asked: Any) -> Any:
    """The renewal happens while the sender's run is open: here, right before it looks."""

    def has_new_token(desk: Desk) -> bool:
        if number.account.credentials.rotation == "none" and number.account.credentials.access_token != NEW:
            renew(number)
        return bool(asked(desk))

    return has_new_token


def test_without_a_new_token_the_number_rests_as_before(number: PhoneNumber) -> None:
    make_messages(number, 3)
    run(number, RenewedMidway(number, after=0))
    assert SenderLease.objects.get(phone_number=number).rest_reason == "meta_190"
    number.account.credentials.refresh_from_db()
    assert number.account.credentials.status == "dead"


def test_a_renewal_under_way_is_not_seen_by_the_sender(number: PhoneNumber) -> None:
    make_messages(number, 3)
    credentials = number.account.credentials
    old = credentials.access_token
    accounts.offer_token(
        actor=Actor.system("test"), workspace=number.workspace, credentials=credentials, access_token=NEW
    )
    meta = RenewedMidway(number, after=100)
    run(number, meta)
    assert set(meta.tokens) == {old} and len(meta.accepted) == 3
