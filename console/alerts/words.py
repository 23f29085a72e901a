"""An alert in words, in the active language. A kind that the code has forgotten still has a line; no fact is ever missing."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.alerts.kinds import KINDS, AlertKind, Facts, Text
from console.alerts.models import Alert
from console.kit.wording import NOTHING, when

log = logging.getLogger("waymark.alerts")
TONES = {
    "bad": gettext_lazy("Urgent"),
    "warn": gettext_lazy("Warning"),
    "info": gettext_lazy("For your information"),
    "ok": gettext_lazy("Good news"),
}
ICONS = {"bad": "circle-x", "warn": "alert-triangle", "info": "info-circle", "ok": "circle-check"}


PLACE = re.compile(r"%\((\w+)\)[sd]")


def fill(sentence: str, facts: Facts) -> str:
    """The sentence with its %(name)s places filled; a fact that is missing or empty reads as nothing, and breaks nothing."""

    def fact(place: re.Match[str]) -> str:
        value = facts.get(place[1])
        return NOTHING if value is None or value == "" else str(value)

    return PLACE.sub(fact, sentence).replace("%%", "%")


@dataclass(frozen=True)
class Worded:
    """What a page, a mail and a webhook say about an alert. `url` is a path inside this console, or empty."""

    alert: Alert
    workspace_slug: str

    @property
    def kind(self) -> AlertKind | None:
        return KINDS.get(self.alert.kind)

    @property
    def label(self) -> str:
        return str(self.kind.label) if self.kind else _("Other")

    @property
    def tone(self) -> str:
        return self.alert.tone if self.alert.tone in TONES else "info"

    @property
    def tone_word(self) -> str:
        return str(TONES[self.tone])

    @property
    def icon(self) -> str:
        return ICONS[self.tone]

    @property
    def is_event(self) -> bool:
        return self.alert.raised_at == self.alert.resolved_at

    @property
    def is_over(self) -> bool:
        """Whether something that lasted has ended; an event never lasted."""
        return self.alert.resolved_at is not None and not self.is_event

    @property
    def raised(self) -> str:
        return when(self.alert.raised_at, with_zone=True, in_sentence=True)

    @property
    def resolved(self) -> str:
        return when(self.alert.resolved_at, with_zone=True, in_sentence=True)

    @cached_property
    def title(self) -> str:
        if self.kind is None:
            return self.alert.subject or _("An alert of an earlier version of Waymark")
        return self._said(self.kind.title) or self.label

    @cached_property
    def text(self) -> str:
        return self._said(self.kind.text) if self.kind else ""

    @cached_property
    def url(self) -> str:
        """Where it can be mended; empty when the kind names no page or a fact of its address is gone."""
        if self.kind is None or not self.kind.url_name:
            return ""
        try:
            arguments = [self.alert.facts[name] for name in self.kind.url_facts]
            return reverse(self.kind.url_name, args=[self.workspace_slug, *arguments])
        except (NoReverseMatch, KeyError, TypeError):
            return ""

    @property
    def full_url(self) -> str:
        """The same for mails and webhooks; the list of alerts when there is no better page."""
        path = self.url or reverse("alerts:list", args=[self.workspace_slug])
        return f"{settings.WAYMARK_BASE_URL}{path}"

    def _said(self, words: Text | Callable[[Facts], str]) -> str:
        facts = self.alert.facts if isinstance(self.alert.facts, dict) else {}
        facts = {"subject": self.alert.subject, **facts}
        try:
            return str(words(facts)) if callable(words) else fill(str(words), facts)
        except Exception:  # one kind's wording must not break a page with twenty others
            log.exception("alerts: the words of %s do not fit its facts", self.alert.kind)
            return ""
