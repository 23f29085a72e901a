"""Meta's template nodes read into plain values: what is unknown or malformed never breaks a sync. Pure.

Source: meta-cloud-api.md 3.1 (node fields), 3.4 (statuses), 3.6 (quality), 3.8 (languages with - or _).
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from channels_app.message_templates.states import TEMPLATE

Json = dict[str, Any]
# Event values of the webhook that are no status of their own.
_EVENTS = {"REINSTATED": "APPROVED", "UNARCHIVED": "APPROVED", "UNPAUSED": "APPROVED"}
# Events that only warn: the status stays.
ADVISORY_EVENTS = frozenset(("FLAGGED", "LOCKED", "UNLOCKED"))


@dataclass(frozen=True)
class Node:
    """One language of one template as Meta listed it."""

    meta_id: str
    name: str
    language: str
    status: str
    category: str
    parameter_format: str
    components: list[Json]
    quality_score: str
    rejected_reason: str
    facts: Json = field(default_factory=dict)

    @property
    def content_hash(self) -> str:
        return content_hash(self.components, self.parameter_format)


def read_node(row: object) -> Node | None:
    """A listed node; None when it lacks id, name or language (then nothing can be known of it)."""
    if not isinstance(row, dict) or not all(row.get(name) for name in ("id", "name", "language")):
        return None
    raw_status = str(row.get("status") or "")
    components = row.get("components")
    facts = {
        "previous_category": _word(row.get("previous_category")),
        "pending_category": _pending(row),
        "raw_status": raw_status if known_status(raw_status) == "OTHER" else "",
    }
    return Node(
        meta_id=str(row["id"])[:32],
        name=str(row["name"])[:512],
        language=known_language(row["language"]),
        status=known_status(raw_status),
        category=_word(row.get("category")) or "MARKETING",
        parameter_format=(_word(row.get("parameter_format")) or "POSITIONAL")[:12],
        components=[part for part in components if isinstance(part, dict)] if isinstance(components, list) else [],
        quality_score=known_quality(row.get("quality_score")),
        rejected_reason=known_reason(row.get("rejected_reason")),
        facts={name: value for name, value in facts.items() if value},
    )


def known_status(value: object) -> str:
    """A status of our table; OTHER for one that Meta has added since."""
    word = _word(value)
    word = _EVENTS.get(word, word)
    return word if word in TEMPLATE.states else "OTHER"


def known_language(value: object) -> str:
    """Meta's samples write en-US, its API en_US: one form for both."""
    return str(value).replace("-", "_")[:10]


def known_quality(value: object) -> str:
    """GREEN, YELLOW, RED or empty when there is no rating yet."""
    score = _word(value.get("score") if isinstance(value, dict) else value)
    return "" if score == "UNKNOWN" else score[:12]


def known_reason(value: object) -> str:
    reason = _word(value)
    return "" if reason == "NONE" else reason[:60]


def content_hash(components: Iterable[Json], parameter_format: str) -> str:
    """Changes when what people get changes; sample files do not count: Meta signs their addresses anew every time."""
    text = json.dumps([parameter_format, _stable(list(components))], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _stable(item) for name, item in value.items() if name != "header_handle"}
    return [_stable(item) for item in value] if isinstance(value, list) else value


def _word(value: object) -> str:
    return value.strip().upper()[:60] if isinstance(value, str) else ""


def _pending(row: Json) -> str:
    correct = _word(row.get("correct_category"))
    return correct if correct and correct != _word(row.get("category")) else ""
