"""The pages of campaigns as each role meets them: compose, review, activate, watch, prove."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import actions, activity
from campaigns.models import Campaign, CampaignRun
from channels_app.accounts.models import PhoneNumber
from channels_app.accounts.words import LIMITS
from channels_app.delivery.models import Message
from console.audiences.models import Profile
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.audiences import make_list, make_profile
from tests.factories.campaigns import make_campaign, make_sendable_version, prepare_all, send_all
from tests.factories.delivery import FakeMeta, make_people
from tests.factories.workspaces import make_member, make_workspace

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def at(name: str, campaign: Campaign) -> str:
    return reverse(f"campaigns:{name}", args=[campaign.workspace.slug, campaign.pk])


def posted(campaign: Campaign, **changes: Any) -> dict[str, Any]:
    """What the composer's form posts."""
    return {
        "name": campaign.name,
        "audience": campaign.audience_id or "",
        "channel_configuration": campaign.channel_configuration_id or "",
        "when": "now",
        "time_zone": "UTC",
        "revision": campaign.revision,
        "version": campaign.content.version_id or "",
        "expression:body.1": "{{ profile.first_name }}",
        "fallback:body.1": "there",
    } | changes


@pytest.fixture
def campaign(workspace: Workspace) -> Campaign:
    return make_campaign(
        workspace, [*make_people(workspace, 3), make_profile(workspace), make_profile(workspace, is_test=True)]
    )


@pytest.fixture
def run(campaign: Campaign, actor: Actor) -> CampaignRun:
    run = actions.activate(actor=actor, campaign=campaign)
    prepare_all(run)
    return run


def test_a_new_campaign_opens_in_the_composer(workspace: Workspace, owner_client: Client) -> None:
    url = reverse("campaigns:create", args=[workspace.slug])
    assert owner_client.post(url, {"name": ""}).status_code == 422
    answer = owner_client.post(url, {"name": "Autumn"}, follow=True)
    assert answer.status_code == 200 and "Choose an audience." in answer.content.decode()


def test_the_list_shows_states_and_progress(
    workspace: Workspace, campaign: Campaign, run: CampaignRun, owner_client: Client, django_assert_max_num_queries: Any
) -> None:
    url = reverse("campaigns:list", args=[workspace.slug])
    with django_assert_max_num_queries(16):
        page = owner_client.get(url).content.decode()
    assert "Spring roast" in page and "0 of 3" in page and "Sending" in page
    send_all(run, FakeMeta())
    page = owner_client.get(url, {"state": "completed"}).content.decode()
    assert "3 of 3" in page and "Completed" in page


def test_the_first_use_of_the_list(workspace: Workspace, owner_client: Client) -> None:
    assert (
        "Send your first campaign"
        in owner_client.get(reverse("campaigns:list", args=[workspace.slug])).content.decode()
    )


def test_the_composer_saves_quietly_and_by_its_button(campaign: Campaign, owner_client: Client) -> None:
    quiet = owner_client.post(at("edit", campaign), posted(campaign, name="Winter"), headers=HTMX)
    assert quiet.status_code == 200 and quiet["HX-Reswap"] == "none" and "Saved" in quiet.content.decode()
    campaign.refresh_from_db()
    assert campaign.name == "Winter"
    loud = owner_client.post(at("edit", campaign), posted(campaign, name="Summer"))
    assert loud.status_code == 302
    campaign.refresh_from_db()
    assert campaign.name == "Summer"


def test_a_past_start_is_refused_with_a_sentence_and_nothing_is_lost(campaign: Campaign, owner_client: Client) -> None:
    changes = posted(campaign, when="later", starts_on="2020-01-01T10:00", name="Typed")
    answer = owner_client.post(at("edit", campaign), changes)
    page = answer.content.decode()
    assert answer.status_code == 422 and "This time has passed" in page and "Typed" in page
    campaign.refresh_from_db()
    assert campaign.name == "Spring roast"


