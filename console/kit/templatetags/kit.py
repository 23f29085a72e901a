"""`{% load kit %}`: the parts of every page. docs/ui.md has each tag with its parameters and an example."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from console.kit import wording
from console.kit.columns import Column
from console.kit.figures import funnel_columns, get, percent_of, waterfall_rows
from console.kit.forms import describe_field, error_lines
from console.kit.icons import icon_svg

register = template.Library()

TONE_ICONS = {
    "ok": "circle-check",
    "warn": "alert-triangle",
    "bad": "circle-x",
    "info": "info-circle",
    "vio": "info-circle",
    "mute": "circle-minus",
    "todo": "circle-dashed",
}
CHECKLIST_ICONS = {"ok": "circle-check", "warn": "alert-triangle", "bad": "circle-x", "info": "clock-hour-4"}


# --- Words and numbers ----------------------------------------------------------------------------------------
register.filter("number", wording.number)
register.filter("compact", wording.compact)
register.filter("percent", wording.percent)
register.filter("share", wording.share)
register.filter("duration", wording.duration)
register.filter("money", wording.money)
register.filter("masked_phone", wording.masked_phone)


@register.filter
def signed(value: float | Decimal | None) -> str:
    """-3014 -> '−3,014', 12 -> '+12'."""
    return f"+{wording.number(value)}" if value and value > 0 else wording.number(value)


@register.simple_tag
def when(at: datetime | None, zone: bool = False, inside: bool = False) -> SafeString | str:
    if at is None:
        return wording.NOTHING
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        wording.full_instant(at),
        wording.when(at, with_zone=zone, in_sentence=inside),
    )


@register.simple_tag
def ago(at: datetime | None) -> SafeString | str:
    if at is None:
        return wording.NOTHING
    return format_html(
        '<time datetime="{}" title="{}" data-wm-ago data-wm-now="{}">{}</time>',
        at.isoformat(),
        wording.full_instant(at),
        _("just now"),
        wording.ago(at),
    )


@register.inclusion_tag("kit/live.html")
def live(at: datetime | None, stale_after: int = 6) -> dict[str, Any]:
    return {"at": at, "stale_after": stale_after}


# --- Small parts ----------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, size: int = 18, filled: bool = False, label: str = "", css: str = "", tone: str = "") -> SafeString:
    return icon_svg(name, size=size, filled=filled, label=label, css=css, tone=tone)


@register.simple_tag
def tone_icon(tone: str, size: int = 18) -> SafeString:
    """The icon that always goes with a tone: check, triangle, cross, i."""
    return icon_svg(TONE_ICONS.get(tone, "info-circle"), size=size)


@register.simple_tag
def checklist_icon(tone: str) -> SafeString:
    if tone in CHECKLIST_ICONS:
        return icon_svg(CHECKLIST_ICONS[tone], size=22, filled=True)
    return icon_svg("circle-dashed", size=22)


@register.simple_tag
def pill(state: object, caption: str = "", caption_tone: str = "") -> SafeString:
    """The status pill of a State (or anything with label, tone, icon)."""
    return pill_of(
        get(state, "tone"), get(state, "icon"), get(state, "label"), caption=caption, caption_tone=caption_tone
    )


@register.simple_tag
def pill_of(tone: str, icon_name: str, label: str, caption: str = "", caption_tone: str = "") -> SafeString:
    body = format_html('<span class="wm-pill wm-t-{}">{}{}</span>', tone, icon_svg(icon_name, size=14), label)
    if not caption:
        return body
    css = "wm-pill-caption is-warn" if caption_tone == "warn" else "wm-pill-caption"
    return format_html('<span class="wm-pill-wrap">{}<span class="{}">{}</span></span>', body, css, caption)


@register.simple_tag
def dot(tone: str, label: str = "") -> SafeString:
    mark = format_html('<i class="wm-dot wm-t-{}"></i>', tone)
    return format_html('<span class="wm-dotted">{}{}</span>', mark, label) if label else mark


@register.simple_tag
def bar(value: float, total: float, tone: str = "pri") -> SafeString:
    return format_html('<span class="wm-bar wm-t-{}"><i data-wm-width="{}"></i></span>', tone, percent_of(value, total))


@register.simple_tag
def copy(text: str, label: str = "") -> SafeString:
    label = label or _("Copy")
    return format_html(
        '<button type="button" class="wm-icon-btn" data-wm-copy="{}" aria-label="{}" title="{}">{}</button>',
        text,
        label,
        label,
        icon_svg("copy", size=16),
    )


@register.simple_tag(takes_context=True)
def url_with(context: Context, **changes: object) -> str:
    """The current query string with some keys changed; None removes a key."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else context["request"].path


