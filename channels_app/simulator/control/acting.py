"""Letting people act: every kind of inbound message and event of reference 4.6 and 4.8, as `POST inbound`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import inbound, inbound_identity, inbound_media, world
from ..entities import Number
from ..errors import HREF, status_error
from ..identities import clean_phone, phone_of_bsuid
from ..ledger import Message
from ..simulator import Simulator
from .http import Bad
from .records import choose

Json = dict[str, Any]
MAX_TEXT = 4096
UNSUPPORTED = (
    "button", "edit", "errors", "gif", "group_invite", "hsm", "image", "interactive", "keep_in_chat", "link_preview",
    "list", "location", "media_placeholder", "order", "pin", "poll_creation", "poll_update", "product", "reaction",
)  # fmt: skip
REFERRAL = {
    "source_url": "https://fb.me/demo", "source_id": "120000000000013", "source_type": "ad",
    "headline": "Chat with us", "body": "Spring roast", "media_type": "image",
    "image_url": "https://scontent.example/ad.jpg", "ctwa_clid": "Aff-demo",
    "welcome_message": {"text": "Hi! How can we help?"},
}  # fmt: skip
LOCATION = {"address": "12 Frith Street, London", "latitude": 51.5136, "longitude": -0.1318, "name": "Lumen Coffee",
            "url": "https://lumen.example"}  # fmt: skip
ORDER_ITEM = {"product_retailer_id": "sku1", "quantity": 2, "item_price": 7.99, "currency": "EUR"}
CATALOG_ID, GROUP_ID = "870000000000012", "Y2FwaV9ncm91cDpkZW1v"


@dataclass
class Act:
    """One thing a person does: who, towards which number, and what was asked for."""

    sim: Simulator
    number: Number
    digits: str
    data: Json

    def send(self, kind: str, content: Json | list[Json] | None, **more: Any) -> Json:
        """Let the person send a message; `reply_to`, `forwarded` and `phone_hidden` hold for every kind."""
        hidden = bool(self.data.get("phone_hidden"))
        context = more.pop("context", None) or self._context()
        sent = inbound.receive(
            self.sim, self.number, self.digits, kind, content, context=context, hidden=hidden, **more
        )
        return {"id": sent}

    def _context(self) -> Json:
        context: Json = {}
        if self.data.get("reply_to"):
            context = inbound.reply_context(self.sim, self.number, self.message("reply_to"))
        if self.data.get("referred_product"):
            context |= {"from": self.number.digits,
                        "referred_product": {"catalog_id": CATALOG_ID, "product_retailer_id": "sku1"}}  # fmt: skip
        for key in ("forwarded", "frequently_forwarded"):
            if self.data.get(key):
                context[key] = True
        return context

    def message(self, key: str = "wamid") -> Message:
        """Give the named message of ours, or the last one this person got."""
        wanted = self.data.get(key)
        found = self.sim.ledger.find(wanted)
        if found is None and (not wanted or wanted is True):
            newest = self.sim.ledger.newest(5_000)
            found = next((m for m in newest if m.to == self.digits and m.phone_id == self.number.id), None)
        if found is None or found.to != self.digits:
            raise Bad(f"{key} is not a message that this person got.", 404)
        return found

    def own(self) -> str:
        """Give the wamid of a message that this person sent: the named one, or the last."""
        thread = self.sim.conversations.thread(self.number.id, self.digits)
        sent = [bubble["id"] for bubble in thread if bubble["dir"] == "in"]
        wanted = self.data.get("wamid") or (sent[-1] if sent else None)
        if wanted not in sent:
            raise Bad("wamid is not a message that this person sent.", 404)
        return str(wanted)

    def body(self, default: str = "") -> str:
        """Give the text; refuses an empty one."""
        text = self.data.get("text", default)
        if not isinstance(text, str) or not text.strip():
            raise Bad("text must not be empty.")
        return text[:MAX_TEXT]


# --- messages -----------------------------------------------------------------------------------------------------
def text(act: Act) -> Json:
    """A text; `group` sends it into a group."""
    group = GROUP_ID if act.data.get("group") else None
    return act.send("text", {"body": act.body()}, group_id=group)


def referral(act: Act) -> Json:
    """A text of somebody who came from an ad or a post."""
    given = act.data.get("referral")
    return act.send("text", {"body": act.body()}, referral=given if isinstance(given, dict) else REFERRAL)


def media(act: Act) -> Json:
    """A file: image, video, document, audio or sticker."""
    kind = str(act.data["kind"])
    return act.send(kind, inbound_media.attach(act.sim, act.number, kind, act.data))


def location(act: Act) -> Json:
    """A place."""
    return act.send("location", {key: act.data.get(key, value) for key, value in LOCATION.items()})


def contacts(act: Act) -> Json:
    """A contact card: the person's own, as after tapping "share contact", with origin `contact_request`."""
    name = act.sim.recipients.behavior(act.digits).name
    first, _, last = name.partition(" ")
    card = f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nTEL:+{act.digits}\nEND:VCARD"
    names = {"formatted_name": name, "first_name": first, **({"last_name": last} if last else {})}
    return act.send("contacts", [{
        "name": names, "phones": [{"phone": f"+{act.digits}", "wa_id": act.digits, "type": "CELL"}], "vcard": card,
        "origin": choose(act.data, "origin", ("contact_request", "other"), "contact_request"),
    }])  # fmt: skip


