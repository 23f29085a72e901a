"""Graph API versions and when they stop working (reference meta-cloud-api.md 1.1). Pure."""

from datetime import date, timedelta

LATEST = "v26.0"
# None: Meta has not announced its end.
ENDS: dict[str, date | None] = {
    "v26.0": None,
    "v25.0": date(2028, 7, 29),
    "v24.0": date(2028, 2, 18),
    "v23.0": date(2027, 10, 8),
    "v22.0": date(2027, 5, 20),
    "v21.0": date(2027, 1, 21),
    "v20.0": date(2026, 9, 24),
}
WARN_BEFORE = timedelta(days=180)


def number(version: str) -> float:
    return float(version.removeprefix("v"))


def is_older_than_known(version: str) -> bool:
    return number(version) < min(map(number, ENDS))
