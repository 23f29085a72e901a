"""Cells of the list of channel configurations."""

from typing import Any

from django import template

from channels_app.accounts import channel_presenting
from channels_app.accounts.lists import ChannelList
from channels_app.accounts.models import ChannelConfiguration

register = template.Library()


@register.simple_tag
def in_words(row: ChannelConfiguration) -> dict[str, Any]:
    """`{% in_words row as item %}`: sender, quality, checks and warnings of a row of the list in words. No queries."""
    return channel_presenting.row_of(row)


@register.simple_tag
def used_by(page: ChannelList, row: ChannelConfiguration) -> int:
    """`{% used_by list row as used %}`: how many use a row; one query per registered room for the whole page."""
    return page.used_by[row.pk]
