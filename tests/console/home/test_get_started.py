"""Get started: what each line says, what is next, the policies, and what becomes of the page when all is done."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import checks
from campaigns.actions import activate
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, PhoneNumber, WhatsAppAccount
from channels_app.doctor.models import Examination
from channels_app.message_templates.models import TemplateSync
from channels_app.simulator.world import CONSTANTS
from console.alerts.actions import raise_alert
from console.home import queries
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, PolicyAcceptance, User, Workspace
from console.workspaces.policies import POLICIES, open_policies
from console.workspaces.roles import Role
from tests.console.home.test_pages import connect
from tests.factories.accounts import make_account, make_credentials
from tests.factories.campaigns import make_campaign
from tests.factories.delivery import make_people
from tests.factories.workspaces import make_member, make_workspace
from tests.support.simulator import Simulator


def page(client: Client, workspace: Workspace) -> str:
    return client.get(reverse("home:get_started", args=[workspace.slug])).content.decode()


@pytest.fixture
def newcomer(db: None) -> Workspace:
    return make_workspace(accepts_policies=False)


@pytest.fixture
def newcomer_client(newcomer: Workspace, client_of: Callable[[User], Client]) -> Client:
    return client_of(make_member(newcomer, name="Mira Solberg"))


def accept(client: Client, workspace: Workspace, *codes: str) -> Any:
    return client.post(reverse("home:accept_policies", args=[workspace.slug]), {"policy": codes})


def test_a_new_workspace_begins_with_credentials_and_four_open_policies(
    newcomer: Workspace, newcomer_client: Client
) -> None:
    text = page(newcomer_client, newcomer)
    assert "0 of 6 ready" in text
    assert text.count("btn-primary") == 1
    assert reverse("accounts:new", args=[newcomer.slug]) in text
    assert "Policies to accept" in text
    assert len(open_policies(newcomer)) == len(POLICIES) == 4


def test_an_acceptance_keeps_who_when_and_the_text(newcomer: Workspace, newcomer_client: Client) -> None:
    assert accept(newcomer_client, newcomer, "content_rules", "service_window").status_code == 302
    row = PolicyAcceptance.objects.get(workspace=newcomer, policy="content_rules")
    assert (row.accepted_by_label, row.language, row.version) == ("Mira Solberg", "en", POLICIES[0].version)
    assert row.text == str(POLICIES[0].text)
    assert "Accepted by Mira Solberg" in page(newcomer_client, newcomer)
    assert [policy.code for policy in open_policies(newcomer)] == ["meta_policies", "approved_templates"]
    assert AuditEntry.objects.filter(workspace=newcomer, action="workspaces.accept_policy").count() == 2


def test_accepting_again_keeps_the_first_acceptance(
    newcomer: Workspace, newcomer_client: Client, client_of: Callable[[User], Client]
) -> None:
    accept(newcomer_client, newcomer, "content_rules")
    accept(client_of(make_member(newcomer, Role.CHANNEL_ADMIN, name="Later")), newcomer, "content_rules")
    assert PolicyAcceptance.objects.get(workspace=newcomer).accepted_by_label == "Mira Solberg"


@pytest.mark.parametrize("codes", [(), ("nonsense",), ("content_rules", "nonsense")])
def test_nothing_or_nonsense_is_not_accepted(
    newcomer: Workspace, newcomer_client: Client, codes: tuple[str, ...]
) -> None:
    response = accept(newcomer_client, newcomer, *codes)
    assert response.status_code == 409
    assert "Tick the policies" in response.content.decode()
    assert not PolicyAcceptance.objects.filter(workspace=newcomer).exists()


@pytest.mark.parametrize(
    "role,may", [(Role.OWNER, True), (Role.CHANNEL_ADMIN, True), (Role.MARKETER, False), (Role.VIEWER, False)]
)
def test_only_who_answers_for_the_channel_accepts(
    newcomer: Workspace, client_of: Callable[[User], Client], role: str, may: bool
) -> None:
    client = client_of(make_member(newcomer, role))
    assert ("Accept the ticked" in page(client, newcomer)) is may
    assert (accept(client, newcomer, "content_rules").status_code == 302) is may


def test_a_changed_text_is_asked_for_anew(workspace: Workspace, owner_client: Client) -> None:
    PolicyAcceptance.objects.filter(workspace=workspace, policy="content_rules").update(version="2020-01")
    assert [policy.code for policy in open_policies(workspace)] == ["content_rules"]
    accept(owner_client, workspace, "content_rules")
    assert PolicyAcceptance.objects.filter(workspace=workspace, policy="content_rules").count() == 2


def test_nothing_is_activated_before_the_policies_are_accepted(workspace: Workspace) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 1))
    assert "policies_open" not in [finding.code for finding in checks.check_campaign(campaign)]
    PolicyAcceptance.objects.filter(workspace=workspace).first().delete()  # type: ignore[union-attr]
    found = next(finding for finding in checks.check_campaign(campaign) if finding.code == "policies_open")
    assert found.is_error
    assert found.url.endswith("#policies")


@pytest.mark.parametrize(
    "days,words,is_ready",
    [
        (None, "does not expire", True),
        (60, "is good until", True),
        (9, "expires in 8 days", False),
        (-1, "The token expired on", False),
    ],
)
def test_the_token_line_counts_down(
    workspace: Workspace, owner_client: Client, days: int | None, words: str, is_ready: bool
) -> None:
    connect(workspace)
    expires_at = None if days is None else timezone.now() + timedelta(days=days)
    ApiCredentials.objects.filter(workspace=workspace).update(token_expires_at=expires_at)
    text = page(owner_client, workspace)
    assert words in text
    assert ("Renew token" in text) is not is_ready
    assert queries.readiness(workspace).credentials is is_ready


@pytest.mark.parametrize(
    "fields,words",
    [
        ({"review_status": "PENDING"}, "Meta is still reviewing this account"),
        ({"review_status": "REJECTED"}, "Review not passed"),
        ({"currency": "EUR"}, "billed in EUR"),
    ],
)
def test_the_account_line_says_its_review(
    workspace: Workspace, owner_client: Client, fields: dict[str, str], words: str
) -> None:
    connect(workspace)
    WhatsAppAccount.objects.filter(workspace=workspace).update(**fields)
    assert words in page(owner_client, workspace)


def test_a_number_that_cannot_send_leads_to_its_page(workspace: Workspace, owner_client: Client) -> None:
    number = connect(workspace, status="PENDING")
    text = page(owner_client, workspace)
    assert "Not registered yet" in text
    assert reverse("accounts:number", args=[workspace.slug, number.pk]) in text


def test_when_all_is_done_the_page_shrinks_to_a_mark(workspace: Workspace, owner_client: Client) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 1, marketing_consent="granted"))
    WhatsAppAccount.objects.filter(workspace=workspace).update(
        review_status="APPROVED", portfolio_id="410", is_subscribed=True
    )
    ApiCredentials.objects.filter(workspace=workspace).update(
        status="valid",
        webhook_verified_at=timezone.now(),
        subscription={"callback_url": "https://a.example/", "ours": "https://a.example/", "is_active": True},
    )
    assert owner_client.get("/")["Location"] == reverse("home:get_started", args=[workspace.slug])
    activate(actor=Actor.system("test"), campaign=campaign)
    assert queries.readiness(workspace).is_complete
    assert owner_client.get("/")["Location"] == reverse("campaigns:list", args=[workspace.slug])
    text = owner_client.get(reverse("campaigns:list", args=[workspace.slug])).content.decode()
    assert 'aria-label="Set-up complete"' in text
    assert ">Get started<" not in text
    assert "Everything is set up" in page(owner_client, workspace)
    PhoneNumber.objects.filter(workspace=workspace).update(status="BANNED")
    assert "9 of 10" in page(owner_client, workspace)


def test_check_again_asks_meta(graph: Simulator, workspace: Workspace, owner_client: Client, actor: Actor) -> None:
    row = make_credentials(
        workspace,
        app_id=CONSTANTS["app_id"],
        app_secret=CONSTANTS["app_secret"],
        access_token=CONSTANTS["token_expired"],
        status="valid",
    )
    assert owner_client.post(reverse("home:check", args=[workspace.slug])).status_code == 302
    row.refresh_from_db()
    assert row.status == "dead"
    assert "open it to see which check failed" in page(owner_client, workspace)


def test_a_channel_being_checked_is_nobodys_next_step(workspace: Workspace, owner_client: Client) -> None:
    number = connect(workspace)
    now = timezone.now()
    ChannelConfiguration.objects.create(
        workspace=workspace, name="Main", phone_number=number, status="processing", created_at=now, updated_at=now
    )
    facts = queries.facts(workspace)
    assert facts.channel is not None
    assert "Processing" in page(owner_client, workspace)


GOOD = {"callback_url": "https://a.example/", "ours": "https://a.example/", "is_active": True}


@pytest.mark.parametrize(
    "subscription,account,number,is_heard",
    [
        (GOOD, {}, {}, True),
        (GOOD | {"callback_url": "https://else.example/"}, {}, {}, False),
        (GOOD | {"is_active": False}, {}, {}, False),
        ({}, {}, {}, False),
        (GOOD, {"is_subscribed": False}, {}, False),
        (GOOD, {"override_callback_url": "https://else.example/"}, {}, False),
        (GOOD, {"override_callback_url": "https://else.example/"}, {"override_callback_url": GOOD["ours"]}, True),
        (GOOD | {"callback_url": ""}, {"override_callback_url": GOOD["ours"]}, {}, True),
        (GOOD, {}, {"is_sender": False}, False),
    ],
)
def test_the_webhook_line_says_where_messages_are_posted(
    workspace: Workspace,
    owner_client: Client,
    subscription: dict[str, Any],
    account: dict[str, Any],
    number: dict[str, Any],
    is_heard: bool,
) -> None:
    row = connect(workspace, **number)
    WhatsAppAccount.objects.filter(workspace=workspace).update(**{"is_subscribed": True, **account})
    ApiCredentials.objects.filter(workspace=workspace).update(subscription=subscription)
    assert queries.readiness(workspace).webhook is is_heard
    text = page(owner_client, workspace)
    assert ("Heard from Meta" in text, "does not report what became" in text) == (is_heard, not is_heard)
    raise_alert(workspace, "webhooks.silence", key=str(row.pk))
    assert not queries.readiness(workspace).webhook


@pytest.mark.parametrize(
    "account,number,line,words",
    [
        ({"standing": "restricted"}, {}, "account", "Meta restricts what this account may do"),
        ({"health_word": "BLOCKED"}, {}, "account", "Meta lets nothing through"),
        ({}, {"health_word": "BLOCKED"}, "number", "Open the number to see why"),
        ({}, {"name_status": "DECLINED"}, "number", "did not approve the display name"),
        ({}, {"is_sender": False}, "number", "not chosen as a sender"),
    ],
)
def test_what_the_doctor_calls_failed_is_not_ready_here(
    workspace: Workspace,
    owner_client: Client,
    account: dict[str, str],
    number: dict[str, Any],
    line: str,
    words: str,
) -> None:
    connect(workspace, **number)
    assert account or not getattr(queries.readiness(workspace), line)
    WhatsAppAccount.objects.filter(workspace=workspace).update(**{"waba_id": "1", **account})
    assert not getattr(queries.readiness(workspace), line)
    assert words in page(owner_client, workspace)


@pytest.mark.parametrize(
    "account,words",
    [({"standing": "violation"}, "Violation noted"), ({"has_payment_method": False}, "No payment method")],
)
def test_what_the_doctor_only_warns_of_is_ready_with_a_warning(
    workspace: Workspace, owner_client: Client, account: dict[str, Any], words: str
) -> None:
    connect(workspace)
    WhatsAppAccount.objects.filter(workspace=workspace).update(**account)
    assert queries.readiness(workspace).account
    assert words in page(owner_client, workspace)


def test_what_the_doctor_found_is_told_here_too(workspace: Workspace, owner_client: Client) -> None:
    assert "setup doctor found" not in page(owner_client, workspace)
    now = timezone.now()
    Examination.objects.create(
        workspace=workspace, trigger="daily", status="done", failed_count=2, requested_at=now, finished_at=now
    )
    text = page(owner_client, workspace)
    assert "The setup doctor found 2 things that do not work" in text
    assert reverse("doctor:page", args=[workspace.slug]) in text


def test_check_again_reads_webhook_and_templates_too(
    graph: Simulator, workspace: Workspace, owner_client: Client, actor: Actor
) -> None:
    names = ("app_id", "app_secret", "token")
    app_id, secret, token = (CONSTANTS[name] for name in names)
    row = make_credentials(workspace, app_id=app_id, app_secret=secret, access_token=token)
    make_account(workspace, row, waba_id=CONSTANTS["waba_id"])
    owner_client.post(reverse("home:check", args=[workspace.slug]))
    row.refresh_from_db()
    assert row.subscription_read_at is not None and row.subscription["ours"].endswith(f"{row.webhook_key}/")
    assert TemplateSync.objects.filter(workspace=workspace).exists()
