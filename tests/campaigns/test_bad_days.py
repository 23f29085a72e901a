"""What a run does when its preparation breaks, its people change, or two do the same thing at once."""

from datetime import timedelta
from typing import Any

import phonenumbers
import pytest
from django.db import OperationalError
from django.test import Client

from campaigns import actions, area_codes, exclusions, preparation, queries, tasks
from campaigns.models import CampaignRun
from channels_app.content.binding import CompiledContent
from channels_app.delivery import actions as holds
from channels_app.delivery import queries as delivery
from channels_app.delivery.desk import Desk
from channels_app.delivery.models import Message, SenderLease
from channels_app.message_templates.models import TemplateTranslation
from console.audiences.actions import record_consent
from console.audiences.models import Profile
from console.kit import clock
from console.kit.errors import MoveRefused
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.audiences import make_profile
from tests.factories.campaigns import make_campaign, prepare_all, send_all
from tests.factories.delivery import FakeMeta, make_people

pytestmark = pytest.mark.django_db


def break_rendering(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def render(self: CompiledContent, context: Any) -> Any:
        raise error

    monkeypatch.setattr(CompiledContent, "render", render)


def test_a_task_that_rings_itself_has_always_moved_something(workspace: Workspace, actor: Actor) -> None:
    run = actions.activate(actor=actor, campaign=make_campaign(workspace, make_people(workspace, 7)))
    rings = 0
    while preparation.prepare(run.pk, batch_size=2, budget_s=0.0):
        rings += 1
        assert Message.objects.count() == min(7, 2 * rings)
    run.refresh_from_db()
    assert rings == 4 and run.prepared_at is not None and Message.objects.count() == 7


def test_a_preparation_that_keeps_breaking_ends_as_failed(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 6))
    run = actions.activate(actor=actor, campaign=campaign)
    preparation.prepare(run.pk, batch_size=4, budget_s=0.0)
    break_rendering(monkeypatch, ValueError("odd"))
    for _ in range(actions.MOST_TRIES - 1):
        tasks.prepare_run(run.pk)
        run.refresh_from_db()
        assert run.status == "preparing"
    tasks.prepare_run(run.pk)
    tasks.prepare_run(run.pk)
    run.refresh_from_db()
    campaign.refresh_from_db()
    assert (campaign.status, run.status) == ("failed", "failed") and "5 times" in campaign.status_reason
    assert not CampaignRun.objects.filter(preparation.UNFINISHED).exists()
    send_all(run, meta := FakeMeta())
    assert meta.calls == 0 and delivery.buckets("campaign_run", run.pk).canceled == 4


