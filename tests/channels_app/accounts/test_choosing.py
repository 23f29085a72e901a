"""Step 2: which accounts are connected, which of their numbers send, and what can't be chosen with its reason."""

import re
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from channels_app.accounts import actions
from channels_app.accounts.models import ApiCredentials, PhoneNumber, Portfolio, WhatsAppAccount
from channels_app.simulator.world import CONSTANTS
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.channels_app.accounts.connecting import connect
from tests.factories.accounts import make_account, make_channel, make_credentials, make_phone_number
from tests.factories.workspaces import make_workspace
from tests.support.simulator import Simulator

WABA, KOREA, EVENTS = CONSTANTS["waba_id"], CONSTANTS["korea_waba_id"], CONSTANTS["unpaid_waba_id"]


@pytest.fixture
def credentials(graph: Simulator, workspace: Workspace, actor: Actor) -> ApiCredentials:
    """Of a token that sees all three accounts of the portfolio; one is under review."""
    return connect(workspace, actor, access_token=CONSTANTS["token_of_all_accounts"])


def address(credentials: ApiCredentials, name: str = "senders") -> str:
    return reverse(f"accounts:{name}", args=[credentials.workspace.slug, credentials.pk])


def card(page: str, waba_id: str) -> str:
    found = re.search(rf'<label class="wm-radio-card" for="account-{waba_id}">.*?</label>', page, re.S)
    assert found is not None
    return found.group(0)


def test_every_visible_account_is_a_card_and_one_under_review_says_why_not(
    owner_client: Client, credentials: ApiCredentials
) -> None:
    page = owner_client.get(address(credentials)).content.decode()
    lumen = card(page, WABA)
    assert "Lumen Coffee" in lumen and f"ID {WABA} · EUR · GB" in lumen and "Review passed" in lumen
    assert "disabled" not in lumen
    korea = card(page, KOREA)
    assert "disabled" in korea and "Meta is still reviewing this account" in korea and "KRW" in korea
    answer = owner_client.post(address(credentials), {"chosen": [KOREA]})
    assert answer.status_code == 422 and not WhatsAppAccount.objects.exists()


def test_several_are_connected_at_once_with_numbers_and_portfolio(
    owner_client: Client, credentials: ApiCredentials
) -> None:
    page = owner_client.post(address(credentials), {"chosen": [WABA, EVENTS]}, follow=True).content.decode()
    assert set(WhatsAppAccount.objects.values_list("waba_id", flat=True)) == {WABA, EVENTS}
    assert PhoneNumber.objects.filter(is_sender=True).count() == 3
    assert "Connected the accounts and read their numbers" in page
    assert page.count("Senders of ") == 2
    portfolio = Portfolio.objects.get()
    assert (portfolio.name, portfolio.verification_status) == ("Lumen Coffee Group", "verified")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (KOREA, "Meta is still reviewing this account"),
        (CONSTANTS["portfolio_id"], "This is the id of a business portfolio"),
        (CONSTANTS["phone_number_id"], "This is the id of a phone number"),
        (CONSTANTS["app_id"], "This is the id of the app"),
        (CONSTANTS["other_waba_id"], "Meta has no account with this id, or this token does not see it"),
        ("+44 7700 900118", "This looks like a phone number"),
        ("lumen-coffee", "consists of digits only"),
        ("", "Choose an account above, or enter an id"),
    ],
)
def test_a_typed_id_is_explained(owner_client: Client, credentials: ApiCredentials, typed: str, sentence: str) -> None:
    answer = owner_client.post(address(credentials), {"waba_id": typed})
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not WhatsAppAccount.objects.exists()


def test_one_that_fails_does_not_keep_the_others_out(owner_client: Client, credentials: ApiCredentials) -> None:
    answer = owner_client.post(address(credentials), {"chosen": [WABA], "waba_id": CONSTANTS["portfolio_id"]})
    assert answer.status_code == 422 and "id of a business portfolio" in answer.content.decode()
    assert WhatsAppAccount.objects.get().waba_id == WABA


def test_account_of_another_workspace_is_shown_without_its_name(
    owner_client: Client, credentials: ApiCredentials
) -> None:
    other = make_workspace(name="Secret Rivals")
    make_account(other, make_credentials(other, name="Rival credentials"), waba_id=WABA)
    page = owner_client.get(address(credentials)).content.decode()
    assert "connected to another workspace of this installation" in card(page, WABA)
    assert "disabled" in card(page, WABA)
    assert "Rival" not in page
    answer = owner_client.post(address(credentials), {"waba_id": WABA})
    assert answer.status_code == 422 and "connected to another workspace" in answer.content.decode()


def test_account_of_other_credentials_here_moves_when_chosen(
    owner_client: Client, workspace: Workspace, credentials: ApiCredentials
) -> None:
    account = make_account(workspace, make_credentials(workspace, name="Old"), waba_id=WABA)
    page = owner_client.get(address(credentials)).content.decode()
    assert "Connected through “Old”" in card(page, WABA) and "disabled" not in card(page, WABA)
    owner_client.post(address(credentials), {"chosen": [WABA]})
    account.refresh_from_db()
    assert account.credentials_id == credentials.pk


