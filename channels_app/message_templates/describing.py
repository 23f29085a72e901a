"""Templates in words: the overall state of a row, why Meta rejected something, what changed between two versions. Pure."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.message_templates.models import TemplateTranslation
from channels_app.message_templates.slots import Component
from channels_app.message_templates.states import TEMPLATE
from console.kit.states import State

Text = str | Promise
# Where a row's languages differ, the one that needs somebody most speaks for it.
_TROUBLE_FIRST = ("DISABLED", "REJECTED", "PAUSED", "LIMIT_EXCEEDED", "OTHER", "IN_APPEAL", "PENDING", "ARCHIVED")
_QUALITY = {
    "GREEN": ("ok", gettext_lazy("High")),
    "YELLOW": ("warn", gettext_lazy("Medium")),
    "RED": ("bad", gettext_lazy("Low")),
}
_REASONS = {
    "ABUSIVE_CONTENT": gettext_lazy(
        "Meta found the content abusive or threatening. Rewrite it; an appeal is possible in Meta."
    ),
    "INCORRECT_CATEGORY": gettext_lazy(
        "The content doesn’t fit the category. Choose the category that fits, or take out what doesn’t."
    ),
    "INVALID_FORMAT": gettext_lazy(
        "The format is wrong: often variables at the start or end, two next to each other, or too many for the text."
    ),
    "PROMOTIONAL": gettext_lazy(
        "The content is promotional, which this category doesn’t allow. Use Marketing instead."
    ),
    "SCAM": gettext_lazy(
        "Meta takes the content for a scam. Make clear who writes and why; an appeal is possible in Meta."
    ),
    "TAG_CONTENT_MISMATCH": gettext_lazy("Language or category don’t fit the content. Check both and submit it again."),
    "CATEGORY_NOT_AVAILABLE": gettext_lazy("This category isn’t available for the account."),
}


@dataclass(frozen=True)
class Line:
    """One line of a diff: kind is same, removed or added."""

    kind: str
    text: str


def overall_state(translations: Sequence[TemplateTranslation]) -> State:
    """One pill for all languages: their common state, or "2 of 3 approved"."""
    living = [one for one in translations if one.status not in ("DELETED", "PENDING_DELETION")] or list(translations)
    counts = Counter(one.status for one in living)
    if not counts:
        return TEMPLATE["DELETED"]
    if len(counts) == 1:
        return TEMPLATE[next(iter(counts))]
    worst = next((status for status in _TROUBLE_FIRST if status in counts), "PENDING")
    label = _("%(approved)d of %(all)d approved") % {"approved": counts["APPROVED"], "all": len(living)}
    return State(worst, label, TEMPLATE[worst].tone, TEMPLATE[worst].icon)


def worst_quality(translations: Sequence[TemplateTranslation]) -> str:
    scores = {one.quality_score for one in translations if one.status != "DELETED"}
    return next((score for score in ("RED", "YELLOW", "GREEN") if score in scores), "")


def quality(score: str) -> dict[str, Any] | None:
    """Tone and word of Meta's rating; None while there is none."""
    if score not in _QUALITY:
        return None
    tone, label = _QUALITY[score]
    return {"tone": tone, "label": label}


def rejection(translation: TemplateTranslation) -> list[Text]:
    """Why Meta refused it and what would help, in sentences; Meta's own words where it gave some."""
    return rejection_of(translation.rejected_reason, translation.facts.get("rejection") or {})


def rejection_of(reason: str, facts: Mapping[str, Any]) -> list[Text]:
    """The same of Meta's reason code and of what its webhook said besides."""
    sentences: list[Text] = [facts[name] for name in ("reason", "recommendation") if facts.get(name)]
    if sentences:
        return sentences
    if not reason:
        return []
    return [_REASONS.get(reason) or _("Meta’s reason: %(reason)s") % {"reason": reason.replace("_", " ").lower()}]


def notes(translation: TemplateTranslation) -> list[dict[str, Any]]:
    """What else Meta said, for {% alert_list %}."""
    facts, found = translation.facts, []
    if facts.get("pending_category"):
        text = _("From then on it is priced and judged as that. Meta can review it within 60 days of the change.")
        title = _("Meta will change the category to %(category)s")
        category = str(facts["pending_category"]).capitalize()
        found.append({"tone": "warn", "title": title % {"category": category}, "text": text})
    note = facts.get("note") or {}
    if note and translation.status != "APPROVED":
        found.append({"tone": "warn", "title": _note_title(note), "text": note.get("description", "")})
    if facts.get("raw_status"):
        title = _("Meta reports the status “%(status)s”, which Waymark doesn’t know") % {"status": facts["raw_status"]}
        found.append({"tone": "warn", "title": title, "text": _("It isn’t sent until Meta reports it as approved.")})
    return found


def _note_title(note: dict[str, str]) -> str:
    titles = {
        "FIRST_PAUSE": _("Paused for 3 hours because of low quality"),
        "SECOND_PAUSE": _("Paused for 6 hours because of low quality"),
        "RATE_LIMITING_PAUSE": _("Paused because feedback was bad while it was being sent"),
        "DISABLED": _("Disabled because of repeated low quality"),
        "FLAGGED": _("Meta warns that this template may be disabled"),
        "LOCKED": _("Meta has locked this template: it can’t be edited"),
    }
    return titles.get(note.get("title", ""), note.get("title", "").replace("_", " ").capitalize())


def diff(old: Sequence[Component], new: Sequence[Component]) -> list[Line]:
    """What changed between two versions, line by line, with what each line is; equal lines are kept for orientation."""
    before, after = list(_lines(old)), list(_lines(new))
    lines: list[Line] = []
    for kind, start, end, new_start, new_end in difflib.SequenceMatcher(
        a=before, b=after, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            lines += [Line("same", text) for text in before[start:end]]
        else:
            lines += [Line("removed", text) for text in before[start:end]]
            lines += [Line("added", text) for text in after[new_start:new_end]]
    return lines


def _lines(components: Sequence[Component]) -> Iterator[str]:
    for component in components:
        kind = str(component.get("type", "")).upper()
        name = {"HEADER": _("Header"), "BODY": _("Body"), "FOOTER": _("Footer")}.get(kind, kind.capitalize())
        if kind == "BUTTONS":
            for button in component.get("buttons") or ():
                parts = (button.get("text"), button.get("url"), button.get("phone_number"))
                yield f"{_('Button')}: {' · '.join(str(part) for part in parts if part)}"
        elif component.get("text"):
            for text in str(component["text"]).split("\n"):
                yield f"{name}: {text}" if text else f"{name}:"
        else:
            yield f"{name}: {str(component.get('format') or kind).capitalize()}"
