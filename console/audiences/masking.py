"""Keeps full numbers from roles that may not see them, also where a file put them into other columns. Pure."""

import re

from console.kit.wording import masked_phone

TELLING_DIGITS = 7  # of the end of a number: fewer give nobody away


def without_number(text: str, phone: str | None) -> str:
    """The text, or the masked number in its place when it holds the person's number, however that is written."""
    if phone and phone[-TELLING_DIGITS:] in re.sub(r"\D", "", text):
        return masked_phone(phone)
    return text
