"""`{% load message_templates %}`: words for categories, languages, places, and a row's overall state."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from channels_app.message_templates import describing
from channels_app.message_templates.models import TemplateTranslation
from channels_app.message_templates.slots import Slot
from console.kit.states import State

register = template.Library()
EXAMPLE_LENGTH = 60


@register.filter
def category_word(category: str) -> str:
    words = {"MARKETING": _("Marketing"), "UTILITY": _("Utility"), "AUTHENTICATION": _("Authentication")}
    return words.get(str(category).upper(), str(category).capitalize())


@register.filter
def language_tag(code: str) -> str:
    """en_US -> EN-US, ko -> KO: short, for tags."""
    return code.replace("_", "-").upper()


@register.filter
def language_name(code: str) -> str:
    """The language in its own words with its region, for example "English (US)"; the code where nobody knows it."""
    language, _sep, region = code.partition("_")
    try:
        name = str(get_language_info(language)["name_local"]).capitalize()
    except KeyError:
        return language_tag(code)
    return f"{name} ({region})" if region else name


@register.filter
def place_word(slot: Slot) -> str:
    """Header, Body, or which button."""
    if slot.place == "button":
        return _("Button %(number)d") % {"number": slot.index + 1}
    return _("Header") if slot.place == "header" else _("Body")


@register.filter
def example_word(example: str) -> str:
    """Signed addresses of sample files say nothing to people."""
    if not example:
        return "–"
    if example.startswith(("http://", "https://")) or len(example) > EXAMPLE_LENGTH:
        return _("A sample file in Meta") if "://" in example else f"{example[: EXAMPLE_LENGTH - 1]}…"
    return example


@register.simple_tag
def overall_state(translations: Sequence[TemplateTranslation]) -> State:
    return describing.overall_state(translations)


@register.simple_tag
def quality_of(translations: Sequence[TemplateTranslation]) -> dict[str, Any] | None:
    return describing.quality(describing.worst_quality(translations))