@register.simple_tag
def idempotency_key(form: object = None) -> SafeString:
    """A hidden key; a redisplayed form keeps the key it was sent with, so a repeat is recognized."""
    data = getattr(form, "data", None) or {}
    return format_html(
        '<input type="hidden" name="idempotency_key" value="{}">', data.get("idempotency_key") or uuid.uuid4()
    )


@register.simple_tag
def poll(url: str, every: int = 2) -> SafeString:
    """Attributes of a region that asks for itself again; the script sets the pace (live.js)."""
    return format_html(
        'hx-get="{}" hx-trigger="wm:poll" hx-target="this" hx-swap="morph:outerHTML" data-wm-poll="{}"', url, every
    )


register.filter("percent_of", percent_of)


# --- Blocks ---------------------------------------------------------------------------------------------------
@register.simple_block_tag(takes_context=True)
def alert(context: Context, content: str, tone: str = "info", title: str = "", icon_name: str = "") -> str:
    return render_to_string(
        "kit/alert.html", {"content": content, "tone": tone, "title": title, "icon_name": icon_name}
    )


@register.simple_block_tag
def menu(content: str, label: str = "", icon: str = "dots", text: str = "", start: bool = False) -> str:
    return render_to_string(
        "kit/menu.html", {"content": content, "label": label, "icon_name": icon, "text": text, "start": start}
    )


@register.simple_block_tag
def empty(content: str, title: str = "", text: str = "", art: str = "path", tone: str = "mute") -> str:
    return render_to_string(
        "kit/empty.html",
        {"content": content if content.strip() else "", "title": title, "text": text, "art": art, "tone": tone},
    )


@register.simple_block_tag
def dialog(content: str, id: str = "", title: str = "", wide: bool = False) -> str:
    return render_to_string("kit/dialog.html", {"content": content, "id": id, "title": title, "wide": wide})


@register.simple_block_tag
def drawer(
    content: str,
    title: str = "",
    close_url: str = "",
    prev_url: str = "",
    next_url: str = "",
    id: str = "drawer",
    status: str = "",
    lead: str = "",
    tabs: Sequence[Any] = (),
    foot: str = "",
) -> str:
    return render_to_string("kit/drawer.html", {**locals()})


@register.simple_block_tag
def banner(content: str, icon: str = "info-circle", title: str = "", text: str = "") -> str:
    return render_to_string("kit/banner.html", {"content": content, "icon_name": icon, "title": title, "text": text})


@register.simple_block_tag
def locked(content: str, title: str = "", text: str = "", icon: str = "lock") -> str:
    return render_to_string("kit/locked.html", {"content": content, "icon_name": icon, "title": title, "text": text})


# --- Data parts -----------------------------------------------------------------------------------------------
@register.inclusion_tag("kit/stepper.html")
def stepper(steps: Iterable[Any]) -> dict[str, Any]:
    return {"steps": steps}


@register.inclusion_tag("kit/flow.html")
def flow(stages: Iterable[Any]) -> dict[str, Any]:
    return {"stages": stages}


@register.inclusion_tag("kit/tabs.html")
def tabs(items: Iterable[Any], label: str = "", line: bool = True) -> dict[str, Any]:
    return {"items": items, "label": label, "line": line}


