"""Everything that is done to a campaign: each checks, changes, audits and rings the queue in one transaction."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import checks, freezing, queries, rehearsal
from campaigns.errors import Blocked, EditConflict, WarningsOpen
from campaigns.models import Campaign, CampaignRun
from campaigns.states import CAMPAIGN, RUN
from channels_app.accounts.models import ChannelConfiguration
from channels_app.content import actions as contents
from channels_app.content.models import Content
from channels_app.delivery import actions as delivery
from channels_app.message_templates.models import TemplateVersion
from console.audiences.models import Audience, Profile
from console.audiences.phone_fields import check_fields
from console.kit import clock, queue
from console.kit.errors import MoveRefused, Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

PREPARE: Final = "campaigns.tasks.prepare_run"
LATE_GRACE = timedelta(minutes=5)
MOST_TRIES = 5  # of a preparation that breaks, a minute apart
KEEP: Final[Any] = object()  # "leave this field as it is", where None means something


def create_campaign(*, actor: Actor, workspace: Workspace, name: str) -> Campaign:
    """A draft without audience and content. Three INSERTs."""
    now = clock.now()
    with transaction.atomic():
        content = contents.create_content(actor=actor, workspace=workspace)
        campaign = Campaign.objects.create(
            workspace=workspace,
            name=name.strip(),
            content=content,
            created_by=actor.user,
            created_at=now,
            updated_at=now,
        )
        audit.record(actor, workspace, "campaigns.create", campaign)
    return campaign


def update_campaign(
    *,
    actor: Actor,
    campaign: Campaign,
    expected_revision: int | None = None,
    name: str = KEEP,
    audience: Audience | None = KEEP,
    channel_configuration: ChannelConfiguration | None = KEEP,
    phone_fields: list[str] = KEEP,
    version: TemplateVersion | None = KEEP,
    bindings: dict[str, Any] = KEEP,
    starts_at: datetime | None = KEEP,
) -> Campaign:
    """Saves what was given, and raises the revision; nothing happens when nothing differs.

    `expected_revision` is what the editor saw: another one means that somebody else saved (EditConflict). A start in
    the past is refused, so is everything but a draft.
    """
    given: dict[str, Any] = {
        "name": name,
        "audience": audience,
        "channel_configuration": channel_configuration,
        "phone_fields": phone_fields if phone_fields is KEEP else check_fields(phone_fields),
        "starts_at": starts_at,
    }
    fields = {field: value for field, value in given.items() if value is not KEEP and getattr(campaign, field) != value}
    content = {
        field: value
        for field, value in (("version", version), ("bindings", bindings))
        if value is not KEEP and getattr(campaign.content, field) != value
    }
    if not fields and not content:
        return campaign
    _require_own(campaign, list(fields.values()))
    _require_future(fields.get("starts_at"))
    changes = {key: [_plain(getattr(campaign, key)), _plain(value)] for key, value in fields.items()}
    changes |= {key: [_plain(getattr(campaign.content, key)), _plain(value)] for key, value in content.items()}
    with transaction.atomic():
        _save_draft(campaign, expected_revision, {**fields, "updated_at": clock.now()})
        _save_content(actor, campaign, content)
        audit.record(actor, campaign.workspace, "campaigns.update", campaign, changes)
    for field, value in fields.items():
        setattr(campaign, field, value)
    return campaign


def _save_content(actor: Actor, campaign: Campaign, content: dict[str, Any]) -> None:
    """A template just chosen keeps the bindings that fit and gets suggestions; given bindings win over both."""
    facts: dict[str, Any] = {"actor": actor, "workspace": campaign.workspace, "content": campaign.content}
    if content.get("version") is not None:
        contents.choose_template(**facts, version=content["version"])
    elif "version" in content:
        Content.objects.filter(pk=campaign.content_id).update(version=None, updated_at=clock.now())
        campaign.content.version = None
    if "bindings" in content:
        contents.bind(**facts, bindings=content["bindings"])


def duplicate_campaign(*, actor: Actor, campaign: Campaign) -> Campaign:
    """A new draft with the same audience, sender and content, without the time."""
    with transaction.atomic():
        name = _("%(name)s (copy)") % {"name": campaign.name[:110]}
        copy = create_campaign(actor=actor, workspace=campaign.workspace, name=name)
        return update_campaign(
            actor=actor,
            campaign=copy,
            audience=campaign.audience,
            channel_configuration=campaign.channel_configuration,
            phone_fields=campaign.phone_fields,
            version=campaign.content.version,
            bindings=campaign.content.bindings,
        )


def activate(
    *,
    actor: Actor,
    campaign: Campaign,
    expected_revision: int | None = None,
    accepted: Collection[str] | None = None,
    key: str = "",
) -> CampaignRun:
    """Lets a campaign go: makes its one run, now or waiting for its time, with everything frozen that was reviewed.

    Errors of the checker block (Blocked); warnings have to be in `accepted` unless it is None (WarningsOpen). The same
    `key` again gives the run of the first call. Raises EditConflict when the campaign changed after the review.
    """
    try:
        return _activate(actor, campaign, expected_revision, accepted, key)
    except MoveRefused:
        run = queries.latest_run(campaign)
        if key and run is not None and run.frozen.get("key") == key:
            return run
        raise


def _activate(
    actor: Actor, campaign: Campaign, expected_revision: int | None, accepted: Collection[str] | None, key: str
) -> CampaignRun:
    who = rehearsal.eligibility(campaign)
    findings = checks.check_campaign(campaign, who)
    if campaign.status == "draft":
        if blocking := checks.errors(findings):
            raise Blocked(blocking)
        unaccepted = [one for one in checks.warnings(findings) if accepted is not None and one.code not in accepted]
        if unaccepted:
            raise WarningsOpen(unaccepted)
    now = clock.now()
    is_later = campaign.starts_at is not None and campaign.starts_at > now
    with transaction.atomic():
        _hold_channel(campaign)
        facts: dict[str, Any] = {"activated_by": actor.user, "activated_at": now, "updated_at": now}
        CAMPAIGN.move(campaign, "schedule" if is_later else "start", **facts)
        if expected_revision is not None:
            _require_revision(campaign, expected_revision)
        run = _make_run(campaign, who, key, campaign.starts_at if is_later and campaign.starts_at else now)
        facts = {"run": run.pk, "audience": who.audience if who else 0, "eligible": who.eligible if who else 0}
        audit.record(
            actor, campaign.workspace, "campaigns.schedule" if is_later else "campaigns.start", campaign, facts
        )
        if not is_later:
            begin_run(run)
    return run


def begin_run(run: CampaignRun, *, reason: str = "") -> None:
    """Starts a waiting run: fixes who is in it and rings for its preparation. Call inside a transaction."""
    newest = Profile.objects.filter(workspace_id=run.workspace_id).aggregate(last=Max("pk"))["last"] or 0
    RUN.move(run, "begin", started_at=clock.now(), last_profile_id=newest, status_reason=reason)
    queue.ring(PREPARE, run.pk)


def start_scheduled(*, actor: Actor, campaign: Campaign) -> CampaignRun | None:
    """Starts a campaign whose time has come; the checker is asked again, and an error fails the campaign.

    A start later than five minutes still happens and says so. None when it could not start, or another did it.
    """
    now = clock.now()
    run = queries.latest_run(campaign)
    if run is None or run.status != "waiting" or campaign.starts_at is None or campaign.starts_at > now:
        return None
    who = rehearsal.eligibility(campaign)
    blocking = checks.errors(checks.check_campaign(campaign, who, at_start=True))
    try:
        with transaction.atomic():
            if blocking:
                fail_campaign(actor=actor, campaign=campaign, run=run, sentence=str(blocking[0].sentence))
                return None
            late = now - campaign.starts_at
            reason = "late_start" if late > LATE_GRACE else ""
            CAMPAIGN.move(campaign, "start", status_reason=reason, updated_at=now)
            if campaign.audience is not None and who is not None:
                run.frozen |= {
                    "last_member_id": freezing.newest_member(campaign.audience),
                    "expected_count": who.audience,
                    "eligible_count": who.eligible,
                }
                CampaignRun.objects.filter(pk=run.pk).update(frozen=run.frozen)
            begin_run(run, reason=reason)
            audit.record(actor, campaign.workspace, "campaigns.start", campaign, {"late_s": int(late.total_seconds())})
    except MoveRefused:
        return None
    return run


def fail_campaign(*, actor: Actor, campaign: Campaign, run: CampaignRun, sentence: str) -> None:
    """Ends a campaign that could not start, with the reason that people read."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "fail", status_reason=sentence[:300], updated_at=clock.now())
        RUN.move(run, "fail", status_reason=sentence[:300], prepared_at=clock.now())
        audit.record(actor, campaign.workspace, "campaigns.fail", campaign, {"reason": sentence})