def test_a_database_away_is_no_failed_try(workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    run = actions.activate(actor=actor, campaign=make_campaign(workspace, make_people(workspace, 1)))
    with monkeypatch.context() as patch:
        break_rendering(patch, OperationalError("gone"))
        for _ in range(actions.MOST_TRIES + 2):
            tasks.prepare_run(run.pk)
    prepare_all(run)
    assert run.status == "sending"


def test_getting_on_forgets_the_failed_tries(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = actions.activate(actor=actor, campaign=make_campaign(workspace, make_people(workspace, 3)))
    with monkeypatch.context() as patch:
        break_rendering(patch, ValueError("odd"))
        tasks.prepare_run(run.pk)
    run.refresh_from_db()
    assert run.failed_try_count == 1
    prepare_all(run)
    assert (run.status, run.failed_try_count) == ("sending", 0)


def test_a_stopped_run_that_can_not_be_prepared_is_closed(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 3))
    run = actions.activate(actor=actor, campaign=campaign)
    actions.stop(actor=actor, campaign=campaign)

    def boom(*args: Any, **options: Any) -> Any:
        raise ValueError("odd")

    monkeypatch.setattr(preparation, "to_messages", boom)
    for _ in range(actions.MOST_TRIES):
        tasks.prepare_run(run.pk)
    run.refresh_from_db()
    assert run.status == "stopped" and run.prepared_at is not None


@pytest.mark.parametrize(
    ("phone", "country", "is_blocked"),
    [
        ("+14155550123", "US", True),
        ("+14155550123", "", True),
        ("+14155550123", "CA", True),
        ("+14165550123", "CA", False),
        ("+14165550123", "US", False),
        ("+18765550123", "", False),
        ("+12235550123", "", True),
        ("+447400123456", "US", False),
    ],
)
def test_the_number_says_whether_it_is_american(
    workspace: Workspace, phone: str, country: str, is_blocked: bool
) -> None:
    make_profile(workspace, phone=phone, country=country, marketing_consent="granted")
    everybody = Profile.objects.filter(workspace=workspace)
    counted = exclusions.count(everybody, purpose="marketing", at=clock.now())
    assert dict(counted.excluded) == ({"us_marketing_block": 1} if is_blocked else {})
    assert area_codes.is_us(phone) == is_blocked


def test_the_area_codes_are_those_of_phonenumbers() -> None:
    elsewhere = []
    for code in range(200, 1000):
        number = phonenumbers.PhoneNumber(country_code=1, national_number=int(f"{code}2344567"))
        if (phonenumbers.region_code_for_number(number) or "US") != "US":
            elsewhere.append(str(code))
    assert elsewhere == list(area_codes.NOT_US)


def test_of_two_activations_at_once_one_wins(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 2))
    stale = type(campaign).objects.get(pk=campaign.pk)
    actions.activate(actor=actor, campaign=campaign, key="a")
    with pytest.raises(MoveRefused):
        actions.activate(actor=actor, campaign=stale, key="b")
    assert CampaignRun.objects.count() == 1


def test_a_scheduled_campaign_that_two_workers_start_begins_once(
    workspace: Workspace, actor: Actor, time_machine: Any
) -> None:
    starts_at = clock.now() + timedelta(hours=1)
    campaign = make_campaign(workspace, make_people(workspace, 2), starts_at=starts_at)
    actions.activate(actor=actor, campaign=campaign)
    one, other = (type(campaign).objects.get(pk=campaign.pk) for _ in range(2))
    time_machine.move_to(starts_at + timedelta(seconds=1))
    assert actions.start_scheduled(actor=actor, campaign=one) is not None
    assert actions.start_scheduled(actor=actor, campaign=other) is None
    assert CampaignRun.objects.get().status == "preparing"


def test_an_audience_archived_renamed_or_emptied_changes_no_run(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 4))
    run = actions.activate(actor=actor, campaign=campaign)
    assert campaign.audience is not None
    campaign.audience.name, campaign.audience.archived_at = "Another", clock.now()
    campaign.audience.save()
    prepare_all(run)
    send_all(run, meta := FakeMeta())
    assert len(meta.accepted) == 4


def test_consent_withdrawn_and_a_profile_deleted_after_the_preparation(workspace: Workspace, actor: Actor) -> None:
    people = make_people(workspace, 4)
    run = actions.activate(actor=actor, campaign=make_campaign(workspace, people))
    prepare_all(run)
    record_consent(
        actor=actor,
        workspace=workspace,
        profile_ids=[people[0].pk],
        purpose="marketing",
        value="withdrawn",
        source="person",
        evidence={},
        given_at=clock.now(),
    )
    people[1].delete()
    send_all(run, meta := FakeMeta())
    buckets = delivery.buckets("campaign_run", run.pk)
    assert {to for to, _wamid, _data in meta.accepted} == {people[2].phone, people[3].phone}
    assert buckets.excluded == {"consent_withdrawn": 1, "profile_gone": 1} and buckets.audience == 4


def test_a_profile_deleted_before_its_batch_is_simply_not_there(workspace: Workspace, actor: Actor) -> None:
    people = make_people(workspace, 5)
    run = actions.activate(actor=actor, campaign=make_campaign(workspace, people))
    preparation.prepare(run.pk, batch_size=2, budget_s=0.0)
    people[4].delete()
    prepare_all(run)
    buckets = delivery.buckets("campaign_run", run.pk)
    assert buckets.audience == run.audience_count == 4 and buckets.adds_up


