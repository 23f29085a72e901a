"""What the pages about numbers show: facts, health by node, the ladder, what changed, and two charts. No queries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app.accounts import number_words, presenting, registration, words
from channels_app.accounts.models import FactChange, PhoneNumber, Portfolio, RegistrationAttempt, WhatsAppAccount
from channels_app.cloud_api.codes import explain
from console.kit import wording

DAYS, FEW_DAYS = 90, 7
MOST_ENTITIES = 12
LEVELS = {"RED": 1, "YELLOW": 2, "GREEN": 3}
STAGES = ("add", "request_code", "verify_code", "register")
CHANGE_ICONS = {
    "quality_rating": "chart-line",
    "messaging_limit": "users-group",
    "status": "antenna-bars-5",
    "security": "shield-lock",
    "verified_name": "id",
    "name_status": "id",
    "name_decision": "id",
    "standing": "shield-check",
    "health_word": "heartbeat",
}
WORSE = {"RED", "BANNED", "RESTRICTED", "DISCONNECTED", "DECLINED", "EXPIRED", "BLOCKED", "REJECTED", "FLAGGED"}
BETTER = {"GREEN", "CONNECTED", "APPROVED", "AVAILABLE", "VERIFIED", "verified"}


def row_of(row: PhoneNumber) -> dict[str, Any]:
    """A row of the list of numbers; `row` carries used_count and used_at."""
    facts = presenting.number(row)
    facts["total"] = number_words.limit_count(row.messaging_limit)
    facts["used"] = getattr(row, "used_count", None)
    return facts


def usage(number: PhoneNumber, portfolio: Portfolio | None) -> dict[str, Any]:
    """The messaging limit and what is used of it: {limit, total, used, at, share_tone}."""
    tier = (portfolio.messaging_limit if portfolio else "") or number.messaging_limit
    total, used = number_words.limit_count(tier), portfolio.used_count if portfolio else None
    is_near = bool(total and used is not None and used >= total * 0.9)
    return {
        "limit": number_words.limit(tier),
        "total": total,
        "used": used,
        "at": portfolio.used_at if portfolio else None,
        "tone": "warn" if is_near else "pri",
    }


def facts(number: PhoneNumber, portfolio: Portfolio | None) -> list[dict[str, Any]]:
    """Label and value of what Meta says, in the order in which people ask."""
    node, shown = number.facts, presenting.number(number)
    mode = number_words.MODES.get(number.account_mode, number.account_mode)
    platform = str(node.get("platform_type") or "")[:40]
    code = number_words.CODE_STATES.get(number.code_verification_status)
    rows = [
        (_("State"), shown["label"], shown["tone"]),
        (_("Quality rating"), shown["quality"], shown["quality_tone"]),
        (_("Throughput"), shown["speed"], ""),
        (_("Mode"), mode or wording.NOTHING, "warn" if number.account_mode == "SANDBOX" else ""),
        (_("Verified by code"), code[0] if code else number.code_verification_status or wording.NOTHING, ""),
        (_("Two-step PIN"), _pin(number), "" if number.is_pin_enabled is not False else "warn"),
        (_("Official business account"), _yes_no(node.get("is_official_business_account")), ""),
        (_("Username"), f"@{number.username}" if number.username else wording.NOTHING, ""),
        (_("Platform"), number_words.PLATFORMS.get(platform, platform) or wording.NOTHING, ""),
    ]
    if node.get("is_on_biz_app") is True:
        rows.append((_("WhatsApp Business app"), _("Used there too: Meta allows 20 messages a second"), "warn"))
    if portfolio:
        verified = number_words.VERIFICATION.get(portfolio.verification_status)
        word = verified[0] if verified else portfolio.verification_status or wording.NOTHING
        rows.append((_("Business verification"), word, verified[1] if verified else ""))
    return [{"label": label, "value": value, "tone": _text_tone(tone)} for label, value, tone in rows]


def _text_tone(tone: str) -> str:
    return tone if tone in ("ok", "warn", "bad", "info") else ""


def _pin(number: PhoneNumber) -> str:
    if number.is_pin_enabled is None:
        return _("Not known")
    return _("Set") if number.is_pin_enabled else _("Not set")


def _yes_no(value: Any) -> str:
    return (_("Yes") if value else _("No")) if isinstance(value, bool) else wording.NOTHING


def display_name(number: PhoneNumber) -> dict[str, Any]:
    """The name, its review, and the last decision about another one: {word, tone, requested, decision, reason}."""
    word, tone = words.NAMES.get(number.name_status, (number.name_status or _("Not known"), "mute"))
    review, found = number.name_review, {"word": word, "tone": tone}
    decision = number_words.DECISIONS.get(str(review.get("decision", "")))
    if not decision:
        return found
    reason = str(review.get("reason") or "")
    found |= {"decision": decision[0], "decision_tone": decision[1], "decision_icon": decision[2]}
    found["requested"] = review.get("requested", "")
    found["reason"] = number_words.NAME_REASONS.get(reason, "" if reason in ("", "NONE", "UNKNOWN") else reason)
    return found


def standing_of(account: WhatsAppAccount) -> dict[str, Any]:
    """How the account stands with Meta: {label, tone, icon, text}."""
    known = number_words.STANDINGS.get(account.standing, (account.standing, "mute", "circle-dashed", ""))
    text = number_words.standing_text(account.standing, account.standing_facts)
    return {"label": known[0], "tone": known[1], "icon": known[2], "text": text}


def health(number: PhoneNumber) -> list[dict[str, Any]]:
    """Each node that must be able to send: {label, word, tone, icon, notes}. Empty when Meta said nothing."""
    status = number.facts.get("health_status") or number.account.facts.get("health_status")
    entities = status.get("entities") if isinstance(status, dict) else None
    if not isinstance(entities, list):
        return []
    return [_entity(row) for row in entities[:MOST_ENTITIES] if isinstance(row, dict)]


def _entity(row: dict[str, Any]) -> dict[str, Any]:
    kind, word = str(row.get("entity_type") or "")[:40], str(row.get("can_send_message") or "")[:40]
    label, tone, icon = number_words.HEALTH.get(word, (word or _("Unknown"), "mute", "circle-dashed"))
    more = row.get("additional_info")
    notes = [str(text)[:300] for text in more[:5]] if isinstance(more, list) else []
    errors = row.get("errors")
    notes += [_error(error) for error in errors[:5] if isinstance(error, dict)] if isinstance(errors, list) else []
    name = number_words.ENTITIES.get(kind, kind or _("Unknown"))
    return {"label": name, "word": label, "tone": tone, "icon": icon, "notes": notes}


def _error(error: dict[str, Any]) -> str:
    """Our words for a code we know, and Meta's own beside it."""
    code = error.get("error_code")
    known = explain(code) if isinstance(code, int) and not isinstance(code, bool) else None
    parts = [f"{known.title}." if known and known.is_known else ""]
    parts += [str(error.get(name) or "")[:300] for name in ("error_description", "possible_solution")]
    text = " ".join(part for part in parts if part)
    return _("%(text)s (Meta code %(code)s)") % {"text": text, "code": str(code)[:20]} if code else text


