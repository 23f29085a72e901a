"""Who is who: holds what webhooks say about people against the profiles that are known. Pure: no database, no request.

The columns of a profile are who the person is now; an alias (ProfileIdentity) is whatever else leads to them: the BSUID
that another portfolio has for them, a second number, and what was theirs until some instant. So imports, searches and
claims go on reading one row and one index, and only people with a history have more. A phone that was theirs finds
them for events of before only, because numbers are given to strangers again; a BSUID is never given again and always finds.
Nothing is overwritten by older news: an identity moves only when the event is younger than what set it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
WA_ID = re.compile(r"[1-9][0-9]{6,14}")
USERNAME = re.compile(r"[\w.\-]{1,64}")
SAME_PERSON, NUMBER_CHANGE = "same_person", "number_change"  # why two profiles are one


def is_bsuid(text: Any) -> bool:
    """Whether a text is a business-scoped user id, wherever Meta put it."""
    return isinstance(text, str) and BSUID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is reached: the phone as profiles keep it, Meta's digits for it, the BSUID."""

    phone: str = ""
    wa_id: str = ""
    bsuid: str = ""

    @property
    def phones(self) -> list[str]:
        forms = (self.phone, f"+{self.wa_id}" if self.wa_id else "")
        return [form for form in dict.fromkeys(forms) if form]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one event says about one person. `moved_to`: where they are from now on (number or user id changed)."""

    at: datetime
    address: Address
    parent_bsuid: str = ""
    username: str = ""
    name: str = ""
    portfolio_id: str = ""
    creates: bool = False  # an inbound message or a preference: somebody nobody knows becomes a profile
    moved_to: Address | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def addresses(self) -> list[Address]:
        return [self.address, self.moved_to] if self.moved_to else [self.address]

    @property
    def is_empty(self) -> bool:
        return not any((self.address.phones, self.address.bsuid, self.parent_bsuid, self.moved_to))


@dataclass(slots=True, eq=False)
class Person:
    """A profile as far as matching must know it; without `pk` it is still to be made. `set_at`: when a value was set."""

    pk: int | None = None
    phone: str | None = None
    external_id: str | None = None
    bsuid: str | None = None
    bsuid_portfolio_id: str = ""
    parent_bsuid: str | None = None
    username: str | None = None
    wa_id: str | None = None
    name: str = ""
    set_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    is_changed: bool = False
    is_waiting: bool = False  # for a merge: what concerns them comes after it
    made_by: Sighting | None = None


@dataclass(slots=True, eq=False)
class Alias:
    """A ProfileIdentity, kept or to be made."""

    person: Person
    kind: str
    value: str
    learned_at: datetime
    portfolio_id: str = ""
    until_at: datetime | None = None
    pk: int | None = None
    is_changed: bool = True
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a person's history."""

    person: Person
    kind: str
    before: str
    after: str
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people that an event says are one."""

    first: Person
    second: Person
    reason: str
    sighting: Sighting


def are_in_conflict(one: Person, two: Person) -> bool:
    """Whether two profiles say of themselves that they are different people: a person has to decide then."""
    if one.external_id and two.external_id and one.external_id != two.external_id:
        return True
    if one.phone and two.phone and one.phone != two.phone:
        return True
    return has_other_bsuid(one, two.bsuid, two.bsuid_portfolio_id)


def has_other_bsuid(one: Person, bsuid: str | None, portfolio_id: str) -> bool:
    """Whether the same portfolio (or one we can't tell apart from it) knows `one` by another id."""
    if not one.bsuid or not bsuid or one.bsuid == bsuid:
        return False
    return not (one.bsuid_portfolio_id and portfolio_id and one.bsuid_portfolio_id != portfolio_id)


def keys_of(sightings: Sequence[Sighting]) -> dict[str, set[str]]:
    """Every value that may lead to somebody, by kind; wa_ids are the digits behind the + of a phone."""
    keys: dict[str, set[str]] = {kind: set() for kind in ("bsuid", "phone", "parent_bsuid", "username")}
    for sighting in sightings:
        for address in sighting.addresses:
            keys["bsuid"].add(address.bsuid)
            keys["phone"].update(address.phones)
        keys["parent_bsuid"].add(sighting.parent_bsuid)
        keys["username"].add(sighting.username)
    return {kind: values - {""} for kind, values in keys.items()}
