"""The pages for people: static files with their words filled in, English or Korean, no host but this one."""

from __future__ import annotations

import html
import json
import re
from functools import lru_cache
from pathlib import Path

from aiohttp import web

UI = Path(__file__).resolve().parent.parent / "ui"
PAGES = {"": "overview.html", "phone": "phone.html"}
TYPES = {".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml"}
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
    "img-src 'self' data: http://127.0.0.1:* http://localhost:*; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {"Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
_WORD = re.compile(r"\[\[([a-z_]+)\]\]")


@lru_cache(maxsize=1)
def strings() -> dict[str, dict[str, str]]:
    """Give the words of the pages by language."""
    data: dict[str, dict[str, str]] = json.loads((UI / "strings.json").read_text(encoding="utf-8"))
    return data


def language_of(request: web.BaseRequest) -> str:
    """Give the page's language: `?lang=`, then the cookie, then what the browser prefers."""
    asked = request.query.get("lang") or request.cookies.get("simulator_lang") or ""
    if asked in strings():
        return asked
    return "ko" if request.headers.get("Accept-Language", "").lower().startswith("ko") else "en"


def _page(request: web.BaseRequest, name: str) -> web.Response:
    language = language_of(request)
    words = strings()[language]
    other = "ko" if language == "en" else "en"

    def word(match: re.Match[str]) -> str:
        if match[1] == "lang":
            return language
        if match[1] == "other_lang":
            return other
        return html.escape(words[match[1]])

    text = _WORD.sub(word, (UI / name).read_text(encoding="utf-8"))
    response = web.Response(text=text, content_type="text/html", headers=_HEADERS)
    response.set_cookie("simulator_lang", language, samesite="Strict", httponly=True)
    return response


def answer(request: web.BaseRequest, parts: list[str]) -> web.Response | None:
    """Give the page or file at a path below `/_control/`, or None when it is not one."""
    if len(parts) <= 1 and (parts[0] if parts else "") in PAGES:
        return _page(request, PAGES[parts[0] if parts else ""])
    if len(parts) == 2 and parts[0] == "ui":
        path = UI / parts[1]
        if path.name == parts[1] and path.suffix in TYPES and path.is_file():
            return web.Response(
                body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8", headers=_HEADERS
            )
    return None
