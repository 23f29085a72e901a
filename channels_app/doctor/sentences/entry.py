"""What the table of words holds for one check."""

from dataclasses import dataclass, field

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Words:
    """`bad`: {why: (title, what it means and what to do)}. Places such as %(names)s are filled from the facts."""

    name: Text
    good: Text
    bad: dict[str, tuple[Text, Text]] = field(default_factory=dict)
