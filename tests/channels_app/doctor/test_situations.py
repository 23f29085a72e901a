"""Broken set-ups against the simulator: each ends in the right check, with the right sentence, turn and fix."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.accounts import actions as accounts
from channels_app.accounts.models import (
    ApiCredentials,
    ChannelConfiguration,
    PhoneNumber,
    Portfolio,
    WhatsAppAccount,
)
from channels_app.cloud_api.remembering import RememberingClient
from channels_app.doctor import examining, words
from channels_app.doctor.examining import Result
from channels_app.message_templates.models import TemplateTranslation
from channels_app.simulator.world import CONSTANTS
from channels_app.webhooks.models import QuarantinedItem, Refusal, SelfTest, WebhookBody
from console.alerts.actions import raise_alert
from console.audiences.models import Profile
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.channels_app.doctor.healthy import account_of, connect, examine, meta, set_up, trouble
from tests.factories.accounts import make_credentials
from tests.support.simulator import Simulator

Break = Callable[[Simulator, ApiCredentials], object]


@pytest.fixture
def credentials(graph: Simulator, hook_url: str, workspace: Workspace, actor: Actor) -> Iterator[ApiCredentials]:
    yield set_up(workspace, actor)


def test_a_sound_set_up_has_no_finding(credentials: ApiCredentials, workspace: Workspace) -> None:
    results = examine(workspace)
    assert trouble(results) == set()
    assert len(results) >= 35


def _number(graph: Simulator, **data: Any) -> None:
    graph.post(f"numbers/{CONSTANTS['phone_number_id']}", **data)


def _waba(graph: Simulator, **data: Any) -> None:
    graph.post(f"wabas/{CONSTANTS['waba_id']}", **data)


def _move(rows: Any, **values: Any) -> None:
    assert rows.update(**values)


def _body(credentials: ApiCredentials, **values: Any) -> WebhookBody:
    return WebhookBody.objects.create(
        workspace=credentials.workspace,
        credentials=credentials,
        sha256="0" * 64,
        body=b"{}",
        **{"received_at": clock.now(), **values},
    )


def _quarantine(credentials: ApiCredentials, **values: Any) -> None:
    body = _body(credentials, status="partly")
    QuarantinedItem.objects.create(
        body=body, position=0, field="messages", item={}, failure="x", created_at=clock.now(), **values
    )


def _override(graph: Simulator, credentials: ApiCredentials) -> None:
    """Somebody sends the messages of the number to another of our own credentials' addresses: it answers handshakes."""
    other = make_credentials(credentials.workspace, name="Other")
    url = f"{_base(credentials)}/hooks/whatsapp/{other.webhook_key}/"
    with meta(credentials) as client:
        client.override_number(CONSTANTS["phone_number_id"], callback_url=url, verify_token=other.verify_token)
    other.delete()


def _base(credentials: ApiCredentials) -> str:
    with meta(credentials) as client:
        return client.app_subscription(credentials.app_id).callback_url.partition("/hooks/")[0]


def _unsubscribe(graph: Simulator, credentials: ApiCredentials) -> None:
    with meta(credentials) as client:
        client.unsubscribe_app(CONSTANTS["waba_id"])


def _other_app_address(graph: Simulator, credentials: ApiCredentials) -> None:
    other = make_credentials(credentials.workspace, name="Other")
    with meta(credentials) as client:
        client.set_app_subscription(
            credentials.app_id,
            callback_url=f"{_base(credentials)}/hooks/whatsapp/{other.webhook_key}/",
            verify_token=other.verify_token,
            fields=["messages"],
        )
    other.delete()


def _refused(credentials: ApiCredentials) -> None:
    Refusal.objects.create(credentials=credentials, refused_on=clock.now().date(), reason="stale", count=7)


def _silence(credentials: ApiCredentials) -> None:
    number = PhoneNumber.objects.get(is_sender=True)
    raise_alert(credentials.workspace, "webhooks.silence", key=str(number.pk))


def _portfolio(credentials: ApiCredentials, used: int) -> None:
    account = account_of(credentials)
    Portfolio.objects.update_or_create(
        workspace=account.workspace,
        portfolio_id=account.portfolio_id,
        defaults={
            "messaging_limit": "TIER_2K",
            "used_count": used,
            "used_at": clock.now(),
        },
        create_defaults={
            "messaging_limit": "TIER_2K",
            "used_count": used,
            "used_at": clock.now(),
            "created_at": clock.now(),
        },
    )


