"""Learns from webhooks who is who: batches of events become identities, new profiles, merges and doubts.

A thousand events cost a handful of statements: one when they say nothing new, about eight when they do. Merges are rare
and done one at a time, between two rounds: what waits for them is asked again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, QuerySet

from console.audiences import phones
from console.audiences.actions import merging
from console.audiences.identities import Alias, Pair, Person, Sighting, keys_of
from console.audiences.matching import Book
from console.audiences.models import IdentityChange, PossibleDuplicate, Profile, ProfileIdentity
from console.kit import clock, values
from console.kit.batches import batched
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

PROFILES, CHANGES = Profile._meta.db_table, IdentityChange._meta.db_table
SOURCE = "whatsapp"
MAX_RACES = 5
FIELDS = (
    ("phone", "text"),
    ("bsuid", "text"),
    ("bsuid_portfolio_id", "text"),
    ("parent_bsuid", "text"),
    ("username", "text"),
    ("wa_id", "text"),
    ("name", "text"),
)
NAMES = [name for name, _kind in FIELDS]


class Raced(Exception):
    """Somebody else made one of the profiles meanwhile: the round is done again with what is there now."""


def learn_identities(*, actor: Actor, workspace: Workspace, sightings: Sequence[Sighting]) -> list[tuple[int, ...]]:
    """Brings the address book up to date with events, in their order; gives the profiles each one is about.

    Nobody for an event whose person is unknown and that may not make one; two when they look like one person and only
    a person can decide. Applied again it changes nothing. One audit entry when something changed.
    """
    found: list[tuple[int, ...]] = []
    with transaction.atomic():
        for batch in batched(sightings):
            found += _learn_batch(actor, workspace, batch)
    return found


def unexplained(workspace: Workspace, sightings: Sequence[Sighting]) -> list[int]:
    """The places of the events that say something the profiles don't know yet. One query at most."""
    found = _explained(workspace, sightings)
    return [place for place in range(len(sightings)) if place not in found]


def _explained(workspace: Workspace, sightings: Sequence[Sighting]) -> dict[int, tuple[int, ...]]:
    ids = {one.address.bsuid for one in sightings if one.address.bsuid and one.moved_to is None}
    rows = Profile.objects.filter(workspace=workspace, bsuid__in=ids).values("pk", *NAMES) if ids else ()
    known = {row["bsuid"]: row for row in rows}
    found: dict[int, tuple[int, ...]] = {}
    for place, one in enumerate(sightings):
        row = known.get(one.address.bsuid)
        if one.is_empty:
            found[place] = ()
        elif row is not None and one.moved_to is None and _says_nothing_new(row, one):
            found[place] = (row["pk"],)
    return found


def _says_nothing_new(row: dict[str, Any], one: Sighting) -> bool:
    address = one.address
    spelled = f"+{address.wa_id}" in (row["phone"], f"+{row['wa_id']}") or not address.wa_id
    return (
        spelled
        and address.phone in ("", row["phone"])
        and one.username in ("", row["username"])
        and one.parent_bsuid in ("", row["parent_bsuid"])
        and bool(row["name"] or not one.name)
        and bool(row["bsuid_portfolio_id"] or not one.portfolio_id)
    )


def _learn_batch(actor: Actor, workspace: Workspace, sightings: Sequence[Sighting]) -> list[tuple[int, ...]]:
    found = _explained(workspace, sightings)
    left = [place for place in range(len(sightings)) if place not in found]
    apart: set[frozenset[int]] = set()
    races = 0
    while left:
        try:
            with transaction.atomic():
                told, book = _round(actor, workspace, [sightings[place] for place in left], apart)
        except (IntegrityError, Raced):
            races += 1
            if races > MAX_RACES:
                raise
            continue
        waiting = []
        for place, people in zip(left, told, strict=True):
            if people is None:
                waiting.append(place)
            else:
                found[place] = tuple(person.pk for person in people if person.pk is not None)
        left = waiting
        apart |= _merge(actor, workspace, book.merges)
    return [found[place] for place in range(len(sightings))]


def _round(
    actor: Actor, workspace: Workspace, sightings: Sequence[Sighting], apart: set[frozenset[int]]
) -> tuple[list[list[Person] | None], Book]:
    """One pass over events: what they are about, and everything written but the merges."""
    people = _people(workspace, sightings)
    book = Book(people.values(), _aliases(people), apart)
    told = [book.see(sighting) for sighting in sightings]
    _write(workspace, book)
    _audit(actor, workspace, book)
    return told, book


