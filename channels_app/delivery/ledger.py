"""Writes rows into the ledger: what a campaign run or a journey decided, before anybody calls Meta."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from channels_app.delivery import values
from channels_app.delivery.models import Message
from console.kit import clock
from console.kit.batches import batched

TABLE = Message._meta.db_table
PRIORITIES = {"authentication": 10, "utility": 30, "marketing": 50}  # smaller goes first
COLUMNS = (
    ("workspace_id", "bigint"),
    ("source_kind", "text"),
    ("source_id", "bigint"),
    ("dedupe_key", "text"),
    ("profile_id", "bigint"),
    ("recipient", "text"),
    ("phone_number_id", "bigint"),
    ("template_version_id", "bigint"),
    ("purpose", "text"),
    ("params", "jsonb"),
    ("priority", "smallint"),
    ("due_at", "timestamptz"),
    ("late_at", "timestamptz"),
    ("status", "text"),
    ("exclusion_reason", "text"),
)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One recipient of one send. A non-empty `exclusion_reason` makes the row `excluded`: counted, never sent.

    `dedupe_key` names the person within the send (for example "profile:17"): writing it again changes nothing.
    `params` is slot key -> rendered text.
    """

    workspace_id: int
    source_kind: str
    source_id: int
    dedupe_key: str
    profile_id: int | None
    recipient: str
    phone_number_id: int | None
    template_version_id: int | None
    purpose: str
    due_at: datetime
    params: dict[str, str] = field(default_factory=dict)
    priority: int = 50
    late_at: datetime | None = None
    exclusion_reason: str = ""


def add_messages(rows: Sequence[NewMessage]) -> int:
    """Adds rows and returns how many are new. Safe to run twice with the same rows, or from two workers at once.

    A second row for a recipient who already has one in the same send becomes `excluded` with the reason
    `duplicate_number`, so that the buckets add up. Two statements per thousand rows at most.
    """
    added = 0
    for batch in batched(rows):
        with transaction.atomic():
            new = _insert(batch)
            added += len(new)
            if len(new) < len(batch):
                added += len(_insert([row for row in batch if _key(row) not in new], as_duplicates=True))
    return added


def _key(row: NewMessage) -> tuple[str, int, str]:
    return row.source_kind, row.source_id, row.dedupe_key


def _insert(batch: Sequence[NewMessage], *, as_duplicates: bool = False) -> set[tuple[str, int, str]]:
    source, params = values.table_of(COLUMNS, [_values(row, is_duplicate=as_duplicates) for row in batch])
    names = ", ".join(name for name, _ in COLUMNS)
    inserted = values.fetch(
        f"INSERT INTO {TABLE} ({names}, claim_epoch, attempt_count, error_detail, created_at) "  # noqa: S608
        f"SELECT {names}, 0, 0, '', %s FROM {source} WHERE true "
        "ON CONFLICT DO NOTHING RETURNING source_kind, source_id, dedupe_key",
        [clock.now(), *params],
    )
    return {(kind, number, key) for kind, number, key in inserted}


def _values(row: NewMessage, *, is_duplicate: bool) -> tuple[object, ...]:
    reason = row.exclusion_reason or ("duplicate_number" if is_duplicate else "")
    return (
        row.workspace_id,
        row.source_kind,
        row.source_id,
        row.dedupe_key,
        row.profile_id,
        row.recipient,
        row.phone_number_id,
        row.template_version_id,
        row.purpose,
        json.dumps(row.params, ensure_ascii=False),
        row.priority,
        row.due_at,
        row.late_at,
        "excluded" if reason else "ready",
        reason,
    )