# --- the ladder ---------------------------------------------------------------------------------------------------
def ladder(number: PhoneNumber, stage: str, slug: str) -> list[dict[str, Any]]:
    """The steps from nothing to connected, with whose turn it is: [{key, title, text, state, url}]."""
    texts = {
        "add": (_("Added to the account"), ""),
        "request_code": (_("Ask for a code"), _("Meta sends it to the number by SMS or reads it out in a call.")),
        "verify_code": (_("Enter the code"), _("It proves that the number is yours. It is valid for ten minutes.")),
        "register": (_("Register with a PIN"), _("Connects the number to the Cloud API. Then it can send.")),
    }
    reached = len(STAGES) if stage == "registered" else STAGES.index(stage)
    page = reverse("accounts:number", args=[slug, number.pk])
    return [
        {
            "key": key,
            "title": texts[key][0],
            "text": texts[key][1],
            "state": "done" if at < reached else "current" if at == reached else "ahead",
            "url": f"{page}?step={key}#ladder" if at and stage != "registered" else "",
        }
        for at, key in enumerate(STAGES)
    ]


def turn(number: PhoneNumber, stage: str) -> str:
    """Whose turn it is and what to do next, in one sentence."""
    if stage == "registered":
        if number.name_status == "PENDING_REVIEW":
            return _("Meta's turn: it reviews the display name. Until then people see the number.")
        return _("Nobody's turn: the number is registered.")
    sentences = {
        "request_code": _("Your turn: ask for a code."),
        "verify_code": _("Your turn: enter the code that came to the number."),
        "register": _("Your turn: register the number with a six-digit PIN."),
    }
    known = words.NUMBER_STATES.get(number.status)
    return sentences.get(stage) or str(known[3] if known else "")


def budget(found: registration.Budget) -> str:
    """ "3 of 10 attempts used in 72 hours." """
    text = ngettext(
        "%(used)s of %(all)s attempts used in 72 hours.", "%(used)s of %(all)s attempts used in 72 hours.", found.used
    ) % {"used": wording.number(found.used), "all": wording.number(registration.ATTEMPTS_ALLOWED)}
    if found.locked_until is None:
        return text
    until = wording.when(found.locked_until, in_sentence=True)
    return _("%(text)s Meta takes no more before %(until)s.") % {"text": text, "until": until}