def _people(workspace: Workspace, sightings: Sequence[Sighting]) -> dict[int, Person]:
    """The profiles that the events may be about, locked in the order of their ids. Three statements."""
    keys = keys_of(sightings)
    wa_ids = {phone[1:] for phone in keys["phone"]}
    rows = Profile.objects.filter(workspace=workspace)
    arms: list[QuerySet[Any, Any]] = [
        rows.filter(**{f"{kind}__in": found}).values_list("pk") for kind, found in keys.items() if found
    ]
    if wa_ids:
        arms.append(rows.filter(wa_id__in=wa_ids).values_list("pk"))
    others = ProfileIdentity.objects.filter(workspace=workspace)
    for kind in ("bsuid", "phone", "parent_bsuid"):
        if keys[kind]:
            arms.append(others.filter(kind=kind, value__in=keys[kind]).values_list("profile_id"))
    ids = {pk for (pk,) in arms[0].union(*arms[1:], all=True)} if arms else set()
    if not ids:
        return {}
    locked = rows.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    people = {line[0]: Person(*line) for line in locked.values_list("pk", "phone", "external_id", *NAMES[1:])}
    _date(people)
    return people


def _date(people: dict[int, Person]) -> None:
    """Since when each value is as it is, so that older news doesn't replace it."""
    rows = IdentityChange.objects.filter(profile_id__in=people).order_by().values_list("profile_id", "kind", "after")
    for pk, kind, after, at in rows.annotate(last=Max("at")):
        people[pk].set_at[kind, after] = at


def _aliases(people: dict[int, Person]) -> list[Alias]:
    if not people:
        return []
    rows = ProfileIdentity.objects.filter(profile_id__in=people)
    return [
        Alias(
            people[row.profile_id],
            row.kind,
            row.value,
            row.learned_at,
            portfolio_id=row.portfolio_id,
            until_at=row.until_at,
            pk=row.pk,
            is_changed=False,
        )
        for row in rows
    ]


def _write(workspace: Workspace, book: Book) -> None:
    """At most one statement for each: usernames freed, profiles made and changed, aliases gone and set, history, doubts."""
    now = clock.now()
    if book.vacated_usernames:
        Profile.objects.filter(workspace=workspace, username__in=book.vacated_usernames).update(username=None)
    _change([person for person in book.people if person.pk is not None and person.is_changed], now)
    # In one order, so that two workers who make the same people wait for each other and don't lock each other out.
    made = sorted(
        (person for person in book.people if person.pk is None), key=lambda one: (one.bsuid or "", one.phone or "")
    )
    _make(workspace, made, now)
    if book.removed:
        ProfileIdentity.objects.filter(pk__in=[alias.pk for alias in book.removed]).delete()
    ProfileIdentity.objects.bulk_create(
        (_alias_row(workspace, one) for one in sorted(book.changed_aliases, key=lambda one: (one.kind, one.value))),
        update_conflicts=True,
        unique_fields=["workspace", "kind", "value"],
        update_fields=["profile", "portfolio_id", "learned_at", "until_at"],
    )
    _note(workspace, book, now)
    note_doubts(workspace, book.doubts)


def _alias_row(workspace: Workspace, alias: Alias) -> ProfileIdentity:
    return ProfileIdentity(
        workspace=workspace,
        profile_id=cast(int, alias.person.pk),
        kind=alias.kind,
        value=alias.value,
        portfolio_id=alias.portfolio_id,
        learned_at=alias.learned_at,
        until_at=alias.until_at,
    )


def _change(people: Sequence[Person], now: datetime) -> None:
    if not people:
        return
    rows = [[person.pk, *(getattr(person, name) for name in NAMES)] for person in people]
    source, cells = values.table_of([("pk", "bigint"), *FIELDS], rows)
    sets = ", ".join(f"{name} = v.{name}" for name in NAMES)
    sql = f"UPDATE {PROFILES} SET {sets}, updated_at = %s FROM {source} WHERE {PROFILES}.id = v.pk"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [values.stored(now), cells])


