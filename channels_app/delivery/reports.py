"""Reads Meta's status items (reference section 4.7) and folds what one batch says about each message. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from channels_app.delivery.states import RANKS

CALLBACK = re.compile(r"wm1:(\d{1,18}):(\d{1,5})")
MILLISECONDS_FROM = 100_000_000_000  # as seconds that would be the year 5138
KNOWN = frozenset({"sent", "delivered", "read", "failed"})


class Malformed(ValueError):
    """An item that is no status: the webhook room keeps it apart."""


@dataclass(frozen=True, slots=True)
class Report:
    """One status of one message. `message_id` and `attempt` come from our own callback data, None when it has none."""

    wamid: str
    status: str
    at: datetime
    message_id: int | None = None
    attempt: int | None = None
    code: int | None = None
    detail: str = ""
    pricing: str | None = None  # JSON text


def parse(item: Any) -> Report | None:
    """The report in an item; None for a status word that is not about delivery ("played", or one of tomorrow's).

    Raises Malformed when it names no message or no readable time.
    """
    if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not 0 < len(item["id"]) <= 200:
        raise Malformed("no message id")
    word = str(item.get("status") or "").lower()
    if word not in KNOWN:
        return None
    found = CALLBACK.fullmatch(str(item.get("biz_opaque_callback_data") or ""))
    error = _first_error(item) if word == "failed" else {}
    return Report(
        wamid=item["id"],
        status=word,
        at=_instant(item.get("timestamp")),
        message_id=int(found[1]) if found else None,
        attempt=int(found[2]) if found else None,
        code=_code(error),
        detail=_detail(error),
        pricing=_pricing(item.get("pricing")),
    )


def _pricing(value: Any) -> str | None:
    """Meta's price as JSON text, only its plain values: what is nested is none of Meta's."""
    if not isinstance(value, dict):
        return None
    plain = {_text(name): _text(item) for name, item in value.items() if not isinstance(item, dict | list)}
    return json.dumps(plain, sort_keys=True) if plain else None


def _text(value: Any) -> Any:
    """Text without what a database can't keep: NUL and half characters; other values stay."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:300] if isinstance(value, str) else value


def _instant(value: Any) -> datetime:
    try:
        seconds = int(value)
        if seconds >= MILLISECONDS_FROM:
            return datetime.fromtimestamp(seconds / 1000, UTC)
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        raise Malformed("no readable timestamp") from error


def _first_error(item: dict[str, Any]) -> dict[str, Any]:
    errors = item.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return first if isinstance(first, dict) else {}


def _code(error: dict[str, Any]) -> int | None:
    try:
        code = int(error.get("code", ""))
    except (TypeError, ValueError):
        return None
    return code if 0 <= code < 2**31 else None


def _detail(error: dict[str, Any]) -> str:
    data = error.get("error_data")
    detail = data.get("details") if isinstance(data, dict) else None
    return str(_text(str(detail or error.get("message") or error.get("title") or "")))


@dataclass(slots=True)
class Fold:
    """Everything one batch says about one message: the furthest status, each status's first time, failure, price."""

    wamid: str
    message_id: int | None = None
    attempt: int | None = None
    rank: int = 0
    times: dict[str, datetime] = field(default_factory=dict)
    code: int | None = None
    detail: str = ""
    pricing: str | None = None

    def add(self, report: Report) -> None:
        self.message_id = self.message_id or report.message_id
        self.attempt = self.attempt or report.attempt
        self.pricing = self.pricing or report.pricing
        at = self.times.get(report.status)
        self.times[report.status] = report.at if at is None else min(at, report.at)
        if report.status == "failed":
            self.code, self.detail = self.code or report.code, self.detail or report.detail
        else:
            self.rank = max(self.rank, RANKS[report.status])

    @property
    def has_failed(self) -> bool:
        return "failed" in self.times


def fold(reports: Iterable[Report]) -> dict[str, Fold]:
    """{Meta's message id: what the batch says}; order and repetitions make no difference."""
    folds: dict[str, Fold] = {}
    for report in reports:
        folds.setdefault(report.wamid, Fold(report.wamid)).add(report)
    return folds
