"""Answers a page, or only the part of it that htmx asked for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def requested_part(request: HttpRequest, parts: tuple[str, ...]) -> str:
    """The part (= DOM id = hx-target) that htmx wants, if the view offers it; else the empty string."""
    htmx = getattr(request, "htmx", None)
    target = htmx.target if htmx and not htmx.boosted and not htmx.history_restore_request else None
    return target if target in parts else ""


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    parts: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    """Renders the whole page, or the `{% partialdef %}` of the same template that htmx asked for by its target.

    `parts` lists what may be asked for: the view decides, never the browser alone.
    """
    part = requested_part(request, parts)
    response = render(
        request, f"{template}#{part}" if part else template, {**(context or {}), "part": part}, status=status
    )
    response["Vary"] = "HX-Request, HX-Target, Cookie, Accept-Language"
    if part:
        response["Cache-Control"] = "no-store"
    return response
