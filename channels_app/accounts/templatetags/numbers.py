"""Cells of the list of numbers."""

from typing import Any

from django import template

from channels_app.accounts import number_presenting
from channels_app.accounts.models import PhoneNumber

register = template.Library()


@register.simple_tag
def number_in_words(row: PhoneNumber) -> dict[str, Any]:
    """`{% number_in_words row as item %}`: state, quality, limit, speed and use in words. No queries."""
    return number_presenting.row_of(row)
