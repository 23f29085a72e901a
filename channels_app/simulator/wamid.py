"""Message ids of Meta's shape (reference 2.5) that carry our ledger number, so that no table is needed to find one."""

from __future__ import annotations

import base64
import binascii

OUTBOUND, INBOUND = 0x11, 0x12
_MIX = 0x9E3779B97F4A7C15
_MASK = (1 << 36) - 1


def _scramble(sequence: int, salt: int) -> int:
    """Spread consecutive numbers over 72 bits: 36 bits of noise, then the number masked by that noise."""
    noise = ((sequence + 1) * _MIX ^ salt * 0xD1342543DE82EF95) >> 20 & _MASK
    return noise << 36 | (sequence ^ noise) & _MASK


def _wrap(digits: str, direction: int, hex_id: str) -> str:
    raw = b"\x1c\x18" + bytes([len(digits)]) + digits.encode() + b"\x15\x02\x00" + bytes([direction])
    raw += b"\x18" + bytes([len(hex_id)]) + hex_id.encode() + b"\x00"
    return "wamid." + base64.b64encode(raw).decode()


def outbound(digits: str, sequence: int, salt: int) -> str:
    """Id of the message number `sequence` that a business sent to `digits`."""
    return _wrap(digits, OUTBOUND, f"{_scramble(sequence, salt):018X}")


def inbound(digits: str, sequence: int, salt: int) -> str:
    """Id of a message that a person sent."""
    return _wrap(digits, INBOUND, f"3A{_scramble(sequence, salt):018X}")


def parse(value: object) -> tuple[str, int, int] | None:
    """Give (phone digits, direction, sequence) of one of our ids; None for anything else."""
    if not isinstance(value, str) or not value.startswith("wamid."):
        return None
    try:
        raw = base64.b64decode(value[6:], validate=True)
        length = raw[2]
        digits = raw[3 : 3 + length].decode()
        direction = raw[6 + length]
        hex_id = raw[9 + length : 9 + length + raw[8 + length]].decode()
        number = int(hex_id[-18:], 16)
    except (binascii.Error, IndexError, ValueError):
        return None
    if not digits.isdigit() or direction not in (OUTBOUND, INBOUND):
        return None
    return digits, direction, (number ^ number >> 36) & _MASK
