"""The pages of campaigns as each role meets them: compose, review, activate, watch, prove."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import actions
from campaigns.models import Campaign, CampaignRun
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.audiences import make_profile
from tests.factories.campaigns import make_campaign, prepare_all, send_all
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
    CampaignRun.objects.update(started_at=clock.now() - timedelta(hours=2))
    part = owner_client.get(at("live", campaign), headers={**HTMX, "HX-Target": "live"})
    assert part.status_code == 286 and "data-wm-poll" not in part.content.decode()


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