def attempts(rows: Sequence[RegistrationAttempt]) -> list[dict[str, Any]]:
    """The last calls of the ladder as a timeline."""
    return [
        {
            "icon": "circle-check" if row.is_accepted else "circle-x",
            "tone": "ok" if row.is_accepted else "bad",
            "title": row.get_step_display(),
            "who": str(row.by) if row.by else "",
            "at": row.at,
            "text": _outcome(row),
        }
        for row in rows
    ]


def _outcome(row: RegistrationAttempt) -> str:
    if row.is_accepted:
        return _("Accepted by Meta")
    if row.code is None:
        return _("Meta did not answer")
    return _("%(title)s (Meta code %(code)s)") % {"title": explain(row.code).title, "code": row.code}


def _source(change: FactChange) -> str:
    if change.source == FactChange.Source.POLL:  # by the hour, or because somebody pressed a button
        return _("Read from Meta")
    return str(FactChange.Source(change.source).label) if change.source in FactChange.Source.values else ""


# --- what changed -------------------------------------------------------------------------------------------------
def timeline(changes: Sequence[FactChange], first_at: datetime) -> list[dict[str, Any]]:
    """Changes in words, as they come; the first reading is one line at the end."""
    rows = [
        {
            "icon": CHANGE_ICONS.get(change.fact, "refresh"),
            "tone": _tone(change),
            "title": _change(change),
            "at": change.at,
            "text": _source(change),
            "note": _note(change),
        }
        for change in changes
    ]
    return [*rows, {"icon": "plug-connected", "tone": "mute", "title": _("First reading from Meta"), "at": first_at}]


def _tone(change: FactChange) -> str:
    if change.after in WORSE or (change.fact == "standing" and change.after):
        return "bad"
    return "ok" if change.after in BETTER or change.fact == "standing" else "info"


def _change(change: FactChange) -> str:
    name = "account_health" if change.fact == "health_word" and change.account_id else change.fact
    fact = number_words.FACTS.get(name, name)
    after = number_words.value_word(change.fact, change.after)
    if not change.before and change.fact != "standing":
        return _("%(fact)s: %(after)s") % {"fact": fact, "after": after}
    before = number_words.value_word(change.fact, change.before)
    return _("%(fact)s: %(before)s, now %(after)s") % {"fact": fact, "before": before, "after": after}


def _note(change: FactChange) -> str:
    details = change.details if isinstance(change.details, dict) else {}
    reason = str(details.get("reason") or "")
    return str(number_words.NAME_REASONS.get(reason, "") or details.get("alert_description") or "")[:300]


# --- charts -------------------------------------------------------------------------------------------------------
def quality_chart(number: PhoneNumber, changes: Sequence[FactChange], now: datetime) -> dict[str, Any] | None:
    """Steps of the quality rating over 90 days; None when it never changed in them."""
    series = {"name": _("Quality: 3 high, 2 medium, 1 low"), "tone": "ok", "is_step": True}
    steps = _steps(number, changes, number.quality_rating, now)
    data = [LEVELS.get(word) for _moment, word in steps]
    words = ["", *(number_words.value_word("quality_rating", word) for word in LEVELS)]
    return _chart(steps, changes, {**series, "data": data}, table_label=_("Quality rating"), y_max=3, y_words=words)


def limit_chart(number: PhoneNumber, changes: Sequence[FactChange], now: datetime) -> dict[str, Any] | None:
    """Steps of the messaging limit over 90 days; None when it never changed in them."""
    steps = _steps(number, changes, number.messaging_limit, now)
    data = [number_words.limit_count(word) for _moment, word in steps]
    series = {"name": _("People in 24 hours"), "tone": "pri", "is_step": True, "data": data}
    return _chart(steps, changes, series, table_label=_("Messaging limit"))


Steps = list[tuple[datetime, str]]


def _steps(number: PhoneNumber, changes: Sequence[FactChange], current: str, now: datetime) -> Steps:
    """The word that held at the end of each day; of a number known for a few days only, at each change."""
    known_since = max(number.created_at, now - timedelta(days=DAYS))
    days = (now - known_since).days
    if days >= FEW_DAYS:
        moments = [now - timedelta(days=back) for back in range(days, -1, -1)]
    else:
        moments = [known_since, *(change.at for change in changes if change.at > known_since), now]
    found = []
    for moment in moments:
        later = next((change for change in changes if change.at > moment), None)
        found.append((moment, later.before if later else current))
    return found


def _chart(steps: Steps, changes: Sequence[FactChange], series: dict[str, Any], **more: Any) -> dict[str, Any] | None:
    if not any(change.before for change in changes):
        return None
    moments = [timezone.localtime(moment) for moment, _word in steps]
    is_long = moments[-1] - moments[0] >= timedelta(days=FEW_DAYS)
    words = [formats.date_format(at, "MONTH_DAY_FORMAT") if is_long else wording.when(at) for at in moments]
    return {"kind": "line", "x": words, "series": [series], **more}
