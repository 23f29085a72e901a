"""What can be told: each kind is declared once by the room that raises it, with its words and who hears of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from console.workspaces import roles

Text = str | Promise
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class AlertKind:
    """One kind of alert.

    `title` and `text` are sentences with %(name)s places, filled from the alert's facts in the reader's language;
    where that is not enough, functions of the facts. `url_name` is an address inside the workspace; facts named in
    `url_facts` are its arguments. `tone` is the kit's (bad, warn, info, ok) and may be overridden when raised.
    `is_event`: something that happened (a decision) instead of something that lasts until it is resolved.
    """

    name: str  # "accounts.token_expiry": stable, goes out in webhooks
    group: Text
    label: Text  # how subscriptions call it
    title: Text | Callable[[Facts], str]
    text: Text | Callable[[Facts], str]
    tone: str = "warn"
    capability: str = "accounts.view"  # who may see it
    default_capability: str = "accounts.manage"  # who hears of it unless they say otherwise
    url_name: str = ""
    url_facts: tuple[str, ...] = ()
    is_event: bool = False


KINDS: dict[str, AlertKind] = {}


def register(kind: AlertKind) -> AlertKind:
    """Declares a kind; a room does it in its `alert_kinds` module, which is found by itself. Raises ValueError when it is known."""
    if kind.name in KINDS:
        raise ValueError(f"alert kind {kind.name} is declared twice")
    KINDS[kind.name] = kind
    return kind


def visible_to(role: str) -> list[str]:
    """The names of the kinds a role may see. No query."""
    return sorted(name for name, kind in KINDS.items() if roles.can(role, kind.capability))
