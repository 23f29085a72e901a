"""Sends messages: the hot path. One pooled client per worker process at a time, on the httpx-aiohttp transport.

A worker runs one sender at a time, for some seconds, in an event loop of its own; the pool lives as long as that loop.

httpx's own pool is quadratic in what is in flight, and its client layer costs half of the rate, so prepared
`httpx.Request`s go straight to the transport (reference/performance.md).
"""

import asyncio
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import aiohttp
import httpx
from aiohttp import ClientSession, DummyCookieJar, TCPConnector
from django.conf import settings
from httpx_aiohttp import AiohttpTransport

from channels_app.cloud_api.addresses import GuardedResolver, refuse_literal
from channels_app.cloud_api.errors import (
    AddressRefused,
    CloudApiError,
    ConnectionCut,
    NotConnected,
    Timeout,
    Unreadable,
    graph_error,
)
from channels_app.cloud_api.signatures import appsecret_proof
from channels_app.cloud_api.usage import Usage, usage_of

CONNECT_S = 5.0
WRITE_S = 5.0
READ_S = 20.0
POOL_S = 10.0
KEEPALIVE_S = 20.0  # shorter than common servers': a connection cut while we write is a message in doubt
MAX_CONNECTIONS = 512
# Of aiohttp's errors only these prove that nothing was written; it never repeats a POST by itself.
NEVER_WRITTEN = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@dataclass(frozen=True, slots=True)
class SendResult:
    """Meta accepted the message; it says nothing about delivery.

    `message_status` is "", "accepted", "held_for_quality_assessment" or "paused"; `wa_id`/`user_id` are who Meta
    thinks the recipient is, "" when it does not say.
    """

    wamid: str
    message_status: str = ""
    wa_id: str = ""
    user_id: str = ""


class SendClient:
    """Sends one message per call; many calls may be in flight at once. Close it with `aclose()` or `async with`."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport | None = None, *, max_connections: int = MAX_CONNECTIONS
    ) -> None:
        self._transport = transport or _aiohttp_transport(max_connections)
        self._extensions = {"timeout": {"connect": CONNECT_S, "write": WRITE_S, "read": READ_S, "pool": POOL_S}}
        self._cap_s = POOL_S + CONNECT_S + WRITE_S + READ_S  # aiohttp has no write timeout: the whole call is capped
        self.usage: Usage | None = None  # as the usage headers said last

    async def send_message(
        self, *, phone_number_id: str, access_token: str, app_secret: str = "", payload: dict[str, Any]
    ) -> SendResult:
        """POST /{phone_number_id}/messages. Raises CloudApiError; its `.outcome` says what to do with the message."""
        request = httpx.Request(
            "POST",
            _messages_url(settings.GRAPH_BASE_URL, settings.GRAPH_VERSION, phone_number_id, access_token, app_secret),
            headers=_headers(access_token),
            content=json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(),
            extensions=self._extensions,
        )
        status, headers, raw = await self._answer(request)
        self.usage = usage_of(headers) or self.usage
        return _result(status, headers, raw)

    async def _answer(self, request: httpx.Request) -> tuple[int, httpx.Headers, bytes]:
        try:
            async with asyncio.timeout(self._cap_s):
                response = await self._transport.handle_async_request(request)
                try:
                    return response.status_code, response.headers, await response.aread()
                finally:
                    await response.aclose()
        except (httpx.HTTPError, aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _no_answer(error) from error

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _aiohttp_transport(max_connections: int) -> AiohttpTransport:
    tls = httpx.create_ssl_context()

    def session() -> ClientSession:
        connector = TCPConnector(
            limit=max_connections,
            ssl=tls,
            keepalive_timeout=KEEPALIVE_S,
            ttl_dns_cache=60,
            resolver=None if settings.ALLOW_PRIVATE_ADDRESSES else GuardedResolver(),
        )
        return ClientSession(connector=connector, cookie_jar=DummyCookieJar())

    return AiohttpTransport(verify=tls, client=session)


@lru_cache(maxsize=256)
def _messages_url(base_url: str, version: str, phone_number_id: str, access_token: str, app_secret: str) -> httpx.URL:
    url = httpx.URL(f"{base_url.rstrip('/')}/{version}/{phone_number_id}/messages")
    if not settings.ALLOW_PRIVATE_ADDRESSES:
        refuse_literal(url.host)
    return url.copy_set_param("appsecret_proof", appsecret_proof(app_secret, access_token)) if app_secret else url


@lru_cache(maxsize=64)
def _headers(access_token: str) -> httpx.Headers:
    return httpx.Headers(
        {
            "authorization": f"Bearer {access_token}",
            "content-type": "application/json",
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "waymark",
        }
    )


def _no_answer(error: BaseException) -> CloudApiError:
    """Which error a broken call means: only proof that nothing was written makes it safe to repeat."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return cause
        if isinstance(cause, NEVER_WRITTEN):
            return NotConnected(type(cause).__name__)
        if isinstance(cause, aiohttp.ClientConnectionError) and not isinstance(cause, TimeoutError):
            return ConnectionCut(type(cause).__name__)  # httpx-aiohttp calls it ConnectTimeout, yet it was written
        cause = cause.__cause__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol):
        return NotConnected(type(error).__name__)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return Timeout(type(error).__name__)
    return ConnectionCut(type(error).__name__)


def _result(status: int, headers: httpx.Headers, raw: bytes) -> SendResult:
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if status >= 400 or (isinstance(body, dict) and "error" in body):
        raise graph_error(body, status, headers)
    try:
        message = body["messages"][0]
        wamid = message["id"]
        if not isinstance(wamid, str) or not wamid:
            raise ValueError
        contact = (body.get("contacts") or [{}])[0]
        return SendResult(
            wamid,
            str(message.get("message_status") or ""),
            str(contact.get("wa_id") or ""),
            str(contact.get("user_id") or ""),
        )
    except (TypeError, KeyError, IndexError, ValueError, AttributeError) as error:
        raise Unreadable(f"HTTP {status} without a message id", status) from error
