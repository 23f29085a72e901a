"""Keeps calls out of private networks: every address a host name resolves to is judged before it is used."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

IPv6 = ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # the last 32 bits are the IPv4 address that is reached
TRANSLATED = ipaddress.ip_network("::ffff:0:0:0/96")  # the same, of stateless translators
COMPATIBLE = ipaddress.ip_network("::/96")  # the same, long out of use
# Of no open internet either, though not every Python that runs this knows: a network's own NAT64 and segment routing,
# addresses of manuals, IETF assignments.
CLOSED = tuple(map(ipaddress.ip_network, ("64:ff9b:1::/48", "5f00::/16", "3fff::/20", "192.0.0.0/24")))


class PrivateAddress(Exception):
    """The address leads into a private network; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(
            "The address leads into a private network. Set WAYMARK_ALLOW_PRIVATE_ADDRESSES=1 to allow that (a simulator)."
        )


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: not loopback, private, link-local, multicast or reserved.

    An IPv4 address inside an IPv6 one is judged for itself.
    """
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if any(ip in network for network in CLOSED):
        return False
    if isinstance(ip, IPv6):
        inner = _inner(ip)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast


def _inner(ip: IPv6) -> ipaddress.IPv4Address | None:
    if ip in NAT64 or ip in TRANSLATED or (ip in COMPATIBLE and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def refuse_private(addresses: Iterable[str]) -> None:
    """Raises PrivateAddress if one of the addresses is private, unless ALLOW_PRIVATE_ADDRESSES is on."""
    if settings.ALLOW_PRIVATE_ADDRESSES:
        return
    for address in addresses:
        if not is_public(address):
            raise PrivateAddress


def refuse_literal(host: str) -> None:
    """Judges a host that is an IP address itself, in any spelling; resolvers never see those. Asks no resolver.

    A name that is this machine's by definition (localhost) counts as one.
    """
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        refuse_private(["127.0.0.1"])
        return
    try:
        ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        try:
            host = socket.inet_ntoa(socket.inet_aton(host))  # 2130706433, 0x7f.1 and 127.1 are spellings too
        except (OSError, UnicodeEncodeError):
            return
    refuse_private([host])


def resolve(host: str, port: int | None, *, allow_private: bool = False) -> list[str]:
    """The IP addresses of a host, each judged, in the resolver's order.

    Raises PrivateAddress if one of them is private, OSError when the name can't be resolved.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    if not allow_private:
        refuse_private(addresses)
    return addresses


def without_path(url: str) -> str:
    """Scheme and host of an address: what comes after may be somebody's key. "" for none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}/…" if url else ""
