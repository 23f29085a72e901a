"""Takes due messages of one number for sending: one conditional UPDATE that also asks everything that may forbid it.

Every row the statement looks at leaves `ready`: claimed, or excluded with its reason, expired, or canceled. Only rows
under a hold stay, so nothing waits for ever and nobody is claimed twice.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels_app.accounts.models import PhoneNumber
from channels_app.delivery import values
from channels_app.delivery.models import Hold, Message, SenderLease
from channels_app.message_templates.models import TemplateTranslation, TemplateVersion
from console.audiences.models import Profile, Suppression
from console.kit.retrying import retried

# Longer than a message waits in our hands plus the longest call of the client (40 s): else a live one turns unknown.
CLAIM_LEASE_S = 75.0
MESSAGE, LEASE, HOLD = Message._meta.db_table, SenderLease._meta.db_table, Hold._meta.db_table
NUMBER, PROFILE, SUPPRESSION = PhoneNumber._meta.db_table, Profile._meta.db_table, Suppression._meta.db_table
VERSION, TRANSLATION = TemplateVersion._meta.db_table, TemplateTranslation._meta.db_table

SOURCE_HELD = f"SELECT 1 FROM {HOLD} h WHERE h.scope = 'source' AND h.key = m.source_kind || ':' || m.source_id"  # noqa: S608
# What may go: nothing holds the row, its template is approved, and its number is connected.
CLAIMABLE = f"""
    m.phone_number_id = %(number)s AND m.status = 'ready' AND m.due_at <= %(now)s
    AND EXISTS (SELECT 1 FROM {NUMBER} n WHERE n.id = %(number)s AND n.status = 'CONNECTED')
    AND NOT EXISTS (SELECT 1 FROM {HOLD} h WHERE h.scope = 'all'
        OR (h.scope = 'number' AND h.key = %(number_key)s) OR (h.scope = 'workspace' AND h.key = %(workspace_key)s))
    AND NOT EXISTS ({SOURCE_HELD} AND NOT h.is_stop)
    AND NOT EXISTS (SELECT 1 FROM {HOLD} h WHERE h.scope = 'template' AND h.key = CAST(m.template_version_id AS text))
    AND (m.template_version_id IS NULL OR EXISTS (SELECT 1 FROM {VERSION} tv
        JOIN {TRANSLATION} tt ON tt.id = tv.translation_id WHERE tv.id = m.template_version_id AND tt.status = 'APPROVED'))
"""  # noqa: S608
CONSENT = (
    "CASE m.purpose WHEN 'marketing' THEN p.marketing_consent WHEN 'utility' THEN p.utility_consent "
    "ELSE p.authentication_consent END"
)
# What becomes of it, asked at the last moment; the first that fits wins, '' may be sent.
VERDICT = f"""
    CASE
        WHEN EXISTS ({SOURCE_HELD} AND h.is_stop) THEN 'canceled'
        WHEN m.late_at IS NOT NULL AND m.late_at <= %(now)s THEN 'expired'
        WHEN p.id IS NULL THEN 'profile_gone'
        WHEN {CONSENT} = 'withdrawn' THEN 'consent_withdrawn'
        WHEN m.purpose = 'marketing' AND p.marketing_consent <> 'granted' THEN 'consent_missing'
        WHEN EXISTS (SELECT 1 FROM {SUPPRESSION} s WHERE s.workspace_id = m.workspace_id AND s.address = m.recipient
            AND s.purpose IN ('', m.purpose) AND (s.until_at IS NULL OR s.until_at > %(now)s)) THEN 'suppressed'
        WHEN m.recipient = '' THEN 'no_number'
        ELSE ''
    END
