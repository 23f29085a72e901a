"""Webhooks that do not fit: a number, account or field nobody knows, a signature that is wrong (reference 4.2, 4.4)."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from .. import wamid
from ..entities import Waba
from ..identities import bsuid_of

if TYPE_CHECKING:
    from ..simulator import Simulator

Json = dict[str, Any]
KINDS = ("unknown_number", "unknown_account", "unknown_field", "bad_signature", "unsubscribed")
UNKNOWN_NUMBER_ID, UNKNOWN_DIGITS, UNKNOWN_WABA_ID = "320999999999999", "447700900199", "210999999999999"
PERSON = "447700900777"


def _text(sim: Simulator, number_id: str, digits: str) -> Json:
    sim.inbound_count += 1
    bsuid = bsuid_of(PERSON)
    message = {
        "from": PERSON, "from_user_id": bsuid, "id": wamid.inbound(PERSON, sim.inbound_count, sim.salt),
        "timestamp": str(int(time.time())), "type": "text", "text": {"body": "Is anybody there?"},
    }  # fmt: skip
    return {
        "messaging_product": "whatsapp", "metadata": {"display_phone_number": digits, "phone_number_id": number_id},
        "contacts": [{"profile": {"name": "Ada Demo"}, "wa_id": PERSON, "user_id": bsuid}], "messages": [message],
    }  # fmt: skip


def stray(sim: Simulator, waba: Waba, kind: str) -> None:
    """Send one of `KINDS` to whoever listens to the account; `unsubscribed` takes every subscription away instead."""
    known = next((number for number in sim.numbers.values() if number.waba_id == waba.id), None)
    number = (known.id, known.digits) if known else (UNKNOWN_NUMBER_ID, UNKNOWN_DIGITS)
    if kind == "unsubscribed":
        waba.subscribed = {}
        sim.put(waba)
    elif kind == "unknown_number":
        sim.webhooks.odd(waba.id, "messages", _text(sim, UNKNOWN_NUMBER_ID, UNKNOWN_DIGITS))
    elif kind == "unknown_account":
        value = _text(sim, UNKNOWN_NUMBER_ID, UNKNOWN_DIGITS)
        sim.webhooks.odd(waba.id, "messages", value, entry_id=UNKNOWN_WABA_ID)
    elif kind == "unknown_field":
        sim.webhooks.odd(waba.id, "messages", {"event": "SOMETHING_NEW"}, name="field_of_tomorrow")
    else:
        sim.webhooks.odd(waba.id, "messages", _text(sim, *number), secret=secrets.token_hex(16))
