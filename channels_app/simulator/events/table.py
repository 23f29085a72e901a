"""What the agenda can let happen, by name."""

from __future__ import annotations

from ..agenda import Happening
from . import accounts, numbers, templates

HAPPENINGS: dict[str, Happening] = {
    numbers.NAME_REVIEW: numbers.name_review_ends,
    accounts.RESTRICTION_LIFTS: accounts.restriction_lifts,
    accounts.BAN_BEGINS: accounts.ban_begins,
    templates.CATEGORY_CHANGE: templates.category_changes,
}
