"""What becomes of a send, told by real sockets: safe to repeat, refused, or nobody knows."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import httpx
import pytest

from channels_app.cloud_api import sender
from channels_app.cloud_api.errors import AddressRefused, CloudApiError, Outcome
from channels_app.cloud_api.sender import SendClient, SendResult

GOOD = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+15550002222", "wa_id": "15550002222"}],
    "messages": [{"id": "wamid.ONE", "message_status": "accepted"}],
}
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def _loopback(settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True


async def send(client: SendClient) -> SendResult:
    return await client.send_message(
        phone_number_id="32", access_token="token", app_secret="secret", payload={"to": "+15550002222", "text": "é"}
    )


def answer(status: int, body: bytes, headers: dict[str, str] | None = None) -> SendResult:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(status, content=body, headers=headers)

    async def run() -> SendResult:
        async with SendClient(httpx.MockTransport(handle)) as client:
            return await send(client)

    result = asyncio.run(run())
    assert seen[0].headers["authorization"] == "Bearer token"
    assert json.loads(seen[0].content) == {"to": "+15550002222", "text": "é"}
    assert seen[0].url.params["appsecret_proof"]
    return result


def test_accepted() -> None:
    assert answer(200, json.dumps(GOOD).encode()) == SendResult("wamid.ONE", "accepted", "15550002222", "")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"messages":[]}', b'{"messages":[{"id":7}]}', b'{"messages":[{"id":"wam']
)
def test_an_answer_nobody_can_read_is_unknown(body: bytes) -> None:
    with pytest.raises(CloudApiError) as caught:
        answer(200, body)
    assert caught.value.outcome == Outcome.UNKNOWN


def test_server_error_without_envelope_is_unknown() -> None:
    with pytest.raises(CloudApiError) as caught:
        answer(502, b"<html>bad gateway</html>")
    assert caught.value.outcome == Outcome.UNKNOWN


def test_refusal_carries_code_and_wait() -> None:
    body = json.dumps({"error": {"code": 130429, "message": "x"}}).encode()
    with pytest.raises(CloudApiError) as caught:
        answer(400, body, {"Retry-After": "3"})
    assert (caught.value.code, caught.value.outcome, caught.value.retry_after_s) == (130429, Outcome.SLOW_NUMBER, 3)


def against(peer: Peer, settings: Any) -> CloudApiError:
    """Sends through the real transport to a peer that misbehaves; gives the error."""

    async def run() -> CloudApiError:
        server = await asyncio.start_server(peer, "127.0.0.1", 0)
        settings.GRAPH_BASE_URL = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            async with SendClient() as client:
                with pytest.raises(CloudApiError) as caught:
                    await send(client)
                return caught.value
        finally:
            server.close()

    return asyncio.run(run())


async def _read_request(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)


def test_cut_after_the_request_was_written_is_unknown(settings: Any) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.close()

    assert against(cut, settings).outcome == Outcome.UNKNOWN


def test_cut_inside_the_answer_is_unknown(settings: Any) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{")
        await writer.drain()
        writer.close()

    assert against(half, settings).outcome == Outcome.UNKNOWN


def test_silence_after_the_request_is_unknown(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "READ_S", 0.2)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        await asyncio.sleep(0.6)
        writer.close()

    assert against(silent, settings).outcome == Outcome.UNKNOWN


def test_nobody_listening_is_safe_to_repeat(settings: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.GRAPH_BASE_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"

        async def run() -> None:
            async with SendClient() as client:
                await send(client)

        with pytest.raises(CloudApiError) as caught:
            asyncio.run(run())
    assert caught.value.outcome == Outcome.RETRY_SOON


def test_connect_timeout_is_safe_to_repeat() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("x") from aiohttp.ConnectionTimeoutError()

    async def run() -> None:
        async with SendClient(httpx.MockTransport(handle)) as client:
            await send(client)

    with pytest.raises(CloudApiError) as caught:
        asyncio.run(run())
    assert caught.value.outcome == Outcome.RETRY_SOON


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.8", "169.254.169.254", "[::1]"])
def test_private_addresses_are_refused(settings: Any, host: str) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    settings.GRAPH_BASE_URL = f"http://{host}:9"

    async def run() -> None:
        async with SendClient() as client:
            await send(client)

    with pytest.raises(AddressRefused):
        asyncio.run(run())


def test_redirects_are_not_followed() -> None:
    with pytest.raises(CloudApiError) as caught:
        answer(307, b"", {"Location": "http://127.0.0.1/"})
    assert caught.value.outcome == Outcome.UNKNOWN
