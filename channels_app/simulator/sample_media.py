"""Header media of the sample templates, drawn on demand: no image file is shipped and none is fetched."""

from __future__ import annotations

import math
import struct
import zlib
from functools import lru_cache

WIDTH, HEIGHT = 600, 315
Color = tuple[float, float, float]

# name -> (sky above, sky below, sun, hills from far to near)
PALETTES: dict[str, tuple[Color, Color, Color, tuple[Color, Color, Color]]] = {
    "spring-roast": ((255, 214, 170), (255, 236, 214), (255, 246, 222), ((221, 140, 96), (168, 88, 58), (84, 44, 32))),
    "welcome": ((186, 224, 232), (240, 246, 236), (255, 244, 200), ((126, 176, 150), (70, 128, 108), (28, 72, 66))),
    "weekend": ((252, 196, 186), (255, 232, 206), (255, 250, 232), ((206, 122, 130), (142, 72, 98), (74, 36, 66))),
    "cart": ((206, 200, 240), (244, 232, 246), (255, 246, 220), ((150, 138, 200), (98, 86, 154), (48, 42, 92))),
    "birthday": ((255, 206, 222), (255, 240, 226), (255, 250, 214), ((232, 140, 166), (186, 86, 124), (106, 40, 78))),
}


def _mix(a: Color, b: Color, share: float) -> Color:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def _hill(x: float, layer: int) -> float:
    return (
        HEIGHT * (0.62 + 0.13 * layer)
        + (16 - 3 * layer) * math.sin(x / (70 + 25 * layer) + 1.7 * layer)
        + (9 * math.sin(x / 31 + layer))
    )


def _cup(x: int, y: int) -> Color | None:
    cx, top, bottom = 428.0, 172.0, 252.0
    if top <= y <= bottom:
        half = 46 - 14 * ((y - top) / (bottom - top)) ** 2
        if abs(x - cx) <= half:
            return (250, 246, 240) if x < cx + half * 0.5 else (226, 216, 206)
    ring = math.hypot((x - cx - 50) / 1.0, y - 202)
    if 13 <= ring <= 21 and x > cx + 40:
        return (238, 230, 222)
    if (x - cx) ** 2 / 3600 + (y - 254) ** 2 / 64 <= 1:
        return (206, 190, 176)
    for shift in (-16, 6):
        wave = cx + shift + 6 * math.sin(y / 9 + shift)
        if 118 <= y <= 162 and abs(x - wave) < 2.4:
            return (255, 252, 246)
    return None


def _pixel(x: int, y: int, palette: tuple[Color, Color, Color, tuple[Color, Color, Color]]) -> Color:
    cup = _cup(x, y)
    if cup:
        return cup
    above, below, sun, hills = palette
    color = _mix(above, below, y / HEIGHT)
    distance = math.hypot(x - 190, y - 118)
    if distance < 62:
        color = sun
    elif distance < 130:
        color = _mix(sun, color, (distance - 62) / 68)
    for layer, hill in enumerate(hills):
        if y > _hill(x, layer):
            color = hill
    return color


def _png(rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")


@lru_cache(maxsize=16)
def picture(name: str) -> bytes:
    """Draw a header picture as PNG; unknown names get the first palette."""
    palette = PALETTES.get(name, PALETTES["spring-roast"])
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)
        for x in range(WIDTH):
            rows += bytes(int(part) for part in _pixel(x, y, palette))
    return _png(bytes(rows))


def document(title: str) -> bytes:
    """Write a one-page PDF with a title."""
    safe = "".join(char for char in title if char.isalnum() or char in " -.")
    stream = f"BT /F1 24 Tf 72 720 Td (Lumen Coffee) Tj 0 -36 Td /F1 14 Tf ({safe}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for index, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (index, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def sample(path: str) -> tuple[bytes, str] | None:
    """Give (bytes, MIME type) of `/_scontent/v/t61/<name>`, or None."""
    name, _, ending = path.rpartition("/")[2].rpartition(".")
    if ending == "png" and name in PALETTES:
        return picture(name), "image/png"
    if ending == "pdf":
        return document(name.title()), "application/pdf"
    return None
