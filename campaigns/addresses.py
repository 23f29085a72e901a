"""Which number each person of an audience is written to: the first field of the chain that holds one.

With the profile's own number alone everything is the database's (exclusions.py). Any other chain is looked at row by
row as well: attributes hold numbers as people write them, and two people may share one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Expression, F, Func, Q, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf, Trim
from django.db.models.lookups import In

from campaigns import area_codes
from console.audiences import phone_fields
from console.audiences.models import Purpose, Suppression
from console.audiences.rule_sql import NUMBER, TEXT, JsonKind
from console.workspaces.models import Workspace

NO_NUMBER, INVALID_NUMBER = "no_number", "invalid_number"
SUPPRESSED, US_MARKETING_BLOCK, DUPLICATE_NUMBER = "suppressed", "us_marketing_block", "duplicate_number"
FOUND_HERE = (NO_NUMBER, SUPPRESSED, INVALID_NUMBER, US_MARKETING_BLOCK, DUPLICATE_NUMBER)
US_USER_ID = "US."  # a business-scoped user id begins with the country of the person's number
Row = dict[str, Any]


@dataclass
class Addressing:
    """The chain of one send, applied to batches of its people; remembers who has taken which number."""

    workspace: Workspace
    purpose: str
    at: datetime
    fields: Sequence[str] = phone_fields.DEFAULT
    taken: set[str] = field(default_factory=set)

    @property
    def is_plain(self) -> bool:
        return is_plain(self.fields)

    def settle(self, rows: Sequence[Row]) -> None:
        """Gives each row its `address`, and a `reason` where the database could not see it. One query, none if plain."""
        if self.is_plain:
            for row in rows:
                row["address"] = row["phone"] or self._user_id(row)
            return
        country = self.workspace.default_country
        for row in rows:
            found = phone_fields.find(row, self.fields, country)
            row["address"] = found.address or ("" if found.is_invalid else self._user_id(row))
            if not row["reason"] and not row["address"]:
                row["reason"] = INVALID_NUMBER if found.is_invalid else NO_NUMBER
        suppressed = self._suppressed({row["address"] for row in rows if not row["reason"]})
        for row in rows:
            if row["reason"]:
                continue
            if row["address"] in suppressed:
                row["reason"] = SUPPRESSED
            elif self.purpose == Purpose.MARKETING and _is_us(row["address"]):
                row["reason"] = US_MARKETING_BLOCK

    def _user_id(self, row: Row) -> str:
        return row["bsuid"] or "" if reaches_user_ids(self.purpose) else ""

    def is_taken(self, address: str) -> bool:
        """Whether somebody before gets a message on this number; else it is taken now. Only asked of who gets one."""
        if address in self.taken:
            return True
        self.taken.add(address)
        return False

    def _suppressed(self, addresses: Iterable[str]) -> set[str]:
        rows = Suppression.objects.filter(
            Q(purpose="") | Q(purpose=self.purpose),
            Q(until_at__isnull=True) | Q(until_at__gt=self.at),
            workspace=self.workspace,
            address__in=list(addresses),
        )
        return set(rows.values_list("address", flat=True))


def reaches_user_ids(purpose: str) -> bool:
    """Whether Meta takes a business-scoped user id in place of a number: not for login codes (131062)."""
    return purpose != Purpose.AUTHENTICATION


def _is_us(address: str) -> bool:
    return address.startswith(US_USER_ID) or area_codes.is_us(address)


def is_plain(fields: Sequence[str]) -> bool:
    """Whether only the profile's own number counts: then nothing has to be looked at row by row."""
    return tuple(fields) == phone_fields.DEFAULT


def raw_address(fields: Sequence[str]) -> Expression | F:
    """What stands in the first filled field, as it was written; NULL where nothing does."""
    parts = [_raw(name) for name in fields]
    return Coalesce(*parts, output_field=CharField()) if len(parts) > 1 else parts[0]


def _raw(name: str) -> Func | Case:
    key = phone_fields.attribute_of(name)
    if not key:
        return NullIf(F("phone"), Value(""))
    text = NullIf(Trim(Cast(KeyTextTransform(key, "attributes"), CharField())), Value(""))
    return Case(When(In(JsonKind(key), TEXT + NUMBER), then=text), default=Value(None), output_field=CharField())
