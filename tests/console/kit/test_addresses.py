"""What counts as an address of the open internet."""

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.kit import addresses
from console.kit.addresses import PrivateAddress, is_public

PRIVATE = (
    "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
    "255.255.255.255", "192.0.0.1", "198.18.0.1", "203.0.113.7", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::a00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1",
    "64:ff9b:1::a00:1", "::ffff:0:127.0.0.1", "::ffff:0:a00:1", "5f00::1", "3fff::1", "192.0.0.8",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_inside_an_ipv6_one_is_judged_like_itself(address: ipaddress.IPv4Address) -> None:
    for prefix in ("::ffff:0:0", "::ffff:0:0:0", "64:ff9b::"):
        inside = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + int(address))
        assert is_public(str(inside)) == is_public(str(address))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost", "LOCALHOST.", "a.localhost"],
)
def test_a_private_host_is_refused_in_every_spelling(host: str, settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(PrivateAddress):
        addresses.refuse_literal(host)
    settings.ALLOW_PRIVATE_ADDRESSES = True
    addresses.refuse_literal(host)


@pytest.mark.parametrize("host", ["example.com", "8.8.8.8", "127.0.0.1.example.com", "", "한국.example"])
def test_other_hosts_are_left_to_the_resolver(host: str, settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False
    addresses.refuse_literal(host)


def test_one_private_address_among_public_ones_is_enough(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: rows)
    settings.ALLOW_PRIVATE_ADDRESSES = False
    with pytest.raises(PrivateAddress):
        addresses.resolve("rebinding.example", 443)
    assert addresses.resolve("rebinding.example", 443, allow_private=True) == ["8.8.8.8", "10.0.0.1"]
