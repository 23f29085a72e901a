"""What a person may be told when something is refused.

Refused                 a request that cannot be done now; code, sentence, where to fix it
└── MoveRefused         a status change that the table of legal moves does not have (409)
"""

from django.utils.functional import Promise


class Refused(Exception):
    """A refusal with a stable code, a translated sentence that says what to do, and an optional link to the fix."""

    status = 409

    def __init__(self, code: str, sentence: str | Promise, *, fix_url: str = "", fix_label: str | Promise = "") -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.fix_url = fix_url
        self.fix_label = fix_label

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


class MoveRefused(Refused):
    """The object was not in a status from which this move is legal; nothing was changed."""