def button(act: Act) -> Json:
    """A tap on the quick reply (or list row) at `index` of a message of ours."""
    index = act.data.get("index", 0)
    if not isinstance(index, int):
        raise Bad("index must be a whole number.")
    return {"id": inbound.tap(act.sim, act.number, act.digits, act.message(), index)}


def list_reply(act: Act) -> Json:
    """A choice from a list, whatever the message offered."""
    reply = {"id": str(act.data.get("row_id", "t9")), "title": str(act.data.get("title", "09:00")),
             "description": str(act.data.get("description", "Free"))}  # fmt: skip
    return act.send("interactive", {"type": "list_reply", "list_reply": reply}, context=_reply(act))


def flow_reply(act: Act) -> Json:
    """A finished Flow; `response` is what was filled in."""
    response = act.data.get("response") or {"flow_token": "tok-77", "rating": "5"}
    reply = {"name": "flow", "body": "Sent", "response_json": json.dumps(response)}
    return act.send("interactive", {"type": "nfm_reply", "nfm_reply": reply}, context=_reply(act))


def _reply(act: Act) -> Json:
    return inbound.reply_context(act.sim, act.number, act.message())


def reaction(act: Act) -> Json:
    """A reaction to a message of ours; an empty emoji takes it back."""
    emoji = str(act.data.get("emoji", "\U0001f44d"))
    return {"id": inbound.react(act.sim, act.number, act.digits, act.message(), emoji)}


def order(act: Act) -> Json:
    """An order from the catalog."""
    items = act.data.get("items") or [ORDER_ITEM]
    content = {"catalog_id": CATALOG_ID, "text": str(act.data.get("text") or "Love these"), "product_items": items}
    return act.send("order", content)


def unsupported(act: Act) -> Json:
    """Something the Cloud API cannot show: 131051, or `code` 131060 for a message that is not available."""
    kind = choose(act.data, "type", UNSUPPORTED, "poll_creation")
    return act.send("unsupported", {"type": kind}, errors=[_error(int(act.data.get("code", 131051)))])


def oversized(act: Act) -> Json:
    """A file that Meta could not fetch or that is larger than 100 MB: 131052."""
    return act.send("unsupported", {"type": "media_placeholder"}, errors=[_error(131052)])


def _error(code: int) -> Json:
    error = status_error(code)
    titles = {131051: ("Message type unknown", "Message type is currently not supported."),
              131052: ("Media download error", "The file is too large or could not be downloaded."),
              131060: ("Message unavailable", "This message is currently unavailable.")}  # fmt: skip
    title, details = titles.get(code, (error["title"], error["error_data"]["details"]))
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}}


