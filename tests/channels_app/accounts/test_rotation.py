"""Renewing a token: the old one serves until the new one has passed, whatever happens in between."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from channels_app.accounts import actions, queries, tasks
from channels_app.accounts.models import ApiCredentials, PhoneNumber
from channels_app.simulator.world import CONSTANTS
from console.alerts.models import Alert
from console.kit import clock
from console.kit.errors import MoveRefused, Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.channels_app.accounts.connecting import connect, sentences
from tests.support.simulator import Simulator

OLD, NEW = CONSTANTS["token"], CONSTANTS["token_of_all_accounts"]


@pytest.fixture
def credentials(graph: Simulator, workspace: Workspace, actor: Actor) -> ApiCredentials:
    """Working credentials with a connected account."""
    credentials = connect(workspace, actor)
    actions.add_account(actor=actor, workspace=workspace, credentials=credentials, waba_id=CONSTANTS["waba_id"])
    return credentials


def renew(credentials: ApiCredentials, actor: Actor, access_token: str, app_secret: str = "") -> str:
    actions.offer_token(
        actor=actor,
        workspace=credentials.workspace,
        credentials=credentials,
        access_token=access_token,
        app_secret=app_secret,
    )
    return check(credentials, actor)


def check(credentials: ApiCredentials, actor: Actor) -> str:
    outcome = actions.check_candidate(actor=actor, workspace=credentials.workspace, credentials=credentials)
    credentials.refresh_from_db()
    return outcome


def serving(credentials: ApiCredentials) -> str:
    number = PhoneNumber.objects.filter(account__credentials=credentials).first()
    assert number is not None
    return queries.sending_secrets(number)[0]


def test_a_token_that_passes_takes_over_at_once(credentials: ApiCredentials, actor: Actor) -> None:
    assert renew(credentials, actor, f"  {NEW}\n") == "none"
    assert serving(credentials) == NEW
    assert (credentials.status, credentials.token_hint, credentials.next_access_token) == ("valid", NEW[-4:], "")
    assert credentials.waba_ids[-1] == CONSTANTS["unpaid_waba_id"]


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("token_expired", "Access token expired"),
        ("token_without_messaging", "Permission missing: whatsapp_business_messaging"),
        ("token_of_other_app", "Token belongs to another app"),
        ("token_without_asset", "An account can't be read"),
        ("token_of_other_business", "An account can't be read"),
        ("app_id", "Access token refused"),  # digits that are no token at all
    ],
)
def test_a_token_that_fails_waits_beside_the_old_one(
    credentials: ApiCredentials, actor: Actor, token: str, sentence: str
) -> None:
    before = (credentials.status, credentials.checks)
    assert renew(credentials, actor, CONSTANTS[token]) == "failed"
    assert serving(credentials) == OLD
    assert (credentials.status, credentials.checks) == before
    assert sentence in sentences(credentials.next_checks)
    assert not Alert.objects.exists()


def test_a_refused_token_passes_after_its_account_was_given(
    graph: Simulator, credentials: ApiCredentials, actor: Actor
) -> None:
    token = CONSTANTS["token_without_asset"]
    assert renew(credentials, actor, token) == "failed"
    graph.post(f"tokens/{token}", waba_ids=[CONSTANTS["waba_id"]], lost_waba_ids=[])
    actions.retry_token(actor=actor, workspace=credentials.workspace, credentials=credentials)
    assert check(credentials, actor) == "none"
    assert serving(credentials) == token


def test_a_refused_token_is_exchanged_or_discarded(credentials: ApiCredentials, actor: Actor) -> None:
    assert renew(credentials, actor, CONSTANTS["token_expired"]) == "failed"
    assert renew(credentials, actor, CONSTANTS["token_of_other_app"]) == "failed"
    actions.withdraw_token(actor=actor, workspace=credentials.workspace, credentials=credentials)
    credentials.refresh_from_db()
    assert (credentials.rotation, credentials.next_access_token, credentials.next_checks) == ("none", "", [])
    assert serving(credentials) == OLD


def test_the_token_in_use_and_one_of_other_credentials_are_no_new_token(
    credentials: ApiCredentials, workspace: Workspace, actor: Actor
) -> None:
    with pytest.raises(Refused, match="token_same"):
        renew(credentials, actor, OLD)
    connect(workspace, actor, name="Other", access_token=NEW)
    with pytest.raises(Refused, match="token_known"):
        renew(credentials, actor, NEW)


def test_meta_away_leaves_the_new_token_waiting_and_the_task_finishes_it(
    graph: Simulator, credentials: ApiCredentials, actor: Actor
) -> None:
    graph.post("faults", endpoint="debug_token", kind="http_500", mode="always")
    assert renew(credentials, actor, NEW) == "checking"
    assert serving(credentials) == OLD
    graph.delete("faults")
    tasks.check_candidates()
    credentials.refresh_from_db()
    assert credentials.rotation == "checking"  # whoever offered it may still be at it
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        tasks.check_candidates()
        tasks.check_candidates()
    credentials.refresh_from_db()
    assert (credentials.rotation, serving(credentials)) == ("none", NEW)


def test_a_new_app_secret_is_proven_with_the_new_token(
    graph: Simulator, credentials: ApiCredentials, actor: Actor
) -> None:
    assert renew(credentials, actor, NEW, "wrong") == "failed"
    assert credentials.app_secret == CONSTANTS["app_secret"]
    graph.post(f"apps/{CONSTANTS['app_id']}", secret="fresh_secret")
    assert renew(credentials, actor, "", "fresh_secret") == "none"
    assert (credentials.access_token, credentials.app_secret) == (OLD, "fresh_secret")
    assert credentials.former_app_secrets == [CONSTANTS["app_secret"]]


def test_two_renewals_at_once_one_is_refused(credentials: ApiCredentials, actor: Actor) -> None:
    mine, theirs = (ApiCredentials.objects.get(pk=credentials.pk) for _ in range(2))
    offer: dict[str, Any] = {"actor": actor, "workspace": credentials.workspace}
    actions.offer_token(credentials=mine, access_token=NEW, **offer)
    with pytest.raises(MoveRefused):
        actions.offer_token(credentials=theirs, access_token=CONSTANTS["token_expiring_in_9_days"], **offer)
    assert check(mine, actor) == "none"
    assert serving(credentials) == NEW


def test_answers_about_a_token_that_was_exchanged_meanwhile_are_dropped(
    credentials: ApiCredentials, actor: Actor
) -> None:
    """Two workers check; while one still waits for Meta, the other one's refused token was replaced by a third."""
    options: dict[str, Any] = {"actor": actor, "workspace": credentials.workspace}
    actions.offer_token(credentials=credentials, access_token=NEW, **options)
    slow = ApiCredentials.objects.get(pk=credentials.pk)
    actions.withdraw_token(credentials=credentials, **options)
    actions.offer_token(credentials=credentials, access_token=CONSTANTS["token_expired"], **options)
    assert actions.check_candidate(credentials=slow, **options) == "checking"
    assert serving(credentials) == OLD
    assert check(credentials, actor) == "failed"