@register.inclusion_tag("kit/checklist.html", takes_context=True)
def checklist(context: Context, items: Iterable[Any]) -> dict[str, Any]:
    return {"items": items, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("kit/alert_list.html")
def alert_list(items: Iterable[Any]) -> dict[str, Any]:
    order = {"bad": 0, "warn": 1}
    return {"items": sorted(items, key=lambda item: order.get(get(item, "tone"), 2))}


@register.inclusion_tag("kit/checks.html")
def checks(items: Iterable[Any]) -> dict[str, Any]:
    return {"items": items}


@register.inclusion_tag("kit/stat.html")
def stat(label: str, value: object, note: str = "", tone: str = "", url: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "note": note, "tone": tone, "url": url}


@register.inclusion_tag("kit/progress.html")
def progress(
    segments: Sequence[Any], total: int = 0, note: str = "", is_paused: bool = False, label: str = ""
) -> dict[str, Any]:
    total = total or sum(get(segment, "value", 0) for segment in segments)
    return {"segments": segments, "total": total, "note": note, "is_paused": is_paused, "label": label}


register.inclusion_tag("kit/funnel.html", name="funnel")(funnel_columns)


@register.inclusion_tag("kit/breakdown.html")
def breakdown(segments: Sequence[Any], total: int = 0, main: int | None = None) -> dict[str, Any]:
    excluded = sum(get(segment, "value", 0) for segment in segments)
    total = total or excluded
    return {"segments": segments, "total": total, "main": total - excluded if main is None else main}


register.inclusion_tag("kit/waterfall.html", name="waterfall")(waterfall_rows)


@register.inclusion_tag("kit/reasons.html")
def reasons(items: Sequence[Any]) -> dict[str, Any]:
    return {"items": items, "top": max([get(item, "count", 0) for item in items] or [1])}


@register.inclusion_tag("kit/timeline.html")
def timeline(items: Iterable[Any]) -> dict[str, Any]:
    return {"items": items}


@register.inclusion_tag("kit/facts.html")
def facts(rows: Iterable[Any], left: bool = False) -> dict[str, Any]:
    plain = [{"label": row[0], "value": row[1]} if isinstance(row, tuple | list) else row for row in rows]
    return {"rows": plain, "left": left}


@register.simple_tag
def chart(name: str, spec: Mapping[str, Any], height: str = "md", label: str = "") -> SafeString:
    """The box, its JSON and a place for the table that readers get instead of the drawing."""
    return format_html(
        '<div class="wm-chart is-{0}" id="{1}" role="img" aria-label="{2}" aria-describedby="{1}-table" '
        'data-wm-chart="{1}-data"></div>{3}<div id="{1}-table"></div>',
        height,
        name,
        label or spec.get("table_label", name),
        json_script(json.loads(json.dumps(spec, default=str)), f"{name}-data"),
    )


@register.inclusion_tag("kit/skeleton.html")
def skeleton(rows: int = 5) -> dict[str, Any]:
    return {"rows": range(rows)}


@register.inclusion_tag("kit/phone.html")
def phone(message: Mapping[str, Any], dark: bool | None = False, compact: bool = False) -> dict[str, Any]:
    theme = "is-auto" if dark is None else "is-dark" if dark else "is-light"
    messages = message.get("messages") or [{**message, "from": message.get("from", "us")}]
    return {"message": message, "messages": messages, "theme": theme, "compact": compact}


@register.inclusion_tag("kit/variable_row.html")
def variable_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"row": row}


@register.simple_tag
def list_value(column: Column, row: object) -> Any:
    """A cell without a template of its own: '–' for nothing, dates and numbers in the page's wording."""
    value = column.read(row)
    if value is None or value == "":
        return wording.NOTHING
    if column.kind == "when" or isinstance(value, datetime):
        return when(value)
    if column.kind == "state":
        return pill(value)
    return wording.number(value) if column.is_numeric and not isinstance(value, str) else value


# --- Forms ----------------------------------------------------------------------------------------------------
@register.inclusion_tag("kit/field.html")
def field(bound: BoundField, prefix: str = "", suffix: str = "", note: str = "", **attrs: Any) -> dict[str, Any]:
    """Label above, control, help, errors: of any Django form's field."""
    return {**describe_field(bound, attrs), "prefix": prefix, "suffix": suffix, "note": note}


@register.inclusion_tag("kit/form_errors.html")
def form_errors(form: Any, title: str = "") -> dict[str, Any]:
    return {"lines": error_lines(form), "title": title}


@register.filter
def initials(name: str) -> str:
    """'Mira Solberg' -> 'MS'; initials stay as they are."""
    if str(name).isupper() and len(str(name)) <= 3:
        return str(name)
    return "".join(word[0] for word in str(name).split()[:2]).upper()


@register.filter
def kit_files(names: str) -> list[str]:
    """Our style sheets in the order they are loaded."""
    return [f"wm/css/{name}.css" for name in names.split()]


@register.filter
def kit_scripts(names: str) -> list[str]:
    return [f"wm/js/{name}.js" for name in names.split()]


@register.filter
def css_if(css: str, item: object) -> str:
    """The button class of a checklist row: the next one is the page's primary, a finished one a plain link."""
    if get(item, "is_next", False):
        return f"{css} btn-primary"
    return css if get(item, "tone") != "ok" else "wm-check-link"


@register.filter
def wm_words(text: str) -> list[str]:
    """'light dark' -> two words to loop over."""
    return text.split()
