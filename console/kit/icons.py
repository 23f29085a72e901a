"""Tabler's icons as inline SVG, read once from node_modules."""

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


@lru_cache(maxsize=1024)
def icon_paths(name: str, *, filled: bool = False) -> str:
    """The inner SVG of one icon; empty when the file or the whole package is missing. One file read, then cached."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        return ""
    file = Path(settings.ICONS_DIR) / ("filled" if filled else "outline") / f"{name}.svg"
    if not file.is_file():
        return ""
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>.*$", "", file.read_text(), flags=re.DOTALL)
    inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner)
    return re.sub(r"\s*\n\s*", "", inner)


def icon_svg(
    name: str, *, size: int = 18, filled: bool = False, label: str = "", css: str = "", tone: str = ""
) -> SafeString:
    """One `<svg>`: hidden from readers unless it has a label; coloured by its text unless it has a tone."""
    classes = " ".join(filter(None, ("wm-i", f"wm-t-{tone} is-toned" if tone else "", css)))
    paint = 'fill="currentColor"' if filled else 'fill="none" stroke="currentColor"'
    return format_html(
        '<svg class="{}" width="{}" height="{}" viewBox="0 0 24 24" {} stroke-linecap="round" stroke-linejoin="round" {}>'
        "{}</svg>",
        classes,
        size,
        size,
        mark_safe(paint),  # noqa: S308 - one of two constants
        format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"'),
        mark_safe(icon_paths(name, filled=filled)),  # noqa: S308 - a file of our own package
    )
