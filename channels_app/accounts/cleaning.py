"""What people paste: ids with spaces, secrets with line ends, phone numbers where an id belongs. Pure."""

import re

from django.utils.translation import gettext_lazy as _

from console.kit.errors import Refused

# Spaces, line ends, and the invisible characters that come along when copying from a web page.
INVISIBLE = re.compile(r"[\s\x00\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe0f\ufeff]+")
WIDE = str.maketrans({0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0B: "+"})  # of Korean keyboards
TOKEN_LENGTH = 2000


def clean_id(raw: str) -> str:
    """An id of Meta's: digits only, spaces and invisible characters removed, wide digits made plain.

    Raises Refused: accounts.id_is_phone for a leading plus, accounts.id_not_digits for anything else.
    """
    text = INVISIBLE.sub("", raw).translate(WIDE)
    if text.startswith("+"):
        raise Refused(
            "accounts.id_is_phone",
            _("This looks like a phone number. Enter Meta's id instead: digits only, without a plus sign."),
        )
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 32):
        raise Refused("accounts.id_not_digits", _("An id of Meta's consists of digits only. Copy it from Meta again."))
    return text


def clean_secret(raw: str) -> str:
    """A token or secret without the spaces around it. Raises Refused accounts.secret_spaces if there are some inside."""
    text = INVISIBLE.sub(" ", raw).strip()
    if not text or " " in text or not text.isascii() or len(text) > TOKEN_LENGTH:
        raise Refused(
            "accounts.secret_spaces",
            _("This can't be a token or secret: it is empty, too long, or has spaces inside. Copy it from Meta again."),
        )
    return text