def test_a_template_paused_in_mid_run_stops_claims_and_the_page_knows_why(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 3))
    run = actions.activate(actor=actor, campaign=campaign)
    prepare_all(run)
    TemplateTranslation.objects.update(status="PAUSED")
    send_all(run, meta := FakeMeta())
    assert meta.calls == 0
    assert [(one.code, one.reason) for one in delivery.blockers(workspace, "campaign_run", run.pk)] == [
        ("template", "PAUSED")
    ]
    TemplateTranslation.objects.update(status="APPROVED")
    send_all(run, meta)
    assert len(meta.accepted) == 3


def test_a_number_disconnected_in_mid_run_keeps_everybody_waiting(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 3))
    run = actions.activate(actor=actor, campaign=campaign)
    prepare_all(run)
    assert campaign.channel_configuration is not None
    number = campaign.channel_configuration.phone_number
    type(number).objects.filter(pk=number.pk).update(status="DISCONNECTED")
    assert Desk.open(number.pk, "test") is None
    assert delivery.buckets("campaign_run", run.pk).ready == 3
    assert [one.code for one in delivery.blockers(workspace, "campaign_run", run.pk)] == ["number"]


def test_a_clock_that_goes_back_a_minute_doubles_and_loses_nobody(
    workspace: Workspace, actor: Actor, time_machine: Any
) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 6))
    run = actions.activate(actor=actor, campaign=campaign)
    preparation.prepare(run.pk, batch_size=3, budget_s=0.0)
    send_all(run, meta := FakeMeta())
    now = clock.now()
    time_machine.move_to(now - timedelta(minutes=1))
    preparation.prepare(run.pk, batch_size=3, budget_s=0.0)
    prepare_all(run)
    send_all(run, meta)
    time_machine.move_to(now + timedelta(minutes=2))
    send_all(run, meta)
    assert len(meta.accepted) == 6 and not meta.twice
    assert queries.campaign_state(campaign).status == "completed"


def test_a_template_that_delivery_held_is_shown_and_released(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 3))
    run = actions.activate(actor=actor, campaign=campaign)
    prepare_all(run)
    version = run.frozen["template_version_id"]
    holds.hold_template(
        actor=Actor.system("delivery"), workspace=workspace, template_version_id=version, reason="meta_132015"
    )
    send_all(run, meta := FakeMeta())
    [blocker] = delivery.blockers(workspace, "campaign_run", run.pk)
    assert meta.calls == 0 and (blocker.code, blocker.scope, blocker.can_release) == ("hold", "template", True)
    actions.release_template(actor=actor, campaign=campaign)
    send_all(run, meta)
    assert len(meta.accepted) == 3


def test_the_page_shows_what_holds_a_send_and_lets_a_held_template_go(
    workspace: Workspace, actor: Actor, owner_client: Client
) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 2))
    prepare_all(actions.activate(actor=actor, campaign=campaign))
    version = campaign.content.version_id
    assert version is not None
    holds.hold_template(actor=actor, workspace=workspace, template_version_id=version, reason="meta_132012")
    address = f"/w/{workspace.slug}/campaigns/{campaign.pk}/"
    page = owner_client.get(address).content.decode()
    assert "Meta refused messages with this template" in page
    assert "Send with this template again" in page
    assert owner_client.post(f"{address}release-template").status_code == 302
    assert "Meta refused messages with this template" not in owner_client.get(address).content.decode()


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("no_connection", "Meta can’t be reached"), ("meta_131048", "because Meta asked for it")],
)
def test_a_resting_number_says_why(
    workspace: Workspace, actor: Actor, owner_client: Client, reason: str, sentence: str
) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 2))
    run = actions.activate(actor=actor, campaign=campaign)
    prepare_all(run)
    number = run.frozen["phone_number_id"]
    SenderLease.objects.update_or_create(
        phone_number_id=number, defaults={"rest_until": clock.now() + timedelta(minutes=5), "rest_reason": reason}
    )
    assert sentence in owner_client.get(f"/w/{workspace.slug}/campaigns/{campaign.pk}/").content.decode()
