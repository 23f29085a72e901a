"""Files that people send: small samples of every kind, kept so that they can be downloaded (reference 4.6, 5.6)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any

from . import sample_media
from .entities import Media, Number

if TYPE_CHECKING:
    from .simulator import Simulator

Json = dict[str, Any]
FIRST_MEDIA_ID = 650_100_000_000_000
INBOUND_LIFE_S = 7 * 86_400.0
URL_LIFE_S = 300.0
MOST_BYTES = 20_000_000

_MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2\x00\x00\x00\x08free\x00\x00\x00\x08mdat"
_OGG = (
    b"OggS\x00\x02" + bytes(8) + b"\x01\x00\x00\x00" + bytes(8) + b"\x01\x13OpusHead\x01\x01\x38\x01\x80\xbb" + bytes(5)
)
_WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
# kind -> (MIME type, file name, keys beside the usual ones)
KINDS: dict[str, tuple[str, str, Json]] = {
    "image": ("image/png", "", {}),
    "video": ("video/mp4", "", {}),
    "document": ("application/pdf", "order-form.pdf", {}),
    "audio": ("audio/ogg; codecs=opus", "", {"voice": True}),
    "sticker": ("image/webp", "", {"animated": False}),
}


def _sample(kind: str) -> bytes:
    if kind == "image":
        return sample_media.picture("weekend")
    if kind == "document":
        return sample_media.document("Order form")
    return {"video": _MP4, "audio": _OGG, "sticker": _WEBP}[kind]


def signature(media: Media, until: int) -> str:
    """Give the part of a download address that nobody can make up."""
    return hmac.new(media.sha256.encode(), f"{media.id}|{until}".encode(), hashlib.sha256).hexdigest()[:32]


def address(base: str, media: Media) -> str:
    """Give a download address for five minutes; it needs the Bearer token."""
    until = int(time.time() + URL_LIFE_S)
    url = f"{base}/_lookaside/whatsapp_business/attachments/?mid={media.id}&ext={until}"
    return f"{url}&hash={signature(media, until)}"


def keep(sim: Simulator, number: Number, data: bytes, mime: str, filename: str, life_s: float) -> Media:
    """Keep a file for a number; gives its record."""
    media = Media(
        sim.next_id(Media, FIRST_MEDIA_ID), phone_id=number.id, mime_type=mime,
        sha256=base64.b64encode(hashlib.sha256(data).digest()).decode(), size_bytes=len(data), filename=filename,
        expires_at=sim.clock.now() + life_s,
    )  # fmt: skip
    sim.put(media)
    sim.media_bytes[media.id] = data
    sim.store.note_media(media.id, data)
    return media


def attach(sim: Simulator, number: Number, kind: str, given: Json) -> Json:
    """Let a person send a file; gives the content of the message. `size_bytes` makes it that large, at most 20 MB."""
    mime, filename, more = KINDS[kind]
    mime, filename = str(given.get("mime_type") or mime), str(given.get("filename") or filename)
    data = _sample(kind)
    size = int(given.get("size_bytes") or 0)
    if not 0 <= size <= MOST_BYTES:
        raise ValueError(f"size_bytes must be at most {MOST_BYTES}.")
    media = keep(sim, number, data.ljust(size, b"\x00"), mime, filename, INBOUND_LIFE_S)
    content: Json = {"mime_type": mime, "sha256": media.sha256, "id": media.id}
    if not given.get("without_url"):
        content["url"] = address(sim.base_url, media)
    if kind in ("image", "video", "document") and given.get("caption"):
        content["caption"] = str(given["caption"])
    if kind == "document":
        content["filename"] = filename
    return content | more
