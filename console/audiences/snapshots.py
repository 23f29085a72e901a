"""Rows as JSON that can be put back exactly, and every row that points at a profile, whichever room it is in."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Field, ForeignKey, ForeignObjectRel, Model, UniqueConstraint

from console.audiences.models import PossibleDuplicate, Profile

Snapshot = dict[str, Any]


def snapshot(row: Model) -> Snapshot:
    """The stored columns of a row by name, as plain JSON."""
    return {column.attname: _plain(getattr(row, column.attname)) for column in _columns(type(row))}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | dict | list | None) else str(value)


def restored(model: type[Model], kept: Mapping[str, Any]) -> Model:
    """The row of a snapshot, not saved; columns the table got since have their default."""
    known = [column for column in _columns(model) if column.attname in kept]
    return model(**{column.attname: column.to_python(kept[column.attname]) for column in known})


def _columns(model: type[Model]) -> "list[Field[Any, Any]]":
    return [column for column in model._meta.concrete_fields if not column.generated]


def pointers() -> "dict[str, ForeignKey[Any, Any]]":
    """{name: foreign key} of everything that points at a profile, also from rooms above; pairs are a matter of their own."""
    relations = Profile._meta.get_fields(include_hidden=True)
    fields = (relation.field for relation in relations if isinstance(relation, ForeignObjectRel))
    return {
        f"{field.model._meta.label_lower}.{field.name}": field
        for field in fields
        if isinstance(field, ForeignKey) and field.model is not PossibleDuplicate
    }


def unique_partners(field: "ForeignKey[Any, Any]") -> list[list[str]]:
    """For each uniqueness the foreign key is part of: the other columns."""
    meta = field.model._meta
    sets = [list(names) for names in meta.unique_together if field.name in names]
    sets += [
        list(one.fields) for one in meta.constraints if isinstance(one, UniqueConstraint) and field.name in one.fields
    ]
    if field.unique:
        sets.append([field.name])
    return [[name for name in names if name != field.name] for names in sets]


def without_lost_targets(rows: Sequence[Model]) -> list[Model]:
    """The rows of one table whose foreign keys all point at rows that still exist. One query for each key."""
    if not rows:
        return []
    lost: set[int] = set()
    for key in (column for column in _columns(type(rows[0])) if isinstance(column, ForeignKey)):
        wanted = {getattr(row, key.attname) for row in rows} - {None}
        target: type[Model] = key.related_model
        living = set(target._base_manager.filter(pk__in=wanted).values_list("pk", flat=True))
        lost |= {place for place, row in enumerate(rows) if getattr(row, key.attname) in wanted - living}
    return [row for place, row in enumerate(rows) if place not in lost]
