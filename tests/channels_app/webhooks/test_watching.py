"""Silence, refused calls and unknown numbers: told when they begin, ended when they end, never told for nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from channels_app.cloud_api import signatures
from channels_app.delivery.models import Message
from channels_app.webhooks import actions, tasks
from channels_app.webhooks.models import InboundMessage, QuarantinedItem, Refusal
from console.alerts.models import Alert
from console.kit import clock
from console.workspaces.models import Workspace
from tests.channels_app.webhooks.test_applying import inbound, messages, status, store
from tests.factories.accounts import make_account, make_credentials, make_phone_number
from tests.factories.delivery import make_messages, make_number
from tests.factories.workspaces import make_workspace
from tests.support.bell import answer_bell

OLD = timedelta(minutes=11)


@pytest.fixture
def number(workspace: Workspace) -> PhoneNumber:
    found = make_number(workspace)
    WhatsAppAccount.objects.filter(pk=found.account_id).update(created_at=clock.now() - timedelta(days=9))
    return found


def accept(number: PhoneNumber, *, ago: timedelta = OLD, how_many: int = 3, word: str = "accepted") -> None:
    rows = make_messages(number, how_many, source_id=hash(ago) % 1000)
    changes = {"status": word, "accepted_at": clock.now() - ago}
    Message.objects.filter(pk__in=[row.pk for row in rows]).update(**changes)


def heard(number: PhoneNumber, *, ago: timedelta) -> None:
    WhatsAppAccount.objects.filter(pk=number.account_id).update(heard_at=clock.now() - ago)


def alerts(kind: str = "webhooks.silence") -> list[Alert]:
    return list(Alert.objects.filter(kind=kind, resolved_at__isnull=True))


def test_silence_is_told_once_with_its_count_and_ends_when_something_is_heard(number: PhoneNumber) -> None:
    accept(number)
    for _twice in range(2):
        assert actions.watch_silence() == 1
    alert = Alert.objects.get()
    assert (alert.key, alert.facts["count"], alert.facts["credentials_id"]) == (
        str(number.pk),
        3,
        number.account.credentials_id,
    )
    heard(number, ago=timedelta(seconds=1))
    assert actions.watch_silence() == 0
    assert alerts() == []


@pytest.mark.parametrize(
    "prepare",
    [
        lambda number: None,
        lambda number: accept(number, ago=timedelta(minutes=9)),
        lambda number: accept(number, word="sent"),
        lambda number: accept(number, word="failed"),
        lambda number: (accept(number), heard(number, ago=timedelta(minutes=10))),
        lambda number: accept(number, ago=timedelta(days=8)),
        lambda number: (
            accept(number),
            ApiCredentials.objects.filter(pk=number.account.credentials_id).update(silence_minutes=12),
        ),
        lambda number: (accept(number), store(number, messages(number, statuses=[status("w1")]))),
    ],
    ids=["nothing sent", "too soon", "told", "refused", "heard since", "long ago", "patient", "our worker is behind"],
)
def test_no_false_alarm(number: PhoneNumber, prepare: Callable[[PhoneNumber], Any]) -> None:
    prepare(number)
    assert actions.watch_silence() == 0


def test_another_accounts_waiting_events_end_no_alarm(number: PhoneNumber) -> None:
    accept(number)
    actions.watch_silence()
    store(number, messages(number, statuses=[status("w1")]))
    assert actions.watch_silence() == 1 and len(alerts()) == 1
    assert Alert.objects.count() == 1, "nobody is told twice"


def test_silence_of_one_number_is_not_that_of_another(number: PhoneNumber, workspace: Workspace) -> None:
    other = make_number(workspace)
    accept(number)
    heard(other, ago=timedelta(0))
    assert actions.watch_silence() == 1
    assert [alert.key for alert in alerts()] == [str(number.pk)]


def test_watching_costs_the_same_for_many_numbers(
    workspace: Workspace, number: PhoneNumber, django_assert_max_num_queries: Any
) -> None:
    for _more in range(5):
        make_number(workspace)
    with django_assert_max_num_queries(4):
        actions.watch_silence()


def test_hearing_ends_an_alarm_at_once(
    number: PhoneNumber, django_capture_on_commit_callbacks: Any, owner_client: Client
) -> None:
    accept(number)
    actions.watch_silence()
    credentials = number.account.credentials
    page = owner_client.get(reverse("accounts:webhook", args=[number.workspace.slug, credentials.pk]))
    assert "No webhook is heard for" in page.content.decode()
    raw = b'{"object":"whatsapp_business_account","entry":[]}'
    headers = {"X-Hub-Signature-256": signatures.sign(credentials.app_secret, raw)}
    with django_capture_on_commit_callbacks(execute=True):
        path = reverse("hooks:whatsapp", args=[credentials.webhook_key])
        Client().post(path, raw, content_type="application/json", headers=headers)
    assert "channels_app.webhooks.tasks.watch" in answer_bell()


def refuse(credentials: ApiCredentials, reason: str, count: int, *, ago: timedelta = timedelta(0)) -> None:
    at = clock.now() - ago
    Refusal.objects.create(credentials=credentials, refused_on=at.date(), reason=reason, count=count, last_at=at)


def hear_app(credentials: ApiCredentials, *, ago: timedelta) -> None:
    ApiCredentials.objects.filter(pk=credentials.pk).update(webhook_heard_at=clock.now() - ago)


def test_a_stale_secret_is_told_by_name(workspace: Workspace) -> None:
    credentials = make_credentials(workspace)
    hear_app(credentials, ago=timedelta(hours=1))
    refuse(credentials, "stale", 1)
    assert actions.watch_refusals() == 1
    alert = alerts("webhooks.refused")[0]
    assert alert.facts["is_stale"] and alert.facts["name"] == credentials.name
    hear_app(credentials, ago=timedelta(0))
    assert actions.watch_refusals() == 0 and alerts("webhooks.refused") == []


@pytest.mark.parametrize(
    ("reason", "count", "heard_ago", "wanted"),
    [("wrong", 3, 60, 1), ("wrong", 2, 60, 0), ("wrong", 300, 0, 0), ("verify_token", 9, 60, 0), ("missing", 9, 60, 1)],
)
def test_refusals_in_a_row(workspace: Workspace, reason: str, count: int, heard_ago: int, wanted: int) -> None:
    credentials = make_credentials(workspace)
    hear_app(credentials, ago=timedelta(minutes=heard_ago))
    refuse(credentials, reason, count)
    assert actions.watch_refusals() == wanted


def unknown(number: PhoneNumber, phone_number_id: str, wamid: str) -> None:
    value = {"metadata": {"phone_number_id": phone_number_id}, "messages": [inbound(wamid)]}
    store(number, ("messages", value))
    tasks.apply_stored()


def test_events_for_an_unknown_number_are_kept_grouped_and_healed(
    number: PhoneNumber, workspace: Workspace, owner_client: Client
) -> None:
    for count in range(2):
        unknown(number, "399000000000001", f"wamid.U{count}")
    assert not InboundMessage.objects.exists()
    tasks.watch()
    assert alerts("webhooks.unknown_number")[0].facts["count"] == 2
    page = owner_client.get(reverse("webhooks:list", args=[workspace.slug])).content.decode()
    assert "Number id 399000000000001" in page and "2 events wait" in page
    make_phone_number(workspace, number.account, phone_number_id="399000000000001")
    tasks.watch()
    assert InboundMessage.objects.count() == 2
    assert not QuarantinedItem.objects.filter(resolved_at__isnull=True).exists()
    assert alerts("webhooks.unknown_number") == []


def test_a_number_of_another_workspace_stays_sealed(number: PhoneNumber) -> None:
    other = make_workspace()
    foreign = make_phone_number(other, make_account(other), phone_number_id="399000000000002")
    unknown(number, foreign.phone_number_id, "wamid.F1")
    for _twice in range(2):
        tasks.watch()
    assert not InboundMessage.objects.exists()
    assert not Alert.objects.filter(workspace=other).exists()
