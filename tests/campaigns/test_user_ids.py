"""People without a number are written to by their user id, except with login codes."""

import pytest

from campaigns import actions, exclusions, rehearsal
from campaigns.people import AudiencePeople
from channels_app.delivery import queries as delivery
from channels_app.delivery.models import Message
from channels_app.delivery.statuses import apply_statuses
from console.audiences.models import Profile, Suppression
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.audiences import make_profile
from tests.factories.campaigns import make_campaign, prepare_all, send_all
from tests.factories.delivery import FakeMeta

NOBODY = {"phone": None}


def everybody(workspace: Workspace) -> list[Profile]:
    """One of each kind: both, only an id, suppressed, American, without consent, nothing at all."""
    Suppression.objects.create(workspace=workspace, address="GB.3", reason="blocked", created_at=clock.now())
    yes = {"marketing_consent": "granted"}
    return [
        make_profile(workspace, phone="+447700900601", bsuid="GB.1", **yes),
        make_profile(workspace, bsuid="GB.2", attributes={"mobile": ""}, **NOBODY, **yes),
        make_profile(workspace, bsuid="GB.3", **NOBODY, **yes),
        make_profile(workspace, bsuid="US.4", **NOBODY, **yes),
        make_profile(workspace, bsuid="GB.5", **NOBODY),
        make_profile(workspace, external_id="x", **NOBODY, **yes),
    ]


EXPECTED = {"no_number": 1, "consent_missing": 1, "suppressed": 1, "us_marketing_block": 1}


@pytest.mark.parametrize("fields", [[], ["attributes.mobile", "phone"]])
def test_count_review_run_and_meta_agree(workspace: Workspace, fields: list[str]) -> None:
    campaign = make_campaign(workspace, everybody(workspace), phone_fields=fields)
    who = rehearsal.eligibility(campaign)
    assert who is not None
    assert (who.audience, who.eligible, dict(who.excluded)) == (6, 2, EXPECTED)
    run = actions.activate(actor=Actor.system("test"), campaign=campaign)
    prepare_all(run)
    buckets = delivery.buckets("campaign_run", run.pk)
    assert (buckets.ready, buckets.excluded) == (2, EXPECTED)
    meta = FakeMeta()
    send_all(run, meta)
    assert {recipient for recipient, _wamid, _data in meta.accepted} == {"+447700900601", "GB.2"}
    apply_statuses(workspace, meta.statuses("sent", "delivered"))
    assert set(Message.objects.filter(status="delivered").values_list("recipient", flat=True)) == {
        "+447700900601",
        "GB.2",
    }


def test_a_login_code_needs_a_number(workspace: Workspace) -> None:
    make_profile(workspace, bsuid="GB.2", **NOBODY)
    make_profile(workspace, phone="+447700900601", bsuid="GB.1")
    found = exclusions.count(Profile.objects.filter(workspace=workspace), purpose="authentication", at=clock.now())
    assert (found.eligible, dict(found.excluded)) == (1, {"no_number": 1})
    utility = exclusions.count(Profile.objects.filter(workspace=workspace), purpose="utility", at=clock.now())
    assert utility.eligible == 2


def test_pages_show_the_user_id(workspace: Workspace) -> None:
    campaign = make_campaign(workspace, everybody(workspace))
    page = AudiencePeople.__new__(AudiencePeople)
    page.campaign, page.fields, page.context = campaign, ("phone",), {"can_see_numbers": False}
    shown = [page.shown_number(row) for row in Profile.objects.order_by("pk")]
    assert shown[0] == "+44 •••• 0601"
    assert shown[1].startswith("GB.••••")