def _make(workspace: Workspace, people: Sequence[Person], now: datetime) -> None:
    """Profiles of people nobody knew: from their own message, without any consent. Raises Raced."""
    if not people:
        return
    columns = [*FIELDS, ("country", "text"), ("time_zone", "text")]
    rows = [[*(getattr(person, name) for name in NAMES), *_place(person)] for person in people]
    source, cells = values.table_of(columns, rows)
    names = ", ".join(name for name, _kind in columns)
    sql = (
        f"INSERT INTO {PROFILES} ({names}, attributes, language, is_test, marketing_consent, utility_consent, "  # noqa: S608
        f"authentication_consent, workspace_id, source, created_at, updated_at) "
        f"SELECT {names}, '{{}}', '', FALSE, '', '', '', %s, %s, %s, %s FROM {source} "
        "WHERE true ON CONFLICT DO NOTHING RETURNING id, bsuid, phone"
    )
    at = values.stored(now)
    made: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [workspace.pk, SOURCE, at, at, cells])
        for pk, bsuid, phone in cursor.fetchall():
            made |= {key: pk for key in (bsuid, phone) if key}
    if not all((person.bsuid or person.phone) in made for person in people):
        raise Raced
    for person in people:
        person.pk = made[person.bsuid or person.phone or ""]


def _place(person: Person) -> tuple[str, str]:
    """Country and time zone: the number's, else those of the country that a business-scoped id begins with."""
    if person.phone:
        try:
            phone = phones.normalize(person.phone)
        except phones.PhoneError:
            return phones.place_of_country((person.bsuid or "")[:2])
        return phone.country, phone.time_zone
    return phones.place_of_country((person.bsuid or "")[:2])


def _note(workspace: Workspace, book: Book, now: datetime) -> None:
    if not book.changes:
        return
    columns = (
        ("profile_id", "bigint"),
        ("kind", "text"),
        ("before", "text"),
        ("after", "text"),
        ("evidence", "jsonb"),
        ("at", "timestamptz"),
    )
    rows = [
        [one.person.pk, one.kind, one.before, one.after, dict(one.sighting.evidence), one.sighting.at]
        for one in book.changes
    ]
    source, cells = values.table_of(columns, rows)
    names = ", ".join(f'"{name}"' for name, _kind in columns)
    picks = ", ".join(f'v."{name}"' for name, _kind in columns)
    sql = (
        f"INSERT INTO {CHANGES} ({names}, workspace_id, source, recorded_at) "  # noqa: S608
        f"SELECT {picks}, %s, %s, %s FROM {source} WHERE true"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [workspace.pk, SOURCE, values.stored(now), cells])


def note_doubts(workspace: Workspace, pairs: Iterable[Pair]) -> None:
    """Lists pairs for a person to decide; one that was decided already stays decided."""
    now = clock.now()
    PossibleDuplicate.objects.bulk_create(
        (
            PossibleDuplicate(
                workspace=workspace,
                first_id=min(pair.first.pk or 0, pair.second.pk or 0),
                second_id=max(pair.first.pk or 0, pair.second.pk or 0),
                reason=pair.reason,
                evidence=dict(pair.sighting.evidence),
                found_at=now,
            )
            for pair in pairs
        ),
        ignore_conflicts=True,
    )


def _audit(actor: Actor, workspace: Workspace, book: Book) -> None:
    made = [person for person in book.people if person.made_by is not None]
    changed = {id(one.person) for one in book.changes} - {id(person) for person in made}
    if made or changed:
        facts = {"created": len(made), "changed": len(changed)}
        audit.record(actor, workspace, "audiences.learn_identities", None, facts)


def _merge(actor: Actor, workspace: Workspace, pairs: Sequence[Pair]) -> set[frozenset[int]]:
    """Merges pairs one by one; gives those that stay apart because a person said so. A query, and those of each merge."""
    if not pairs:
        return set()
    ids = {pk for pair in pairs for pk in (pair.first.pk, pair.second.pk) if pk is not None}
    decided = PossibleDuplicate.objects.filter(first_id__in=ids, second_id__in=ids, apart_at__isnull=False)
    apart = {frozenset(pair) for pair in decided.values_list("first_id", "second_id")}
    gone: set[int] = set()
    for pair in pairs:
        both = frozenset(pk for pk in (pair.first.pk, pair.second.pk) if pk is not None)
        if both in apart or both & gone:
            continue
        first, second = sorted(Profile.objects.filter(workspace=workspace, pk__in=both), key=merging.precedence)
        merging.merge_profiles(
            actor=actor,
            workspace=workspace,
            kept=first,
            absorbed=second,
            reason=pair.reason,
            evidence=dict(pair.sighting.evidence),
            at=pair.sighting.at,
        )
        gone.add(second.pk)
    return apart
