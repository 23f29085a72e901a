"""Claims whose sender died: they become `unknown`, never `ready`. Only a webhook, or proof, settles them."""

from datetime import datetime

from channels_app.delivery import values
from channels_app.delivery.models import Message
from console.kit.retrying import retried

TABLE = Message._meta.db_table
BATCH = 1000


def expire_claims(now: datetime, *, phone_number_id: int | None = None) -> int:
    """Turns claims whose lease ran out into `unknown`; returns how many. Set-based, safe at any time and by many at once."""
    total = 0
    while count := retried(lambda: _expire_batch(now, phone_number_id)):
        total += count
    return total


def _expire_batch(now: datetime, phone_number_id: int | None) -> int:
    own = "AND phone_number_id = %s" if phone_number_id is not None else ""
    skip = "FOR UPDATE SKIP LOCKED" if values.is_postgresql() else ""
    return values.run(
        f"UPDATE {TABLE} SET status = 'unknown', lease_until = NULL WHERE status = 'claimed' AND id IN "  # noqa: S608
        f"(SELECT id FROM {TABLE} WHERE status = 'claimed' AND lease_until < %s {own} ORDER BY id LIMIT {BATCH} {skip})",
        [now] if phone_number_id is None else [now, phone_number_id],
    )
