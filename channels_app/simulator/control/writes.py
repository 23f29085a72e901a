"""What the control surface changes beside records: clock, people, conversations, businesses."""

from __future__ import annotations

from itertools import count
from typing import Any

from .. import world
from ..entities import Person
from ..simulator import Simulator
from .http import Bad
from .records import assign

Json = dict[str, Any]

PERSON_KEYS: dict[str, type | tuple[type, ...]] = {
    "name": str, "username": str, "on_whatsapp": bool, "read_receipts": bool, "phone_shared": bool,
    "delivered_delay_s": (int, float), "read_delay_s": (int, float), "never_delivered": bool, "chat_open": bool,
    "experiment": bool, "fail_code": int, "fail_marketing_code": int, "reply": str, "marketing_stopped": bool,
    "blocked_phone_ids": list,
}  # fmt: skip


def change_clock(sim: Simulator, data: Json) -> Json:
    """`{"speed": 60}` and/or `{"advance_s": 3600}`."""
    for key in data:
        if key not in ("speed", "advance_s"):
            raise Bad(f"Unknown key {key!r}. Known: advance_s, speed.")
        if not isinstance(data[key], (int, float)) or isinstance(data[key], bool) or data[key] < 0:
            raise Bad(f"{key} must be a number from 0.")
    if "speed" in data:
        sim.clock.set_speed(data["speed"])
    if "advance_s" in data:
        sim.clock.advance(data["advance_s"])
    sim.timeline.wake()
    sim.agenda.wake()
    return {"now": sim.clock.now(), "speed": sim.clock.speed}


def change_person(sim: Simulator, digits: str, data: Json) -> None:
    """Set how a person behaves; None gives a trait back to the seed."""
    person = sim.recipients.overrides.get(digits) or Person(digits)
    assign(person, data, PERSON_KEYS, may_forget=True)
    sim.put(person)


def open_conversation(sim: Simulator, digits: str, phone_id: str) -> Json:
    """Let the person look at the chat: what was delivered becomes read, if read receipts are on."""
    behavior = sim.recipients.behavior(digits)
    opened = 0
    for bubble in sim.conversations.thread(phone_id, digits):
        if bubble["dir"] == "out" and behavior.read_receipts:
            message = next(iter(sim.ledger.rows(bubble["sequence"] - 1)), None)
            if message is not None and message.sequence == bubble["sequence"] and message.stage == 2:
                sim.timeline.read_now(message)
                opened += 1
    return {"read": opened}


def add_business(sim: Simulator, data: Json) -> Json:
    """Make a further business (`name`) with an app, an account, a number, a token and the sample templates of its own."""
    name = str(data.get("name") or "").strip()
    if not name:
        raise Bad("name must not be empty.")
    serials = (serial for serial in count(len(sim.apps)) if world.number_id(serial) not in sim.numbers)
    app, waba, number, token, records = world.build_business(name, next(serials))
    for record in records:
        sim.put(record)
    return {"app_id": app.id, "app_secret": app.secret, "waba_id": waba.id, "phone_number_id": number.id,
            "token": token.id}  # fmt: skip