# what breaks, the check that tells, its status, whose turn, what the title says
SITUATIONS: dict[str, tuple[Break, str, str, str, str]] = {
    "token revoked": (
        lambda graph, _c: graph.delete(f"tokens/{CONSTANTS['token']}"),
        "token_valid",
        "failed",
        "you",
        "token",
    ),
    "number not registered": (
        lambda graph, _c: _number(graph, status="PENDING"),
        "number_connected",
        "failed",
        "you",
        "registered",
    ),
    "number restricted": (
        lambda graph, _c: _number(graph, status="RESTRICTED"),
        "number_connected",
        "failed",
        "meta",
        "Restricted",
    ),
    "number flagged": (
        lambda graph, _c: _number(graph, status="FLAGGED"),
        "number_connected",
        "failed",
        "meta",
        "Flagged",
    ),
    "account will be disabled": (
        lambda _g, c: _move(WhatsAppAccount.objects.filter(credentials=c), standing="disable_scheduled"),
        "account_standing",
        "warning",
        "you",
        "disabled",
    ),
    "name in review": (
        lambda graph, _c: _number(graph, name_status="PENDING_REVIEW"),
        "name_approved",
        "warning",
        "meta",
        "in review",
    ),
    "quality low": (
        lambda graph, _c: _number(graph, quality_rating="RED"),
        "number_quality",
        "warning",
        "you",
        "Quality is low",
    ),
    "test number": (
        lambda graph, _c: _number(graph, account_mode="SANDBOX"),
        "number_mode",
        "warning",
        "you",
        "test number",
    ),
    "account review open": (
        lambda graph, _c: _waba(graph, account_review_status="PENDING"),
        "account_reviewed",
        "failed",
        "meta",
        "review",
    ),
    "no payment method": (
        lambda graph, _c: _waba(graph, primary_funding_id=""),
        "payment_method",
        "warning",
        "you",
        "payment",
    ),
    "portfolio id of an account": (
        lambda _g, c: _move(ApiCredentials.objects.filter(pk=c.pk), portfolio_id=CONSTANTS["waba_id"]),
        "portfolio_readable",
        "failed",
        "you",
        "account",
    ),
    "account restricted": (
        lambda _g, c: _move(WhatsAppAccount.objects.filter(credentials=c), standing="restricted"),
        "account_standing",
        "failed",
        "you",
        "Restricted",
    ),
    "limit nearly used": (
        lambda _g, c: _portfolio(c, 1700),
        "limit_headroom",
        "warning",
        "meta",
        "nearly used up",
    ),
    "limit used up": (lambda _g, c: _portfolio(c, 2000), "limit_headroom", "warning", "meta", "used up"),
    "WABA not subscribed": (_unsubscribe, "webhook_subscribed", "failed", "you", "not subscribed"),
    "app posts elsewhere": (_other_app_address, "app_subscription", "failed", "you", "another address"),
    "override elsewhere": (_override, "webhook_override", "failed", "you", "posted elsewhere"),
    "no handshake": (
        lambda _g, c: _move(ApiCredentials.objects.filter(pk=c.pk), webhook_verified_at=None),
        "webhook_verified",
        "failed",
        "you",
        "not verified",
    ),
    "never heard": (
        lambda _g, c: _move(ApiCredentials.objects.filter(pk=c.pk), webhook_heard_at=None),
        "webhook_heard",
        "warning",
        "you",
        "never heard",
    ),
    "statuses do not come back": (lambda _g, c: _silence(c), "webhook_silence", "failed", "you", "silent"),
    "calls refused": (lambda _g, c: _refused(c), "webhook_refused", "warning", "you", "7 calls"),
    "events wait": (
        lambda _g, c: _body(c, received_at=clock.now() - timedelta(minutes=5)),
        "webhook_waiting",
        "failed",
        "operator",
        "1 event waits",
    ),
    "quarantine": (lambda _g, c: _quarantine(c), "webhook_quarantine", "warning", "you", "1 event"),
    "unknown number": (
        lambda _g, c: _quarantine(c, code="unknown_number", phone_number_id="329900000000009"),
        "unknown_numbers",
        "warning",
        "you",
        "not connected here",
    ),
    "self-test failed": (
        lambda _g, c: _move(SelfTest.objects.filter(credentials=c), status="failed"),
        "self_test",
        "failed",
        "you",
        "failed",
    ),
    "template paused": (
        lambda _g, _c: _move(TemplateTranslation.objects.filter(status="APPROVED"), status="PAUSED"),
        "templates_stopped",
        "warning",
        "you",
        "stopped",
    ),
    "sync stands still": (
        lambda _g, c: _move(
            WhatsAppAccount.objects.filter(credentials=c), templates_synced_at=clock.now() - timedelta(hours=9)
        ),
        "templates_synced",
        "warning",
        "you",
        "for hours",
    ),
    "channel failed": (
        lambda _g, _c: _move(ChannelConfiguration.objects.all(), status="failed"),
        "channel_active",
        "failed",
        "you",
        "failed its checks",
    ),
    "nobody agreed": (
        lambda _g, _c: _move(Profile.objects.all(), marketing_consent="unknown"),
        "people_consented",
        "warning",
        "you",
        "Nobody has agreed",
    ),
    "new token refused": (
        lambda _g, c: _move(ApiCredentials.objects.filter(pk=c.pk), rotation="failed"),
        "token_rotation",
        "warning",
        "you",
        "not accepted",
    ),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_broken_set_up_is_told(
    graph: Simulator, credentials: ApiCredentials, workspace: Workspace, name: str
) -> None:
    breaks, code, status, turn, title = SITUATIONS[name]
    breaks(graph, credentials)
    results = examine(workspace)
    found = results[code]
    said, text = words.describe(found)
    assert (found["status"], found["turn"]) == (status, turn)
    assert title.lower() in said.lower()
    assert text
    assert code in trouble(results)
    assert found["fix"] or turn == "operator"


def test_a_dead_token_is_one_failure_and_what_needs_it_is_not_asked(
    graph: Simulator, credentials: ApiCredentials, workspace: Workspace
) -> None:
    graph.delete(f"tokens/{CONSTANTS['token']}")
    results = examine(workspace)
    assert trouble(results) == {"token_valid"}
    assert results["number_connected"]["status"] == "skipped"
    assert "Access token" in words.describe(results["number_connected"])[1]


def test_meta_out_of_reach_is_one_failure(settings: Any, credentials: ApiCredentials, workspace: Workspace) -> None:
    settings.GRAPH_BASE_URL = "http://127.0.0.1:9"
    results = examine(workspace)
    assert trouble(results) == {"meta_reachable"}
    assert results["meta_reachable"]["turn"] == "operator"
    assert results["templates_readable"]["facts"]["because"] == "meta_reachable"


def test_meta_that_falls_silent_in_the_middle_is_told_once(
    graph: Simulator, credentials: ApiCredentials, workspace: Workspace
) -> None:
    graph.post("faults", kind="cut_before", endpoint="subscriptions")
    results = examine(workspace)
    assert len(trouble(results)) == 1
    assert results["templates_readable"]["status"] == "skipped"


def test_a_wrong_app_secret_is_told_apart(graph: Simulator, credentials: ApiCredentials, workspace: Workspace) -> None:
    ApiCredentials.objects.update(app_secret="another-secret-altogether")
    results = examine(workspace)
    assert trouble(results) == {"app_secret"}


def test_a_secret_whose_key_is_gone_stops_only_its_own_checks(
    graph: Simulator, credentials: ApiCredentials, workspace: Workspace
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_apicredentials SET access_token = 'gAAAAAnothing'")
    results = examine(workspace)
    assert trouble(results) == {"secrets_readable"}
    installation = {result["code"]: result for result in examining.examine_installation(workspace)}
    assert installation["encryption_keys"]["status"] == "failed"
    assert installation["encryption_keys"]["facts"]["names"] == ["accounts.ApiCredentials.access_token"]


def test_a_check_that_breaks_off_fails_and_hides_nothing(
    credentials: ApiCredentials, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_more: object) -> object:
        raise ZeroDivisionError(f"the token is {credentials.access_token}")

    monkeypatch.setattr("channels_app.doctor.checks.content.open_policies", broken)
    results = examine(workspace)
    found = results["policies_accepted"]
    assert (found["status"], found["turn"], found["facts"]["error"]) == ("failed", "operator", "ZeroDivisionError")
    assert trouble(results) == {"policies_accepted"}
    assert credentials.access_token not in caplog.text


def test_a_number_that_is_no_sender_is_nobodys_problem(
    graph: Simulator, credentials: ApiCredentials, workspace: Workspace
) -> None:
    _number(graph, status="BANNED")
    PhoneNumber.objects.update(is_sender=False)
    results = examine(workspace)
    assert trouble(results) == {"sender_chosen"}


@pytest.mark.parametrize(
    "change,code,says",
    [
        ({"status": "PENDING"}, "number_connected", "isn’t registered"),
        ({"name_status": "DECLINED"}, "name_approved", "not approved"),
    ],
)
def test_a_number_that_nothing_uses_is_only_a_warning(
    graph: Simulator, credentials: ApiCredentials, workspace: Workspace, change: dict[str, str], code: str, says: str
) -> None:
    _number(graph, **change)
    assert examine(workspace)[code]["status"] == "failed"
    ChannelConfiguration.objects.update(status="draft")
    results = examine(workspace)
    title, text = words.describe(results[code])
    assert results[code]["status"] == "warning"
    assert says in title and "not used yet" in text
    assert "failed" not in {result["status"] for result in results.values()}


def test_a_restriction_is_told_with_its_kind_and_end(
    credentials: ApiCredentials, workspace: Workspace, graph: Simulator
) -> None:
    until = int(clock.now().timestamp()) + 86_400
    kept = {"restrictions": [{"type": "RESTRICTED_UTILITY_TEMPLATES", "until": until, "remedy": "", "at": 1}]}
    WhatsAppAccount.objects.update(standing="restricted", standing_facts=kept)
    title, text = words.describe(examine(workspace)["account_standing"])
    assert title == "Standing of the account: Restricted"
    assert "utility templates" in text and "Until" in text


def test_an_address_of_others_is_a_warning_where_overrides_lead_here(
    graph: Simulator, credentials: ApiCredentials, workspace: Workspace, actor: Actor
) -> None:
    _other_app_address(graph, credentials)
    assert examine(workspace)["app_subscription"]["status"] == "failed"
    accounts.override_account(actor=actor, workspace=workspace, account=account_of(credentials))
    results = examine(workspace)
    assert results["app_subscription"]["status"] == "warning"
    assert results["webhook_override"]["status"] == "passed"


def test_credentials_without_an_account_need_no_webhook(workspace: Workspace, graph: Simulator, actor: Actor) -> None:
    connect(workspace, actor)
    results = examine(workspace)
    assert results["account_connected"]["status"] == "warning"
    assert results["app_subscription"]["facts"]["because"] == "account_connected"
    assert "failed" not in {result["status"] for result in results.values()}


def test_an_empty_workspace_is_only_told_what_comes_next(workspace: Workspace, actor: Actor) -> None:
    results = examine(workspace)
    assert trouble(results) == {"credentials", "people_consented"}
    assert results["clock"]["status"] in ("skipped", "passed")


def test_it_asks_meta_little_and_the_database_not_per_row(
    graph: Simulator, credentials: ApiCredentials, workspace: Workspace
) -> None:
    graph.post("knobs", latency_min_ms=60, latency_max_ms=60)
    start = time.monotonic()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        results: list[Result] = examining.examine(workspace, [])
    assert time.monotonic() - start < 15
    assert len(queries) < 70
    asked = {call["asked"] for result in results for call in result["calls"]}
    assert len(asked) <= 10


def test_a_clock_that_is_off_is_told(
    credentials: ApiCredentials, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = RememberingClient._read_date

    def late(client: RememberingClient, response: httpx.Response) -> None:
        read(client, response)
        client.clock_offset_s = 90.0

    monkeypatch.setattr(RememberingClient, "_read_date", late)
    found = examine(workspace)["clock"]
    assert (found["status"], found["turn"]) == ("warning", "operator")
    assert "90" in words.describe(found)[0]
