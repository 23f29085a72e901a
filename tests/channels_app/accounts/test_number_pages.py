"""The pages about numbers: by role, with history and without, whatever Meta says, and the sentences of the alerts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.accounts import alert_kinds, number_presenting, number_queries, number_words
from channels_app.accounts.fact_changes import note_changes
from channels_app.accounts.models import FactChange, PhoneNumber, Portfolio
from console.alerts.kinds import KINDS
from console.alerts.models import Alert
from console.kit import clock
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.accounts import make_account, make_channel, make_phone_number
from tests.factories.workspaces import make_member, make_workspace

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
PORTFOLIO = "900000000000001"
LONG = "x" * 4000


@pytest.fixture
def number(workspace: Workspace) -> PhoneNumber:
    Portfolio.objects.create(
        workspace=workspace,
        portfolio_id=PORTFOLIO,
        name="Demo Group",
        messaging_limit="TIER_100K",
        used_count=12_640,
        used_at=clock.now(),
        created_at=clock.now(),
    )
    account = make_account(workspace, portfolio_id=PORTFOLIO)
    return make_phone_number(workspace, account, messaging_limit="TIER_100K")


def text(client: Client, number: PhoneNumber) -> str:
    return client.get(reverse("accounts:number", args=[number.workspace.slug, number.pk])).content.decode()


def change(number: PhoneNumber, after: dict[str, Any], days_ago: int) -> None:
    at = clock.now() - timedelta(days=days_ago)
    note_changes(number, after, source=FactChange.Source.WEBHOOK, at=at)


def test_a_marketer_sees_the_state_and_no_button(number: PhoneNumber, client_of: ClientOf) -> None:
    page = text(client_of(make_member(number.workspace, Role.MARKETER)), number)
    assert "At most 12,640 used in 24 h" in page
    assert "Refresh from Meta" not in page
    assert "Deregister" not in page
    assert "12,640 of 100,000 in 24 h" in page  # the card at the foot of the navigation


def test_only_who_manages_sees_the_path_of_an_address(
    number: PhoneNumber, client_of: ClientOf, owner_client: Client
) -> None:
    for row in (number, number.account):
        type(row).objects.filter(pk=row.pk).update(override_callback_url="https://hooks.example/k3y")
        viewer = text(client_of(make_member(number.workspace, Role.VIEWER)), number)
        assert "hooks.example" in viewer and "k3y" not in viewer
        assert "hooks.example/k3y" in text(owner_client, number)
        type(row).objects.filter(pk=row.pk).update(override_callback_url="")


def test_a_stranger_sees_nothing(number: PhoneNumber, client_of: ClientOf) -> None:
    stranger = client_of(make_member(make_workspace(), Role.OWNER))
    assert stranger.get(reverse("accounts:number", args=[number.workspace.slug, number.pk])).status_code == 404


def test_the_list_shows_all_numbers_with_what_is_used(number: PhoneNumber, client_of: ClientOf, owner: User) -> None:
    make_phone_number(number.workspace, status="PENDING", quality_rating="UNKNOWN", verified_name="Second")
    client = client_of(owner)
    page = client.get(reverse("accounts:numbers", args=[number.workspace.slug]))
    for words in ("12,640", "12.6%", "Second", "Not registered", "Need attention"):
        assert words in page.content.decode()
    troubled = client.get(reverse("accounts:numbers", args=[number.workspace.slug]) + "?state=troubled")
    assert "12,640" not in troubled.content.decode().split("wm-health")[-1].split("</a>", 1)[1]
    csv = client.get(reverse("accounts:numbers", args=[number.workspace.slug]) + "?format=csv")
    assert csv.status_code == 200


def test_quality_is_drawn_in_steps(number: PhoneNumber, client_of: ClientOf, owner: User) -> None:
    PhoneNumber.objects.filter(pk=number.pk).update(created_at=clock.now() - timedelta(days=40))
    number.refresh_from_db()
    change(number, {"quality_rating": "RED"}, 20)
    change(number, {"quality_rating": "YELLOW"}, 5)
    history = number_queries.history(number, None, "quality_rating", clock.now())
    chart = number_presenting.quality_chart(number, history, clock.now())
    assert chart is not None
    data = chart["series"][0]["data"]
    assert len(data) == len(chart["x"]) == 41
    assert [data[at] for at in (0, 19, 21, 34, 36, 40)] == [3, 3, 1, 1, 2, 2]
    page = text(client_of(owner), number)
    assert "quality-history-data" in page
    assert "Quality: High, now Low" in page


def test_the_history_of_a_new_number_is_drawn_by_change(number: PhoneNumber) -> None:
    for rating in ("RED", "GREEN"):
        note_changes(number, {"quality_rating": rating}, source=FactChange.Source.POLL)
    now = clock.now()
    chart = number_presenting.quality_chart(number, number_queries.history(number, None, "quality_rating", now), now)
    assert chart is not None
    assert chart["series"][0]["data"] == [3, 1, 3, 3]


def test_what_never_changed_is_said_instead_of_drawn(number: PhoneNumber, client_of: ClientOf, owner: User) -> None:
    page = text(client_of(owner), number)
    assert "It did not change in the last 90 days" in page
    assert "quality-history-data" not in page
    assert "First reading from Meta" in page


def test_health_names_each_node_with_its_fix(number: PhoneNumber, client_of: ClientOf, owner: User) -> None:
    error = {"error_code": 141006, "error_description": "No payment method.", "possible_solution": "Add one."}
    number.facts = {
        "health_status": {
            "can_send_message": "BLOCKED",
            "entities": [
                {"entity_type": "PHONE_NUMBER", "can_send_message": "AVAILABLE"},
                {"entity_type": "BUSINESS", "can_send_message": "LIMITED", "additional_info": ["Not verified."]},
                {"entity_type": "WABA", "can_send_message": "BLOCKED", "errors": [error]},
            ],
        }
    }
    number.save()
    page = text(client_of(owner), number)
    for words in ("Business portfolio", "Not verified.", "No payment method. Add one. (Meta code 141006)"):
        assert words in page


HOSTILE: list[Any] = [None, "", 7, [], {}, LONG, [None], [{"entity_type": {}, "errors": 3, "additional_info": "x"}]]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda value: repr(value)[:20])
def test_whatever_meta_says_the_page_stands(
    number: PhoneNumber, client_of: ClientOf, owner: User, hostile: Any
) -> None:
    number.facts = {"health_status": {"entities": hostile}, "platform_type": hostile, "is_on_biz_app": hostile}
    number.name_review = {"decision": "REJECTED", "reason": "A_NEW_REASON", "requested": LONG}
    number.name_status = number.quality_rating = number.throughput_level = "NEW"
    number.save()
    number.account.standing = "new_word"
    number.account.standing_facts = {"restrictions": hostile if hostile == [] else None, "ban": hostile}
    number.account.save()
    note_changes(number, {"status": "A_NEW_WORD"}, source=FactChange.Source.POLL)
    page = text(client_of(owner), number)
    assert "A_NEW_REASON" in page
    number.facts = {"health_status": hostile}
    number.save()
    assert text(client_of(owner), number)


def test_a_restriction_is_shown_until_it_ends(number: PhoneNumber, client_of: ClientOf, owner: User) -> None:
    until = datetime(2099, 11, 26, 9, 30, tzinfo=UTC)
    rule = {"type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "until": int(until.timestamp()), "remedy": "", "at": 1}
    number.account.standing, number.account.standing_facts = "restricted", {"restrictions": [rule]}
    number.account.save()
    page = text(client_of(owner), number)
    assert "It can&#x27;t start conversations" in page
    assert "2099" in page
    assert number_words.standing_text("restricted", {"restrictions": [{**rule, "until": 5}]}).count("Until") == 0


def test_a_number_of_the_business_app_is_slower(number: PhoneNumber, client_of: ClientOf, owner: User) -> None:
    number.facts = {"is_on_biz_app": True}
    number.save()
    assert "20 a second" in text(client_of(owner), number)


def test_a_failed_reading_is_said(number: PhoneNumber, client_of: ClientOf, owner: User) -> None:
    number.account.read_failure, number.account.read_tried_at = 190, clock.now()
    number.account.save()
    assert "Meta code 190" in text(client_of(owner), number)


def test_where_it_is_used(number: PhoneNumber, client_of: ClientOf, owner: User) -> None:
    make_channel(number.workspace, number, name="spring-sender")
    assert "spring-sender" in text(client_of(owner), number)


@pytest.mark.parametrize("kind", ["quality", "limit", "number_state", "name_decision", "account_standing", "security"])
def test_alerts_are_sentences_whatever_the_facts(kind: str) -> None:
    assert alert_kinds
    declared = KINDS[f"accounts.{kind}"]
    for facts in (
        {},
        {"after": LONG, "before": None},
        {"after": "RED", "standing": 3, "requested": None, "reason": []},
    ):
        for words in (declared.title, declared.text):
            assert words(facts) if callable(words) else str(words)


def test_alerts_of_changes_have_words_and_a_way(number: PhoneNumber) -> None:
    note_changes(number, {"quality_rating": "RED", "status": "RESTRICTED"}, source=FactChange.Source.POLL)
    for alert in Alert.objects.all():
        declared = KINDS[alert.kind]
        title = declared.title(alert.facts) if callable(declared.title) else str(declared.title)
        assert number.display_number in title
        assert [alert.facts[name] for name in declared.url_facts] == [number.pk]
