"""Checks of channel configurations: taken by one worker, stored step by step, retried when Meta can't be reached.

A worker killed in the middle loses its hold after some minutes, and the schedule's next worker takes the checks up again.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from channels_app.accounts import channel_queries, queries
from channels_app.accounts.channel_actions import ALERT, VERSIONED
from channels_app.accounts.channel_inspection import NotReached, Ours, Subject, inspect_channel
from channels_app.accounts.clients import management_client
from channels_app.accounts.inspection import Findings
from channels_app.accounts.models import ChannelConfiguration, ChannelVersion, PhoneNumber
from channels_app.accounts.readings import keep_account, keep_number
from channels_app.accounts.states import CHANNEL, CHANNEL_VERSION
from channels_app.accounts.subscription_actions import WEBHOOK_FIELDS
from console.alerts import actions as alerts
from console.kit import clock
from console.kit.errors import MoveRefused
from console.workspaces import audit
from console.workspaces.actors import Actor

HOLD = timedelta(minutes=2)  # longer than the slowest step; renewed after each
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 3, 10, 30))  # after a try that did not reach Meta
MOST_TRIES = len(BACK_OFF) + 1
RECHECK_AFTER = timedelta(hours=24)


def due_channels(now: datetime) -> QuerySet[ChannelConfiguration]:
    """What waits for its checks and is held by nobody."""
    updating = ChannelVersion.objects.filter(channel=OuterRef("pk"), status="processing")
    return ChannelConfiguration.objects.filter(
        Q(check_due_at__isnull=True) | Q(check_due_at__lte=now), Q(status="processing") | Exists(updating)
    )


def finish_channel_check(*, channel: ChannelConfiguration) -> None:
    """Asks Meta everything a sender needs; ends in active or failed, or waits for another try. Safe to run twice.

    Raises MoveRefused when a person or another worker was quicker.
    """
    if not _take(channel):
        return
    version = channel_queries.open_version(channel)
    version = version if version is not None and version.status == "processing" else None
    subject = version or channel

    def keep(findings: Findings) -> None:
        _keep_progress(channel, version, findings.checks)

    try:
        if channel.check_try_count > MOST_TRIES:  # taken so often and never brought to an end: something of ours breaks
            findings = Findings()
            findings.add("checks_finished", "failed", tries=channel.check_try_count - 1)
        else:
            findings = _inspect(subject, report=keep)
    except NotReached as missed:
        findings = Findings()
        if channel.check_try_count < MOST_TRIES:
            _wait(channel, version, missed)
            return
        findings.add("meta_reachable", "failed", **missed.facts)
    _finish(channel, version, findings)


def recheck_channel(*, channel: ChannelConfiguration) -> None:
    """Asks Meta again about an active configuration. What failed is shown and told; nothing is switched off by itself.

    Meta out of reach changes nothing: the next hour tries again.
    """
    try:
        findings = _inspect(channel)
    except NotReached:
        return
    now, key = clock.now(), str(channel.pk)
    with transaction.atomic():
        _keep_facts(channel.phone_number, findings)
        same = ChannelConfiguration.objects.filter(
            pk=channel.pk, status="active", version_number=channel.version_number, checked_at=channel.checked_at
        )
        if not same.update(checks=findings.checks, checked_at=now):
            return
        was_failing = any(check.get("status") == "failed" for check in channel.checks)
        if findings.has_failed:
            _raise(channel, "daily", channel.version_number, findings)
        elif not ChannelVersion.objects.filter(channel=channel, status="failed").exists():
            alerts.resolve_alert(channel.workspace, ALERT, key=key)
        if findings.has_failed != was_failing:
            facts = {"failed": failed_codes(findings)}
            audit.record(Actor.system("daily check"), channel.workspace, "accounts.recheck_channel", channel, facts)


def _take(channel: ChannelConfiguration) -> bool:
    """Holds the checks for some minutes and counts the try. One UPDATE; the fresh columns are read along."""
    now = clock.now()
    taken = due_channels(now).filter(pk=channel.pk)
    if not taken.update(check_due_at=now + HOLD, check_try_count=F("check_try_count") + 1):
        return False
    channel.refresh_from_db(
        fields=["status", "version_number", "check_due_at", "check_try_count", "phone_number", "purpose"]
    )
    return True


def _inspect(subject: Subject, **report: Any) -> Findings:
    credentials = subject.phone_number.account.credentials
    ours = Ours(queries.callback_url(credentials), WEBHOOK_FIELDS)
    with management_client(credentials) as client:
        return inspect_channel(client, subject, clock.now(), ours=ours, **report)


def _keep_progress(channel: ChannelConfiguration, version: ChannelVersion | None, checks: list[dict[str, Any]]) -> None:
    """What the polling page shows meanwhile; renews the hold."""
    held = ChannelConfiguration.objects.filter(pk=channel.pk)
    held.update(check_due_at=clock.now() + HOLD)
    held.filter(status="processing").update(checks=checks)
    if version is not None:
        ChannelVersion.objects.filter(pk=version.pk, status="processing").update(checks=checks)


def _wait(channel: ChannelConfiguration, version: ChannelVersion | None, missed: NotReached) -> None:
    due_at = clock.now() + BACK_OFF[channel.check_try_count - 1]
    facts = {**missed.facts, "tries": channel.check_try_count, "next_at": due_at.isoformat()}
    _keep_progress(channel, version, [{"code": "meta_reachable", "status": "warning", "facts": facts}])
    ChannelConfiguration.objects.filter(pk=channel.pk).update(check_due_at=due_at)


def _finish(channel: ChannelConfiguration, version: ChannelVersion | None, findings: Findings) -> None:
    now, subject = clock.now(), version or channel
    move = "fail" if findings.has_failed else "pass"
    result: dict[str, Any] = {"checks": findings.checks, "checked_at": now}
    rest = {"check_due_at": None, "check_try_count": 0, "updated_at": now}
    served = {**rest, **result}
    if version is not None and not findings.has_failed:
        served |= {name: getattr(version, name) for name in VERSIONED} | {"version_number": version.number}
    is_update = channel.status == "active"
    with transaction.atomic():
        _keep_facts(subject.phone_number, findings)
        if version is not None:
            CHANNEL_VERSION.move(version, move, **result)
        if not is_update:
            CHANNEL.move(channel, move, **served)
        elif not _still_active(channel).update(**(rest if findings.has_failed else served)):
            raise MoveRefused("accounts.channel_changed", "the configuration was deactivated meanwhile")
        if is_update and findings.has_failed:
            _raise(channel, "update", channel.version_number, findings)
        elif not findings.has_failed:
            alerts.resolve_alert(channel.workspace, ALERT, key=str(channel.pk))
        facts = {"version": version.number if version else channel.version_number, "result": move}
        facts["failed"] = failed_codes(findings)
        audit.record(Actor.system("channel check"), channel.workspace, "accounts.check_channel", channel, facts)


def _still_active(channel: ChannelConfiguration) -> QuerySet[ChannelConfiguration]:
    return ChannelConfiguration.objects.filter(pk=channel.pk, status="active", version_number=channel.version_number)


def _raise(channel: ChannelConfiguration, why: str, version: int, findings: Findings) -> None:
    facts = {"channel_pk": channel.pk, "name": channel.name, "version": version, "why": why}
    facts["failed"] = failed_codes(findings)
    alerts.raise_alert(channel.workspace, ALERT, key=str(channel.pk), subject=channel.name, facts=facts)


def failed_codes(findings: Findings) -> list[str]:
    return [check["code"] for check in findings.checks if check["status"] == "failed"]


def _keep_facts(number: PhoneNumber, findings: Findings) -> None:
    """What Meta told along the way becomes the stored facts of number and account, with their history."""
    now = clock.now()
    if findings.waba:
        more: dict[str, Any] = {}
        subscribed = [check for check in findings.checks if check["code"] == "webhook_subscribed"]
        if subscribed and subscribed[0]["facts"].get("code") is None:
            more["is_subscribed"] = subscribed[0]["status"] == "passed"
        keep_account(number.account, findings.waba, read_at=now, **more)
    if findings.number:
        keep_number(number, findings.number, read_at=now)
