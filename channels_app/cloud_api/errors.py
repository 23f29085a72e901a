"""Everything that can go wrong between us and Meta.

CloudApiError                 code, subcode, details, outcome, retry_after_s, http_status
├── NoAnswer                  nothing that could be read came back
│   ├── NotConnected          no connection: the request was never written (RETRY_SOON)
│   ├── Timeout               written, no answer in time (UNKNOWN)
│   ├── ConnectionCut         written, the connection broke (UNKNOWN)
│   └── Unreadable            an answer that is not Meta's JSON (UNKNOWN)
├── AddressRefused            the address is private and ALLOW_PRIVATE_ADDRESSES is off (STOP_CREDENTIALS)
└── GraphError                Meta's error envelope: it did not take the request
    ├── TokenRefused          0, 104, 190: expired, revoked or not a token
    ├── PermissionMissing     3, 10, 200-299, 131005: the token may not do this, or lacks the asset
    ├── ObjectMissing         33, or 100 with subcode 33: no such id, or not visible to the token
    ├── Throttled             4, 80007, 80008, 130429, 131048, 131056, 131057, 133016: too fast
    ├── TemplateRefused       132xxx, 1340xx and creation subcodes 2388xxx
    └── InvalidRequest        100 and everything else that a repetition would not change
"""

from collections.abc import Mapping
from typing import Any, cast

from channels_app.cloud_api.codes import explain
from channels_app.cloud_api.outcomes import Outcome
from channels_app.cloud_api.usage import retry_after_s

__all__ = [
    "AddressRefused",
    "CloudApiError",
    "ConnectionCut",
    "GraphError",
    "InvalidRequest",
    "NoAnswer",
    "NotConnected",
    "ObjectMissing",
    "Outcome",
    "PermissionMissing",
    "TemplateRefused",
    "Throttled",
    "Timeout",
    "TokenRefused",
    "Unreadable",
    "graph_error",
]


class CloudApiError(Exception):
    """A call that brought no result. `details` is Meta's English text: never personal data of ours, never a token."""

    outcome: Outcome = Outcome.UNKNOWN
    code: int | None = None
    subcode: int | None = None
    retry_after_s: float | None = None
    http_status: int | None = None

    def __init__(self, details: str = "") -> None:
        super().__init__(details)
        self.details = details


class NoAnswer(CloudApiError):
    """Nothing that could be read came back."""


class NotConnected(NoAnswer):
    """The request was never written: sending it again is safe."""

    outcome = Outcome.RETRY_SOON


class Timeout(NoAnswer):
    """The request was written and no answer came in time: Meta may have taken it."""


class ConnectionCut(NoAnswer):
    """The connection broke after the request was written: Meta may have taken it."""


class Unreadable(NoAnswer):
    """An answer that is not the JSON Meta documents: Meta may have taken the request."""

    def __init__(self, details: str = "", http_status: int | None = None) -> None:
        super().__init__(details)
        self.http_status = http_status


class AddressRefused(CloudApiError):
    """The Graph address leads into a private network; nothing was written."""

    outcome = Outcome.STOP_CREDENTIALS


class GraphError(CloudApiError):
    """Meta's error envelope: the request was refused, and `code` says why."""

    def __init__(
        self,
        code: int,
        details: str = "",
        *,
        subcode: int | None = None,
        title: str = "",
        http_status: int | None = None,
        retry_after_s: float | None = None,
        trace_id: str = "",
    ) -> None:
        super().__init__(details)
        self.code = code
        self.subcode = subcode
        self.title = title
        self.http_status = http_status
        self.trace_id = trace_id
        explanation = explain(code, subcode)
        self.outcome = explanation.outcome
        if not explanation.is_known and http_status is not None and http_status >= 500:
            self.outcome = Outcome.UNKNOWN  # an unheard-of code of a broken server proves nothing
        self.retry_after_s = explanation.retry_after_s if retry_after_s is None else retry_after_s

    def __str__(self) -> str:
        return f"{self.code}/{self.subcode}: {self.details}" if self.subcode else f"{self.code}: {self.details}"


class TokenRefused(GraphError):
    """The token is expired, revoked or not a token."""


class PermissionMissing(GraphError):
    """The token lacks a permission or the asset."""


class ObjectMissing(GraphError):
    """No such id, or one that the token does not see: Meta does not tell which."""


class Throttled(GraphError):
    """Too many calls or messages for now."""


class TemplateRefused(GraphError):
    """The template or its parameters."""


class InvalidRequest(GraphError):
    """A request that Meta will refuse every time."""


THROTTLES = frozenset({4, 80007, 80008, 130429, 131048, 131056, 131057, 131064, 133016, 132069})


def _class_of(code: int, subcode: int | None) -> type[GraphError]:
    if code in (0, 104, 190):
        return TokenRefused
    if code in (3, 10, 131005) or 200 <= code <= 299:
        return PermissionMissing
    if code == 33 or (code == 100 and subcode == 33):
        return ObjectMissing
    if code in THROTTLES:
        return Throttled
    is_creation = code == 100 and subcode is not None and 2388000 <= subcode < 2389000
    if is_creation or 132000 <= code <= 132999 or code in (131061, 131063, 134100, 134101, 134102):
        return TemplateRefused
    return InvalidRequest


def graph_error(body: object, http_status: int, headers: Mapping[str, str] | None = None) -> CloudApiError:
    """The error that Meta's answer means (envelope of reference section 1.7); Unreadable when it is no envelope.

    `body` is the parsed JSON or None. An HTTP 429 without an envelope counts as refused (130429).
    """
    wait_s = retry_after_s(headers or {})
    envelope = body.get("error") if isinstance(body, dict) else None
    if not isinstance(envelope, dict) or not isinstance(envelope.get("code"), int):
        if http_status == 429:
            return Throttled(130429, "HTTP 429", http_status=http_status, retry_after_s=wait_s)
        return Unreadable(f"HTTP {http_status} without an error envelope", http_status)
    error = cast(dict[str, Any], envelope)
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    subcode = error.get("error_subcode")
    subcode = subcode if isinstance(subcode, int) else None
    return _class_of(error["code"], subcode)(
        error["code"],
        str(details or error.get("error_user_msg") or error.get("message") or "")[:500],
        subcode=subcode,
        title=str(error.get("error_user_title") or error.get("message") or "")[:200],
        http_status=http_status,
        retry_after_s=wait_s,
        trace_id=str(error.get("fbtrace_id") or "")[:64],
    )