def test_a_start_is_read_in_the_chosen_zone(campaign: Campaign, owner_client: Client) -> None:
    tomorrow = clock.now() + timedelta(days=1)
    changes = posted(campaign, when="later", starts_on=f"{tomorrow:%Y-%m-%d}T10:00", time_zone="Asia/Seoul")
    assert owner_client.post(at("edit", campaign), changes).status_code == 302
    campaign.refresh_from_db()
    assert campaign.starts_at is not None and (campaign.starts_at.hour, campaign.starts_at.day) == (1, tomorrow.day)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_two_editors_notice_each_other(campaign: Campaign, actor: Actor, owner_client: Client, headers: Any) -> None:
    mine = posted(campaign, name="Mine")
    actions.update_campaign(actor=actor, campaign=campaign, name="Theirs")
    answer = owner_client.post(at("edit", campaign), mine, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Theirs" in page and "Mine" in page and actor.label in page
    campaign.refresh_from_db()
    assert campaign.name == "Theirs"
    owner_client.post(at("edit", campaign), {**mine, "overwrite_revision": campaign.revision})
    campaign.refresh_from_db()
    assert campaign.name == "Mine"


def test_the_count_gives_the_eligible_and_each_reason(campaign: Campaign, owner_client: Client) -> None:
    page = owner_client.get(at("count", campaign), headers=HTMX).content.decode()
    assert "of 5 members" in page and "No consent" in page


def test_the_people_behind_each_reason(campaign: Campaign, owner_client: Client, client_of: ClientOf) -> None:
    link = f"{at('people', campaign)}?state=consent_missing"
    assert link in owner_client.get(at("count", campaign), headers=HTMX).content.decode()
    assert link in owner_client.get(at("review", campaign)).content.decode()
    page = owner_client.get(link).content.decode()
    assert page.count("There is no record that this person agreed") == 2 and "Person 1" not in page
    number = campaign.audience.members.order_by("pk")[0].profile.phone  # type: ignore[union-attr]
    eligible = f"{at('people', campaign)}?state=eligible"
    assert number in owner_client.get(eligible).content.decode()
    viewer = client_of(make_member(campaign.workspace, Role.VIEWER)).get(eligible).content.decode()
    assert number not in viewer and number[-4:] in viewer


def test_people_without_a_value_are_counted_beside_the_variable_and_can_be_looked_at(
    workspace: Workspace, owner_client: Client
) -> None:
    people = make_people(workspace, 3)
    Profile.objects.filter(pk=people[0].pk).update(attributes={"store": "Soho"})
    store = {"body.1": {"expression": "{{ profile.store }}", "fallback": ""}}
    campaign = make_campaign(workspace, people, bindings=store)
    counted = owner_client.get(at("count", campaign), headers=HTMX).content.decode()
    assert "2 eligible people have no value for" in counted and 'id="slot-body-1-missing"' in counted
    page = owner_client.get(at("people", campaign), {"state": "missing_value"}).content.decode()
    assert "Person 1" in page and "Person 2" in page and "Person 0" not in page
    page = owner_client.get(at("people", campaign), {"state": "eligible"}).content.decode()
    assert "Person 0" in page and "Person 1" not in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_a_draft_is_readable_for_who_may_not_edit(campaign: Campaign, client_of: ClientOf, role: Role) -> None:
    client = client_of(make_member(campaign.workspace, role))
    page = client.get(reverse("campaigns:list", args=[campaign.workspace.slug])).content.decode()
    assert at("review", campaign) in page and at("edit", campaign) not in page
    assert client.get(at("live", campaign))["Location"] == at("review", campaign)
    assert client.get(at("review", campaign)).status_code == 200


def test_at_a_time_always_has_a_time(campaign: Campaign, owner_client: Client) -> None:
    page = owner_client.get(at("edit", campaign)).content.decode()
    assert f"{clock.now() + timedelta(days=1):%Y-%m-%d}T10:00" in page
    answer = owner_client.post(at("edit", campaign), posted(campaign, when="later", starts_on=""), headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Choose a date and a time" in page and "Not saved yet" in page
    campaign.refresh_from_db()
    assert campaign.starts_at is None and campaign.revision == 2


def test_a_template_from_the_picker_is_shown_before_it_is_saved(campaign: Campaign, owner_client: Client) -> None:
    assert campaign.channel_configuration is not None
    other = make_sendable_version(campaign.channel_configuration.phone_number)
    page = owner_client.get(at("edit", campaign), {"pick_version": other.pk}).content.decode()
    assert f'value="{other.pk}" selected' in page
    picked = posted(campaign, pick_version=other.pk)
    assert owner_client.post(at("edit", campaign), picked, headers=HTMX)["HX-Trigger"] == "wm:close"
    campaign.content.refresh_from_db()
    assert campaign.content.version_id == other.pk


def test_the_review_says_what_the_messaging_limit_means(campaign: Campaign, owner_client: Client) -> None:
    PhoneNumber.objects.update(messaging_limit="TIER_250")
    assert "Fits the messaging limit of 250 people" in owner_client.get(at("review", campaign)).content.decode()
    with patch.dict(LIMITS, TIER_250=2):
        page = owner_client.get(at("review", campaign)).content.decode()
    assert "More people than Meta allows in a day" in page and "at least 2 days" in page


def test_the_activity_is_counted_once_for_everybody_who_watches(
    run: CampaignRun, django_assert_num_queries: Any
) -> None:
    send_all(run, FakeMeta())
    with django_assert_num_queries(2):
        spec = activity.chart(run)
    sent = spec["series"][0]["data"]
    assert sum(filter(None, sent)) == 3 and spec["step"] == "per 10 seconds"
    assert sent[-1] is None  # has not happened yet
    with django_assert_num_queries(0):
        assert activity.chart(run)["series"] == spec["series"]


def test_a_long_run_is_drawn_in_few_steps(run: CampaignRun) -> None:
    start = clock.now() - timedelta(hours=5)
    CampaignRun.objects.filter(pk=run.pk).update(started_at=start)
    for hour, row in enumerate(Message.objects.exclude(status="excluded").order_by("pk")):
        Message.objects.filter(pk=row.pk).update(accepted_at=start + timedelta(hours=2 * hour))
    run.refresh_from_db()
    spec = activity.chart(run)
    assert spec["step"] == "per 5 minutes" and len(spec["x"]) <= activity.MOST_POINTS
    assert sum(filter(None, spec["series"][0]["data"])) == 3


def test_the_preview_is_as_a_test_profile(campaign: Campaign, owner_client: Client) -> None:
    page = owner_client.get(at("edit", campaign)).content.decode()
    assert 'id="content-preview"' in page and '<mark class="wm-var">' in page and "Test profile 1 of 1" in page


def test_review_names_what_its_button_does_and_activates_once(campaign: Campaign, owner_client: Client) -> None:
    page = owner_client.get(at("review", campaign)).content.decode()
    assert "Send to 3 people now" in page and "In the audience" in page
    form = {"revision": campaign.revision, "idempotency_key": "once", "accept": ["few_eligible"]}
    for _ in range(2):
        assert owner_client.post(at("activate", campaign), form)["Location"] == at("live", campaign)
    assert CampaignRun.objects.count() == 1


def test_errors_block_and_are_linked_to_their_field(workspace: Workspace, actor: Actor, owner_client: Client) -> None:
    campaign = actions.create_campaign(actor=actor, workspace=workspace, name="Empty")
    page = owner_client.get(at("review", campaign)).content.decode()
    assert "#id_audience" in page and "#id_channel_configuration" in page and "disabled" in page
    form = {"revision": campaign.revision, "idempotency_key": "k"}
    assert owner_client.post(at("activate", campaign), form).status_code == 409


def test_warnings_have_to_be_accepted(workspace: Workspace, owner_client: Client) -> None:
    few = make_campaign(workspace, [*make_people(workspace, 1), *(make_profile(workspace) for _ in range(3))])
    form = {"revision": few.revision, "idempotency_key": "k"}
    assert owner_client.post(at("activate", few), form).status_code == 422
    assert owner_client.post(at("activate", few), {**form, "accept": "few_eligible"}).status_code == 302


def test_a_change_after_the_review_is_not_activated(campaign: Campaign, actor: Actor, owner_client: Client) -> None:
    form = {"revision": campaign.revision, "idempotency_key": "k"}
    actions.update_campaign(actor=actor, campaign=campaign, name="Changed")
    assert owner_client.post(at("activate", campaign), form).status_code == 409
    campaign.refresh_from_db()
    assert campaign.status == "draft" and not CampaignRun.objects.exists()


def test_the_live_page_adds_up_polls_and_ends(campaign: Campaign, run: CampaignRun, owner_client: Client) -> None:
    page = owner_client.get(at("live", campaign)).content.decode()
    assert 'data-wm-poll="2"' in page and "The buckets add up" in page and "Pause sending" in page
    assert "Why 2 were not sent" in page and "Stop sending to 3 people?" in page
    send_all(run, FakeMeta())
    just_left = owner_client.get(at("live", campaign), headers={**HTMX, "HX-Target": "live"})
    assert just_left.status_code == 200 and 'data-wm-poll="5"' in just_left.content.decode()
    Message.objects.update(accepted_at=clock.now() - timedelta(hours=2))
    part = owner_client.get(at("live", campaign), headers={**HTMX, "HX-Target": "live"})
    assert part.status_code == 286 and "data-wm-poll" not in part.content.decode()
    assert "Refresh" in part.content.decode() and "As of" in part.content.decode()


def test_the_people_of_a_run(campaign: Campaign, run: CampaignRun, owner_client: Client) -> None:
    headers = {**HTMX, "HX-Target": "list"}
    page = owner_client.get(at("live", campaign), {"state": "excluded", "reason": "consent_missing"}, headers=headers)
    assert page.content.decode().count("There is no record that this person agreed") == 2
    assert "Person 1" in owner_client.get(at("live", campaign), {"q": "Person 1"}, headers=headers).content.decode()
    csv = owner_client.get(at("live", campaign), {"format": "csv"})
    body = b"".join(csv.streaming_content).decode()  # type: ignore[arg-type]
    assert body.count("\n") == 6 and "No consent" in body


def test_numbers_are_masked_unless_the_role_may_see_them(
    workspace: Workspace, campaign: Campaign, run: CampaignRun, owner_client: Client, client_of: ClientOf
) -> None:
    number = run.campaign.audience.members.order_by("pk")[0].profile.phone  # type: ignore[union-attr]
    assert number in owner_client.get(at("live", campaign)).content.decode()
    viewer = client_of(make_member(workspace, Role.VIEWER))
    page = viewer.get(at("live", campaign)).content.decode()
    assert number not in page and number[-4:] in page and "Pause sending" not in page


def test_pause_resume_and_stop_by_button(campaign: Campaign, run: CampaignRun, owner_client: Client) -> None:
    for name, status in (("pause", "paused"), ("resume", "sending"), ("stop", "stopped")):
        assert owner_client.post(at(name, campaign)).status_code == 302
        campaign.refresh_from_db()
        assert campaign.status == status
        assert owner_client.get(at("live", campaign)).status_code == 200
    assert owner_client.post(at("pause", campaign)).status_code == 409


def test_the_proof(campaign: Campaign, run: CampaignRun, owner_client: Client) -> None:
    send_all(run, FakeMeta())
    page = owner_client.get(at("proof", campaign)).content.decode()
    assert "Adds up" in page and "Nobody got two: yes" in page
    facts = json.loads(owner_client.get(at("proof", campaign), {"format": "json"}).content)
    assert facts["accepted"] == facts["unique_message_ids"] == 3 and facts["audience"] == 5


def test_strangers_and_roles(workspace: Workspace, campaign: Campaign, client_of: ClientOf) -> None:
    stranger = client_of(make_member(make_workspace(), Role.OWNER))
    viewer, approver = client_of(make_member(workspace, Role.VIEWER)), client_of(make_member(workspace, Role.APPROVER))
    for name in ("live", "edit", "review", "count", "people", "proof"):
        assert stranger.get(at(name, campaign)).status_code == 404
    for name in ("pause", "resume", "stop", "unschedule", "duplicate", "archive", "activate"):
        assert stranger.post(at(name, campaign)).status_code == 404
        assert viewer.post(at(name, campaign)).status_code == 403
    assert viewer.get(at("edit", campaign)).status_code == 403 and viewer.get(at("review", campaign)).status_code == 200
    assert approver.post(at("edit", campaign), posted(campaign)).status_code == 403
    form = {"revision": campaign.revision, "idempotency_key": "k", "accept": "few_eligible"}
    assert approver.post(at("activate", campaign), form).status_code == 302


def test_another_workspaces_things_cannot_be_slipped_in(campaign: Campaign, owner_client: Client) -> None:
    foreign = make_campaign(make_workspace(), [])
    changes = posted(campaign, audience=foreign.audience_id)
    assert owner_client.post(at("edit", campaign), changes).status_code == 422
    other = reverse("campaigns:live", args=[campaign.workspace.slug, foreign.pk])
    assert owner_client.get(other).status_code == 404


def test_a_save_sends_only_what_it_changed(workspace: Workspace, campaign: Campaign, owner_client: Client) -> None:
    headers = {**HTMX, "HX-Target": "composer"}
    other = make_list(workspace, [], name="Nobody yet")
    recounted = owner_client.post(at("edit", campaign), posted(campaign, audience=other.pk), headers=headers)
    assert 'id="recount"' in recounted.content.decode() and 'id="composer"' not in recounted.content.decode()
    campaign.refresh_from_db()
    without = posted(campaign, version="")
    whole = owner_client.post(at("edit", campaign), without, headers=headers).content.decode()
    assert 'id="composer"' in whole and "<html" not in whole
