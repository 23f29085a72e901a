"""Who may send for a number now: one holder, by compare-and-set on its SenderLease; each taking raises the epoch."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from channels_app.delivery.models import SenderLease

LEASE_S = 15.0
RENEW_S = 4.0


@dataclass(frozen=True)
class Grip:
    """A lease held: whoever claims with this epoch is the one sender of the number."""

    phone_number_id: int
    holder: str
    epoch: int
    rate_per_s: float
    tokens: float
    tokens_at: datetime | None
    rested_for: str  # why the number rested until now; "" when it did not: only the first holder after a rest knows
    is_takeover: bool  # the holder before did not release it


def take(phone_number_id: int, holder: str, now: datetime) -> Grip | None:
    """Takes the lease when it is free, ran out, or is one's own; None when another holds it or the number rests.

    Three statements; of two takers at once exactly one wins.
    """
    lease, _ = SenderLease.objects.get_or_create(phone_number_id=phone_number_id)
    is_free = Q(until_at__isnull=True) | Q(until_at__lt=now) | Q(holder=holder)
    is_awake = Q(rest_until__isnull=True) | Q(rest_until__lte=now)
    taken = SenderLease.objects.filter(is_free, is_awake, pk=lease.pk, epoch=lease.epoch).update(
        holder=holder, until_at=now + timedelta(seconds=LEASE_S), epoch=F("epoch") + 1, rest_until=None, rest_reason=""
    )
    if not taken:
        return None
    return Grip(
        phone_number_id=phone_number_id,
        holder=holder,
        epoch=lease.epoch + 1,
        rate_per_s=lease.rate_per_s,
        tokens=lease.tokens,
        tokens_at=lease.tokens_at,
        rested_for=lease.rest_reason if lease.rest_until else "",
        is_takeover=bool(lease.holder),
    )


def renew(grip: Grip, now: datetime, *, rate_per_s: float) -> bool:
    """Keeps the lease; False when it is lost, and then nothing more may be sent. The rate learned so far is kept with it.

    What is saved up is not: `tokens_at` stays empty while the lease is held, so that a crash leaves no budget behind.
    """
    return bool(
        _own(grip).update(until_at=now + timedelta(seconds=LEASE_S), rate_per_s=rate_per_s, tokens=0, tokens_at=None)
    )


def release(grip: Grip, now: datetime, *, rate_per_s: float, tokens: float) -> bool:
    """Gives the lease back with the pacing budget, so that the next task goes on where this one stopped."""
    return bool(_own(grip).update(holder="", until_at=None, rate_per_s=rate_per_s, tokens=tokens, tokens_at=now))


def rest(grip: Grip, until: datetime, reason: str) -> bool:
    """Notes that Meta wants nothing from this number until then; nobody takes the lease before."""
    return bool(_own(grip).update(rest_until=until, rest_reason=reason[:60]))


def _own(grip: Grip) -> QuerySet[SenderLease]:
    return SenderLease.objects.filter(phone_number_id=grip.phone_number_id, holder=grip.holder, epoch=grip.epoch)