def test_number_of_another_workspace_keeps_the_account_out(owner_client: Client, credentials: ApiCredentials) -> None:
    other = make_workspace()
    make_phone_number(other, phone_number_id=CONSTANTS["phone_number_id"])
    answer = owner_client.post(address(credentials), {"chosen": [WABA]})
    assert answer.status_code == 422
    assert "A number of this account is connected to another workspace" in answer.content.decode()
    assert not WhatsAppAccount.objects.filter(waba_id=WABA).exists()


def test_two_workspaces_connect_one_account_at_once(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, actor: Actor, credentials: ApiCredentials
) -> None:
    """The other one was faster between our look and our write: said as a sentence, not as an error."""

    def taken(*args: Any, **options: Any) -> Any:
        raise IntegrityError("UNIQUE")

    monkeypatch.setattr(type(WhatsAppAccount.objects), "get_or_create", taken)
    with pytest.raises(Refused, match="waba_elsewhere"):
        actions.add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=WABA)


def test_meta_away_while_connecting_is_a_sentence(
    graph: Simulator, owner_client: Client, credentials: ApiCredentials
) -> None:
    graph.post("faults", endpoint="phone_numbers", kind="malformed", mode="always")
    answer = owner_client.post(address(credentials), {"chosen": [WABA]})
    assert answer.status_code == 422 and "answer could not be read. Try again." in answer.content.decode()


# --- senders -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def numbers(credentials: ApiCredentials, workspace: Workspace, actor: Actor) -> list[PhoneNumber]:
    actions.add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=WABA)
    return list(PhoneNumber.objects.order_by("phone_number_id"))


def test_chosen_numbers_send_and_the_others_stay_listed(
    owner_client: Client, credentials: ApiCredentials, numbers: list[PhoneNumber]
) -> None:
    first, second = numbers
    page = owner_client.post(address(credentials, "choose_senders"), {"senders": [first.pk]}, follow=True)
    second.refresh_from_db()
    assert not second.is_sender and second.display_number in page.content.decode()
    assert AuditEntry.objects.get(action="accounts.choose_senders").changes["dropped"] == [second.phone_number_id]
    channel_form = owner_client.get(reverse("accounts:new_channel", args=[credentials.workspace.slug]))
    assert second.display_number not in channel_form.content.decode()


@pytest.mark.parametrize("status", ["active", "processing"])
def test_a_number_in_use_is_not_dropped_and_says_by_whom(
    owner_client: Client, credentials: ApiCredentials, numbers: list[PhoneNumber], status: str
) -> None:
    make_channel(credentials.workspace, numbers[0], name="lumen-marketing", status=status)
    page = owner_client.get(address(credentials)).content.decode()
    assert "Used by" in page and "lumen-marketing" in page
    answer = owner_client.post(address(credentials, "choose_senders"), {"senders": [numbers[1].pk]})
    assert answer.status_code == 422
    assert "is used by the channel configuration “lumen-marketing”" in answer.content.decode()
    assert PhoneNumber.objects.filter(is_sender=True).count() == 2


def test_a_number_of_a_draft_may_be_dropped(
    owner_client: Client, credentials: ApiCredentials, numbers: list[PhoneNumber]
) -> None:
    make_channel(credentials.workspace, numbers[0], status="draft")
    owner_client.post(address(credentials, "choose_senders"), {"senders": [numbers[1].pk]})
    assert PhoneNumber.objects.get(is_sender=True) == numbers[1]


def test_numbers_of_others_and_nonsense_are_not_chosen(
    owner_client: Client, credentials: ApiCredentials, numbers: list[PhoneNumber]
) -> None:
    theirs = make_phone_number(make_workspace(), is_sender=False)
    data = {"senders": [theirs.pk, "abc", "-1", numbers[0].pk, "9" * 30]}
    owner_client.post(address(credentials, "choose_senders"), data)
    theirs.refresh_from_db()
    assert not theirs.is_sender
    assert list(PhoneNumber.objects.filter(is_sender=True)) == [numbers[0]]


def test_continue_saves_and_goes_on_but_not_without_a_sender(
    owner_client: Client, credentials: ApiCredentials, numbers: list[PhoneNumber]
) -> None:
    choose = address(credentials, "choose_senders")
    gone = owner_client.post(choose, {"senders": [numbers[0].pk], "next": "webhook"})
    assert gone["Location"] == address(credentials, "webhook")
    stayed = owner_client.post(choose, {"next": "webhook"})
    assert stayed["Location"] == address(credentials)
    assert "Choose a number to go on" in owner_client.get(address(credentials)).content.decode()


def test_the_facts_of_the_asked_number_stand_at_the_right(
    owner_client: Client, credentials: ApiCredentials, numbers: list[PhoneNumber]
) -> None:
    pending = PhoneNumber.objects.get(phone_number_id=CONSTANTS["pending_phone_number_id"])
    page = owner_client.get(address(credentials), {"number": pending.pk}).content.decode()
    facts = page[page.index('id="facts"') :]
    assert "Lumen Coffee Service" in facts and "Not registered" in facts
    for nonsense in ("abc", "-1", "9" * 40):
        assert owner_client.get(address(credentials), {"number": nonsense}).status_code == 200


def test_connecting_again_keeps_what_was_chosen(
    workspace: Workspace, actor: Actor, credentials: ApiCredentials, numbers: list[PhoneNumber]
) -> None:
    actions.choose_senders(actor=actor, workspace=workspace, credentials=credentials, number_ids={numbers[0].pk})
    actions.add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=WABA)
    assert list(PhoneNumber.objects.filter(is_sender=True)) == [numbers[0]]
