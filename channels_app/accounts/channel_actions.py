"""Channel configurations: make, change, submit, judge, deactivate. Re-exported by actions."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from channels_app.accounts import channel_inspection
from channels_app.accounts.clients import management_client
from channels_app.accounts.inspection import Findings
from channels_app.accounts.models import ChannelConfiguration, PhoneNumber, WhatsAppAccount
from channels_app.accounts.states import CHANNEL
from console.kit import clock, queue
from console.kit.errors import MoveRefused, Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

EDITABLE = ("draft", "failed")


def create_channel_configuration(
    *, actor: Actor, workspace: Workspace, name: str, phone_number: PhoneNumber, purpose: str, description: str = ""
) -> ChannelConfiguration:
    """A draft. Raises Refused when the name is taken."""
    now = clock.now()
    try:
        with transaction.atomic():
            channel = ChannelConfiguration.objects.create(
                workspace=workspace,
                name=name.strip(),
                description=description.strip(),
                phone_number=phone_number,
                purpose=purpose,
                created_by=actor.user,
                created_at=now,
                updated_at=now,
            )
            changes = {"number": phone_number.phone_number_id, "purpose": purpose}
            audit.record(actor, workspace, "accounts.create_channel", channel, changes)
    except IntegrityError as error:
        raise _name_taken() from error
    return channel


def _name_taken() -> Refused:
    return Refused(
        "accounts.channel_name_taken", _("There is already a channel configuration of this name. Choose another name.")
    )


def update_channel_configuration(
    *, actor: Actor, workspace: Workspace, channel: ChannelConfiguration, **fields: Any
) -> None:
    """Changes name, description, phone_number or purpose of a draft or failed configuration; MoveRefused otherwise."""
    before = {name: str(getattr(channel, name)) for name in fields}
    try:
        with transaction.atomic():
            rows = ChannelConfiguration.objects.filter(pk=channel.pk, workspace=workspace, status__in=EDITABLE)
            if not rows.update(**fields, updated_at=clock.now()):
                raise MoveRefused(
                    "accounts.channel_not_editable",
                    _("Only a draft or a failed configuration can be changed. Deactivate it and make a new one."),
                )
            changes = {name: [before[name], str(value)] for name, value in fields.items() if before[name] != str(value)}
            audit.record(actor, workspace, "accounts.update_channel", channel, changes)
    except IntegrityError as error:
        raise _name_taken() from error


def submit(*, actor: Actor, workspace: Workspace, channel: ChannelConfiguration) -> None:
    """Draft, failed or deactivated -> processing; a worker runs the checks."""
    with transaction.atomic():
        CHANNEL.move(channel, "submit", checks=[], updated_at=clock.now())
        audit.record(actor, workspace, "accounts.submit_channel", channel)
        queue.ring("channels_app.accounts.tasks.check_channel", channel.pk)


def finish_channel_check(*, channel: ChannelConfiguration) -> None:
    """Asks Meta everything a sender needs and ends in active or failed with each result. Safe to run twice."""
    now = clock.now()
    with management_client(channel.phone_number.account.credentials) as client:
        findings = channel_inspection.inspect_channel(client, channel, now)
    with transaction.atomic():
        _keep_facts(channel, findings)
        move = "fail" if findings.has_failed else "pass"
        CHANNEL.move(channel, move, checks=findings.checks, checked_at=now, updated_at=now)
        failed = [check["code"] for check in findings.checks if check["status"] == "failed"]
        changes = {"status": channel.status, "failed": failed}
        audit.record(Actor.system("channel check"), channel.workspace, "accounts.check_channel", channel, changes)


def _keep_facts(channel: ChannelConfiguration, findings: Findings) -> None:
    number, waba = findings.number, findings.waba
    if number:
        PhoneNumber.objects.filter(pk=channel.phone_number_id).update(
            status=number.status,
            quality_rating=number.quality_rating,
            throughput_level=number.throughput_level,
            messaging_limit=number.messaging_limit,
            name_status=number.name_status,
            facts=number.facts,
            refreshed_at=clock.now(),
        )
    if waba:
        is_subscribed = any(
            check["code"] == "webhook_subscribed" and check["status"] == "passed" for check in findings.checks
        )
        WhatsAppAccount.objects.filter(pk=channel.phone_number.account_id).update(
            review_status=waba.review_status, facts=waba.facts, is_subscribed=is_subscribed
        )


def deactivate_channel_configuration(*, actor: Actor, workspace: Workspace, channel: ChannelConfiguration) -> None:
    """Active -> deactivated: no campaign or journey can choose it any more."""
    with transaction.atomic():
        CHANNEL.move(channel, "deactivate", updated_at=clock.now())
        audit.record(actor, workspace, "accounts.deactivate_channel", channel)