def note_failed_try(*, actor: Actor, run_id: int) -> None:
    """Counts a try of the preparation that broke; after the last the campaign fails, and who still waits gets nothing.

    What Meta has taken stays as it is. A stopped run just closes its preparation: its campaign has ended already.
    """
    unprepared = CampaignRun.objects.filter(pk=run_id, prepared_at__isnull=True)
    unprepared.update(failed_try_count=F("failed_try_count") + 1)
    run = unprepared.filter(failed_try_count__gte=MOST_TRIES).select_related("campaign__workspace").first()
    if run is None:
        return
    if run.status == "stopped":
        unprepared.update(prepared_at=clock.now(), audience_count=F("prepared_count"))
        return
    source: dict[str, Any] = {"source_kind": queries.SOURCE_KIND, "source_id": run.pk, "reason": "preparation_failed"}
    sentence = _(
        "The messages could not be prepared for everybody, although it was tried %(count)s times. "
        "Whoever was not reached by then gets nothing."
    ) % {"count": MOST_TRIES}
    with transaction.atomic():
        fail_campaign(actor=actor, campaign=run.campaign, run=run, sentence=sentence)
        delivery.stop_source(actor=actor, workspace=run.campaign.workspace, **source)


def unschedule(*, actor: Actor, campaign: Campaign) -> None:
    """Takes a scheduled campaign back to draft; its waiting run, which has no rows yet, goes."""
    with transaction.atomic():
        CAMPAIGN.move(campaign, "unschedule", activated_by=None, activated_at=None, updated_at=clock.now())
        CampaignRun.objects.filter(campaign=campaign, status="waiting").delete()
        audit.record(actor, campaign.workspace, "campaigns.unschedule", campaign)


