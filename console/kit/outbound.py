"""The door to addresses that a customer typed: one call, to the very address that was judged, with a hard end.

OutboundError             `.code` is stable, the text is English and holds no secret
├── AddressRefused        scheme, credentials, no_host, unreadable, private: nothing was sent
└── NoAnswer
    ├── NotConnected      not_resolved, not_connected: nothing was written
    ├── Timeout           timeout: no answer in time, it may have arrived
    └── ConnectionCut     cut: the connection broke, it may have arrived

The name is resolved once, every address it has is judged, and the connection goes to one of those addresses with the
name in Host and in TLS: an answer that changes between the judging and the connecting changes nothing. Redirects are
not followed, proxies of the environment not used, and only the beginning of an answer is read.
"""

import asyncio
import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ssl import SSLContext

import httpx

from console.kit import addresses

MAX_ANSWER_BYTES = 64 * 1024
MOST_ADDRESSES = 3  # of one name: the second when the first can't be reached
CONNECT_S = 5.0
SCHEMES = ("http", "https")
__all__ = [
    "AddressRefused",
    "Answer",
    "ConnectionCut",
    "NoAnswer",
    "NotConnected",
    "OutboundError",
    "Timeout",
    "get",
    "judge",
    "post",
]


class OutboundError(Exception):
    """A call that brought no answer."""

    def __init__(self, code: str, details: str = "") -> None:
        super().__init__(details or code)
        self.code = code


class AddressRefused(OutboundError):
    """This door does not open to that address; nothing was sent."""


class NoAnswer(OutboundError):
    """The other side said nothing that could be read."""


class NotConnected(NoAnswer):
    """No connection: nothing was written."""


class Timeout(NoAnswer):
    """No answer in time; what was sent may have arrived."""


class ConnectionCut(NoAnswer):
    """The connection broke; what was sent may have arrived."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: any status, with the beginning of the body (at most MAX_ANSWER_BYTES, as it was sent)."""

    status: int
    took_ms: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def post(
    url: str, body: bytes, headers: Mapping[str, str] | None = None, *, timeout_s: float, allow_private: bool = False
) -> Answer:
    """POSTs `body` and gives the answer, whatever its status. Raises OutboundError.

    `timeout_s` is the end of all of it after the name is resolved. Private addresses are refused unless
    ALLOW_PRIVATE_ADDRESSES is on; `allow_private` is for addresses of our own settings only.
    """
    return _call("POST", url, body, headers or {}, timeout_s, allow_private)


def get(url: str, headers: Mapping[str, str] | None = None, *, timeout_s: float, allow_private: bool = False) -> Answer:
    """GETs an address; the same rules as `post`."""
    return _call("GET", url, None, headers or {}, timeout_s, allow_private)


def judge(url: str) -> None:
    """Raises AddressRefused for what can be told from the text alone: scheme, credentials, a private IP address in it.

    For forms. Asks no resolver; a name that leads into a private network is refused when it is called.
    """
    parsed = _parsed(url)
    try:
        addresses.refuse_literal(_host(parsed))
    except addresses.PrivateAddress as error:
        raise AddressRefused("private", str(error)) from error


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        _host(parsed)
    except (httpx.InvalidURL, ValueError, TypeError) as error:  # ValueError: a broken name
        raise AddressRefused("unreadable", "not an address that can be called") from error
    if parsed.scheme not in SCHEMES:
        raise AddressRefused("scheme", "only http and https can be called")
    if parsed.userinfo:
        raise AddressRefused("credentials", "user name and password don't belong into the address")
    if not parsed.host:
        raise AddressRefused("no_host", "the address names no host")
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise AddressRefused("unreadable", "the port is out of range")
    return parsed


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")


def _call(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], timeout_s: float, allow_private: bool
) -> Answer:
    parsed = _parsed(url)
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    try:
        reachable = addresses.resolve(_host(parsed), port, allow_private=allow_private)
    except addresses.PrivateAddress as error:
        raise AddressRefused("private", str(error)) from error
    except (OSError, UnicodeError) as error:
        raise NotConnected("not_resolved", "the name of the host can't be resolved") from error
    requests = [_request(method, parsed, address, body, headers) for address in reachable[:MOST_ADDRESSES]]
    return asyncio.run(_capped(requests, timeout_s))


def _request(
    method: str, url: httpx.URL, address: str, body: bytes | None, headers: Mapping[str, str]
) -> httpx.Request:
    """The request with the judged address in the place of the name; the name stays in Host and, for TLS, in SNI."""
    host = _host(url)
    extensions = {} if _is_literal(host) else {"sni_hostname": host}
    given = {name.lower(): value for name, value in headers.items()}
    return httpx.Request(
        method,
        url.copy_with(host=address, fragment=None),
        headers={"user-agent": "waymark", **given, "accept-encoding": "identity", "host": url.netloc.decode("ascii")},
        content=body,
        extensions=extensions,
    )


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1)
def _tls() -> SSLContext:
    return httpx.create_ssl_context()


async def _capped(requests: list[httpx.Request], timeout_s: float) -> Answer:
    """The first address that can be reached answers. asyncio's timeout ends even an answer that drips byte by byte."""
    started = time.monotonic()
    limits = httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s))
    try:
        async with (
            asyncio.timeout(timeout_s),
            httpx.AsyncClient(verify=_tls(), timeout=limits, follow_redirects=False, trust_env=False) as client,
        ):
            for request in requests[:-1]:
                try:
                    return await _answer(client, request, started)
                except NotConnected:
                    continue
            return await _answer(client, requests[-1], started)
    except TimeoutError as error:
        raise Timeout("timeout", f"no answer within {timeout_s:g} seconds") from error


async def _answer(client: httpx.AsyncClient, request: httpx.Request, started: float) -> Answer:
    try:
        response = await client.send(request, stream=True)
        try:
            body = b""
            async for chunk in response.aiter_raw():
                body += chunk[: MAX_ANSWER_BYTES - len(body)]
                if len(body) >= MAX_ANSWER_BYTES:
                    break
        finally:
            await response.aclose()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
        raise NotConnected("not_connected", type(error).__name__) from error
    except httpx.TimeoutException as error:
        raise Timeout("timeout", type(error).__name__) from error
    except (httpx.HTTPError, OSError) as error:
        raise ConnectionCut("cut", type(error).__name__) from error
    took_ms = round((time.monotonic() - started) * 1000)
    return Answer(response.status_code, took_ms, body, dict(response.headers))
