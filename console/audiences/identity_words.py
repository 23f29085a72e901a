"""What a person is known by, in words: the identities of a profile's page, their history, and merges."""

from collections.abc import Iterable
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


def shown(kind: str, value: str, *, sees_numbers: bool, phone: str | None = None) -> str:
    """An identity as the reader may see it: numbers masked, also where they are part of an external id."""
    if not value or sees_numbers:
        return value
    if kind in ("phone", "wa_id"):
        return masked_phone(value if value.startswith("+") else f"+{value}")
    return without_number(value, phone)


def also_known(rows: Iterable[ProfileIdentity], *, sees_numbers: bool, phone: str | None) -> list[dict[str, Any]]:
    """Aliases: those that hold and former ones with the instant they ended."""
    return [
        {
            "label": row.get_kind_display(),
            "icon": ICONS[row.kind],
            "value": shown(row.kind, row.value, sees_numbers=sees_numbers, phone=phone),
            "until_at": row.until_at,
            "portfolio_id": row.portfolio_id,
        }
        for row in rows
    ]


def history(rows: Iterable[IdentityChange], *, sees_numbers: bool, phone: str | None) -> list[dict[str, Any]]:
    """The rows of a timeline."""
    return [_change(row, sees_numbers, phone) for row in rows]


def _change(row: IdentityChange, sees_numbers: bool, phone: str | None) -> dict[str, Any]:
    names = {
        "kind": IdentityKind(row.kind).label,
        "before": shown(row.kind, row.before, sees_numbers=sees_numbers, phone=phone),
        "after": shown(row.kind, row.after, sees_numbers=sees_numbers, phone=phone),
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

    def one(kind: str) -> str:
        return shown(kind, getattr(profile, kind) or "", sees_numbers=sees_numbers, phone=profile.phone)

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
