"""API credentials against the simulator: every way they can be wrong ends with its own sentence."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from channels_app.accounts import actions, tasks
from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api.client import ManagementClient
from channels_app.simulator.world import CONSTANTS
from console.alerts.kinds import KINDS
from console.alerts.models import Alert
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.channels_app.accounts.connecting import check_again, connect, sentences, statuses
from tests.factories.accounts import APP_ID, fake_meta, make_account, make_credentials, meta_token
from tests.factories.workspaces import make_workspace
from tests.support.simulator import Simulator

PORTFOLIO, WABA = CONSTANTS["portfolio_id"], CONSTANTS["waba_id"]


@pytest.mark.parametrize(
    ("token", "status", "sentence"),
    [
        ("token_expired", "dead", "Access token expired"),
        ("token_without_messaging", "failing", "Permission missing: whatsapp_business_messaging"),
        ("token_of_other_app", "failing", "Token belongs to another app"),
        ("token_of_other_app", "failing", "did not match the Viewing App” (code 100)"),
    ],
)
def test_each_bad_token_has_its_sentence(
    graph: Simulator, workspace: Workspace, actor: Actor, token: str, status: str, sentence: str
) -> None:
    credentials = connect(workspace, actor, access_token=CONSTANTS[token])
    assert credentials.status == status
    assert sentence in sentences(credentials.checks)


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("token_of_person", "Token of a person: It ends within hours"),
        ("token_without_business", "It is only needed to read the business portfolio"),
        ("token_expiring_in_9_days", "Renew it before"),
        ("token_without_asset", "The token sees no account"),
    ],
)
def test_what_works_with_a_caveat_warns_and_does_not_fail(
    graph: Simulator, workspace: Workspace, actor: Actor, token: str, sentence: str
) -> None:
    credentials = connect(workspace, actor, access_token=CONSTANTS[token])
    assert (credentials.status, sentences(credentials.checks)) == ("valid", "")
    assert sentence in sentences(credentials.checks, "warning")


def test_revoked_token_is_dead_and_told(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    credentials = connect(workspace, actor)
    graph.post("tokens", revoke=CONSTANTS["token"])
    check_again(credentials, actor)
    assert (credentials.status, credentials.refused_code) == ("dead", 190)
    alert = Alert.objects.get(kind="accounts.token_dead", resolved_at=None)
    assert (alert.tone, alert.facts["code"]) == ("bad", 190)
    assert CONSTANTS["token"] not in str(alert.facts)


def test_app_secret_that_is_another_apps_is_told_apart(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    credentials = connect(workspace, actor, app_secret=CONSTANTS["second_app_secret"])
    assert credentials.status == "failing"
    assert "Meta refuses app id and app secret" in sentences(credentials.checks)
    assert "(code 190)" in sentences(credentials.checks)


def test_account_that_was_taken_away_fails_once_it_is_connected(
    graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    credentials = connect(workspace, actor)
    actions.add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=WABA)
    graph.post(f"tokens/{CONSTANTS['token']}", waba_ids=[], lost_waba_ids=[WABA])
    check_again(credentials, actor)
    assert credentials.status == "failing"
    assert f"An account can't be read: {WABA}" in sentences(credentials.checks)
    assert "not assigned to your system user” (code 200)" in sentences(credentials.checks)


# --- portfolio and account, both ways ------------------------------------------------------------------------------


def test_portfolio_and_accounts_that_belong_together(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    credentials = connect(workspace, actor, portfolio_id=PORTFOLIO)
    assert (credentials.status, credentials.portfolio_name) == ("valid", "Lumen Coffee Group")
    passed = sentences(credentials.checks, "passed")
    assert "Business portfolio found: Lumen Coffee Group" in passed
    assert "The accounts and the business portfolio belong together" in passed
    assert "1 account visible: Lumen Coffee" in passed


def test_account_id_in_the_portfolios_place_is_recognised_with_the_right_one(
    graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    credentials = connect(workspace, actor, portfolio_id=f" {WABA[:5]} {WABA[5:]}\u200b")
    text = sentences(credentials.checks)
    assert credentials.status == "failing"
    assert "This is the id of the WhatsApp Business Account “Lumen Coffee”" in text
    assert f"Its business portfolio is “Lumen Coffee Group” ({PORTFOLIO}). Use that id?" in text
    actions.change_credentials(
        actor=actor, workspace=workspace, credentials=credentials, name=credentials.name, portfolio_id=PORTFOLIO
    )
    assert check_again(credentials, actor).status == "valid"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("app_id", "This is the id of the app, not of a business portfolio"),
        ("phone_number_id", "This is the id of a phone number, not of a business portfolio"),
        ("other_portfolio_id", f"The accounts it sees belong to “Lumen Coffee Group” ({PORTFOLIO})"),
    ],
)
def test_other_ids_in_the_portfolios_place(
    graph: Simulator, workspace: Workspace, actor: Actor, typed: str, sentence: str
) -> None:
    credentials = connect(workspace, actor, portfolio_id=CONSTANTS[typed])
    assert sentence in sentences(credentials.checks)


def test_account_of_another_portfolio_names_both(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    other_waba, other_portfolio = CONSTANTS["other_waba_id"], CONSTANTS["other_portfolio_id"]
    token = f"tokens/{CONSTANTS['token']}"
    graph.post(token, waba_ids=[WABA, other_waba], portfolio_ids=[PORTFOLIO])
    credentials = connect(workspace, actor, portfolio_id=PORTFOLIO)
    text = sentences(credentials.checks)
    assert credentials.status == "failing"
    assert "“Harbor Books” belongs to “Harbor Books”, not to “Lumen Coffee Group”" in text
    assert other_portfolio in text and PORTFOLIO in text


def test_account_shared_with_the_portfolio_is_fine(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    other_waba = CONSTANTS["other_waba_id"]
    graph.post(f"tokens/{CONSTANTS['token']}", waba_ids=[WABA, other_waba])
    graph.post(f"wabas/{other_waba}", shared_with=[PORTFOLIO])
    credentials = connect(workspace, actor, portfolio_id=PORTFOLIO)
    assert credentials.status == "valid", sentences(credentials.checks)
    assert "Harbor Books of Harbor Books. That is fine." in sentences(credentials.checks, "passed")
    assert {row["id"]: row["is_shared"] for row in credentials.offered} == {WABA: False, other_waba: True}


def test_without_the_permission_the_owners_are_compared_all_the_same(
    graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    token = CONSTANTS["token_without_business"]
    good = connect(workspace, actor, access_token=token, portfolio_id=PORTFOLIO)
    assert (good.status, sentences(good.checks)) == ("valid", "")
    graph.post(f"tokens/{token}", portfolio_ids=[PORTFOLIO, CONSTANTS["other_portfolio_id"]])
    actions.change_credentials(
        actor=actor,
        workspace=workspace,
        credentials=good,
        name="Lumen",
        portfolio_id=CONSTANTS["other_portfolio_id"],
    )
    text = sentences(check_again(good, actor).checks, "warning", "failed")
    assert "“Lumen Coffee” belongs to “Lumen Coffee Group”" in text and "can't be checked" in text


# --- what is here already --------------------------------------------------------------------------------------------


def test_token_that_is_connected_already_names_its_credentials(
    graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    connect(workspace, actor)
    with pytest.raises(Refused) as caught:
        connect(workspace, actor, name="Again")
    assert caught.value.code == "accounts.token_known"
    assert "“Lumen”" in str(caught.value.sentence) and caught.value.fix_url
    connect(make_workspace(), actor)  # another workspace is nobody's business


def test_second_token_of_one_app_is_told_of_the_first(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    connect(workspace, actor)
    second = connect(workspace, actor, name="Events", access_token=CONSTANTS["token_of_all_accounts"])
    assert second.status == "valid"
    assert "The app is also used by “Lumen”" in sentences(second.checks, "warning")


def test_name_and_portfolio_change_and_a_taken_name_is_refused(workspace: Workspace, actor: Actor) -> None:
    make_credentials(workspace, name="Taken")
    credentials = make_credentials(workspace)
    with pytest.raises(Refused, match="name_taken"):
        actions.change_credentials(
            actor=actor, workspace=workspace, credentials=credentials, name="Taken", portfolio_id=""
        )
    with pytest.raises(Refused, match="id_is_phone"):
        actions.change_credentials(
            actor=actor, workspace=workspace, credentials=credentials, name="x", portfolio_id="+1 555"
        )


def test_used_credentials_name_who_uses_them(workspace: Workspace, actor: Actor) -> None:
    credentials = make_credentials(workspace)
    make_account(workspace, credentials, name="Demo Bakery")
    with pytest.raises(Refused) as caught:
        actions.delete_credentials(actor=actor, workspace=workspace, credentials=credentials)
    assert "Demo Bakery" in str(caught.value.sentence)


# --- what says nothing changes nothing -------------------------------------------------------------------------------

SILENT_FAULTS: list[dict[str, Any]] = [
    {"kind": "http_500"},
    {"kind": "throttle"},
    {"kind": "malformed"},
    {"kind": "cut_before"},
    {"kind": "error", "code": 1},
    {"kind": "error", "code": 2},
    {"kind": "error", "code": 4},
    {"kind": "error", "code": 80008},
]


@pytest.mark.parametrize("endpoint", ["debug_token", "node"])
@pytest.mark.parametrize("fault", SILENT_FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
def test_what_is_no_answer_leaves_a_working_token_working(
    graph: Simulator, workspace: Workspace, actor: Actor, fault: dict[str, Any], endpoint: str
) -> None:
    credentials = connect(workspace, actor)
    actions.add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=WABA)
    before = (credentials.checks, credentials.checked_at)
    graph.post("faults", endpoint=endpoint, mode="always", **fault)
    check_again(credentials, actor)
    assert credentials.status == "valid"
    assert (credentials.checks, credentials.checked_at) == before
    assert credentials.unanswered_at is not None and credentials.unanswered["kind"]
    assert not Alert.objects.exists()
    graph.delete("faults")
    check_again(credentials, actor)
    assert (credentials.unanswered_at, credentials.unanswered) == (None, {})


def test_timeout_leaves_a_working_token_working(
    monkeypatch: pytest.MonkeyPatch, graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    credentials = connect(workspace, actor)
    graph.post("faults", endpoint="debug_token", kind="slow", mode="always", seconds=2)
    monkeypatch.setattr("channels_app.cloud_api.client.TIMEOUT", 0.2)
    assert check_again(credentials, actor).status == "valid"
    assert credentials.unanswered["kind"] == "Timeout"


def test_network_down_leaves_a_working_token_working(
    settings: Any, graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    credentials = connect(workspace, actor)
    settings.GRAPH_BASE_URL = "http://127.0.0.1:9"
    assert check_again(credentials, actor).status == "valid"
    assert credentials.unanswered["kind"] == "NotConnected"


def test_dead_token_stays_dead_while_meta_is_away_and_lives_when_a_check_passes(
    graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    credentials = connect(workspace, actor)
    note = {"workspace": workspace, "credentials_id": credentials.pk, "access_token": CONSTANTS["token"]}
    assert actions.note_refused_token(actor=actor, code=190, **note)
    assert not actions.note_refused_token(actor=actor, code=190, **note)
    graph.post("faults", endpoint="debug_token", kind="http_500", mode="always")
    assert check_again(credentials, actor).status == "dead"
    graph.delete("faults")
    assert check_again(credentials, actor).status == "valid"
    assert credentials.refused_code is None
    assert not Alert.objects.filter(resolved_at=None).exists()


def test_a_wrong_app_secret_does_not_wake_a_dead_token(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    credentials = connect(workspace, actor)
    graph.post("tokens", revoke=CONSTANTS["token"])
    assert check_again(credentials, actor).status == "dead"
    graph.post(f"apps/{CONSTANTS['app_id']}", secret="reset at Meta")
    assert check_again(credentials, actor).status == "dead"
    assert "Meta refuses app id and app secret" in sentences(credentials.checks)


@pytest.mark.parametrize("code", [102, 100, 200])
def test_only_0_and_190_call_a_token_dead(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, actor: Actor, code: int
) -> None:
    answer = meta_token(is_valid=False, error={"code": code, "message": "no"})
    monkeypatch.setattr(ManagementClient, "default_transport", fake_meta({"GET debug_token": answer}))
    assert connect(workspace, actor, app_id=APP_ID).status == "failing"


# --- the countdown -----------------------------------------------------------------------------------------------------


def expiry_alerts(*, are_open: bool = True) -> list[str]:
    rows = Alert.objects.filter(kind="accounts.token_expiry", resolved_at__isnull=are_open).order_by("pk")
    return [key.partition(":")[2] for key in rows.values_list("key", flat=True)]


def test_each_threshold_tells_once_and_renewing_ends_it(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    token = graph.post("tokens", expires_in_s=20 * 86_400)["token"]
    credentials = connect(workspace, actor, access_token=token)
    assert expiry_alerts() == []
    start = clock.now()
    for days, is_open in ((5.5, []), (7, ["14"]), (8, ["14"]), (13.5, ["7"]), (14, ["7"]), (19.5, ["1"])):
        with time_machine.travel(start + timedelta(days=days), tick=False):
            check_again(credentials, actor)
        assert expiry_alerts() == is_open, days
    assert Alert.objects.filter(kind="accounts.token_expiry").count() == 3
    last = Alert.objects.get(kind="accounts.token_expiry", resolved_at=None)
    assert (last.tone, last.subject) == ("bad", "Lumen")
    title, text = KINDS[last.kind].title, KINDS[last.kind].text
    assert callable(title) and title(last.facts) == "The token of “Lumen” expires within a day"
    assert title({**last.facts, "days": 7}) == "The token of “Lumen” expires in 7 days"
    with time_machine.travel(start + timedelta(days=21)):
        assert title(last.facts) == "The token of “Lumen” has expired"
    assert callable(text) and "the old one serves until the new one has passed" in text(last.facts)
    actions.offer_token(actor=actor, workspace=workspace, credentials=credentials, access_token=CONSTANTS["token"])
    actions.check_candidate(actor=actor, workspace=workspace, credentials=credentials)
    assert expiry_alerts() == []


# --- every hour ----------------------------------------------------------------------------------------------------


def test_each_token_is_checked_every_hour_and_one_failure_leaves_the_others(
    graph: Simulator, workspace: Workspace, actor: Actor, bell: Any, django_capture_on_commit_callbacks: Any
) -> None:
    broken = connect(workspace, actor, app_secret="wrong")
    good = connect(workspace, actor, name="Good", access_token=CONSTANTS["token_of_all_accounts"])
    first = good.checked_at
    with django_capture_on_commit_callbacks(execute=True):
        tasks.check_tokens()
    bell()
    good.refresh_from_db()
    assert good.checked_at == first
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.check_tokens()
        bell()
        good.refresh_from_db()
        broken.refresh_from_db()
    assert good.checked_at is not None and first is not None and good.checked_at > first
    assert (good.status, broken.status) == ("valid", "failing")


def test_hourly_checks_fill_the_trail_only_when_something_changed(
    graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    credentials = connect(workspace, actor)
    trail = AuditEntry.objects.filter(action="accounts.check_credentials")
    before = trail.count()
    for _hour in range(3):
        check_again(credentials, Actor.system("token check"))
    assert trail.count() == before
    graph.post("tokens", revoke=CONSTANTS["token"])
    check_again(credentials, Actor.system("token check"))
    assert trail.count() == before + 1


def test_a_check_of_the_old_token_says_nothing_about_the_new_one(
    monkeypatch: pytest.MonkeyPatch, graph: Simulator, workspace: Workspace, actor: Actor
) -> None:
    """The hourly check has asked about the old token; before it writes, somebody renews."""
    credentials = connect(workspace, actor)
    graph.post("tokens", revoke=CONSTANTS["token"])
    asked = ApiCredentials.objects.get(pk=credentials.pk)
    ApiCredentials.objects.filter(pk=credentials.pk).update(access_token=CONSTANTS["token_of_all_accounts"])
    actions.check_credentials(actor=actor, workspace=workspace, credentials=asked)
    credentials.refresh_from_db()
    assert credentials.status == "valid"
    assert not Alert.objects.exists()


def test_every_permission_is_a_row(graph: Simulator, workspace: Workspace, actor: Actor) -> None:
    rows = statuses(connect(workspace, actor).checks)
    names = ("whatsapp_business_messaging", "whatsapp_business_management", "business_management")
    assert [rows[name] for name in names] == ["passed"] * 3
