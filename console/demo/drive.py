"""Drives the demo: waits for the servers, seeds, runs a campaign as the marketer would, and proves what happened."""

import json
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.utils import timezone

from campaigns import actions as campaigns
from campaigns.models import Campaign, CampaignRun
from channels_app.delivery import queries as ledger
from channels_app.message_templates.queries import sendable_versions
from console.demo.proof import Proof, judge
from console.demo.seed import audience_of, seed, wait_for
from console.demo.world import CHANNEL_NAME, PASSWORD, SIGN_INS, WORKSPACE_SLUG, Simulator, is_answering
from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace

SOURCE = "campaign_run"
TEMPLATE = ("welcome_discount", "en_US")
BINDINGS = {
    "first_name": {"expression": "{{ profile.first_name }}", "fallback": "there"},
    "discount_code": {"expression": "LUMEN-{{ profile.external_id }}", "fallback": "LUMEN"},
}
QUIET_S = 4  # no delivery report for so long: every phone that is on has answered, reading goes on
ANSWERS_S = 60

Say = Callable[[str], None]


def drive(simulator_url: str, *, recipients: int, say: Say) -> tuple[Proof, Campaign]:
    """The whole demo up to the proof; the workers, the web server and the simulator must be running."""
    started = monotonic()
    simulator = Simulator(simulator_url)
    wait_for("the simulator to answer", lambda: is_answering(f"{simulator_url}/_control/state") or None)
    wait_for("the web server to answer", lambda: is_answering(f"{settings.WAYMARK_BASE_URL}/healthz") or None)
    workspace = seed(simulator, say, recipients=recipients)
    since = float(simulator.read("state")["clock"]["real_now"])
    run = _launch(workspace, recipients)
    say(f"Campaign “{run.campaign.name}” activated by the marketer")
    _watch(run, say)
    ours = ledger.proof(SOURCE, run.pk)
    theirs = simulator.accepted_per_recipient(_number_id(run), since)
    return judge(ours, theirs, seconds=monotonic() - started), run.campaign


def _launch(workspace: Workspace, recipients: int) -> CampaignRun:
    marketer = User.objects.get(email=next(person.email for person in SIGN_INS if person.role == "marketer"))
    actor = Actor(str(marketer), marketer)
    name, language = TEMPLATE
    channel = workspace.channel_configurations.select_related("phone_number").get(name=CHANNEL_NAME)
    version = sendable_versions(workspace, account=channel.phone_number.account_id).get(
        translation__template__name=name, translation__language=language
    )
    count = Campaign.objects.filter(workspace=workspace).count()
    campaign = campaigns.create_campaign(
        actor=actor,
        workspace=workspace,
        name="Welcome to the club" if not count else f"Welcome to the club {count + 1}",
    )
    campaign = campaigns.update_campaign(
        actor=actor,
        campaign=campaign,
        audience=audience_of(workspace, recipients),
        channel_configuration=channel,
        version=version,
        bindings=_bindings(version.slots),
    )
    return campaigns.activate(actor=actor, campaign=campaign)


def _bindings(stored_slots: list[dict[str, Any]]) -> dict[str, Any]:
    """The demo's expressions for a template's named variables; media headers take the template's own example."""
    bindings: dict[str, Any] = {}
    for slot in stored_slots:
        name = str(slot["key"]).rpartition(".")[2]
        if name in BINDINGS:
            bindings[slot["key"]] = BINDINGS[name]
        elif slot["kind"] in ("image", "video", "document"):
            bindings[slot["key"]] = {"expression": "https://lumen.example/club.jpg", "fallback": ""}
        elif slot["required"]:
            bindings[slot["key"]] = {"expression": "{{ profile.external_id }}", "fallback": "club"}
    return bindings


def _number_id(run: CampaignRun) -> str:
    number = run.campaign.channel_configuration
    assert number is not None
    return number.phone_number.phone_number_id


def _watch(run: CampaignRun, say: Say) -> None:
    """Says how far the run is until everything was handed to Meta and the answers have come in."""
    last_line, last_answers, answered_at, handed_over_at = "", (0, 0, 0), monotonic(), 0.0
    while True:
        run.refresh_from_db()
        counts = ledger.buckets(SOURCE, run.pk)
        line = _progress(counts)
        if line != last_line:
            say(f"  {timezone.localtime():%H:%M:%S}  {line}")
        now, answers = monotonic(), (counts.accepted, counts.delivered_total, counts.failed_total)
        if answers != last_answers:
            answered_at = now
        last_line, last_answers = line, answers
        if run.prepared_at is not None and counts.is_finished:
            handed_over_at = handed_over_at or now
            is_answered = counts.accepted == 0 and counts.unknown == 0 and now - answered_at > QUIET_S
            if is_answered or now - handed_over_at > ANSWERS_S:
                return
        sleep(1)


def _progress(counts: ledger.Buckets) -> str:
    return (
        f"audience {counts.audience:,}  not sent {counts.excluded_total:,}  queued {counts.remaining:,}  "
        f"accepted {counts.accepted_total:,}  delivered {counts.delivered_total:,}  read {counts.read:,}  "
        f"failed {counts.failed_total:,}"
    )


def report(proof: Proof, campaign: Campaign, simulator_url: str, say: Say) -> None:
    """The proof in words, where to look, and who can sign in."""
    say("")
    say("Proof: " + ("everything adds up." if not proof.faults else "; ".join(proof.faults) + "."))
    say("")
    say(f"  Console     {settings.WAYMARK_BASE_URL}/w/{WORKSPACE_SLUG}/campaigns/{campaign.pk}/")
    say(f"  Simulator   {simulator_url}/_control/   (a phone to tap, faults to switch on)")
    say(f"  Sign in as, with the password {PASSWORD}")
    for person in SIGN_INS:
        say(f"              {person.email:24} {person.what}")
    say("")


def last_line(proof: Proof) -> str:
    return json.dumps(proof.line, sort_keys=False)
