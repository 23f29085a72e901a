"""How people's identities change: a username that hides the phone, another number, another id (reference 4.6, 7.1)."""

from __future__ import annotations

import base64
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from . import inbound
from .entities import Number
from .identities import bsuid_of

if TYPE_CHECKING:
    from .simulator import Simulator

Json = dict[str, Any]
NUMBER_STEP = 111


def next_number(digits: str) -> str:
    """Give the number that somebody changes to when none is named."""
    return f"{digits[:-3]}{(int(digits[-3:]) + NUMBER_STEP) % 1000:03d}"


def adopt_username(sim: Simulator, digits: str, username: str, *, hides_phone: bool) -> None:
    """Let a person take a username (`""` gives it up); from now on webhooks may lack the phone."""
    person = sim.person(digits)
    person.username = username
    person.phone_shared = not hides_phone
    sim.store.note(person)


def _tell(sim: Simulator, number: Number, digits: str, message: Json, contact: Json | None = None) -> str:
    sim.conversations.add(
        number.id, digits,
        {"dir": "note", "at": time.time(), "note": message["system"]["type"]},
    )  # fmt: skip
    sim.webhooks.inbound(number, contact, message)
    return str(message["id"])


def change_number(
    sim: Simulator, number: Number, digits: str, new: str, *, hidden: bool = False, legacy: bool = False
) -> str:
    """Let a person move to another number; gives the wamid of the `system` message, which has no `contacts`.

    With `hidden` (or when the person shares no phone) Meta tells only the two business-scoped ids. `legacy` uses the
    older names of type and key.
    """
    before = sim.recipients.behavior(digits)
    old, moved = sim.person(digits), sim.person(new)
    hidden = hidden or not before.phone_shared
    moved.name, moved.username, moved.on_whatsapp = before.name, before.username, True
    moved.phone_shared = not hidden
    moved.marketing_stopped, moved.blocked_phone_ids = old.marketing_stopped, list(old.blocked_phone_ids)
    old.on_whatsapp = False
    sim.store.note(old)
    sim.store.note(moved)
    message = inbound.head(sim, digits, None)
    shown = (bsuid_of(digits), bsuid_of(new)) if hidden else (digits, new)
    system: Json = {"body": f"User {before.name} changed from {shown[0]} to {shown[1]}"}
    if not hidden:
        message = {"from": digits, **message}
        system["new_wa_id" if legacy else "wa_id"] = new
    system |= {"user_id": bsuid_of(new), "previous_user_id": bsuid_of(digits)}
    system["type"] = "user_changed_user_id" if hidden else "user_changed_number"
    if legacy and not hidden:
        system["type"] = "customer_changed_number"
    return _tell(sim, number, digits, message | {"type": "system", "system": system})


def change_identity(sim: Simulator, number: Number, digits: str) -> str:
    """Let a person's WhatsApp identity change (a new phone, the same number); gives the wamid."""
    contact = inbound.contact_of(sim, digits)
    now = int(time.time())
    proof = base64.b64encode(sha256(f"{digits}|{now}".encode()).digest()[:8]).decode()
    message = inbound.head(sim, digits, contact) | {
        "type": "system",
        "identity": {"acknowledged": True, "created_timestamp": str(now), "hash": proof},
        "system": {"body": f"Identity of {contact['profile']['name']} changed", "type": "customer_identity_changed"},
    }
    return _tell(sim, number, digits, message, contact)