"""  # noqa: S608
CLAIM = f"""
WITH picked AS MATERIALIZED (
    SELECT m.id AS picked_id, {VERDICT} AS verdict
    FROM {MESSAGE} m LEFT JOIN {PROFILE} p ON p.id = m.profile_id
    WHERE {CLAIMABLE}
    AND EXISTS (SELECT 1 FROM {LEASE} l WHERE l.phone_number_id = %(number)s AND l.epoch = %(epoch)s AND l.until_at > %(now)s)
    ORDER BY m.priority, m.due_at, m.id LIMIT %(limit)s {{lock}}
)
UPDATE {MESSAGE} SET
    status = CASE WHEN verdict = '' THEN 'claimed' WHEN verdict IN ('canceled', 'expired') THEN verdict ELSE 'excluded' END,
    exclusion_reason = CASE WHEN verdict IN ('', 'canceled', 'expired') THEN '' ELSE verdict END,
    claim_epoch = CASE WHEN verdict = '' THEN %(epoch)s ELSE claim_epoch END,
    attempt_count = attempt_count + CASE WHEN verdict = '' THEN 1 ELSE 0 END,
    claimed_at = CASE WHEN verdict = '' THEN {{now}} ELSE claimed_at END,
    lease_until = CASE WHEN verdict = '' THEN {{lease_until}} ELSE NULL END
FROM picked
WHERE id = picked_id AND status = 'ready'
RETURNING id, status, priority, due_at, recipient, params, template_version_id, source_kind, source_id, attempt_count
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is ours to send, once: attempt and epoch are the token with which its outcome is recorded."""

    id: int
    epoch: int
    attempt: int
    recipient: str
    params: dict[str, str]
    template_version_id: int | None
    source_key: str

    @property
    def callback_data(self) -> str:
        return f"wm1:{self.id}:{self.attempt}"


@dataclass(frozen=True, slots=True)
class Batch:
    """What one claim brought: messages to send in their order, and how many rows were settled without sending."""

    claims: list[Claim]
    settled_count: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.claims and not self.settled_count


def claim(*, number: PhoneNumber, epoch: int, limit: int, now: datetime) -> Batch:
    """Claims up to `limit` due messages for the holder of this epoch. One statement; commits with its caller's transaction."""
    kind = "::timestamptz" if values.is_postgresql() else ""
    sql = CLAIM.format(
        lock="FOR UPDATE OF m SKIP LOCKED" if values.is_postgresql() else "",
        now=f"%(now)s{kind}",
        lease_until=f"%(lease_until)s{kind}",
    )
    more = {"epoch": epoch, "limit": limit, "lease_until": now + timedelta(seconds=CLAIM_LEASE_S)}
    rows = retried(lambda: values.fetch(sql, _params(number, now, **more)))
    rows.sort(key=lambda row: (row[2], row[3], row[0]))
    return Batch([_claim(row, epoch) for row in rows if row[1] == "claimed"], sum(row[1] != "claimed" for row in rows))


def has_claimable(*, number: PhoneNumber, now: datetime) -> bool:
    """Whether a claim would find something now. One query."""
    sql = f"SELECT 1 FROM {MESSAGE} m WHERE {CLAIMABLE} LIMIT 1"  # noqa: S608
    return bool(values.fetch(sql, _params(number, now)))


def expire_late(now: datetime, *, limit: int = 1000) -> int:
    """Expires what is too late, also where a hold keeps the claim away; returns how many. One UPDATE by index."""
    skip = "FOR UPDATE SKIP LOCKED" if values.is_postgresql() else ""
    return values.run(
        f"UPDATE {MESSAGE} SET status = 'expired' WHERE status = 'ready' AND id IN "  # noqa: S608
        f"(SELECT id FROM {MESSAGE} WHERE status = 'ready' AND late_at <= %(now)s ORDER BY late_at LIMIT %(limit)s {skip})",
        {"now": now, "limit": limit},
    )


def _params(number: PhoneNumber, now: datetime, **more: Any) -> dict[str, Any]:
    keys = {"number_key": str(number.pk), "workspace_key": str(number.workspace_id)}
    return {"number": number.pk, "now": now, **keys, **more}


def _claim(row: tuple[Any, ...], epoch: int) -> Claim:
    pk, _status, _priority, _due, recipient, params, version, kind, source, attempt = row
    params = json.loads(params) if isinstance(params, str) else params
    return Claim(pk, epoch, attempt, recipient, params, version, f"{kind}:{source}")
