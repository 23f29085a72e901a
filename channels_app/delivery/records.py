"""Writes down what became of claimed messages, in batches, fenced: only the claim that was won may record its outcome."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from channels_app.delivery import values
from channels_app.delivery.claims import Claim
from channels_app.delivery.models import Message
from console.kit.retrying import retried

log = logging.getLogger("waymark.delivery")
TABLE = Message._meta.db_table
TOKEN = (("message_id", "bigint"), ("epoch", "bigint"), ("attempt", "smallint"))
ACCEPTED_COLUMNS = (*TOKEN, ("new_wamid", "text"), ("at", "timestamptz"))
OTHER_COLUMNS = (
    *TOKEN,
    ("target", "text"),
    ("attempts_after", "smallint"),
    ("next_due_at", "timestamptz"),
    ("code", "integer"),
    ("detail", "text"),
    ("at", "timestamptz"),
)
OWN_CLAIM = "m.id = v.message_id AND m.claim_epoch = v.epoch AND m.attempt_count = v.attempt"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Meta took it and gave it an id."""

    claim: Claim
    wamid: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """Anything else: `target` is ready (with `due_at` when it may be tried), failed or unknown.

    `counts` False gives the try back: Meta never saw the message, or refused for a reason that is not the message's.
    """

    claim: Claim
    target: str
    at: datetime
    due_at: datetime | None = None
    code: int | None = None
    detail: str = ""
    counts: bool = True


def record(accepted: Sequence[Accepted], others: Sequence[NotAccepted]) -> int:
    """Writes a batch of outcomes; returns how many landed. Two statements; a stale claim changes nothing.

    A webhook may have been faster: a status never goes backwards, and the id is added where it is missing.
    """
    try:
        return retried(lambda: _accept(accepted) + _settle(others))
    except IntegrityError:  # Meta's id stands on another row already: find the one, keep the rest
        return sum(_accept_alone(one) for one in accepted) + retried(lambda: _settle(others))


def _accept(batch: Sequence[Accepted]) -> int:
    if not batch:
        return 0
    rows = sorted((one.claim.id, one.claim.epoch, one.claim.attempt, one.wamid, one.at) for one in batch)
    source, params = values.table_of(ACCEPTED_COLUMNS, rows)
    _lock([row[0] for row in rows])
    return values.run(
        f"UPDATE {TABLE} AS m SET status = CASE WHEN m.status IN ('claimed', 'unknown') THEN 'accepted' ELSE m.status END, "  # noqa: S608
        "wamid = COALESCE(m.wamid, v.new_wamid), accepted_at = COALESCE(m.accepted_at, v.at), lease_until = NULL, "
        "error_code = CASE WHEN m.status = 'failed' THEN m.error_code ELSE NULL END, "
        "error_detail = CASE WHEN m.status = 'failed' THEN m.error_detail ELSE '' END "
        f"FROM {source} WHERE {OWN_CLAIM} "
        "AND m.status IN ('claimed', 'unknown', 'sent', 'delivered', 'read', 'failed')",
        params,
    )


def _accept_alone(one: Accepted) -> int:
    try:
        with transaction.atomic():
            return _accept([one])
    except IntegrityError:
        log.error("delivery: Meta gave message %s an id that another message has", one.claim.id)
        return _settle([NotAccepted(one.claim, "unknown", one.at, detail="Meta's message id was given twice.")])


def _settle(batch: Sequence[NotAccepted]) -> int:
    if not batch:
        return 0
    rows = sorted((_other(one) for one in batch), key=lambda row: row[0])
    source, params = values.table_of(OTHER_COLUMNS, rows)
    _lock([row[0] for row in rows])
    return values.run(
        f"UPDATE {TABLE} AS m SET status = v.target, attempt_count = v.attempts_after, lease_until = NULL, "  # noqa: S608
        "due_at = COALESCE(v.next_due_at, m.due_at), error_code = v.code, error_detail = v.detail, "
        "failed_at = CASE WHEN v.target = 'failed' THEN v.at ELSE m.failed_at END "
        f"FROM {source} WHERE {OWN_CLAIM} AND (m.status = 'claimed' OR (m.status = 'unknown' AND v.target = 'failed'))",
        params,
    )


def _other(one: NotAccepted) -> tuple[int, int, int, str, int, datetime | None, int | None, str, datetime]:
    claim = one.claim
    attempts_after = claim.attempt if one.counts else claim.attempt - 1
    return (
        claim.id,
        claim.epoch,
        claim.attempt,
        one.target,
        attempts_after,
        one.due_at,
        one.code,
        one.detail[:300],
        one.at,
    )


def _lock(ids: list[int]) -> None:
    """On PostgreSQL, takes the rows in one order, the same as the statuses do: then the two never wait for each other."""
    if values.is_postgresql():
        values.fetch(f"SELECT id FROM {TABLE} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids])  # noqa: S608
