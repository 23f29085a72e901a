"""Who of an audience gets nothing, and why: one CASE in the database, shared by composer, review and preparation.

Reasons have a fixed order and the first that fits wins, so every person is counted once. The claim in delivery asks
consent and suppression again at the moment of sending. The words for the codes are in delivery.reasons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Length, NullIf, Substr

from campaigns import addresses, area_codes
from console.audiences.models import Consent, Profile, Purpose, Suppression
from console.audiences.phone_fields import DEFAULT, LONGEST_E164, SHORTEST_E164

ELIGIBLE = ""
NO_NUMBER = addresses.NO_NUMBER
CONSENT_WITHDRAWN = "consent_withdrawn"
CONSENT_MISSING = "consent_missing"
SUPPRESSED = addresses.SUPPRESSED
INVALID_NUMBER = addresses.INVALID_NUMBER
US_MARKETING_BLOCK = addresses.US_MARKETING_BLOCK
DUPLICATE_NUMBER = addresses.DUPLICATE_NUMBER
MISSING_VALUE = "missing_value"
CONTENT_ERROR = "content_error"
STOPPED_EARLY = "stopped_early"
ORDER = (
    NO_NUMBER,
    CONSENT_WITHDRAWN,
    CONSENT_MISSING,
    SUPPRESSED,
    INVALID_NUMBER,
    US_MARKETING_BLOCK,
    DUPLICATE_NUMBER,
    MISSING_VALUE,
    CONTENT_ERROR,
    STOPPED_EARLY,
)
# A person has the same colour for the same reason on every page.
TONES = dict(
    zip(ORDER, ("bad", "mute", "mute", "warn", "bad", "teal", "queued", "vio", "vio", "mute"), strict=True),
)


@dataclass(frozen=True)
class Eligibility:
    """An audience split into who gets the message and who doesn't; the parts always add up to `audience`."""

    eligible: int
    excluded: tuple[tuple[str, int], ...]

    @property
    def excluded_count(self) -> int:
        return sum(count for _reason, count in self.excluded)

    @property
    def audience(self) -> int:
        return self.eligible + self.excluded_count

    def also_excluding(self, reason: str, count: int) -> "Eligibility":
        """The same audience with some eligible people moved to a reason that only a closer look can find."""
        if not count:
            return self
        found = dict(self.excluded)
        return split({**found, reason: found.get(reason, 0) + count, ELIGIBLE: self.eligible - count})


def split(counts: Mapping[str, int]) -> Eligibility:
    """From {reason: people}, with "" for the eligible, in the fixed order of reasons."""
    ranked = sorted(counts.items(), key=lambda item: ORDER.index(item[0]) if item[0] in ORDER else len(ORDER))
    return Eligibility(
        counts.get(ELIGIBLE, 0), tuple((reason, count) for reason, count in ranked if reason != ELIGIBLE and count)
    )


def with_reason(
    members: QuerySet[Profile], *, purpose: str, at: datetime, fields: Sequence[str] = DEFAULT
) -> QuerySet[Any]:
    """The profiles, each with `reason`: the first exclusion that fits, or "" for who gets the message. No query yet.

    With other `fields` than the profile's own number, "" means "as far as the database sees": addresses.py looks closer.
    """
    if addresses.is_plain(fields):
        return members.annotate(
            plain_address=_plain_address(purpose),
            phone_length=Length("phone"),
            area_code=Substr("phone", area_codes.AREA_CODE_AT, 3),
            reason=Case(*_whens(purpose, at), default=Value(ELIGIBLE), output_field=CharField()),
        )
    return (
        members.annotate(raw_address=addresses.raw_address(fields))
        .annotate(area_code=Substr("raw_address", area_codes.AREA_CODE_AT, 3))
        .annotate(
            reason=Case(*_whens(purpose, at, "raw_address"), default=Value(ELIGIBLE), output_field=CharField()),
        )
    )


def count(members: QuerySet[Profile], *, purpose: str, at: datetime, fields: Sequence[str] = DEFAULT) -> Eligibility:
    """Splits an audience into eligible and excluded by reason. One grouped query over the audience."""
    people = Profile.objects.filter(pk__in=members.order_by().values("pk"))
    found = with_reason(people, purpose=purpose, at=at, fields=fields)
    rows = found.order_by().values("reason").annotate(people=Count("pk"))
    return split({row["reason"]: row["people"] for row in rows})


def _plain_address(purpose: str) -> NullIf | Coalesce:
    """The profile's own number, else its user id where the purpose allows that; NULL for neither."""
    phone = NullIf("phone", Value(""))
    return Coalesce(phone, "bsuid") if addresses.reaches_user_ids(purpose) else phone


def _whens(purpose: str, at: datetime, address: str = "phone") -> list[When]:
    consent, is_plain = f"{purpose}_consent", address == "phone"
    nothing = Q(plain_address__isnull=True) if is_plain else Q(**{f"{address}__isnull": True})
    if not is_plain and addresses.reaches_user_ids(purpose):
        nothing &= Q(bsuid__isnull=True)
    whens = [
        When(nothing, then=Value(NO_NUMBER)),
        When(Q(**{consent: Consent.WITHDRAWN}), then=Value(CONSENT_WITHDRAWN)),
    ]
    if purpose == Purpose.MARKETING:
        whens.append(When(~Q(marketing_consent=Consent.GRANTED), then=Value(CONSENT_MISSING)))
    stopped = Suppression.objects.filter(
        Q(purpose="") | Q(purpose=purpose),
        Q(until_at__isnull=True) | Q(until_at__gt=at),
        workspace_id=OuterRef("workspace_id"),
    )
    if is_plain:
        bad = ~Q(phone__startswith="+") | Q(phone_length__lt=SHORTEST_E164) | Q(phone_length__gt=LONGEST_E164)
        whens.append(When(Exists(stopped.filter(address=OuterRef("plain_address"))), then=Value(SUPPRESSED)))
        whens.append(When(Q(phone__gt="") & bad, then=Value(INVALID_NUMBER)))
    else:
        whens.append(When(Q(**{f"{address}__in": stopped.values("address")}), then=Value(SUPPRESSED)))
    if purpose == Purpose.MARKETING:
        # meta-cloud-api.md 5.4: no marketing templates to +1 US area codes since 1 April 2025 (131049).
        is_us = Q(phone__startswith="+1") if is_plain else Q(**{f"{address}__regex": r"^\+1[0-9]{10}$"})
        is_us &= ~Q(area_code__in=area_codes.NOT_US)
        if is_plain:
            is_us |= Q(plain_address__startswith=addresses.US_USER_ID)
        whens.append(When(is_us, then=Value(US_MARKETING_BLOCK)))
    return whens
