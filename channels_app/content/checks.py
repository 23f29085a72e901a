"""The one checker of a content: what blocks a send and what advises, each with the field that fixes it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from channels_app.content.binding import compile_content
from channels_app.content.cleaning import Unfit, clean, one_line
from channels_app.content.context import STANDARD, profile_context
from channels_app.content.liquid import Expression, ExpressionError, compile_expression
from channels_app.content.models import Content
from channels_app.message_templates import slots
from channels_app.message_templates.models import TemplateVersion
from channels_app.message_templates.slots import Slot
from console.audiences.queries import known_attributes

ERROR, WARNING = "error", "warning"
TEMPLATE_ANCHOR = "id_version"
ATTRIBUTE = re.compile(r"\bprofile\.(\w+)")


@dataclass(frozen=True)
class Finding:
    """Something to know before sending; `anchor` is the DOM id of the field, `slot` its key when it is a variable."""

    code: str
    severity: str
    sentence: str | Promise
    anchor: str = TEMPLATE_ANCHOR
    slot: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == ERROR


def anchor_of(slot_key: str) -> str:
    """The DOM id of a slot's expression field in the editor."""
    return f"slot-{slot_key.replace('.', '-')}"


def check_content(content: Content) -> list[Finding]:
    """All findings of a content, errors first. Two queries at most (one when version.translation.template is loaded)."""
    version = content.version
    if version is None:
        return [Finding("template_missing", ERROR, _("Choose a message template."))]
    return [*check_version(version, content.bindings), *_unknown_attributes(content, slots.load(version.slots))]


def check_version(version: TemplateVersion, bindings: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """The same for bindings that are not saved yet."""
    found = [*_template(version), *_slots(slots.load(version.slots), bindings)]
    return sorted(found, key=lambda finding: not finding.is_error)


def _unknown_attributes(content: Content, known: list[Slot]) -> Iterator[Finding]:
    """A misspelled attribute is silent at rendering: everybody would get the fallback. Asked of the newest profiles."""
    used = {
        slot: set(ATTRIBUTE.findall(str((content.bindings.get(slot.key) or {}).get("expression")))) for slot in known
    }
    if not any(used.values()):
        return
    attributes = known_attributes(content.workspace)
    if not attributes:  # nobody is here yet, so nothing can be said
        return
    for slot, names in used.items():
        for name in sorted(names - {*STANDARD, *attributes}):
            sentence = _(
                "No profile has the attribute “%(attribute)s”, so “%(name)s” would be the fallback for everybody."
            )
            yield _finding("attribute_unknown", WARNING, sentence % {"attribute": name, "name": slot.label}, slot)


def _template(version: TemplateVersion) -> Iterator[Finding]:
    translation = version.translation
    name = translation.template.name
    if translation.status != "APPROVED":
        sentence = _("The template “%(name)s” can’t be sent: its state is “%(state)s”.")
        state = translation.status_state.label  # type: ignore[attr-defined]  # given by StatusField
        yield Finding("template_not_approved", ERROR, sentence % {"name": name, "state": state})
    if translation.version_id is not None and translation.version_id != version.pk:
        sentence = _("The template “%(name)s” changed in Meta after it was chosen. Choose it again and check the text.")
        yield Finding("template_changed", ERROR, sentence % {"name": name})
    for gap in slots.gaps_of(version.components):
        yield Finding("template_unsupported", ERROR, gap.sentence)
    if translation.quality_score == "RED":
        sentence = _("Readers rate the template “%(name)s” as low quality. Meta may pause it while it is being sent.")
        yield Finding("template_quality_low", WARNING, sentence % {"name": name})


def _slots(known: list[Slot], bindings: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    for slot in known:
        if not slot.same_as:
            yield from _slot(slot, bindings.get(slot.key) or {})
    if not compile_content(known, bindings).fits_body:
        sentence = _("The fixed values together are longer than Meta allows for this template. Shorten one of them.")
        yield Finding("body_long", ERROR, sentence, _first_body(known))


def _first_body(known: list[Slot]) -> str:
    return next((anchor_of(slot.key) for slot in known if slot.place == "body"), TEMPLATE_ANCHOR)


def _slot(slot: Slot, binding: Mapping[str, str]) -> Iterator[Finding]:
    source, fallback = str(binding.get("expression") or ""), str(binding.get("fallback") or "")
    name = {"name": slot.label}
    if not source.strip():
        if slot.required:
            sentence = _("“%(name)s” has no value. Choose an attribute or write a text.")
            yield _finding("slot_unbound", ERROR, sentence % name, slot)
        return
    if fallback.strip():
        yield from _text(slot, fallback, "fallback")
    try:
        expression = compile_expression(source)
    except ExpressionError as error:
        yield _finding(error.code.replace(".", "_"), ERROR, f"{slot.label}: {error.sentence}", slot)
        return
    if expression.is_constant:
        yield from _text(slot, source, "expression")
    elif slot.required and not fallback.strip() and not _always_has_value(slot, expression):
        yield _no_fallback(slot)


def _no_fallback(slot: Slot) -> Finding:
    name = {"name": slot.label}
    if slot.kind == "text":
        sentence = _(
            "“%(name)s” has no fallback. Meta refuses empty variables: say what to use when there is no value."
        )
        return _finding("fallback_missing", ERROR, sentence % name, slot, "-fallback")
    sentence = _("“%(name)s” has no fallback. People without a value won’t get the message.")
    return _finding("fallback_missing", WARNING, sentence % name, slot, "-fallback")


def _always_has_value(slot: Slot, expression: Expression) -> bool:
    """Whether the expression gives something even for a profile of which nothing is known."""
    try:
        return bool(clean(slot, expression.render(profile_context({}))))
    except (ExpressionError, Unfit):
        return False


def _text(slot: Slot, value: str, field: str) -> Iterator[Finding]:
    """What is wrong with a fixed value."""
    suffix = "-fallback" if field == "fallback" else ""
    facts: dict[str, Any] = {"name": slot.label, "limit": slot.max_length}
    if slot.kind == "text" and slot.max_length and len(one_line(value)) > slot.max_length:
        sentence = _("“%(name)s” is too long: Meta allows %(limit)d characters here, and the rest would be cut off.")
        yield _finding("value_long", ERROR, sentence % facts, slot, suffix)
    try:
        clean(slot, value)
    except Unfit as unfit:
        yield _finding(f"value_{unfit}", ERROR, unfit_sentence(str(unfit), slot), slot, suffix)


def unfit_sentence(code: str, slot: Slot) -> str:
    """Why a value can't be used in a slot, in words; `code` as in Rendered.errors."""
    facts: dict[str, Any] = {"name": slot.label, "limit": slot.max_length}
    if code == "media_scheme":
        return _("“%(name)s” needs an address that begins with https://, or the id of a file uploaded to Meta.") % facts
    if code == "media_host":
        return _("“%(name)s”: Meta can’t fetch files from this host. Use a public https address.") % facts
    if code == "location":
        return _("“%(name)s” needs a number in degrees, such as 51.5136.") % facts
    if code == "code":
        return _("“%(name)s” can’t contain spaces.") % facts
    if code == "too_long":
        return _("“%(name)s” is too long: Meta allows %(limit)d characters here.") % facts
    if code == "shortened":
        return _("“%(name)s” is shortened to what Meta allows.") % facts
    return _("“%(name)s” can’t be worked out for this profile.") % facts


def _finding(code: str, severity: str, sentence: str, slot: Slot, suffix: str = "") -> Finding:
    return Finding(code, severity, sentence, anchor_of(slot.key) + suffix, slot.key)
