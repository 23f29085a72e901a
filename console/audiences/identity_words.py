"""What a person is known by, in words: the identities of a profile's page, their history, and merges."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.audiences.masking import without_number
from console.audiences.models import (
    IdentityChange,
    IdentityKind,
    PossibleDuplicate,
    Profile,
    ProfileIdentity,
    ProfileMerge,
    Purpose,
)
from console.audiences.snapshots import restored
from console.kit.wording import masked_phone

ICONS = {
    "phone": "phone",
    "external_id": "id",
    "bsuid": "fingerprint",
    "parent_bsuid": "fingerprint",
    "username": "at",
    "wa_id": "brand-whatsapp",
}
SOURCES = {
    "whatsapp": gettext_lazy("Learned from WhatsApp"),
    "page": gettext_lazy("Changed by hand"),
    "import": gettext_lazy("From an import"),
    "merge": gettext_lazy("From a merge"),
}
EVENTS = {
    "user_changed_number": gettext_lazy("The person changed their number."),
    "customer_changed_number": gettext_lazy("The person changed their number."),
    "user_changed_user_id": gettext_lazy("WhatsApp gave the person a new user id."),
}
REASONS = {
    "same_person": gettext_lazy("One webhook names both as the same person."),
    "number_change": gettext_lazy("The person changed to a number that another profile has."),
    "by_hand": gettext_lazy("Decided by hand."),
    "undone": gettext_lazy("A merge was undone."),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and every number the person has or had: for roles that see none, none of them stands anywhere."""

    sees_numbers: bool
    phones: frozenset[str] = frozenset()

    def text(self, text: str) -> str:
        """A text, or the masked number in its place when it holds one of the person's."""
        if not self.sees_numbers:
            for phone in self.phones:
                text = without_number(text, phone)
        return text

    def value(self, kind: str, value: str) -> str:
        """An identity: numbers masked, also where they are part of an external id."""
        if value and kind in ("phone", "wa_id") and not self.sees_numbers:
            return masked_phone(f"+{value.lstrip('+')}")
        return self.text(value)


def reader_of(
    profile: Profile, aliases: Iterable[ProfileIdentity], changes: Iterable[IdentityChange], *, sees_numbers: bool
) -> Reader:
    """The reader of a profile's page, with the person's present and former numbers. No query."""
    phones = {profile.phone, f"+{profile.wa_id}" if profile.wa_id else None}
    phones |= {row.value for row in aliases if row.kind == "phone"}
    for row in changes:
        phones |= {row.before, row.after} if row.kind in ("phone", "wa_id") else set()
    return Reader(sees_numbers, frozenset(phone for phone in phones if phone))


def also_known(rows: Iterable[ProfileIdentity], reader: Reader) -> list[dict[str, Any]]:
    """Aliases: those that hold and former ones with the instant they ended."""
    return [
        {
            "label": row.get_kind_display(),
            "icon": ICONS[row.kind],
            "value": reader.value(row.kind, row.value),
            "until_at": row.until_at,
        }
        for row in rows
    ]


def history(rows: Iterable[IdentityChange], reader: Reader) -> list[dict[str, Any]]:
    """The rows of a timeline."""
    return [_change(row, reader) for row in rows]


def _change(row: IdentityChange, reader: Reader) -> dict[str, Any]:
    names = {
        "kind": IdentityKind(row.kind).label,
        "before": reader.value(row.kind, row.before),
        "after": reader.value(row.kind, row.after),
    }
    if not row.before:
        title = _("%(kind)s: %(after)s")
    else:
        title = _("%(kind)s: %(before)s became %(after)s") if row.after else _("%(kind)s: no longer %(before)s")
    event = EVENTS.get(str(row.evidence.get("event", "")))
    return {
        "icon": ICONS[row.kind],
        "tone": "info" if row.after else "mute",
        "title": title % names,
        "at": row.at,
        "text": event or SOURCES.get(row.source, row.source),
    }


def merges(rows: Iterable[ProfileMerge]) -> list[dict[str, Any]]:
    """Merges into a profile, newest first; only the newest that stands can be undone."""
    found = []
    has_newest = False
    for row in rows:
        is_newest = row.undone_at is None and not has_newest
        has_newest = has_newest or is_newest
        found.append(
            {
                "merge": row,
                "name": str(restored(Profile, row.absorbed)),
                "reason": REASONS.get(row.reason, row.reason),
                "can_undo": is_newest,
            }
        )
    return found


def reason_of(row: PossibleDuplicate) -> str:
    return str(REASONS.get(row.reason, row.reason))


def side(profile: Profile, lists: int, *, sees_numbers: bool) -> dict[str, Any]:
    """One side of the comparison of two profiles."""

    reader = reader_of(profile, (), (), sees_numbers=sees_numbers)

    def one(kind: str) -> str:
        return reader.value(kind, getattr(profile, kind) or "")

    words = {"granted": _("Given"), "withdrawn": _("Withdrawn"), "": _("Not given")}
    facts = [(str(kind.label), one(kind.value)) for kind in IdentityKind]
    facts += [(_("Name"), str(profile) if profile.name else ""), (_("Language"), profile.language)]
    facts += [(_("Country"), profile.country), (_("Time zone"), profile.time_zone)]
    consents = [(purpose.label, words[getattr(profile, f"{purpose.value}_consent")]) for purpose in Purpose]
    return {
        "profile": profile,
        "facts": facts,
        "consents": consents,
        "lists": lists,
        "attributes": len(profile.attributes),
    }
