"""Channel configurations: make, change, submit, go back, discard, deactivate. Re-exported by actions.

What sends (sender, purpose, phone fields) is kept in versions: the one that passed serves, the newest may be a draft, on
its way, or failed. Description and tags apply at once; the name is fixed while a configuration is active.
"""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.accounts import channel_queries, usages
from channels_app.accounts.channel_errors import ChannelConflict, ChannelInUse
from channels_app.accounts.models import ChannelConfiguration, ChannelVersion, PhoneNumber
from channels_app.accounts.states import CHANNEL, CHANNEL_VERSION
from console.alerts import actions as alerts
from console.audiences.models import Purpose
from console.audiences.phone_fields import check_fields
from console.kit import clock, queue
from console.kit.errors import MoveRefused, Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

CHECK = "channels_app.accounts.tasks.check_channel"
ALERT = "accounts.channel_failed"
VERSIONED = ("phone_number", "purpose", "phone_fields")
MOST_TAGS, LONGEST_TAG = 10, 30


def create_channel_configuration(
    *,
    actor: Actor,
    workspace: Workspace,
    name: str,
    phone_number: PhoneNumber,
    purpose: str,
    description: str = "",
    tags: Sequence[str] = (),
    phone_fields: Sequence[str] = (),
) -> ChannelConfiguration:
    """A draft with its first version. Raises Refused when the name is taken or a value can't be."""
    now = clock.now()
    versioned = _checked(
        workspace, {"phone_number": phone_number, "purpose": purpose, "phone_fields": list(phone_fields)}
    )
    values = {"description": description.strip(), "tags": clean_tags(tags), **versioned}
    try:
        with transaction.atomic():
            channel = ChannelConfiguration.objects.create(
                workspace=workspace,
                name=name.strip(),
                created_by=actor.user,
                updated_by=actor.user,
                created_at=now,
                updated_at=now,
                **values,
            )
            _add_version(channel, actor, versioned)
            audit.record(
                actor, workspace, "accounts.create_channel", channel, {k: _plain(v) for k, v in values.items()}
            )
    except IntegrityError as error:
        raise _name_taken() from error
    return channel


def update_channel_configuration(
    *,
    actor: Actor,
    workspace: Workspace,
    channel: ChannelConfiguration,
    expected_revision: int | None = None,
    **fields: Any,
) -> ChannelVersion | None:
    """Changes name, description, tags at once; sender, purpose, phone fields in the newest open version, or a new one.

    Gives that version when it changed. While an older version serves, these wait for submit() and its checks.
    `expected_revision` is what the editor saw: another one raises ChannelConflict. MoveRefused while checks run.
    """
    if "tags" in fields:
        fields["tags"] = clean_tags(fields["tags"])
    open_one = channel_queries.open_version(channel)
    base = open_one or channel
    versioned = _checked(workspace, {name: fields[name] for name in VERSIONED if name in fields})
    versioned = {name: value for name, value in versioned.items() if getattr(base, name) != value}
    at_once = {k: v for k, v in fields.items() if k not in VERSIONED and getattr(channel, k) != v}
    if "name" in at_once and channel.status == "active":
        raise Refused("accounts.channel_name_fixed", _NAME_FIXED)
    changes = {k: [_plain(getattr(channel, k)), _plain(v)] for k, v in at_once.items()}
    changes |= {k: [_plain(getattr(base, k)), _plain(v)] for k, v in versioned.items()}
    if not changes and expected_revision in (None, channel.revision):
        return None
    is_serving = channel.version_number > 0
    try:
        with transaction.atomic():
            _claim(actor, channel, expected_revision, at_once if is_serving else {**at_once, **versioned})
            version = _write_version(actor, channel, open_one, versioned) if versioned else None
            audit.record(actor, workspace, "accounts.update_channel", channel, changes)
    except IntegrityError as error:
        raise _name_taken() from error
    return version


_NAME_FIXED = gettext_lazy("The name of an active configuration can’t be changed. Deactivate it first.")


def submit(
    *, actor: Actor, workspace: Workspace, channel: ChannelConfiguration, expected_revision: int | None = None
) -> None:
    """Has a worker check the open version, or, without one, what served last. An active configuration serves on.

    MoveRefused while checks run, and when nothing was changed since the version in use passed.
    """
    with transaction.atomic():
        version = channel_queries.open_version(channel)
        if channel.status == "active":
            if version is None:
                raise MoveRefused("accounts.nothing_to_submit", _("Nothing was changed since the version in use."))
            _claim(actor, channel, expected_revision, {"check_due_at": None, "check_try_count": 0})
        else:
            if version is None and not channel.version_number:
                version = _add_version(channel, actor, {name: getattr(channel, name) for name in VERSIONED})
            _claim(actor, channel, expected_revision, {"check_due_at": None, "check_try_count": 0})
            CHANNEL.move(channel, "submit", checks=[])
        if version is not None:
            CHANNEL_VERSION.move(version, "submit", checks=[])
        facts = {"version": version.number if version else channel.version_number}
        audit.record(actor, workspace, "accounts.submit_channel", channel, facts)
        queue.ring(CHECK, channel.pk)


def go_back(*, actor: Actor, workspace: Workspace, channel: ChannelConfiguration, number: int) -> ChannelVersion:
    """A draft with the values of an older version; it serves once it has been submitted and has passed."""
    old = ChannelVersion.objects.filter(channel=channel, number=number).first()
    if old is None:
        raise Refused("accounts.no_such_version", gettext_lazy("This configuration has no such version."))
    open_one = channel_queries.open_version(channel)
    if number == channel.version_number or (open_one and number == open_one.number):
        raise Refused("accounts.version_in_use", gettext_lazy("This is the version in use, or the one being edited."))
    values = {name: getattr(old, name) for name in VERSIONED}
    with transaction.atomic():
        _claim(actor, channel, None, {} if channel.version_number else values)
        version = _write_version(actor, channel, open_one, values)
        audit.record(actor, workspace, "accounts.go_back_channel", channel, {"to": number, "version": version.number})
    return version


