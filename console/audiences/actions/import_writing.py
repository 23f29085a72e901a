"""Writes one judged batch of an import: profiles, receipts, members, refusals; a few statements per thousand rows.

The statements take all rows as one JSON parameter (console.kit.values): model instances would cost ten times as much.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from django.db import connection
from django.db.models import Q

from console.audiences.actions.consent import refresh_consent
from console.audiences.import_judging import Verdict
from console.audiences.import_rows import Row
from console.audiences.models import (
    AudienceMember,
    ConsentEntry,
    IdentityChange,
    Import,
    ImportRefusal,
    Profile,
)
from console.kit import clock, values

PROFILES, ENTRIES, MEMBERS = (model._meta.db_table for model in (Profile, ConsentEntry, AudienceMember))
CONSENTS = ("marketing_consent", "utility_consent", "authentication_consent")
FACTS = (
    ("phone", "text"),
    ("external_id", "text"),
    ("name", "text"),
    ("attributes", "jsonb"),
    ("language", "text"),
    ("country", "text"),
    ("time_zone", "text"),
    ("is_test", "boolean"),
)
Receipt = tuple[int, str, str, dict[str, Any], datetime]  # profile, purpose, value, evidence, when it was given


@dataclass(slots=True)
class Person:
    """A profile that exists already, as far as an import must know it."""

    pk: int
    import_id: int | None
    phone: str | None
    external_id: str | None
    name: str
    attributes: dict[str, Any]
    language: str
    country: str
    time_zone: str
    is_test: bool
    marketing_consent: str
    utility_consent: str
    authentication_consent: str

    @property
    def facts(self) -> list[Any]:
        return [getattr(self, name) for name, _kind in FACTS]


def people_of(rows: Sequence[Row], workspace_id: int, *, is_locked: bool) -> list[Person]:
    """The profiles that have the phone or the external id of a row, locked in the order of their ids. One query."""
    wanted = Q()
    for field in ("phone", "external_id"):
        if given := {getattr(row, field) for row in rows if getattr(row, field)}:
            wanted |= Q(**{f"{field}__in": given})
    if not wanted:
        return []
    known = Profile.objects.filter(wanted, workspace_id=workspace_id).order_by("pk")
    if is_locked:
        known = known.select_for_update()
    return [Person(*line) for line in known.values_list("pk", "import_id", *(name for name, _ in FACTS), *CONSENTS)]


def write_batch(batch: Import, verdicts: Sequence[Verdict]) -> Counter[str]:
    """Writes what the verdicts say and counts them by kind. Belongs in the transaction that moves the place in the file."""
    now = clock.now()
    by_kind: dict[str, list[Verdict]] = {"create": [], "update": [], "skip": [], "refuse": []}
    for verdict in verdicts:
        by_kind[verdict.kind].append(verdict)
    owners = _create(batch, by_kind["create"], now)
    for verdict in by_kind["update"]:
        owners |= dict.fromkeys(_keys(cast(Row, verdict.row)), _person(verdict).pk)
    _update(batch, by_kind["update"], by_kind["skip"], now)
    receipts = list(_receipts(batch, by_kind["create"], owners, now))
    receipts += _receipts(batch, by_kind["update"], owners, now)
    withdrawals = list(_withdrawals(batch, [*by_kind["skip"], *by_kind["refuse"]], owners, now))
    _add_receipts(batch, [*receipts, *withdrawals], now)
    _refresh(by_kind["update"], receipts, withdrawals)
    if batch.audience_id:
        _add_members(batch.audience_id, {*owners.values(), *(_person(verdict).pk for verdict in by_kind["skip"])})
    _add_refusals(batch, by_kind["refuse"])
    return Counter({kind: len(found) for kind, found in by_kind.items() if found})


def _person(verdict: Verdict) -> Person:
    return cast(Person, verdict.known)


def _keys(row: Row) -> list[str]:
    return [key for key in (row.phone, f"#{row.external_id}" if row.external_id else "") if key]


def _create(batch: Import, verdicts: Sequence[Verdict], now: datetime) -> dict[str, int]:
    """Inserts new profiles; gives whose the phones and the external ids (with # in front) now are."""
    if not verdicts:
        return {}
    columns = [*FACTS, *((name, "text") for name in CONSENTS)]
    source, cells = values.table_of(columns, [_new_cells(batch, cast(Row, verdict.row)) for verdict in verdicts])
    names = ", ".join(name for name, _kind in columns)
    sql = (
        f"INSERT INTO {PROFILES} ({names}, workspace_id, source, import_id, created_at, updated_at) "  # noqa: S608
        f"SELECT {names}, %s, 'import', %s, %s, %s FROM {source} WHERE true RETURNING id, phone, external_id"
    )
    at = values.stored(now)
    owners: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [batch.workspace_id, batch.pk, at, at, cells])
        for pk, phone, external_id in cursor.fetchall():
            if phone:
                owners[phone] = pk
            if external_id:
                owners[f"#{external_id}"] = pk
    return owners


