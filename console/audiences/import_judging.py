"""What becomes of each row of a batch: create, update, skip or refuse. The same judge for preview and import. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from console.audiences.import_rows import Row, RowRefused, read_row, read_withdrawal
from console.audiences.mapping import Target


class Known(Protocol):
    """A profile that exists already."""

    pk: int
    phone: str | None
    external_id: str | None
    import_id: int | None


@dataclass(slots=True)
class Verdict:
    """One row with its number, its cells, what becomes of it and whose it is."""

    number: int
    cells: list[str]
    kind: str  # create | update | skip | refuse
    row: Row | None = None
    known: Known | None = None
    code: str = ""
    column: int = -1


def read_rows(
    records: Iterable[tuple[int, list[str]]], targets: Mapping[int, Target], width: int, country: str
) -> list[Verdict]:
    """Reads a batch; rows that can't be profiles come back refused, the others wait for `judge` as creates.

    A refused row keeps what was read of it only where it withdraws consent: a no counts whatever else is wrong.
    """
    verdicts = []
    for number, cells in records:
        try:
            verdicts.append(Verdict(number, cells, "create", read_row(cells, targets, width, country)))
        except RowRefused as refused:
            row = read_withdrawal(cells, targets, width, country)
            verdicts.append(Verdict(number, cells, "refuse", row, code=refused.code, column=refused.column))
    return verdicts


def judge(
    verdicts: Sequence[Verdict],
    by_phone: Mapping[str, Known],
    by_external_id: Mapping[str, Known],
    *,
    seen: set[str],
    existing: str,
    import_id: int,
) -> None:
    """Decides every row that was read, in place. `seen` holds the identities of earlier rows and grows.

    A profile that carries this import's id was touched by an earlier batch: the row is a duplicate. Refused rows get to
    know their person too, whose number it is before whose id it is.
    """
    for verdict in verdicts:
        row = verdict.row
        if row is None:
            continue
        phone_owner = by_phone.get(row.phone) if row.phone else None
        id_owner = by_external_id.get(row.external_id) if row.external_id else None
        known = id_owner or phone_owner
        verdict.known = phone_owner or id_owner
        if verdict.kind == "refuse":
            continue
        keys = {key for key in (row.phone, f"#{row.external_id}" if row.external_id else "") if key}
        if known is not None:
            keys |= {key for key in (known.phone, f"#{known.external_id}" if known.external_id else "") if key}
        if keys & seen or (known is not None and known.import_id == import_id):
            verdict.kind, verdict.code = "refuse", "duplicate"
        elif _conflict(row, phone_owner, id_owner):
            verdict.kind, verdict.code = "refuse", "identity_conflict"
        else:
            seen |= keys
            verdict.known = known
            verdict.kind = "create" if known is None else existing


def _conflict(row: Row, phone_owner: Known | None, id_owner: Known | None) -> bool:
    if phone_owner is None:
        return False
    if id_owner is not None:
        return id_owner.pk != phone_owner.pk
    return bool(row.external_id and phone_owner.external_id)
