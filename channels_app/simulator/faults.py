"""Faults that can be switched on per endpoint: always, for the next n requests, or for every n-th."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

KINDS = (
    "error",  # answer Meta's error `code` (and `http`), nothing is accepted
    "http_500",  # a bare HTTP 500 with an HTML body, nothing is accepted
    "slow",  # wait `seconds`, then work as usual
    "timeout_after",  # accept, then never answer (the hardest real case)
    "error_after",  # accept, then answer HTTP 500
    "cut_before",  # drop the connection, nothing is accepted
    "cut_after",  # accept, then drop the connection
    "malformed",  # accept, then answer broken JSON
    "throttle",  # 130429 with Retry-After, nothing is accepted
)
ENDPOINTS = (
    "messages", "media", "message_templates", "phone_numbers", "request_code", "verify_code", "register", "deregister",
    "subscribed_apps", "subscriptions", "debug_token", "node", "webhook", "handshake", "any",
)  # fmt: skip
OUTGOING = ("webhook", "handshake")  # what the simulator asks of others; "any" means what others ask of it


@dataclass
class Fault:
    """One switched-on fault. `mode` is always, next or every; `url` limits webhook and handshake to an address."""

    id: int
    endpoint: str = "messages"
    kind: str = "error"
    mode: str = "always"
    n: int = 1
    code: int = 131000
    http: int = 0
    seconds: float = 5.0
    url: str = ""
    seen: int = 0
    hits: int = 0

    def dump(self) -> dict[str, Any]:
        """Give the fault as JSON-ready data."""
        return asdict(self)


class Faults:
    """All faults that are on; asked once per request."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self._next_id = 1

    def add(self, data: dict[str, Any]) -> Fault:
        """Switch a fault on; raises ValueError with a sentence when it makes no sense."""
        allowed = {"endpoint", "kind", "mode", "n", "code", "http", "seconds", "url"}
        unknown = set(data) - allowed
        if unknown:
            raise ValueError(f"Unknown fields: {', '.join(sorted(unknown))}.")
        fault = Fault(self._next_id, **data)
        if fault.endpoint not in ENDPOINTS:
            raise ValueError(f"endpoint must be one of {', '.join(ENDPOINTS)}.")
        if fault.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}.")
        if fault.mode not in ("always", "next", "every"):
            raise ValueError("mode must be always, next or every.")
        if not isinstance(fault.n, int) or fault.n < 1:
            raise ValueError("n must be a whole number from 1.")
        if not isinstance(fault.code, int) or not isinstance(fault.http, int):
            raise ValueError("code and http must be whole numbers.")
        if not isinstance(fault.seconds, (int, float)) or fault.seconds < 0:
            raise ValueError("seconds must be a number from 0.")
        if not isinstance(fault.url, str) or (fault.url and fault.endpoint not in OUTGOING):
            raise ValueError("url belongs to the endpoints webhook and handshake.")
        self._next_id += 1
        self.active.append(fault)
        return fault

    def remove(self, fault_id: int | None = None) -> int:
        """Switch one fault off, or all; answers how many."""
        before = len(self.active)
        self.active = [] if fault_id is None else [fault for fault in self.active if fault.id != fault_id]
        return before - len(self.active)

    def pick(self, endpoint: str, url: str = "") -> Fault | None:
        """Give the fault that strikes this request, if any, and count it."""
        for fault in self.active:
            if fault.endpoint not in (endpoint, "any") or (fault.endpoint == "any" and endpoint in OUTGOING):
                continue
            if fault.url and not url.startswith(fault.url):
                continue
            fault.seen += 1
            if fault.mode == "every" and fault.seen % fault.n:
                continue
            fault.hits += 1
            if fault.mode == "next" and fault.hits >= fault.n:
                self.active = [item for item in self.active if item.id != fault.id]
            return fault
        return None