def test_a_withdrawn_token_never_serves(credentials: ApiCredentials, actor: Actor) -> None:
    options: dict[str, Any] = {"actor": actor, "workspace": credentials.workspace}
    actions.offer_token(credentials=credentials, access_token=NEW, **options)
    slow = ApiCredentials.objects.get(pk=credentials.pk)
    actions.withdraw_token(credentials=credentials, **options)
    assert actions.check_candidate(credentials=slow, **options) == "none"
    assert serving(credentials) == OLD


def test_a_dead_token_is_replaced_and_its_late_refusal_changes_nothing(
    graph: Simulator, credentials: ApiCredentials, workspace: Workspace, actor: Actor
) -> None:
    graph.post("tokens", revoke=OLD)
    actions.check_credentials(actor=actor, workspace=workspace, credentials=credentials)
    assert credentials.status == "dead"
    assert renew(credentials, actor, NEW) == "none"
    assert credentials.status == "valid"
    assert not Alert.objects.filter(resolved_at=None).exists()
    late = {"workspace": workspace, "credentials_id": credentials.pk, "access_token": OLD, "code": 190}
    assert not actions.note_refused_token(actor=actor, **late)
    credentials.refresh_from_db()
    assert credentials.status == "valid"


def test_what_fails_besides_the_token_does_not_keep_a_good_one_out(
    credentials: ApiCredentials, workspace: Workspace, actor: Actor
) -> None:
    actions.change_credentials(
        actor=actor,
        workspace=workspace,
        credentials=credentials,
        name="Lumen",
        portfolio_id=CONSTANTS["waba_id"],
    )
    assert renew(credentials, actor, NEW) == "none"
    assert (serving(credentials), credentials.status) == (NEW, "failing")


def test_no_token_reaches_the_trail(credentials: ApiCredentials, actor: Actor) -> None:
    renew(credentials, actor, CONSTANTS["token_expired"])
    renew(credentials, actor, NEW)
    trail = str(list(AuditEntry.objects.values_list("action", "changes", "object_label")))
    assert "accounts.accept_token" in trail and "accounts.refuse_token" in trail
    for secret in (OLD, NEW, CONSTANTS["token_expired"]):
        assert secret not in trail and secret not in str(credentials.checks) + str(credentials.next_checks)