def discard_update(*, actor: Actor, workspace: Workspace, channel: ChannelConfiguration) -> None:
    """Takes a drafted or failed update away; the version in use stays. Refused where no version has passed yet."""
    version = channel_queries.open_version(channel)
    if version is None or not channel.version_number:
        raise Refused("accounts.nothing_to_discard", gettext_lazy("There is no update to discard."))
    with transaction.atomic():
        _claim(actor, channel, None, {})
        if not ChannelVersion.objects.filter(pk=version.pk, status__in=("draft", "failed")).delete()[0]:
            raise _checking()
        alerts.resolve_alert(workspace, ALERT, key=str(channel.pk))
        audit.record(actor, workspace, "accounts.discard_channel_update", channel, {"version": version.number})


def deactivate_channel_configuration(*, actor: Actor, workspace: Workspace, channel: ChannelConfiguration) -> None:
    """Active -> deactivated: nobody can choose it any more; an update on its way goes back to draft.

    Raises ChannelInUse while something live sends through it.
    """
    with transaction.atomic():
        # The row is locked first: whoever starts to send through it asks for the same lock.
        ChannelConfiguration.objects.select_for_update(no_key=True).get(pk=channel.pk)
        if live := [usage for usage in usages.usages(channel) if usage.is_live]:
            raise ChannelInUse(live)
        now = clock.now()
        changed = {"updated_at": now, "updated_by": actor.user, "check_due_at": None, "check_try_count": 0}
        CHANNEL.move(channel, "deactivate", revision=channel.revision + 1, **changed)
        CHANNEL_VERSION.move_all(ChannelVersion.objects.filter(channel=channel), "withdraw")
        alerts.resolve_alert(workspace, ALERT, key=str(channel.pk))
        audit.record(actor, workspace, "accounts.deactivate_channel", channel)


def clean_tags(tags: Sequence[str]) -> list[str]:
    """Tags without repeats and outer spaces. Raises Refused when they are too many or too long."""
    found = list({tag.strip().casefold(): tag.strip() for tag in tags if tag.strip()}.values())
    if len(found) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in found):
        raise Refused(
            "accounts.tags_too_many",
            _("At most %(count)s tags of %(length)s characters each.") % {"count": MOST_TAGS, "length": LONGEST_TAG},
        )
    return found


def _claim(actor: Actor, channel: ChannelConfiguration, expected_revision: int | None, values: dict[str, Any]) -> None:
    """Raises the revision and writes these values, unless checks run or somebody else saved. One UPDATE."""
    seen = channel.revision if expected_revision is None else expected_revision
    changed = {**values, "updated_at": clock.now(), "updated_by": actor.user}
    rows = ChannelConfiguration.objects.filter(pk=channel.pk, revision=seen).exclude(status="processing")
    rows = rows.exclude(versions__status="processing")
    if not rows.update(revision=F("revision") + 1, **changed):
        current = ChannelConfiguration.objects.get(pk=channel.pk)
        if current.revision != seen:
            raise ChannelConflict(current)
        raise _checking()
    for name, value in {**changed, "revision": seen + 1}.items():
        setattr(channel, name, value)


def _checking() -> MoveRefused:
    return MoveRefused(
        "accounts.channel_checking",
        gettext_lazy("The checks of this configuration are running. Wait for their result, then change it."),
    )


def _write_version(
    actor: Actor, channel: ChannelConfiguration, open_one: ChannelVersion | None, values: dict[str, Any]
) -> ChannelVersion:
    if open_one is None:
        return _add_version(channel, actor, {name: getattr(channel, name) for name in VERSIONED} | values)
    CHANNEL_VERSION.move(
        open_one, "revise", checks=[], created_by=actor.user, created_at=clock.now(), checked_at=None, **values
    )
    return open_one


def _add_version(channel: ChannelConfiguration, actor: Actor, values: dict[str, Any]) -> ChannelVersion:
    last = ChannelVersion.objects.filter(channel=channel).aggregate(last=Max("number"))["last"] or 0
    number = max(last, channel.version_number) + 1
    return ChannelVersion.objects.create(
        channel=channel, number=number, created_by=actor.user, created_at=clock.now(), **values
    )


def _checked(workspace: Workspace, values: dict[str, Any]) -> dict[str, Any]:
    """A form offers nothing else, and no other caller may slip in a foreign number, purpose or field."""
    number = values.get("phone_number")
    if number is not None and number.workspace_id != workspace.pk:
        raise Refused("accounts.foreign_number", gettext_lazy("This number belongs to another workspace."))
    if "purpose" in values and values["purpose"] not in Purpose.values:
        raise Refused("accounts.unknown_purpose", gettext_lazy("Choose marketing, utility or authentication."))
    if "phone_fields" in values:
        values["phone_fields"] = check_fields(values["phone_fields"])
    return values


def _plain(value: Any) -> Any:
    """How the audit trail shows a value: Meta's id of a number, everything else as it is."""
    return value.phone_number_id if isinstance(value, PhoneNumber) else value


def _name_taken() -> Refused:
    return Refused(
        "accounts.channel_name_taken",
        gettext_lazy("There is already a channel configuration of this name. Choose another name."),
    )
