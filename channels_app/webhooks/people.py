"""What a status, a message or a preference says about the person it is about (reference sections 4.5 to 4.8). Pure."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels_app.webhooks.items import Item
from console.audiences import phones
from console.audiences.identities import USERNAME, WA_ID, Address, Sighting, is_bsuid

NAME_LENGTH = 200
MOVES = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
OF_GROUPS = ("group_id", "recipient_participant_id")


def sighting(item: Item, at: datetime, portfolio_id: str) -> Sighting:
    """One event as the address book reads it; empty when it is about a group or names nobody. `at` is when it happened.

    A business-scoped id that stands where a number should be is taken as what it is.
    """
    data: Mapping[str, Any] = item.data
    contact: Mapping[str, Any] = item.contact or {}
    if any(data.get(name) for name in OF_GROUPS) or data.get("recipient_type") == "group":
        return Sighting(at, Address())
    system = data.get("system") if data.get("type") == "system" else None
    if isinstance(system, dict):
        return _of_system(item, system, at, portfolio_id)
    profile = contact.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    return Sighting(
        at=at,
        address=_address(
            (data.get("from"), data.get("recipient_id"), data.get("wa_id"), contact.get("wa_id")),
            (data.get("from_user_id"), data.get("recipient_user_id"), data.get("user_id"), contact.get("user_id")),
        ),
        parent_bsuid=_first_bsuid(
            data.get("from_parent_user_id"),
            data.get("recipient_parent_user_id"),
            data.get("parent_user_id"),
            contact.get("parent_user_id"),
        ),
        username=_username(profile.get("username")),
        name=_name(profile.get("name")),
        portfolio_id=portfolio_id,
        creates=item.kind != "status",
        evidence=_evidence(item),
    )


def _of_system(item: Item, system: Mapping[str, Any], at: datetime, portfolio_id: str) -> Sighting:
    """A number or a user id that changed. Other system messages, also tomorrow's, say nothing of who is who."""
    data = item.data
    old = _address((data.get("from"),), (system.get("previous_user_id"), data.get("from_user_id")))
    new = _address((system.get("wa_id"), system.get("new_wa_id")), (system.get("user_id"),))
    word = str(system.get("type"))
    is_move = word in MOVES and (new.phone or new.bsuid) and (old.phone or old.bsuid) and old != new
    return Sighting(
        at=at,
        address=old,
        portfolio_id=portfolio_id,
        moved_to=new if is_move else None,
        evidence=_evidence(item) | {"event": word if word in MOVES else "system"},
    )


def _evidence(item: Item) -> dict[str, Any]:
    return {"event": item.kind, "phone_number_id": item.phone_number_id[:32]}


def _address(numbers: tuple[Any, ...], ids: tuple[Any, ...]) -> Address:
    wa_id = next((text for text in numbers if isinstance(text, str) and WA_ID.fullmatch(text)), "")
    return Address(phone_of(wa_id), wa_id, _first_bsuid(*ids, *numbers))


def _first_bsuid(*texts: Any) -> str:
    return next((text for text in texts if is_bsuid(text)), "")


def phone_of(wa_id: str) -> str:
    """The number as profiles keep it: Mexico, Argentina and Brazil have two forms. "" for none."""
    if not wa_id:
        return ""
    try:
        return phones.normalize(f"+{wa_id}").e164
    except phones.PhoneError:  # a range the numbering tables don't know yet: WhatsApp does
        return f"+{wa_id}"


def _username(text: Any) -> str:
    text = text.removeprefix("@") if isinstance(text, str) else ""
    return text if USERNAME.fullmatch(text) else ""


def _name(text: Any) -> str:
    """A name on one line, without control characters, halves of characters, or what turns the reading direction."""
    if not isinstance(text, str):
        return ""
    whole = text[: NAME_LENGTH * 2].encode("utf-8", "ignore").decode()
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", " ", whole).split())[
        :NAME_LENGTH
    ]
