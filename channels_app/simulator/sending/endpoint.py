"""`POST /{phone}/messages`: token, number, registration, restriction, payload, template, throughput, pair, accept.

Everything about the recipient happens after acceptance, as a webhook.
"""

from __future__ import annotations

import time
from typing import Any

from ..auth import MESSAGING, require_scope, require_waba
from ..entities import Number, Template, Waba
from ..errors import GraphError, unknown_object
from ..graph.call import Call
from ..identities import bsuid_of
from ..ledger import Message
from ..wamid import INBOUND, parse
from . import payload, template_check

Json = dict[str, Any]
NOT_REGISTERED = frozenset(("PENDING", "DISCONNECTED", "MIGRATED"))
_RESTRICTS = {
    "template": "RESTRICTED_BIZ_INITIATED_MESSAGING",
    "free_form": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
}


def find_number(call: Call, phone_id: str) -> Number:
    """Give the sending number, after the checks on the token and on itself."""
    number = call.sim.numbers.get(phone_id)
    token = call.token
    if number is None:
        raise unknown_object(phone_id, "POST")
    require_waba(token, number.waba_id, phone_id, "POST")
    require_scope(token, MESSAGING)
    if number.status in NOT_REGISTERED:
        raise GraphError(133010)
    if number.status == "DELETED":
        raise GraphError(33, "The business phone number has been deleted.")
    if number.status in ("BANNED", "RESTRICTED"):
        raise GraphError(131031, "The business account is restricted or disabled.")
    if number.status != "CONNECTED":
        raise GraphError(131048)
    _check_account(call, call.sim.wabas[number.waba_id])
    return number


def _check_account(call: Call, waba: Waba) -> None:
    if waba.status == "DELETED":
        raise GraphError(33, "The WhatsApp Business Account has been deleted.")
    if waba.ban_state in ("DISABLE", "DISABLED"):
        raise GraphError(131031, "The business account is restricted or disabled.")
    if waba.restriction:
        raise GraphError(waba.restriction)
    if call.params.get("status") is not None:
        return
    kind = _RESTRICTS["template" if call.params.get("type") == "template" else "free_form"]
    for item in waba.restrictions:
        if item["restriction_type"] == kind:
            raise GraphError(item["code"])


def _check_category(waba: Waba, template: Template) -> None:
    kinds = {item["restriction_type"]: item["code"] for item in waba.restrictions}
    if template.category == "UTILITY" and "RESTRICTED_UTILITY_TEMPLATES" in kinds:
        raise GraphError(kinds["RESTRICTED_UTILITY_TEMPLATES"])


def send(call: Call, raw: bytes) -> tuple[Json, Message | None]:
    """Check and accept one request; gives the answer and the ledger row (None for read receipts)."""
    sim = call.sim
    number = find_number(call, call.parts[0])
    body = call.params
    if body.get("status") is not None:
        return _mark_read(body), None
    kind = payload.check_envelope(body)
    recipient = payload.address(body)
    if recipient.digits == number.digits:
        raise GraphError(131021, "Recipient phone number is the sender's own number")
    if number.account_mode == "SANDBOX" and recipient.digits not in number.allowed_recipients:
        raise GraphError(131030)
    template: Template | None = None
    if kind == "template":
        template, media = _check_template(call, number, body["template"], recipient)
    else:
        media = payload.check_free_form(kind, body[kind])
    for media_kind, media_id in media:
        found = sim.media.get(media_id)
        if found is None or found.phone_id != number.id or found.expires_at < sim.clock.now():
            raise GraphError(131009, f"{media_kind}: no media with id {media_id} belongs to this phone number")
    if recipient.digits[-4:] == "0013":
        raise GraphError(131056)
    if sim.knobs.enforce_limits:
        now = time.monotonic()
        if not sim.limits.take_throughput(number.id, number.throughput, now):
            raise GraphError(130429)
        if not sim.limits.take_pair(number.id, recipient.digits, now):
            raise GraphError(131056)
    return _accept(call, number, recipient, template, kind, raw)


def _mark_read(body: Json) -> Json:
    parsed = parse(body.get("message_id"))
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    if body["status"] != "read" or parsed is None or parsed[1] != INBOUND:
        raise GraphError(131009, "message_id is not the id of a message from a user")
    return {"success": True}


def _check_template(
    call: Call, number: Number, content: Json, recipient: payload.Addressed
) -> tuple[Template, list[tuple[str, str]]]:
    name, language, components = payload.check_template_head(content)
    template = call.sim.template_index.get((number.waba_id, name, language))
    if template is None or template.status not in ("APPROVED", "PAUSED", "DISABLED"):
        raise GraphError(132001, f"template name ({name}) does not exist in {language}")
    if template.status == "PAUSED":
        raise GraphError(132015, f"template ({name}) is paused because of low quality")
    if template.status == "DISABLED":
        raise GraphError(132016, f"template ({name}) is disabled because of repeated low quality")
    _check_category(call.sim.wabas[number.waba_id], template)
    media = template_check.check(call.sim.contracts.get(template), components)
    if recipient.by_bsuid and template.category == "AUTHENTICATION":
        raise GraphError(131062)
    return template, media


def _accept(
    call: Call, number: Number, recipient: payload.Addressed, template: Template | None, kind: str, raw: bytes
) -> tuple[Json, Message]:
    sim = call.sim
    digits = recipient.digits
    at = time.time()
    message = sim.ledger.append(
        number.id, digits, template.id if template else "", call.params.get("biz_opaque_callback_data") or "", at,
        recipient.by_bsuid,
    )  # fmt: skip
    sim.conversations.add(
        number.id, digits,
        {"dir": "out", "sequence": message.sequence, "at": at, "type": kind, "template_id": message.template_id,
         "raw": raw.decode(errors="replace")},
    )  # fmt: skip
    behavior = sim.recipients.behavior(digits)
    sim.timeline.begin(message, behavior, template, _later_refusal(call, number, digits, template))
    sim.store.note_message(message)
    contact: Json = {"input": recipient.given}
    if recipient.by_bsuid:
        contact["user_id"] = bsuid_of(digits)
    else:
        contact["wa_id"] = digits
    sent: Json = {"id": sim.ledger.wamid_of(message)}
    if template is not None:
        sent["message_status"] = "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}, message


def _later_refusal(call: Call, number: Number, digits: str, template: Template | None) -> int:
    """Give the code of a failure that belongs to the account, not to the person; 0 when there is none."""
    sim = call.sim
    now = sim.clock.now()
    if sim.limits.has_window(number.id, digits, now):
        return 0
    if template is None:
        return 131047
    waba = sim.wabas[number.waba_id]
    if not waba.primary_funding_id:
        return 131042
    if not sim.knobs.enforce_limits:
        return 0
    tier = sim.portfolios[waba.portfolio_id].limit_tier
    return 0 if sim.limits.take_user(waba.portfolio_id, tier, digits, now) else 131048
