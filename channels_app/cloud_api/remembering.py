"""A management client for inspections: it asks each thing once, notes every call, and stops asking when nobody answers."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from channels_app.cloud_api.client import ManagementClient
from channels_app.cloud_api.errors import CloudApiError, ConnectionCut, NotConnected, Timeout
from channels_app.cloud_api.results import Json
from console.kit import clock

PATIENCE = httpx.Timeout(connect=3.0, write=5.0, read=8.0, pool=3.0)


@dataclass(frozen=True)
class Note:
    """One call: what was asked, what was answered, when, how long it took. Ids and codes only, never a token."""

    asked: str
    answered: str
    at: datetime
    took_ms: int


class RememberingClient(ManagementClient):
    """Reads only. A repeated question is answered from memory; after a call without any answer no other is made.

    `notes` are all calls made; `touched` those that were asked or remembered since it was last emptied. `clock_offset_s`
    is how far our clock is ahead of Meta's, from the HTTP Date header; None while Meta has not told.
    """

    def __init__(
        self, access_token: str, app_secret: str = "", *, transport: httpx.BaseTransport | None = None
    ) -> None:
        super().__init__(access_token, app_secret, transport=transport)
        self._http.timeout = PATIENCE
        self._http.event_hooks = {"response": [self._read_date]}
        self._memory: dict[tuple[Any, ...], tuple[Note, Json | CloudApiError]] = {}
        self._silence: CloudApiError | None = None
        self.notes: list[Note] = []
        self.touched: list[Note] = []
        self.clock_offset_s: float | None = None

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Any = None,
        token: str = "",
    ) -> Json:
        if method != "GET":
            raise ValueError("An inspection changes nothing at Meta.")
        key = (path, tuple(sorted((params or {}).items())), token)
        if key not in self._memory:
            if self._silence is not None:
                raise self._silence
            self._memory[key] = self._ask(path, params, token)
            self.notes.append(self._memory[key][0])
        note, answer = self._memory[key]
        if note not in self.touched:
            self.touched.append(note)
        if isinstance(answer, CloudApiError):
            raise answer
        return answer

    def _ask(self, path: str, params: Mapping[str, str] | None, token: str) -> tuple[Note, Json | CloudApiError]:
        at, start = clock.now(), time.monotonic()
        answer: Json | CloudApiError
        try:
            answer, answered = super()._call("GET", path, params=params, token=token), "HTTP 200"
        except CloudApiError as error:
            answer, answered = error, f"error {error.code}" if error.code is not None else type(error).__name__
            if isinstance(error, NotConnected | Timeout | ConnectionCut):
                self._silence = error
        return Note(f"GET /{path}", answered, at, round(1000 * (time.monotonic() - start))), answer

    def _read_date(self, response: httpx.Response) -> None:
        """Meta's clock is cut to seconds, so half of one is added; the call with the smallest offset counts."""
        try:
            told = parsedate_to_datetime(response.headers.get("date", ""))
        except (TypeError, ValueError):
            return
        if told.tzinfo is None:
            return
        offset_s = (clock.now() - told - timedelta(milliseconds=500)).total_seconds()
        if self.clock_offset_s is None or abs(offset_s) < abs(self.clock_offset_s):
            self.clock_offset_s = offset_s