def pause(*, actor: Actor, campaign: Campaign, reason: str = "") -> None:
    """Holds what has not left yet, within a second, and stops the preparation where it is."""
    run = _running(campaign)
    now = clock.now()
    with transaction.atomic():
        CAMPAIGN.move(campaign, "pause", status_reason=reason[:300], updated_at=now)
        RUN.move(run, "pause", paused_at=now, lease_until=None)
        delivery.pause_source(
            actor=actor,
            workspace=campaign.workspace,
            source_kind=queries.SOURCE_KIND,
            source_id=run.pk,
            reason=reason or "paused",
        )
        audit.record(actor, campaign.workspace, "campaigns.pause", campaign, {"run": run.pk, "reason": reason})


def resume(*, actor: Actor, campaign: Campaign) -> None:
    """Goes on where the pause left it: preparation first, if it was not done."""
    run = _running(campaign)
    move = "resume_sending" if run.prepared_at else "resume_preparing"
    with transaction.atomic():
        CAMPAIGN.move(campaign, "resume", status_reason="", updated_at=clock.now())
        RUN.move(run, move, paused_at=None)
        delivery.resume_source(
            actor=actor,
            workspace=campaign.workspace,
            source_kind=queries.SOURCE_KIND,
            source_id=run.pk,
            reason="resumed",
        )
        audit.record(actor, campaign.workspace, "campaigns.resume", campaign, {"run": run.pk})
        queue.ring(PREPARE, run.pk)


def stop(*, actor: Actor, campaign: Campaign, reason: str = "") -> None:
    """Ends a campaign for good: nothing more leaves; people not yet prepared still get their row, as not sent.

    The hold commits at once with the change of state; canceling what waits follows in batches of its own.
    """
    run = _running(campaign)
    now = clock.now()
    source: dict[str, Any] = {"workspace": campaign.workspace, "source_kind": queries.SOURCE_KIND, "source_id": run.pk}
    with transaction.atomic():
        CAMPAIGN.move(campaign, "stop", status_reason=reason[:300], updated_at=now)
        was_waiting = run.status == "waiting"
        RUN.move(run, "stop", stopped_at=now, lease_until=None, **({"prepared_at": now} if was_waiting else {}))
        delivery.pause_source(actor=actor, **source, reason=reason or "stopped")
        audit.record(actor, campaign.workspace, "campaigns.stop", campaign, {"run": run.pk, "reason": reason})
        queue.ring(PREPARE, run.pk)
    delivery.stop_source(actor=actor, **source, reason=reason or "stopped")


