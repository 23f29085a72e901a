"""A campaign from activation to its end: everybody of the audience in exactly one bucket, whatever happens between."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from campaigns import actions, preparation, queries, tasks
from campaigns.models import CampaignRun
from channels_app.delivery import ledger
from channels_app.delivery import queries as delivery
from channels_app.delivery.ledger import NewMessage
from channels_app.delivery.models import Message
from channels_app.delivery.statuses import apply_statuses
from console.audiences.models import Profile, Suppression
from console.kit import clock
from console.kit.errors import MoveRefused, Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.factories.audiences import make_profile
from tests.factories.campaigns import make_campaign, prepare_all, send_all
from tests.factories.delivery import FakeMeta, make_people

pytestmark = pytest.mark.django_db


def people_of_every_kind(workspace: Workspace) -> list[Profile]:
    """Five who get it and one of each reason that the database finds."""
    blocked = make_profile(workspace, marketing_consent="granted")
    Suppression.objects.create(workspace=workspace, address=blocked.phone, reason="blocked", created_at=clock.now())
    return [
        *make_people(workspace, 5),
        make_profile(workspace, phone=None, external_id="no-phone", marketing_consent="granted"),
        make_profile(workspace, marketing_consent="withdrawn"),
        make_profile(workspace),
        blocked,
        make_profile(workspace, phone="+123", marketing_consent="granted"),
        make_profile(workspace, phone="+14155550123", country="US", marketing_consent="granted"),
    ]


EVERY_REASON = {
    "no_number": 1,
    "consent_withdrawn": 1,
    "consent_missing": 1,
    "suppressed": 1,
    "invalid_number": 1,
    "us_marketing_block": 1,
}


def test_review_and_run_say_the_same_and_everybody_is_counted_once(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, people_of_every_kind(workspace))
    counted = queries.eligibility(campaign)
    assert counted is not None
    assert (counted.audience, counted.eligible, dict(counted.excluded)) == (11, 5, EVERY_REASON)
    run = actions.activate(actor=actor, campaign=campaign)
    prepare_all(run)
    buckets = delivery.buckets("campaign_run", run.pk)
    assert (buckets.audience, buckets.ready, buckets.excluded) == (11, 5, EVERY_REASON)
    assert run.audience_count == run.prepared_count == 11 and run.status == "sending"


def test_a_whole_campaign_ends_completed_with_a_proof(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 30))
    run = actions.activate(actor=actor, campaign=campaign)
    assert queries.campaign_state(campaign).status == "sending"
    prepare_all(run)
    meta = FakeMeta()
    send_all(run, meta)
    apply_statuses(workspace, meta.statuses("sent", "delivered"))
    state = queries.campaign_state(campaign)
    assert state.status == "completed" and state.is_final and state.handed_over == state.to_send == 30
    assert len(meta.accepted) == 30 and not meta.twice
    proof = delivery.proof("campaign_run", run.pk)
    assert proof["adds_up"] and proof["accepted"] == proof["unique_message_ids"] == proof["delivered"] == 30
    assert queries.state_counts(workspace)["completed"] == 1


def test_the_text_is_rendered_with_its_fallback(workspace: Workspace, actor: Actor) -> None:
    named, nameless = (
        make_profile(workspace, name="Ada Lovell", marketing_consent="granted"),
        make_profile(workspace, name="", marketing_consent="granted"),
    )
    run = actions.activate(actor=actor, campaign=make_campaign(workspace, [named, nameless]))
    prepare_all(run)
    assert dict(Message.objects.values_list("profile_id", "params")) == {
        named.pk: {"body.1": "Ada"},
        nameless.pk: {"body.1": "there"},
    }


def test_posting_twice_makes_one_run(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 2))
    stale = type(campaign).objects.get(pk=campaign.pk)
    first = actions.activate(actor=actor, campaign=campaign, key="k1")
    assert actions.activate(actor=actor, campaign=stale, key="k1").pk == first.pk
    with pytest.raises(MoveRefused):
        actions.activate(actor=actor, campaign=stale, key="k2")
    assert CampaignRun.objects.count() == 1


@pytest.mark.parametrize("breaks_at", [1, 2, 3])
def test_a_crash_while_preparing_loses_and_doubles_nobody(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch, breaks_at: int
) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 25))
    run = actions.activate(actor=actor, campaign=campaign)
    real, calls = ledger.add_messages, []

    def add_messages(rows: Sequence[NewMessage]) -> int:
        added = real(rows)
        calls.append(added)
        if len(calls) == breaks_at:
            raise RuntimeError("power cut")
        return added

    monkeypatch.setattr(ledger, "add_messages", add_messages)
    with pytest.raises(RuntimeError, match="power cut"):
        preparation.prepare(run.pk, batch_size=10)
    assert Message.objects.count() == 10 * (breaks_at - 1)
    prepare_all(run)
    assert Message.objects.count() == 25 == run.prepared_count
    assert Message.objects.values("profile").distinct().count() == 25


def test_two_workers_do_not_prepare_the_same_run(workspace: Workspace, actor: Actor) -> None:
    run = actions.activate(actor=actor, campaign=make_campaign(workspace, make_people(workspace, 3)))
    assert preparation.take_lease(run.pk) is not None
    assert preparation.take_lease(run.pk) is None
    assert preparation.prepare(run.pk) is False and Message.objects.count() == 0


def test_a_dead_workers_lease_runs_out(workspace: Workspace, actor: Actor, time_machine: Any) -> None:
    run = actions.activate(actor=actor, campaign=make_campaign(workspace, make_people(workspace, 3)))
    preparation.take_lease(run.pk)
    time_machine.move_to(clock.now() + timedelta(seconds=preparation.LEASE_S + 1))
    prepare_all(run)
    assert Message.objects.count() == 3


def test_pause_stops_the_preparation_and_resume_goes_on(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 20))
    run = actions.activate(actor=actor, campaign=campaign)
    preparation.prepare(run.pk, batch_size=5, budget_s=0.0001)
    before = Message.objects.count()
    actions.pause(actor=actor, campaign=campaign, reason="check the text")
    tasks.prepare_run(run.pk)
    assert Message.objects.count() == before
    send_all(run, meta := FakeMeta())
    assert meta.calls == 0
    actions.resume(actor=actor, campaign=campaign)
    prepare_all(run)
    send_all(run, meta)
    assert len(meta.accepted) == 20 and not meta.twice
    assert queries.campaign_state(campaign).status == "completed"


def test_a_stopped_run_accounts_for_everybody(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, [*make_people(workspace, 12), make_profile(workspace)])
    run = actions.activate(actor=actor, campaign=campaign)
    preparation.prepare(run.pk, batch_size=5, budget_s=0.0001)
    actions.stop(actor=actor, campaign=campaign)
    prepare_all(run)
    send_all(run, meta := FakeMeta())
    buckets = delivery.buckets("campaign_run", run.pk)
    assert meta.calls == 0 and buckets.audience == 13 and buckets.adds_up
    assert buckets.canceled + buckets.excluded_total == 13 and buckets.excluded["consent_missing"] == 1
    state = queries.campaign_state(campaign)
    assert state.status == "stopped" and state.is_final
    with pytest.raises(MoveRefused):
        actions.resume(actor=actor, campaign=campaign)


def test_a_scheduled_campaign_starts_at_its_time_once(workspace: Workspace, actor: Actor, time_machine: Any) -> None:
    starts_at = clock.now() + timedelta(hours=2)
    campaign = make_campaign(workspace, make_people(workspace, 4), starts_at=starts_at)
    run = actions.activate(actor=actor, campaign=campaign)
    assert campaign.status == "scheduled" and run.status == "waiting"
    tasks.due_campaigns()
    run.refresh_from_db()
    assert run.status == "waiting"
    time_machine.move_to(starts_at + timedelta(seconds=20))
    tasks.due_campaigns()
    tasks.due_campaigns()
    prepare_all(run)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.status_reason) == ("sending", "")
    assert Message.objects.count() == 4 and CampaignRun.objects.count() == 1


def test_a_late_start_still_starts_and_says_so(workspace: Workspace, actor: Actor, time_machine: Any) -> None:
    starts_at = clock.now() + timedelta(hours=2)
    campaign = make_campaign(workspace, make_people(workspace, 1), starts_at=starts_at)
    run = actions.activate(actor=actor, campaign=campaign)
    time_machine.move_to(starts_at + timedelta(hours=1))
    tasks.due_campaigns()
    run.refresh_from_db()
    assert (run.status, run.status_reason) == ("preparing", "late_start")


def test_the_checker_is_asked_again_at_the_start(workspace: Workspace, actor: Actor, time_machine: Any) -> None:
    starts_at = clock.now() + timedelta(hours=2)
    campaign = make_campaign(workspace, make_people(workspace, 1), starts_at=starts_at)
    run = actions.activate(actor=actor, campaign=campaign)
    translation = campaign.content.version.translation  # type: ignore[union-attr]
    translation.status = "PAUSED"
    translation.save()
    time_machine.move_to(starts_at + timedelta(seconds=1))
    tasks.due_campaigns()
    campaign.refresh_from_db()
    run.refresh_from_db()
    assert campaign.status == run.status == "failed" and "Paused" in campaign.status_reason
    assert Message.objects.count() == 0


def test_back_to_draft_forgets_the_waiting_run(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 1), starts_at=clock.now() + timedelta(hours=2))
    actions.activate(actor=actor, campaign=campaign)
    actions.unschedule(actor=actor, campaign=campaign)
    assert campaign.status == "draft" and not CampaignRun.objects.exists()
    actions.activate(actor=actor, campaign=campaign)
    assert CampaignRun.objects.get().number == 1


def test_people_who_join_later_are_not_in_the_run(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 2))
    run = actions.activate(actor=actor, campaign=campaign)
    assert campaign.audience is not None
    campaign.audience.members.create(profile=make_profile(workspace, marketing_consent="granted"))
    prepare_all(run)
    assert Message.objects.count() == 2


def test_what_was_activated_cannot_be_edited(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 1))
    actions.activate(actor=actor, campaign=campaign)
    with pytest.raises(Refused, match=r"campaign\.not_draft"):
        actions.update_campaign(actor=actor, campaign=campaign, name="Another")


def test_a_sending_campaign_is_archived_only_when_it_is_done(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 1))
    run = actions.activate(actor=actor, campaign=campaign)
    with pytest.raises(Refused, match=r"campaign\.still_sending"):
        actions.archive(actor=actor, campaign=campaign)
    prepare_all(run)
    send_all(run, FakeMeta())
    actions.archive(actor=actor, campaign=campaign)
    assert queries.state_counts(workspace) == {"archived": 1, "": 0}


def test_every_act_is_on_the_audit_trail(workspace: Workspace, actor: Actor) -> None:
    campaign = make_campaign(workspace, make_people(workspace, 1))
    actions.activate(actor=actor, campaign=campaign)
    actions.pause(actor=actor, campaign=campaign)
    actions.resume(actor=actor, campaign=campaign)
    actions.stop(actor=actor, campaign=campaign)
    copy = actions.duplicate_campaign(actor=actor, campaign=campaign)
    actions.archive(actor=actor, campaign=copy)
    done = set(AuditEntry.objects.filter(action__startswith="campaigns.").values_list("action", flat=True))
    verbs = ("create", "update", "start", "pause", "resume", "stop", "archive")
    assert done == {f"campaigns.{verb}" for verb in verbs}
    assert copy.content_id != campaign.content_id and copy.content.bindings == campaign.content.bindings
