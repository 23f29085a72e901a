"""Takes the events of a batch in order and decides whom each is about and what it changes (see identities). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.audiences.identities import (
    NUMBER_CHANGE,
    SAME_PERSON,
    Address,
    Alias,
    Change,
    Pair,
    Person,
    Sighting,
    are_in_conflict,
    has_other_bsuid,
)


class NotYet(Exception):
    """Something this event needs is changed by another one of the batch: it is asked again after that is written."""


@dataclass(slots=True)
class Hit:
    """How a person was found; `until_at` when only by what was theirs once."""

    person: Person
    until_at: datetime | None


class Book:
    """The people a batch is about. `see` takes events in order and notes in here what is to be written."""

    def __init__(self, people: Iterable[Person], aliases: Iterable[Alias], apart: set[frozenset[int]]) -> None:
        self.people = list(people)
        self.apart = apart
        self.changes: list[Change] = []
        self.merges: list[Pair] = []
        self.doubts: list[Pair] = []
        self.removed: list[Alias] = []
        self._vacated: set[tuple[str, str]] = set()
        self._owners: dict[tuple[str, str], Person] = {}
        self._aliases: dict[tuple[str, str], Alias] = {(alias.kind, alias.value): alias for alias in aliases}
        for person in self.people:
            self._index(person)

    @property
    def vacated_usernames(self) -> list[str]:
        return sorted(value for kind, value in self._vacated if kind == "username")

    @property
    def changed_aliases(self) -> list[Alias]:
        return [alias for alias in self._aliases.values() if alias.is_changed]

    def _index(self, person: Person) -> None:
        for kind in ("bsuid", "parent_bsuid", "username", "phone"):
            if value := getattr(person, kind):
                self._owners[kind, value] = person
        if person.wa_id:
            self._owners.setdefault(("phone", f"+{person.wa_id}"), person)

    def see(self, sighting: Sighting) -> list[Person] | None:
        """Takes in one event; gives the people it is about, or None when it must be asked again after the merges."""
        try:
            if sighting.moved_to is not None:
                return self._move(sighting, sighting.moved_to)
            found = self._one(self._find(sighting.address, sighting.parent_bsuid, sighting.at), sighting, SAME_PERSON)
            if len(found) == 1:
                self._learn(found[0].person, sighting, found[0].until_at)
            elif not found and sighting.creates and (sighting.address.phone or sighting.address.bsuid):
                return [self._make(sighting)]
            return [hit.person for hit in found]
        except NotYet:
            self._put_off(sighting)
            return None

    def _put_off(self, sighting: Sighting) -> None:
        """What comes later about the same people waits too: it must find them as this event leaves them."""
        for one in sighting.addresses:
            for kind, value in (("bsuid", one.bsuid), *(("phone", form) for form in one.phones)):
                hit = self._owner(kind, value, sighting.at) if value else None
                if hit is not None:
                    hit.person.is_waiting = True

    def _find(self, address: Address, parent_bsuid: str, at: datetime) -> list[Hit]:
        """Everybody the event's identities lead to, each once."""
        keys = [("bsuid", address.bsuid), ("parent_bsuid", parent_bsuid), *(("phone", one) for one in address.phones)]
        hits: dict[int, Hit] = {}
        for kind, value in keys:
            hit = self._owner(kind, value, at) if value else None
            if hit is None:
                continue
            if hit.person.is_waiting:
                raise NotYet
            known = hits.setdefault(id(hit.person), hit)
            if hit.until_at is None:
                known.until_at = None
        return list(hits.values())

    def _owner(self, kind: str, value: str, at: datetime) -> Hit | None:
        alias = self._aliases.get((kind, value))
        if alias is not None and kind == "phone" and alias.until_at is not None:
            if at <= alias.until_at:
                return Hit(alias.person, alias.until_at)
            alias = None
        owner = self._owners.get((kind, value))
        if owner is not None:
            return Hit(owner, None)
        return Hit(alias.person, alias.until_at) if alias is not None else None

    def _one(self, hits: list[Hit], sighting: Sighting, reason: str) -> list[Hit]:
        """The hits as they are when they are one person's, or when they can't be made so; else asks for a merge."""
        if len(hits) < 2:
            return hits
        for hit in hits[1:]:
            first, second = hits[0].person, hit.person
            if self._are_apart(first, second):
                continue
            if are_in_conflict(first, second):
                self.doubts.append(Pair(first, second, reason, sighting))
            else:
                self._ask(first, second, sighting, reason)
        return hits

    def _are_apart(self, first: Person, second: Person) -> bool:
        return first.pk is not None and second.pk is not None and frozenset((first.pk, second.pk)) in self.apart

    def _ask(self, first: Person, second: Person, sighting: Sighting, reason: str) -> None:
        first.is_waiting = second.is_waiting = True
        self.merges.append(Pair(first, second, reason, sighting))
        raise NotYet

    def _make(self, sighting: Sighting) -> Person:
        address = sighting.address
        wa_id = address.wa_id if f"+{address.wa_id}" != address.phone else ""
        given = {"phone": address.phone, "bsuid": address.bsuid, "parent_bsuid": sighting.parent_bsuid, "wa_id": wa_id}
        if any((kind, value) in self._vacated for kind, value in given.items()):
            raise NotYet
        person = Person(name=sighting.name, made_by=sighting)
        self.people.append(person)
        for kind, value in given.items():
            if value:
                self._set(person, kind, value, sighting)
        person.bsuid_portfolio_id = sighting.portfolio_id if address.bsuid else ""
        self._learn_username(person, sighting)
        return person

    def _learn(self, person: Person, sighting: Sighting, until_at: datetime | None) -> None:
        """Fills in and brings up to date what one event says about the one person it is about."""
        address = sighting.address
        self._learn_bsuid(person, address, sighting, until_at)
        self._learn_phone(person, address, sighting, until_at)
        if sighting.name and not person.name:
            person.name, person.is_changed = sighting.name, True
        if until_at is not None:
            return
        parent = sighting.parent_bsuid
        if parent and ("parent_bsuid", parent) not in self._owners and self._is_news(person, "parent_bsuid", sighting):
            self._set(person, "parent_bsuid", parent, sighting)
        self._learn_username(person, sighting)

    def _learn_bsuid(self, person: Person, address: Address, sighting: Sighting, until_at: datetime | None) -> None:
        bsuid = address.bsuid
        if person.bsuid == bsuid and sighting.portfolio_id and not person.bsuid_portfolio_id:
            person.bsuid_portfolio_id, person.is_changed = sighting.portfolio_id, True
        if not bsuid or self._owner("bsuid", bsuid, sighting.at) is not None:
            return
        is_second_number = bool(address.phones) and not {person.phone, f"+{person.wa_id}"} & set(address.phones)
        if until_at is not None:
            self._alias(person, "bsuid", bsuid, sighting, until_at)
        elif person.bsuid and person.phone and is_second_number:
            self._alias(person, "bsuid", bsuid, sighting, None)
        else:
            self._become_bsuid(person, bsuid, sighting)

    def _become_bsuid(self, person: Person, bsuid: str, sighting: Sighting) -> None:
        """Makes an id the present one of its portfolio: the column's when that is its portfolio, else an alias."""
        if person.bsuid and not has_other_bsuid(person, bsuid, sighting.portfolio_id):
            self._be_of_portfolio(person, bsuid, sighting)
        elif not self._is_news(person, "bsuid", sighting):
            self._be_former(person, "bsuid", bsuid, sighting)
        else:
            self._replace(person, "bsuid", bsuid, sighting)
            person.bsuid_portfolio_id = sighting.portfolio_id or person.bsuid_portfolio_id

    def _be_of_portfolio(self, person: Person, bsuid: str, sighting: Sighting) -> None:
        """Adds the id that another portfolio has for the person; the one it had before is theirs no longer."""
        theirs = [alias for alias in self._aliases.values() if alias.person is person and alias.kind == "bsuid"]
        living = [one for one in theirs if one.until_at is None and one.portfolio_id == sighting.portfolio_id]
        if any(alias.learned_at >= sighting.at for alias in living):
            self._alias(person, "bsuid", bsuid, sighting, sighting.at)
            return
        for alias in living:
            alias.until_at, alias.is_changed = sighting.at, True
        self._alias(person, "bsuid", bsuid, sighting, None)

    def _learn_phone(self, person: Person, address: Address, sighting: Sighting, until_at: datetime | None) -> None:
        if not address.phone:
            return
        if all(self._owner("phone", form, sighting.at) is None for form in address.phones):
            if until_at is not None:
                self._alias(person, "phone", address.phone, sighting, until_at)
            elif person.phone:  # Meta says another number than the profile's: it finds the person and replaces nothing
                self._alias(person, "phone", address.phone, sighting, None)
            elif self._is_news(person, "phone", sighting):
                self._set(person, "phone", address.phone, sighting)
            else:
                self._alias(person, "phone", address.phone, sighting, sighting.at)
        if until_at is None and person.phone == address.phone:
            self._learn_wa_id(person, address.wa_id, sighting)

    def _learn_wa_id(self, person: Person, wa_id: str, sighting: Sighting) -> None:
        if not wa_id or f"+{wa_id}" == person.phone or person.wa_id == wa_id:
            return
        if self._owner("phone", f"+{wa_id}", sighting.at) is None and self._is_news(person, "wa_id", sighting):
            self._replace(person, "wa_id", wa_id, sighting)

    def _learn_username(self, person: Person, sighting: Sighting) -> None:
        """A username is one person's at a time: who had it before has it no longer."""
        username = sighting.username
        if not username or person.username == username or not self._is_news(person, "username", sighting):
            return
        other = self._owners.get(("username", username))
        if other is not None:
            if not self._is_news(other, "username", sighting):
                return
            self._clear(other, "username", sighting)
        self._set(person, "username", username, sighting)

    def _move(self, sighting: Sighting, target: Address) -> list[Person]:
        """A changed number or user id: the person stays, with consent and test flag; the old address finds late events."""
        old = self._one(self._find(sighting.address, "", sighting.at), sighting, SAME_PERSON)
        new = self._one(self._find(target, "", sighting.at), sighting, SAME_PERSON)
        people = list({id(hit.person): hit.person for hit in (*old, *new)}.values())
        if len(old) > 1 or len(new) > 1 or not people:
            return people
        if len(people) == 2:
            mover, holder = people
            if self._are_apart(mover, holder):
                return people
            if not self._is_same_mover(mover, holder, target, sighting):
                self.doubts.append(Pair(mover, holder, NUMBER_CHANGE, sighting))
                self._leave(mover, sighting)
                return people
            self._ask(mover, holder, sighting, NUMBER_CHANGE)
        person = people[0]
        if target.bsuid and target.bsuid != person.bsuid and not self._had(person, target.bsuid):
            self._become_bsuid(person, target.bsuid, sighting)
        if target.phone and target.phone != person.phone:
            self._become_phone(person, target.phone, sighting)
        if target.phone and target.phone == person.phone:
            self._learn_wa_id(person, target.wa_id, sighting)
        for kind, values in (("bsuid", [sighting.address.bsuid]), ("phone", sighting.address.phones)):
            for value in values:
                self._put_behind(person, kind, value, sighting)
        return people

    def _is_same_mover(self, mover: Person, holder: Person, target: Address, sighting: Sighting) -> bool:
        """Whether who holds the new address can be the person who moved there, and nobody who had the number before."""
        if mover.external_id and holder.external_id and mover.external_id != holder.external_id:
            return False
        if holder.phone and target.phone and holder.phone not in target.phones:
            return False
        if holder.bsuid in (target.bsuid, mover.bsuid):
            return True
        return not has_other_bsuid(holder, target.bsuid or mover.bsuid or "?", sighting.portfolio_id)

    def _leave(self, mover: Person, sighting: Sighting) -> None:
        """Takes the old number off somebody whose new one is another profile's: it may be a stranger's soon."""
        is_theirs = mover.phone in sighting.address.phones
        if is_theirs and (mover.bsuid or mover.external_id) and self._is_news(mover, "phone", sighting):
            phone = mover.phone or ""
            self._clear(mover, "phone", sighting)
            self._alias(mover, "phone", phone, sighting, sighting.at)

    def _had(self, person: Person, bsuid: str) -> bool:
        """Whether an id was the person's and is so no longer: older news than what ended it."""
        alias = self._aliases.get(("bsuid", bsuid))
        return alias is not None and alias.person is person and alias.until_at is not None

    def _become_phone(self, person: Person, phone: str, sighting: Sighting) -> None:
        """Makes a number the person's present one, or a former one when something younger is known."""
        if not self._is_news(person, "phone", sighting):
            self._be_former(person, "phone", phone, sighting)
            return
        if person.wa_id:
            wa_id = person.wa_id
            self._clear(person, "wa_id", sighting)
            self._alias(person, "phone", f"+{wa_id}", sighting, sighting.at)
        self._replace(person, "phone", phone, sighting)

    def _be_former(self, person: Person, kind: str, value: str, sighting: Sighting) -> None:
        """Keeps an address that older news names as a former one, also where a merge just made it a living alias."""
        alias = self._aliases.get((kind, value))
        if alias is not None and alias.person is person and alias.until_at is None:
            alias.until_at, alias.is_changed = person.set_at[kind, getattr(person, kind) or ""], True
        else:
            self._alias(person, kind, value, sighting, sighting.at)

    def _put_behind(self, person: Person, kind: str, value: str, sighting: Sighting) -> None:
        """Keeps an old address as a former one; an alias that still held ends."""
        if not value or getattr(person, kind) == value or self._owners.get((kind, value)) not in (None, person):
            return
        alias = self._aliases.get((kind, value))
        if alias is None:
            self._alias(person, kind, value, sighting, sighting.at)
        elif alias.person is person and alias.until_at is None:
            alias.until_at, alias.is_changed = sighting.at, True

    def _is_news(self, person: Person, kind: str, sighting: Sighting) -> bool:
        """Whether the event is younger than what set the present value (nothing known of that: it is)."""
        set_at = person.set_at.get((kind, getattr(person, kind) or ""))
        return set_at is None or sighting.at > set_at

    def _replace(self, person: Person, kind: str, value: str, sighting: Sighting) -> None:
        before, portfolio_id = getattr(person, kind), person.bsuid_portfolio_id
        self._set(person, kind, value, sighting)
        if before and kind in ("phone", "bsuid"):
            self._alias(person, kind, before, sighting, sighting.at, portfolio_id if kind == "bsuid" else "")

    def _set(self, person: Person, kind: str, value: str, sighting: Sighting) -> None:
        if (kind, value) in self._vacated and kind != "username":  # those are all cleared before one is set
            raise NotYet
        before = getattr(person, kind) or ""
        if before:
            self._vacate(person, kind, before)
        alias = self._aliases.get(("phone" if kind == "wa_id" else kind, f"+{value}" if kind == "wa_id" else value))
        if alias is not None and alias.person is person:
            self._drop(alias)
        setattr(person, kind, value)
        person.is_changed = True
        self._index(person)
        self._note(person, kind, before, value, sighting)

    def _clear(self, person: Person, kind: str, sighting: Sighting) -> None:
        before = getattr(person, kind)
        if person.is_waiting:
            raise NotYet
        self._vacate(person, kind, before)
        setattr(person, kind, None)
        person.is_changed = True
        self._note(person, kind, before, "", sighting)

    def _vacate(self, person: Person, kind: str, value: str) -> None:
        key = ("phone", f"+{value}") if kind == "wa_id" else (kind, value)
        if self._owners.get(key) is person:
            del self._owners[key]
        if person.pk is not None:
            self._vacated.add((kind, value))

    def _note(self, person: Person, kind: str, before: str, after: str, sighting: Sighting) -> None:
        person.set_at[kind, after] = sighting.at
        self.changes.append(Change(person, kind, before, after, sighting))

    def _alias(
        self,
        person: Person,
        kind: str,
        value: str,
        sighting: Sighting,
        until_at: datetime | None,
        portfolio_id: str | None = None,
    ) -> None:
        """Adds an alias, or gives one that ended to who had the address last; never takes a living one from anybody."""
        known = self._aliases.get((kind, value))
        if known is not None and (known.until_at is None or (until_at is not None and until_at <= known.until_at)):
            return
        portfolio_id = sighting.portfolio_id if portfolio_id is None and kind == "bsuid" else portfolio_id or ""
        self._aliases[kind, value] = Alias(person, kind, value, sighting.at, portfolio_id, until_at)

    def _drop(self, alias: Alias) -> None:
        del self._aliases[alias.kind, alias.value]
        if alias.pk is not None:
            alias.is_gone = True
            self.removed.append(alias)