def release_template(*, actor: Actor, campaign: Campaign) -> None:
    """Lets a template go that delivery held after Meta refused it; messages of other sends with it go on as well."""
    run = _running(campaign)
    version_id = int(run.frozen.get("template_version_id") or campaign.content.version_id or 0)
    with transaction.atomic():
        delivery.release_template(actor=actor, workspace=campaign.workspace, template_version_id=version_id)
        audit.record(actor, campaign.workspace, "campaigns.release_template", campaign, {"run": run.pk})


def archive(*, actor: Actor, campaign: Campaign) -> None:
    """Takes a campaign out of the lists; its rows stay. One that still sends is refused."""
    if campaign.status == "sending" and not queries.campaign_state(campaign).is_final:
        raise Refused(
            "campaign.still_sending", gettext_lazy("This campaign still sends. Stop it first, or wait for its end.")
        )
    with transaction.atomic():
        CAMPAIGN.move(campaign, "archive", updated_at=clock.now())
        audit.record(actor, campaign.workspace, "campaigns.archive", campaign)


def _make_run(campaign: Campaign, who: Any, key: str, starts_at: datetime) -> CampaignRun:
    last = CampaignRun.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0
    frozen = freezing.freeze(campaign, expected_count=who.audience, eligible_count=who.eligible, key=key)
    return CampaignRun.objects.create(
        campaign=campaign,
        workspace=campaign.workspace,
        number=last + 1,
        status="waiting",
        frozen=frozen.as_json(),
        started_at=starts_at,
    )


def _save_draft(campaign: Campaign, expected_revision: int | None, values: dict[str, Any]) -> None:
    rows = Campaign.objects.filter(pk=campaign.pk, status="draft")
    seen = campaign.revision if expected_revision is None else expected_revision
    if not rows.filter(revision=seen).update(revision=F("revision") + 1, **values):
        current = Campaign.objects.get(pk=campaign.pk)
        if current.status != "draft":
            raise Refused(
                "campaign.not_draft",
                gettext_lazy(
                    "This campaign has been activated and can’t be changed. Take it back to draft, or duplicate it."
                ),
            )
        raise EditConflict(current)
    campaign.revision = seen + 1
    campaign.updated_at = values["updated_at"]


def _require_revision(campaign: Campaign, expected: int) -> None:
    now = Campaign.objects.values_list("revision", flat=True).get(pk=campaign.pk)
    if now != expected:
        raise EditConflict(Campaign.objects.get(pk=campaign.pk))


def _require_future(starts_at: datetime | None) -> None:
    if starts_at is not None and starts_at <= clock.now():
        raise Refused("campaign.start_passed", gettext_lazy("The start has passed. Choose a later time or send now."))


def _require_own(campaign: Campaign, chosen: list[Any]) -> None:
    """What a campaign refers to belongs to its workspace: a form shows nothing else, and no caller may slip it in."""
    for one in chosen:
        if getattr(one, "workspace_id", campaign.workspace_id) != campaign.workspace_id:
            raise Refused("campaign.foreign", gettext_lazy("This belongs to another workspace."))


def _hold_channel(campaign: Campaign) -> None:
    """Deactivating asks for the same lock: it comes before this send and is seen here, or after it and is refused."""
    rows = ChannelConfiguration.objects.select_for_update(no_key=True).filter(pk=campaign.channel_configuration_id or 0)
    if rows.values_list("status", flat=True).first() != "active":
        sentence = gettext_lazy("The channel configuration isn’t active any more. Choose an active one.")
        raise Refused("campaign.channel_inactive", sentence)


def _running(campaign: Campaign) -> CampaignRun:
    run = queries.latest_run(campaign)
    if run is None:
        raise Refused("campaign.no_run", gettext_lazy("This campaign has not been activated."))
    return run


def _plain(value: Any) -> Any:
    """How the audit trail shows a value: ids of objects, instants as text; bindings hold no personal data."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value.pk if hasattr(value, "pk") else value
