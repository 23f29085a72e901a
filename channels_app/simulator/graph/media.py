"""Media: upload, read, delete, download (reference 2.7, 5.6)."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import BodyPartReader, web

from ..auth import MANAGEMENT, MESSAGING, require_scope, require_waba
from ..entities import Media, Number
from ..errors import GraphError, unknown_object
from ..inbound_media import address, keep, signature
from .call import Call

Json = dict[str, Any]
LIFE_S = 30 * 86_400.0
MB = 1_000_000
ANY_LIMIT = 100 * MB
_OFFICE = "application/vnd.openxmlformats-officedocument."
LIMITS: dict[str, int] = {
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MB),
    **dict.fromkeys(("text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
                     "application/vnd.ms-powerpoint", _OFFICE + "wordprocessingml.document",
                     _OFFICE + "spreadsheetml.sheet", _OFFICE + "presentationml.presentation"), 100 * MB),
    "image/jpeg": 5 * MB, "image/png": 5 * MB, "image/webp": MB // 2,
    "video/mp4": 16 * MB, "video/3gpp": 16 * MB,
}  # fmt: skip


async def _read_upload(call: Call) -> tuple[Json, bytes, str, str]:
    fields: Json = {}
    data, mime, filename = b"", "", ""
    try:
        reader = await call.request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "file":
                filename = part.filename or ""
                mime = part.headers.get("Content-Type", "")
                chunks = bytearray()
                while chunk := await part.read_chunk(1 << 16):
                    chunks += chunk
                    if len(chunks) > ANY_LIMIT:
                        raise GraphError(131053, "The file is larger than 100 MB")
                data = bytes(chunks)
            elif part.name:
                fields[part.name] = await part.text()
    except (ValueError, AssertionError):
        raise GraphError(100, message="(#100) The request body is not valid multipart form data") from None
    return fields, data, mime, filename


async def upload(call: Call, number: Number) -> Json:
    """`POST /{phone}/media`, multipart: gives the new id."""
    require_waba(call.token, number.waba_id, number.id, call.method)
    require_scope(call.token, MESSAGING, MANAGEMENT)
    if not call.request.content_type.startswith("multipart/"):
        raise GraphError(100, message="(#100) The parameter file is required.")
    fields, data, mime, filename = await _read_upload(call)
    if fields.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    if not data:
        raise GraphError(100, message="(#100) The parameter file is required.")
    mime = (str(fields.get("type") or "") or mime).partition(";")[0].strip().lower()
    if mime not in LIMITS:
        raise GraphError(
            100, message=f"(#100) Param file must be a file with one of the following types: {', '.join(LIMITS)}. "
            f"Received file of type '{mime or 'application/octet-stream'}'."
        )  # fmt: skip
    if len(data) > LIMITS[mime]:
        raise GraphError(131053, f"The file is larger than {LIMITS[mime] // MB or 0.5} MB, the limit of {mime}")
    media = keep(call.sim, number, data, mime, filename, LIFE_S)
    return {"id": media.id}


def _owned(call: Call, media: Media) -> Number:
    number = call.sim.numbers.get(media.phone_id)
    asked = call.params.get("phone_number_id")
    if number is None or number.waba_id not in call.token.waba_ids or (asked and asked != media.phone_id):
        raise unknown_object(media.id, call.method)
    if media.expires_at < call.sim.clock.now():
        raise unknown_object(media.id, call.method)
    require_scope(call.token, MESSAGING, MANAGEMENT)
    return number


def read(call: Call, media: Media) -> Json:
    """`GET /{media}`: what it is and a download address for five minutes."""
    _owned(call, media)
    return {
        "messaging_product": "whatsapp", "url": address(call.base, media),
        "mime_type": media.mime_type, "sha256": media.sha256, "file_size": str(media.size_bytes), "id": media.id,
    }  # fmt: skip


def delete(call: Call, media: Media) -> Json:
    """`DELETE /{media}`."""
    _owned(call, media)
    call.sim.drop(media)
    return {"success": True}


def download(call: Call) -> web.Response:
    """`GET <url>` with the Bearer token: the bytes; 404 when the address is too old."""
    media = call.sim.media.get(str(call.params.get("mid") or ""))
    until = str(call.params.get("ext") or "0")
    call.token  # noqa: B018 (raises when there is no valid token)
    good = media is not None and until.isdigit() and int(until) >= time.time()
    if not good or media is None or signature(media, int(until)) != call.params.get("hash"):
        return web.Response(status=404, text="Not found")
    _owned(call, media)
    return web.Response(body=call.sim.media_bytes[media.id], headers={"Content-Type": media.mime_type})
