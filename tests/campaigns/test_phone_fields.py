"""Where a person's number is looked for: the strongest chain decides, and counts, pages and runs agree about it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import actions, checks, exclusions, freezing, people, rehearsal
from campaigns.models import Campaign, CampaignRun
from channels_app.accounts import actions as accounts
from channels_app.accounts import usages
from channels_app.accounts.models import ChannelConfiguration
from channels_app.delivery import queries as delivery
from channels_app.delivery.models import Message
from console.audiences import phone_fields
from console.audiences.models import Profile, Suppression
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.audiences import make_list, make_profile
from tests.factories.campaigns import make_campaign, make_channel, prepare_all, send_all
from tests.factories.delivery import FakeMeta, make_people

pytestmark = pytest.mark.django_db
MOBILE = "attributes.mobile"


def person(workspace: Workspace, mobile: Any = None, **fields: Any) -> Profile:
    attributes = {} if mobile is None else {"mobile": mobile}
    return make_profile(workspace, attributes=attributes, marketing_consent="granted", **fields)


def everybody(workspace: Workspace) -> list[Profile]:
    """One of each kind for the chain mobile, then phone; the country of local numbers is GB."""
    Suppression.objects.create(workspace=workspace, address="+447700900801", reason="blocked", created_at=clock.now())
    Suppression.objects.create(workspace=workspace, address="+447700900802", reason="blocked", created_at=clock.now())
    return [
        person(workspace, "07700 900701", phone="+447700900601"),  # as people write it
        person(workspace, "+447700900702", phone="+447700900602"),
        person(workspace, 447700900703, phone="+447700900603"),  # a number of a spreadsheet
        person(workspace, "n/a", phone="+447700900604"),  # nothing usable: the next field
        person(workspace, "", phone="+447700900605"),
        person(workspace, True, phone="+447700900606"),
        person(workspace, "+447700900801", phone="+447700900607"),  # suppressed as it stands
        person(workspace, "07700 900802", phone="+447700900608"),  # suppressed once it is normalized
        person(workspace, "(415) 555-0123", phone=None, external_id="x1"),  # no number in GB
        person(workspace, "+1 415 555 2671", phone=None, external_id="x2"),  # United States
        person(workspace, "+1 204 555 0100", phone="+447700900610"),  # Canada
        person(workspace, "07700 900701", phone="+447700900609"),  # shares the first one's number
        person(workspace, None, phone=None, external_id="x3"),
        make_profile(workspace, attributes={"mobile": "07700 900711"}),  # no consent
    ]


EXPECTED = {
    "no_number": 1,
    "consent_missing": 1,
    "suppressed": 2,
    "invalid_number": 1,
    "us_marketing_block": 1,
    "duplicate_number": 1,
}


@pytest.fixture
def campaign(workspace: Workspace) -> Campaign:
    workspace.default_country = "GB"
    workspace.save(update_fields=["default_country"])
    campaign = make_campaign(workspace, everybody(workspace))
    return actions.update_campaign(actor=Actor.system("test"), campaign=campaign, phone_fields=[MOBILE, "phone"])


def run_of(campaign: Campaign) -> CampaignRun:
    run = actions.activate(actor=Actor.system("test"), campaign=campaign)
    prepare_all(run)
    return run


def test_count_review_and_run_say_the_same(campaign: Campaign) -> None:
    who = rehearsal.eligibility(campaign)
    assert who is not None
    assert (who.audience, who.eligible, dict(who.excluded)) == (14, 7, EXPECTED)
    run = run_of(campaign)
    buckets = delivery.buckets("campaign_run", run.pk)
    assert (buckets.audience, buckets.ready, buckets.excluded) == (14, 7, EXPECTED)
    recipients = set(Message.objects.filter(status="ready").values_list("recipient", flat=True))
    assert recipients == {
        "+447700900701",
        "+447700900702",
        "+447700900703",
        "+447700900604",
        "+447700900605",
        "+447700900606",
        "+12045550100",
    }


def test_the_numbers_that_were_chosen_are_the_ones_that_meta_gets(campaign: Campaign) -> None:
    run = run_of(campaign)
    Suppression.objects.create(
        workspace=campaign.workspace, address="+447700900702", reason="blocked", created_at=clock.now()
    )
    meta = FakeMeta()
    send_all(run, meta)
    assert len(meta.accepted) == 6  # the claim asks about the chosen number once more
    excluded = Message.objects.get(recipient="+447700900702")
    assert (excluded.status, excluded.exclusion_reason) == ("excluded", "suppressed")


def test_batches_of_one_keep_the_first_of_a_shared_number(campaign: Campaign) -> None:
    run = actions.activate(actor=Actor.system("test"), campaign=campaign)
    run.refresh_from_db()
    from_first = Profile.objects.order_by("pk").values_list("pk", flat=True)[0]
    prepare_all(run)
    rows = Message.objects.filter(recipient="+447700900701").order_by("pk")
    assert [(row.profile_id == from_first, row.status) for row in rows] == [(True, "ready"), (False, "excluded")]


def test_the_strongest_chain_decides(workspace: Workspace) -> None:
    campaign = make_campaign(workspace)
    channel = campaign.channel_configuration
    assert channel is not None
    assert freezing.chain_of(campaign) == ("phone",)
    workspace.phone_fields = ["attributes.work"]
    campaign.workspace = workspace
    assert freezing.chain_of(campaign) == ("attributes.work",)
    channel.phone_fields = [MOBILE]
    assert freezing.chain_of(campaign) == (MOBILE,)
    campaign.phone_fields = ["phone", MOBILE]
    assert freezing.chain_of(campaign) == ("phone", MOBILE)


def test_a_run_keeps_the_chain_it_was_activated_with(campaign: Campaign) -> None:
    run = actions.activate(actor=Actor.system("test"), campaign=campaign)
    Campaign.objects.filter(pk=campaign.pk).update(phone_fields=[])
    Workspace.objects.filter(pk=campaign.workspace_id).update(phone_fields=["phone"])
    prepare_all(run)
    assert Message.objects.filter(recipient="+447700900702").exists()
    assert freezing.thaw(run).phone_fields == [MOBILE, "phone"]


def test_a_run_from_before_the_chain_uses_the_profiles_number(workspace: Workspace, actor: Actor) -> None:
    run = actions.activate(actor=actor, campaign=make_campaign(workspace, make_people(workspace, 3)))
    run.frozen.pop("phone_fields")
    CampaignRun.objects.filter(pk=run.pk).update(frozen=run.frozen)
    prepare_all(run)
    assert Message.objects.filter(status="ready").count() == 3


def test_the_plain_chain_asks_the_same_sql_as_ever(workspace: Workspace) -> None:
    at = clock.now()
    plain = exclusions.with_reason(Profile.objects.all(), purpose="marketing", at=at)
    given = exclusions.with_reason(Profile.objects.all(), purpose="marketing", at=at, fields=["phone"])
    assert str(plain.query) == str(given.query) and "attributes" not in str(plain.values("reason").query)


def test_pages_show_the_chosen_number_and_why_not(campaign: Campaign, owner_client: Client) -> None:
    url = reverse("campaigns:people", args=[campaign.workspace.slug, campaign.pk])
    page = owner_client.get(url, {"state": people.GETS_IT}).content.decode()
    assert "+447700900701" in page and "+447700900604" in page and "+447700900601" not in page
    for reason, count in EXPECTED.items():
        rows = owner_client.get(url, {"state": reason}).content.decode()
        assert rows.count("wm-key") == count, reason


def test_the_composer_saves_an_override_and_counts_again(campaign: Campaign, owner_client: Client) -> None:
    url = reverse("campaigns:edit", args=[campaign.workspace.slug, campaign.pk])
    page = owner_client.get(url).content.decode()
    assert 'id="composer-phone-fields" open' in page and "mobile" in page
    posted = {
        "name": campaign.name,
        "audience": campaign.audience_id,
        "channel_configuration": campaign.channel_configuration_id,
        "version": campaign.content.version_id,
        "when": "now",
        "revision": campaign.revision,
        "phone_field_1": "phone",
        "phone_field_2": "phone",
        "phone_field_3": MOBILE,
    }
    assert owner_client.post(url, posted).status_code == 302
    assert Campaign.objects.get(pk=campaign.pk).phone_fields == ["phone", MOBILE]


@pytest.mark.parametrize(
    "field", ["workspace__name", "attributes.workspace__slug", "attributes.", "bsuid", "x" * 10_000, "attributes.a.b"]
)
def test_no_other_column_is_an_address(campaign: Campaign, owner_client: Client, field: str) -> None:
    url = reverse("campaigns:edit", args=[campaign.workspace.slug, campaign.pk])
    posted = {"name": campaign.name, "when": "now", "revision": campaign.revision, "phone_field_1": field}
    assert owner_client.post(url, posted).status_code == 422
    assert Campaign.objects.get(pk=campaign.pk).phone_fields == [MOBILE, "phone"]
    settings = reverse("audiences:phone_fields", args=[campaign.workspace.slug])
    assert owner_client.post(settings, {"phone_field_1": field}).status_code == 422
    if field != "attributes.workspace__slug":
        with pytest.raises(Refused):
            phone_fields.check_fields([field])


def test_an_owner_sets_the_workspaces_default(campaign: Campaign, owner_client: Client) -> None:
    url = reverse("audiences:phone_fields", args=[campaign.workspace.slug])
    assert "mobile" in owner_client.get(url).content.decode()
    assert owner_client.post(url, {"phone_field_1": MOBILE, "phone_field_2": "phone"}).status_code == 302
    assert Workspace.objects.get(pk=campaign.workspace_id).phone_fields == [MOBILE, "phone"]
    assert owner_client.post(url, {"phone_field_1": ""}).status_code == 422


def test_a_channels_chain_is_used_by_its_campaigns(workspace: Workspace) -> None:
    channel = make_channel(workspace, phone_fields=[MOBILE])
    one = person(workspace, "+447700900799", phone="+447700900699")
    campaign = make_campaign(workspace, audience=make_list(workspace, [one]), channel_configuration=channel)
    run_of(campaign)
    assert Message.objects.get().recipient == "+447700900799"


@pytest.mark.parametrize(
    ("purpose", "category", "is_refused"),
    [
        ("marketing", "MARKETING", False),
        ("marketing", "UTILITY", False),
        ("marketing", "AUTHENTICATION", True),
        ("utility", "MARKETING", True),
        ("utility", "UTILITY", False),
        ("authentication", "UTILITY", True),
        ("authentication", "AUTHENTICATION", False),
    ],
)
def test_a_template_has_to_fit_the_purpose(workspace: Workspace, purpose: str, category: str, is_refused: bool) -> None:
    campaign = make_campaign(
        workspace, make_people(workspace, 1), channel_configuration=make_channel(workspace, purpose=purpose)
    )
    version = campaign.content.version
    assert version is not None
    version.translation.category = category
    codes = [finding.code for finding in checks.check_campaign(campaign)]
    assert ("template_other_purpose" in codes) is is_refused


def test_a_live_campaign_keeps_its_configuration_and_a_late_one_is_refused(workspace: Workspace, actor: Actor) -> None:
    late, live = (make_campaign(workspace, make_people(workspace, 1)) for _more in range(2))
    channel = live.channel_configuration
    assert channel is not None
    late = actions.update_campaign(
        actor=actor, campaign=late, channel_configuration=channel, version=live.content.version
    )
    actions.activate(actor=actor, campaign=live)
    with pytest.raises(Refused) as caught:
        accounts.deactivate_channel_configuration(actor=actor, workspace=workspace, channel=channel)
    assert (caught.value.code, caught.value.fix_url) == (
        "accounts.channel_in_use",
        reverse("campaigns:live", args=[workspace.slug, live.pk]),
    )
    assert usages.counts([channel.pk]) == {channel.pk: 2}
    actions.stop(actor=actor, campaign=live)
    accounts.deactivate_channel_configuration(
        actor=actor, workspace=workspace, channel=ChannelConfiguration.objects.get(pk=channel.pk)
    )
    with pytest.raises(Refused) as caught:
        actions.activate(actor=actor, campaign=late)  # it was loaded when the configuration was still active
    assert caught.value.code == "campaign.channel_inactive"
    assert not CampaignRun.objects.filter(campaign=late).exists()
