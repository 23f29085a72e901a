"""The guard of console.kit.addresses in front of Meta's addresses: its refusals as errors of this room."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.conf import settings

from channels_app.cloud_api.errors import AddressRefused
from console.kit import addresses


@contextmanager
def _as_cloud_error() -> Iterator[None]:
    try:
        yield
    except addresses.PrivateAddress as error:
        raise AddressRefused(str(error)) from error


def refuse_literal(host: str) -> None:
    """Judges a host that is an IP address itself; resolvers never see those. Raises AddressRefused."""
    with _as_cloud_error():
        addresses.refuse_literal(host)


def check_host(host: str, port: int | None) -> None:
    """Resolves a host and judges all its addresses. Raises AddressRefused, or OSError when it can't be resolved."""
    if not settings.ALLOW_PRIVATE_ADDRESSES:
        with _as_cloud_error():
            addresses.resolve(host, port)


class GuardedResolver(AbstractResolver):
    """aiohttp's resolver, its answers judged: what was judged is what is connected to."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        results = await self._resolver.resolve(host, port, family)
        with _as_cloud_error():
            addresses.refuse_private(result["host"] for result in results)
        return results

    async def close(self) -> None:
        await self._resolver.close()
