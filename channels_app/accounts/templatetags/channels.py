"""Cells of the list of channel configurations."""

from typing import Any

from django import template

from channels_app.accounts import presenting
from channels_app.accounts.models import ChannelConfiguration

register = template.Library()


@register.simple_tag
def in_words(row: ChannelConfiguration) -> dict[str, Any]:
    """`{% in_words row as item %}`: sender, quality and checks of a configuration in words. No queries."""
    return presenting.channel(row)