def _new_cells(batch: Import, row: Row) -> list[Any]:
    fields, derived, consents = row.fields, row.derived, _consents(batch, row.consents)
    return [
        row.phone or None,
        row.external_id or None,
        fields.get("name", ""),
        row.attributes,
        fields.get("language", ""),
        fields.get("country") or derived.get("country", ""),
        fields.get("time_zone") or derived.get("time_zone", ""),
        fields.get("is_test", False),
        *(consents.get(name.removesuffix("_consent"), "") for name in CONSENTS),
    ]


def _update(batch: Import, updated: Sequence[Verdict], skipped: Sequence[Verdict], now: datetime) -> None:
    """Merges rows into their profiles: an empty cell erases nothing, and what stays the same is not a change."""
    changed, same = [], [_person(verdict).pk for verdict in skipped]
    for verdict in updated:
        person = _person(verdict)
        merged = _merged(person, cast(Row, verdict.row))
        if merged == person.facts and repr(merged[3]) == repr(person.attributes):  # 1 and True are equal, yet differ
            same.append(person.pk)
        else:
            changed.append([person.pk, *merged])
    if same:
        Profile.objects.filter(pk__in=same).update(import_id=batch.pk)
    if changed:
        source, cells = values.table_of([("pk", "bigint"), *FACTS], changed)
        sets = ", ".join(f"{name} = v.{name}" for name, _kind in FACTS)
        same_number = f"COALESCE({PROFILES}.phone, '') = COALESCE(v.phone, '')"
        sql = (
            f"UPDATE {PROFILES} SET {sets}, wa_id = CASE WHEN {same_number} THEN {PROFILES}.wa_id END, "  # noqa: S608
            f"import_id = %s, updated_at = %s FROM {source} WHERE {PROFILES}.id = v.pk"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [batch.pk, values.stored(now), cells])
        _note_identities(batch, updated, now)


def _note_identities(batch: Import, updated: Sequence[Verdict], now: datetime) -> None:
    """Keeps what a number or an external id was that a row changed. One statement, when there is such a row."""
    IdentityChange.objects.bulk_create(
        IdentityChange(
            workspace_id=batch.workspace_id,
            profile_id=person.pk,
            kind=name,
            before=getattr(person, name) or "",
            after=after,
            source="import",
            evidence={"import": batch.pk, "row": verdict.number},
            at=now,
            recorded_at=now,
        )
        for verdict in updated
        for person, name in ((_person(verdict), "phone"), (_person(verdict), "external_id"))
        if (after := getattr(cast(Row, verdict.row), name)) and after != getattr(person, name)
    )


def _merged(person: Person, row: Row) -> list[Any]:
    fields, derived = row.fields, row.derived
    return [
        row.phone or person.phone,
        row.external_id or person.external_id,
        fields.get("name") or person.name,
        {**person.attributes, **row.attributes},
        fields.get("language") or person.language,
        fields.get("country") or person.country or derived.get("country", ""),
        fields.get("time_zone") or person.time_zone or derived.get("time_zone", ""),
        fields.get("is_test", person.is_test),
    ]


