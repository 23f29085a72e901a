"""How a WhatsApp Business Account stands with Meta: violations, restrictions with an end, bans. Pure.

Facts are kept part by part, each with the time Meta told it, so that late and repeated webhooks change nothing:
{"violation": {type, at}, "restrictions": [{type, until, remedy, at}], "ban": {state, date, at}, "gone": {word, at}}.
Instants are Unix seconds.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Facts = dict[str, Any]

GONE = {"ACCOUNT_DELETED": "deleted", "ACCOUNT_OFFBOARDED": "offboarded", "ACCOUNT_RECONNECTED": ""}
BANS = {"SCHEDULE_FOR_DISABLE": "disable_scheduled", "DISABLE": "disabled", "REINSTATE": ""}
EVENTS = frozenset({"ACCOUNT_VIOLATION", "ACCOUNT_RESTRICTION", "DISABLED_UPDATE", *GONE})
VIOLATION_S = 30 * 24 * 3600  # Meta never says that a violation is over: it is shown this long
RESTRICTIONS_KEPT = 20


def apply_event(facts: Mapping[str, Any], value: Mapping[str, Any], at: datetime) -> Facts:
    """The facts after an `account_update`; unchanged when the event is none of these, or older than what is known."""
    event, moment = value.get("event"), int(at.timestamp())
    kept = dict(facts)
    if event == "ACCOUNT_VIOLATION":
        kind = _object(value.get("violation_info")).get("violation_type")
        _put(kept, "violation", {"type": _text(kind, 80), "at": moment})
    elif event == "ACCOUNT_RESTRICTION":
        kept["restrictions"] = _restrictions(facts.get("restrictions"), value.get("restriction_info"), moment)
    elif event == "DISABLED_UPDATE":
        ban = _object(value.get("ban_info"))
        state = _text(ban.get("waba_ban_state"), 40)
        if state in BANS:
            _put(kept, "ban", {"state": state, "date": _text(ban.get("waba_ban_date"), 60), "at": moment})
    elif isinstance(event, str) and event in GONE:
        _put(kept, "gone", {"word": GONE[event], "at": moment})
    return kept


def _put(facts: Facts, part: str, value: dict[str, Any]) -> None:
    if _object(facts.get(part)).get("at", 0) <= value["at"]:
        facts[part] = value


def _restrictions(known: Any, told: Any, moment: int) -> list[dict[str, Any]]:
    """By kind of restriction, the one told last."""
    by_type = {row["type"]: row for row in known if isinstance(row, dict)} if isinstance(known, list) else {}
    for row in told if isinstance(told, list) else []:
        if not isinstance(row, dict):
            continue
        kind = _text(row.get("restriction_type"), 60)
        if kind and by_type.get(kind, {}).get("at", 0) <= moment:
            remedy = _text(row.get("remediation"), 300)
            by_type[kind] = {"type": kind, "until": _seconds(row.get("expiration")), "remedy": remedy, "at": moment}
    return list(by_type.values())[-RESTRICTIONS_KEPT:]


def running_restrictions(facts: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Those that have not ended; one without an end goes on until Meta says otherwise."""
    rows = facts.get("restrictions")
    moment = now.timestamp()
    return [row for row in rows if row.get("until") is None or row["until"] > moment] if isinstance(rows, list) else []


def word_of(facts: Mapping[str, Any], now: datetime) -> str:
    """The worst that holds now: deleted, offboarded, disabled, disable_scheduled, restricted, violation, or "" for good."""
    gone = _object(facts.get("gone")).get("word", "")
    ban = BANS.get(_object(facts.get("ban")).get("state", ""), "")
    violated_at = _object(facts.get("violation")).get("at", 0)
    if gone:
        return str(gone)
    if ban == "disabled":
        return ban
    if running_restrictions(facts, now):
        return ban or "restricted"
    return ban or ("violation" if violated_at > now.timestamp() - VIOLATION_S else "")


def instant(seconds: Any) -> datetime | None:
    """Unix seconds as a moment; None for nothing and for nonsense."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None
    except (OverflowError, ValueError, OSError):
        return None


def _seconds(value: Any) -> int | None:
    """An expiration; None when Meta names none that is a moment."""
    try:
        seconds = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if instant(seconds) else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any, length: int) -> str:
    is_text = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).replace("\x00", "")[:length] if is_text else ""
