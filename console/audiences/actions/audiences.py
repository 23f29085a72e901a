"""Creates, changes, counts and archives audiences."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from console.audiences import queries, rules
from console.audiences.models import Audience, AudienceMember, Profile
from console.kit import clock, queue
from console.kit.batches import batched
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

COUNT_TASK = "console.audiences.tasks.count_audience"


def create_list(
    *, actor: Actor, workspace: Workspace, name: str, description: str = "", profile_ids: Iterable[int] = ()
) -> Audience:
    """Makes a list audience, with members if given. Raises Refused when the name is taken."""
    now = clock.now()
    audience = Audience(
        workspace=workspace,
        name=name.strip(),
        description=description.strip(),
        kind=Audience.Kind.LIST,
        profile_count=0,
        counted_at=now,
        created_by=actor.user,
        created_at=now,
        updated_at=now,
    )
    with transaction.atomic():
        _save(audience)
        audit.record(actor, workspace, "audiences.create_audience", audience, {"kind": "list"})
        ids = list(profile_ids)
        if ids:
            change_members(actor=actor, workspace=workspace, audience=audience, add=ids)
    return audience


def save_rule_audience(
    *,
    actor: Actor,
    workspace: Workspace,
    audience: Audience | None = None,
    name: str,
    description: str = "",
    rule: dict[str, Any],
) -> Audience:
    """Creates a rule audience or changes one; counts it in the background. Raises RuleError or Refused."""
    checked = rules.check(rule)
    queries.check_audiences(workspace, checked)
    now = clock.now()
    verb = "audiences.change_audience" if audience else "audiences.create_audience"
    if audience is None:
        audience = Audience(
            workspace=workspace, kind=Audience.Kind.RULE, created_by=actor.user, created_at=now, updated_at=now
        )
    if audience.kind != Audience.Kind.RULE:
        raise Refused("audience.not_a_rule", _("This audience is a list; its members are not found by a rule."))
    before = audience.rule
    audience.name, audience.description, audience.rule = name.strip(), description.strip(), checked
    audience.updated_at = now
    if before != checked:
        audience.profile_count, audience.counted_at = None, None
    with transaction.atomic():
        _save(audience)
        audit.record(actor, workspace, verb, audience, {"rule": [before, checked]} if before != checked else {})
        queue.ring(COUNT_TASK, audience.pk)
    return audience


def change_members(
    *,
    actor: Actor,
    workspace: Workspace,
    audience: Audience,
    add: Iterable[int] = (),
    remove: Iterable[int] = (),
) -> tuple[int, int]:
    """Adds profiles to a list and takes others out; returns how many of each. Ids of other workspaces are passed over."""
    _check_list(audience)
    added = removed = 0
    with transaction.atomic():
        for batch in batched(add):
            known = Profile.objects.filter(workspace=workspace, pk__in=batch)
            present = set(audience.members.filter(profile_id__in=batch).values_list("profile_id", flat=True))
            new = [pk for pk in known.values_list("pk", flat=True) if pk not in present]
            AudienceMember.objects.bulk_create(
                (AudienceMember(audience=audience, profile_id=pk) for pk in new), ignore_conflicts=True
            )
            added += len(new)
        for batch in batched(remove):
            removed += audience.members.filter(profile_id__in=batch).delete()[0]
        if added or removed:
            store_count(audience)
            facts = {"added": added, "removed": removed}
            audit.record(actor, workspace, "audiences.change_members", audience, facts)
    return added, removed


def add_people(*, actor: Actor, workspace: Workspace, audience: Audience, people: QuerySet[Profile]) -> int:
    """Adds all profiles of a queryset to a list; returns how many are new in it. One statement, however many they are."""
    _check_list(audience)
    try:
        chosen, params = people.filter(workspace=workspace).order_by().values("id").query.sql_with_params()
    except EmptyResultSet:
        return 0
    sql = (
        f"INSERT INTO {AudienceMember._meta.db_table} (audience_id, profile_id) "  # noqa: S608 - our own names
        f"SELECT %s, found.id FROM ({chosen}) AS found WHERE true ON CONFLICT DO NOTHING"
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql, [audience.pk, *params])
            added = max(0, cursor.rowcount)
        if added:
            store_count(audience)
            audit.record(actor, workspace, "audiences.change_members", audience, {"added": added, "removed": 0})
    return added


def remove_people(*, actor: Actor, workspace: Workspace, audience: Audience, people: QuerySet[Profile]) -> int:
    """Takes all profiles of a queryset out of a list; returns how many were in it. One DELETE."""
    _check_list(audience)
    with transaction.atomic():
        chosen = people.filter(workspace=workspace).order_by().values("pk")
        removed, _by_model = audience.members.filter(profile_id__in=chosen).delete()
        if removed:
            store_count(audience)
            audit.record(actor, workspace, "audiences.change_members", audience, {"added": 0, "removed": removed})
    return removed


def _check_list(audience: Audience) -> None:
    if audience.kind != Audience.Kind.LIST:
        raise Refused(
            "audience.not_a_list", _("Members of this audience are found by its rule. Change the rule instead.")
        )


def count_audience(audience: Audience) -> int:
    """Counts the members now and keeps the figure with its time. One COUNT, one UPDATE."""
    return store_count(audience)


def store_count(audience: Audience) -> int:
    count = queries.members(audience).count()
    audience.profile_count, audience.counted_at = count, clock.now()
    Audience.objects.filter(pk=audience.pk).update(profile_count=count, counted_at=audience.counted_at)
    return count


def archive_audience(*, actor: Actor, workspace: Workspace, audience: Audience) -> None:
    """Takes an audience out of the lists; what was sent to it stays. Refused when it is archived already."""
    with transaction.atomic():
        now = clock.now()
        if not Audience.objects.filter(pk=audience.pk, archived_at=None).update(archived_at=now, updated_at=now):
            raise Refused("audience.archived", _("This audience is archived already."))
        audience.archived_at = now
        audit.record(actor, workspace, "audiences.archive_audience", audience)


def _save(audience: Audience) -> None:
    try:
        with transaction.atomic():
            audience.save()
    except IntegrityError as error:
        raise Refused(
            "audience.name_taken", _("Another audience has this name already. Choose a different name.")
        ) from error
