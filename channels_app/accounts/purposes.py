"""Which templates a purpose may send: the purpose of a configuration decides which consent is asked. Pure."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.audiences.models import Purpose

Text = str | Promise

# Meta's category -> the purposes it may go through. What is asked for marketing is asked more strictly, so an order
# update may go through a marketing configuration; never the other way around.
PURPOSES_OF: dict[str, frozenset[str]] = {
    "MARKETING": frozenset({Purpose.MARKETING}),
    "UTILITY": frozenset({Purpose.UTILITY, Purpose.MARKETING}),
    "AUTHENTICATION": frozenset({Purpose.AUTHENTICATION}),
}
MISFITS: dict[str, Text] = {
    "MARKETING": _(
        "This is a marketing template, and “%(channel)s” isn’t for marketing. Choose a configuration for marketing, "
        "or a utility template."
    ),
    "UTILITY": _(
        "This is a utility template, and “%(channel)s” is for login codes only. Choose a configuration for utility "
        "or marketing."
    ),
    "AUTHENTICATION": _(
        "This is an authentication template, and “%(channel)s” isn’t for authentication. Choose a configuration for "
        "authentication."
    ),
}


def fits(purpose: str, category: str) -> bool:
    """Whether a template of this category may go through a configuration for this purpose; unknown words don't."""
    return purpose in PURPOSES_OF.get(category.upper(), frozenset())


def misfit(purpose: str, category: str, channel_name: str) -> str:
    """Why not and what to do, or "" when it fits."""
    if fits(purpose, category):
        return ""
    sentence = MISFITS.get(category.upper(), _("“%(channel)s” can’t send a template of this category."))
    return str(sentence) % {"channel": channel_name}
