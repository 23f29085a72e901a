"""Keeps calls out of private networks: every address a host name resolves to is judged before it is used."""

import ipaddress
import socket
from collections.abc import Iterable

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.conf import settings

from channels_app.cloud_api.errors import AddressRefused


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: not loopback, private, link-local, multicast or reserved."""
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return ip.is_global and not ip.is_multicast


def refuse_private(addresses: Iterable[str]) -> None:
    """Raises AddressRefused if one of the addresses is private, unless ALLOW_PRIVATE_ADDRESSES is on."""
    if settings.ALLOW_PRIVATE_ADDRESSES:
        return
    for address in addresses:
        if not is_public(address):
            raise AddressRefused(
                "The Graph address leads into a private network. Set WAYMARK_ALLOW_PRIVATE_ADDRESSES=1 for a simulator."
            )


def refuse_literal(host: str) -> None:
    """Judges a host that is an IP address itself; resolvers never see those."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return
    refuse_private([host.strip("[]")])


def check_host(host: str, port: int | None) -> None:
    """Resolves a host and judges all its addresses. Raises AddressRefused, or OSError when it can't be resolved."""
    if not settings.ALLOW_PRIVATE_ADDRESSES:
        refuse_private(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


class GuardedResolver(AbstractResolver):
    """aiohttp's resolver, its answers judged: what was judged is what is connected to."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        results = await self._resolver.resolve(host, port, family)
        refuse_private(result["host"] for result in results)
        return results

    async def close(self) -> None:
        await self._resolver.close()
