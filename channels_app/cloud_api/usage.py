"""Meta's usage headers: how close we are to a limit, and how long to wait. Pure.

Source: Graph "Rate limits"; reference section 1.7. Values are percentages, `estimated_time_to_regain_access` is minutes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any


@dataclass(frozen=True)
class Usage:
    """The highest share used of any limit (0-100 and above) and the longest wait Meta announced."""

    percent: int = 0
    regain_access_s: float = 0.0


def _json(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _percent(row: Mapping[str, Any]) -> int:
    values = (row.get(key) for key in ("call_count", "total_cputime", "total_time"))
    return max((int(value) for value in values if isinstance(value, int | float)), default=0)


def usage_of(headers: Mapping[str, str]) -> Usage | None:
    """What X-App-Usage and X-Business-Use-Case-Usage say; None when neither is there or readable."""
    app = _json(headers.get("x-app-usage"))
    business = _json(headers.get("x-business-use-case-usage"))
    rows = [app] if isinstance(app, dict) else []
    if isinstance(business, dict):
        rows += [
            row for group in business.values() if isinstance(group, list) for row in group if isinstance(row, dict)
        ]
    if not rows:
        return None
    waits = (row.get("estimated_time_to_regain_access") for row in rows)
    minutes = max((value for value in waits if isinstance(value, int | float)), default=0)
    return Usage(max(_percent(row) for row in rows), minutes * 60.0)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by Retry-After (seconds or a date), else by the usage headers; None when nothing is said."""
    value = (headers.get("retry-after") or "").strip()
    if value.isdigit():
        return float(value)
    if value:
        try:
            at = parsedate_to_datetime(value)
            return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError):
            pass
    usage = usage_of(headers)
    return usage.regain_access_s if usage and usage.regain_access_s else None
