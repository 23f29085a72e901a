"""What people send: texts, button taps, reactions, ad clicks, marketing stop and resume, blocking (reference 4.6, 4.8)."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from . import wamid
from .entities import Number, Person
from .identities import bsuid_of
from .ledger import Message

if TYPE_CHECKING:
    from .simulator import Simulator

Json = dict[str, Any]
SIGNUP_ID = "980000000000019"
DETAILS = {
    "stop": "User requested to stop marketing messages",
    "resume": "User requested to resume marketing messages",
    "signup": "User signed up via signup link",
}
# Whether these open the customer service window is not documented (reference 5.7): here they do not.
NO_WINDOW = frozenset(("reaction", "system", "unsupported", "edit", "revoke", "request_welcome"))


def contact_of(simulator: Simulator, digits: str, *, hidden: bool = False) -> Json:
    """Give the `contacts[]` element of a person; the phone only when it may be shown."""
    behavior = simulator.recipients.behavior(digits)
    contact: Json = {"profile": {"name": behavior.name}}
    if behavior.username:
        contact["profile"]["username"] = behavior.username
    if behavior.phone_shared and not hidden:
        contact["wa_id"] = digits
    contact["user_id"] = bsuid_of(digits)
    return contact


def head(simulator: Simulator, digits: str, contact: Json | None) -> Json:
    """Start a message of a person: `from` only with a phone that may be shown, `from_user_id`, id, timestamp."""
    simulator.inbound_count += 1
    message: Json = {}
    if contact is not None:
        message |= {"from": contact["wa_id"]} if "wa_id" in contact else {}
        message["from_user_id"] = contact["user_id"]
    message_id = wamid.inbound(digits, simulator.inbound_count, simulator.salt)
    return message | {"id": message_id, "timestamp": str(int(time.time()))}


def receive(
    simulator: Simulator, number: Number, digits: str, kind: str, content: Json | list[Json] | None, *,
    context: Json | None = None, hidden: bool = False, **beside: Any,
) -> str:  # fmt: skip
    """Let a person send a message to a number; gives its wamid.

    `beside` are further keys of the message (referral, errors, group_id). Opens the service window, except for the
    kinds of `NO_WINDOW`.
    """
    contact = contact_of(simulator, digits, hidden=hidden)
    message = head(simulator, digits, contact)
    if context:
        message["context"] = context
    message["type"] = kind
    if content is not None:
        message[kind] = content
    message |= {key: value for key, value in beside.items() if value}
    if kind not in NO_WINDOW:
        simulator.limits.open_window(number.id, digits, simulator.clock.now())
    simulator.conversations.add(
        number.id, digits,
        {"dir": "in", "id": message["id"], "at": time.time(), "opened_at": simulator.clock.now(), "type": kind,
         "content": content, "context": (context or {}).get("id")},
    )  # fmt: skip
    simulator.webhooks.inbound(number, contact, message)
    return str(message["id"])


def text(simulator: Simulator, number: Number, digits: str, body: str, referral: Json | None = None) -> str:
    """Let a person write a text."""
    return receive(simulator, number, digits, "text", {"body": body}, referral=referral)


def reply_context(simulator: Simulator, number: Number, message: Message) -> Json:
    """Give the `context` of an answer to one of our messages."""
    return {"from": number.digits, "id": simulator.ledger.wamid_of(message)}


def tap(simulator: Simulator, number: Number, digits: str, message: Message, index: int) -> str:
    """Let a person tap the quick-reply button (or list row) at `index` of a message; raises ValueError without one."""
    context = reply_context(simulator, number, message)
    raw = _raw(simulator, message)
    template = simulator.templates.get(message.template_id)
    if template is None:
        reply = _interactive_reply((raw.get("interactive") or {}).get("action") or {}, index)
        return receive(simulator, number, digits, "interactive", reply, context=context)
    buttons = [b for c in template.components if c["type"] == "BUTTONS" for b in c["buttons"]]
    if not 0 <= index < len(buttons) or buttons[index]["type"] != "QUICK_REPLY":
        raise ValueError("The message has no quick-reply button there.")
    label = buttons[index]["text"]
    content = {"payload": _payload(raw, index) or label, "text": label}
    return receive(simulator, number, digits, "button", content, context=context)


def _interactive_reply(action: Json, index: int) -> Json:
    buttons = action.get("buttons") or []
    rows = [row for section in action.get("sections") or () for row in section.get("rows") or ()]
    if 0 <= index < len(buttons):
        return {"type": "button_reply", "button_reply": buttons[index]["reply"]}
    if 0 <= index < len(rows):
        return {"type": "list_reply", "list_reply": rows[index]}
    raise ValueError("The message has no such button.")


def _raw(simulator: Simulator, message: Message) -> Json:
    for bubble in simulator.conversations.thread(message.phone_id, message.to):
        if bubble.get("sequence") == message.sequence:
            return dict(json.loads(bubble["raw"]))
    return {}


def _payload(raw: Json, index: int) -> str:
    for component in (raw.get("template") or {}).get("components") or ():
        if str(component.get("type", "")).lower() == "button" and str(component.get("index")) == str(index):
            for parameter in component.get("parameters") or ():
                return str(parameter.get("payload") or "")
    return ""


def react(simulator: Simulator, number: Number, digits: str, message: Message, emoji: str) -> str:
    """Let a person react to a message; an empty emoji takes the reaction back."""
    content = {"message_id": simulator.ledger.wamid_of(message)}
    if emoji:
        content["emoji"] = emoji
    return receive(simulator, number, digits, "reaction", content)


def prefer(simulator: Simulator, number: Number, digits: str, value: str) -> None:
    """Let a person stop or resume marketing messages in WhatsApp's own menu, or sign up for them by a link."""
    person = simulator.person(digits)
    person.marketing_stopped = value == "stop"
    simulator.store.note(person)
    contact = contact_of(simulator, digits)
    preference: Json = {"wa_id": digits} if "wa_id" in contact else {}
    preference |= {
        "user_id": contact["user_id"],
        "detail": DETAILS[value],
        "category": "marketing_messages",
        "value": value,
        "timestamp": int(time.time()),
    }
    if value == "signup":
        preference["signup_id"] = SIGNUP_ID
    simulator.conversations.add(number.id, digits, {"dir": "note", "at": time.time(), "note": f"marketing_{value}"})
    simulator.webhooks.preference(number, contact, preference)


def block(simulator: Simulator, number: Number, digits: str, blocked: bool) -> Person:
    """Let a person block or unblock a business number: later messages stay at `sent`. Meta sends no webhook."""
    person = simulator.person(digits)
    others = [phone_id for phone_id in person.blocked_phone_ids if phone_id != number.id]
    person.blocked_phone_ids = [*others, number.id] if blocked else others
    simulator.store.note(person)
    note = "blocked" if blocked else "unblocked"
    simulator.conversations.add(number.id, digits, {"dir": "note", "at": time.time(), "note": note})
    return person


def automatic_reply(simulator: Simulator, number: Number, message: Message, reply: str) -> None:
    """What a person who always answers does after reading: taps the first quick reply, or writes."""
    if reply != "tap":
        text(simulator, number, message.to, reply)
        return
    template = simulator.templates.get(message.template_id)
    buttons = [b for c in template.components if c["type"] == "BUTTONS" for b in c["buttons"]] if template else []
    index = next((i for i, button in enumerate(buttons) if button["type"] == "QUICK_REPLY"), None)
    if index is None:
        text(simulator, number, message.to, "OK")
    else:
        tap(simulator, number, message.to, message, index)