def edit(act: Act) -> Json:
    """An edit of the person's own message."""
    changed = {"context": {"id": "M0"}, "type": "text", "text": {"body": act.body("Do you open on Monday?")}}
    return act.send("edit", {"original_message_id": act.own(), "message": changed})


def revoke(act: Act) -> Json:
    """The person deletes a message of their own for everybody."""
    return act.send("revoke", {"original_message_id": act.own()})


def request_welcome(act: Act) -> Json:
    """The first opening of the chat; Meta removed it on 27 Mar 2026, old apps may still get it."""
    return act.send("request_welcome", None)


def error(act: Act) -> Json:
    """An error of the number without a message, for example after 130429."""
    act.sim.webhooks.number_error(act.number, status_error(int(act.data.get("code", 130429))) | {"href": HREF})
    return {"success": True}


# --- who somebody is, and what they want --------------------------------------------------------------------------
def username(act: Act) -> Json:
    """The person takes a username; `hides_phone` (true) takes the phone out of webhooks. `text` writes at once."""
    name = act.data.get("username", "ada_demo")
    if not isinstance(name, str):
        raise Bad("username must be text.")
    hides = bool(act.data.get("hides_phone", bool(name)))
    inbound_identity.adopt_username(act.sim, act.digits, name, hides_phone=hides)
    return text(act) if act.data.get("text") else {"success": True}


def number_change(act: Act) -> Json:
    """The person moves to the number `to`; `hidden` tells only the business-scoped ids."""
    new = clean_phone(act.data.get("to") or inbound_identity.next_number(act.digits))
    if new is None or new == act.digits:
        raise Bad("to must be another phone number with its country code.")
    hidden, legacy = bool(act.data.get("hidden")), bool(act.data.get("legacy"))
    sent = inbound_identity.change_number(act.sim, act.number, act.digits, new, hidden=hidden, legacy=legacy)
    return {"id": sent, "to": new}


def identity_change(act: Act) -> Json:
    """The person's WhatsApp identity changes."""
    return {"id": inbound_identity.change_identity(act.sim, act.number, act.digits)}


def prefer(act: Act) -> Json:
    """Stop, resume or sign up for marketing in WhatsApp itself."""
    inbound.prefer(act.sim, act.number, act.digits, str(act.data["kind"]))
    return {"success": True}


def block(act: Act) -> Json:
    """Block or unblock the business; Meta sends no webhook."""
    inbound.block(act.sim, act.number, act.digits, act.data["kind"] == "block")
    return {"success": True}


KINDS: dict[str, Callable[[Act], Json]] = {
    "text": text, "referral": referral, **dict.fromkeys(inbound_media.KINDS, media), "location": location,
    "contacts": contacts, "button": button, "list_reply": list_reply, "flow_reply": flow_reply, "reaction": reaction,
    "order": order, "unsupported": unsupported, "oversized": oversized, "edit": edit, "revoke": revoke,
    "request_welcome": request_welcome, "error": error, "username": username, "number_change": number_change,
    "identity_change": identity_change, "stop": prefer, "resume": prefer, "signup": prefer, "block": block,
    "unblock": block,
}  # fmt: skip


def post(sim: Simulator, data: Json) -> Json:
    """`POST inbound`: `from` is a phone number or a business-scoped id, `kind` one of `KINDS`."""
    number = sim.numbers.get(str(data.get("phone_number_id") or world.PHONE_ID))
    if number is None:
        raise Bad("There is no such phone number.", 404)
    digits = clean_phone(data.get("from")) or phone_of_bsuid(data.get("from"))
    if digits is None:
        raise Bad("from must be a phone number with its country code, or a business-scoped id.")
    kind = choose(data, "kind", KINDS, "text")
    return KINDS[kind](Act(sim, number, digits, {**data, "kind": kind}))