def _consents(batch: Import, said: Mapping[str, str]) -> dict[str, str]:
    """What the row says, and for purposes it has no column for what the person who imports vouched for."""
    wanted = batch.options.get("consents", [])
    if not wanted:
        return dict(said)
    mapped = {entry["field"].partition(":")[2] for entry in batch.mapping.values()}
    return {**{purpose: "granted" for purpose in wanted if purpose not in mapped}, **said}


def _receipts(
    batch: Import, verdicts: Iterable[Verdict], owners: Mapping[str, int], now: datetime
) -> Iterable[Receipt]:
    for verdict in verdicts:
        row = cast(Row, verdict.row)
        for purpose, value in _consents(batch, row.consents).items():
            yield _receipt(batch, verdict, owners[_keys(row)[0]], purpose, value, now)


def _withdrawals(
    batch: Import, verdicts: Iterable[Verdict], owners: Mapping[str, int], now: datetime
) -> Iterable[Receipt]:
    """A no counts also where the rest of its row does not: in rows that are kept out, doubled or refused."""
    for verdict in verdicts:
        row = verdict.row
        if row is None or "withdrawn" not in row.consents.values():
            continue
        pk = verdict.known.pk if verdict.known else next((owners[key] for key in _keys(row) if key in owners), None)
        for purpose, value in row.consents.items():
            if pk and value == "withdrawn":
                yield _receipt(batch, verdict, pk, purpose, value, now)


def _receipt(batch: Import, verdict: Verdict, pk: int, purpose: str, value: str, now: datetime) -> Receipt:
    """A yes was given on the day the importer named; a no counts from the import on: it must win over an older yes."""
    given_on, note = batch.options.get("consent_on"), batch.options.get("consent_note", "")
    given_at = batch.started_at or now
    if given_on and value == "granted":
        given_at = datetime.fromisoformat(given_on).replace(tzinfo=UTC)
    evidence: dict[str, Any] = {"import": batch.pk, "file": batch.filename, "row": verdict.number}
    return pk, purpose, value, {**evidence, "note": note} if note else evidence, given_at


def _add_receipts(batch: Import, receipts: Sequence[Receipt], now: datetime) -> None:
    if not receipts:
        return
    columns = (
        ("profile_id", "bigint"),
        ("purpose", "text"),
        ("value", "text"),
        ("evidence", "jsonb"),
        ("given_at", "timestamptz"),
    )
    source, cells = values.table_of(columns, receipts)
    names = ", ".join(name for name, _kind in columns)
    sql = (
        f"INSERT INTO {ENTRIES} ({names}, workspace_id, source, recorded_at, recorded_by_id) "  # noqa: S608
        f"SELECT {names}, %s, 'import', %s, %s FROM {source} WHERE true"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [batch.workspace_id, values.stored(now), batch.created_by_id, cells])


def _refresh(updated: Sequence[Verdict], receipts: Sequence[Receipt], withdrawals: Sequence[Receipt]) -> None:
    """Brings the consent columns up to date; where the new receipts say what the column says, nothing can change."""
    known = {_person(verdict).pk: _person(verdict) for verdict in updated}
    touched: dict[str, list[int]] = {}
    for pk, purpose, value, _evidence, _given_at in receipts:
        if pk in known and getattr(known[pk], f"{purpose}_consent") != value:
            touched.setdefault(purpose, []).append(pk)
    for pk, purpose, *_rest in withdrawals:
        touched.setdefault(purpose, []).append(pk)
    for purpose, ids in touched.items():
        refresh_consent(ids, purpose)


def _add_members(audience_id: int, ids: Iterable[int]) -> None:
    source, cells = values.table_of([("pk", "bigint")], [[pk] for pk in sorted(ids)])
    sql = (
        f"INSERT INTO {MEMBERS} (audience_id, profile_id) SELECT %s, pk FROM {source} "  # noqa: S608
        "WHERE true ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [audience_id, cells])


def _add_refusals(batch: Import, verdicts: Iterable[Verdict]) -> None:
    ImportRefusal.objects.bulk_create(
        ImportRefusal(
            batch=batch,
            row_number=verdict.number,
            code=verdict.code,
            column=batch.columns[verdict.column] if verdict.column >= 0 else "",
            values=[cell.replace("\x00", "") for cell in verdict.cells],
        )
        for verdict in verdicts
    )
