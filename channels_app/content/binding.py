"""Renders the values of a content for one profile after another. Pure, on the hot path: compile once, render often.

compiled = compile_content(slots, bindings)
rendered = compiled.render(profile_context({...}))
rendered.params    {slot key: value ready for payload.template_payload}
rendered.missing   slot keys without a value: Meta would refuse the message, so exclude the person
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from channels_app.content.cleaning import Unfit, clean, shorten
from channels_app.content.liquid import ExpressionError, compile_expression
from channels_app.message_templates.slots import Slot, load

Bindings = Mapping[str, Mapping[str, str]]
Context = Mapping[str, Any]


@dataclass(slots=True)
class Rendered:
    """What became of the slots for one profile.

    `errors` {slot key: code} tells for missing slots why the expression gave nothing (expression.date, too_long,
    media_host, ...). `notes` is the same where the message can be sent all the same: a fallback stood in, or the
    value was shortened. `fallbacks` are the keys that used theirs.
    """

    params: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    fallbacks: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class _Bound:
    """A slot with its expression ready to run and its fallback already cleaned."""

    slot: Slot
    render: Callable[[Context], str]
    fallback: str
    error: str = ""  # the expression could not be compiled


class CompiledContent:
    """The bindings of a content, ready to be rendered for any number of profiles."""

    __slots__ = ("_body_room", "_bounds", "_constants", "names", "slots")

    def __init__(self, slots: Sequence[Slot | Mapping[str, Any]], bindings: Bindings) -> None:
        self.slots = load(slots)
        self._constants: dict[str, str] = {}
        self._bounds: list[_Bound] = []
        self._body_room = next((slot.max_length for slot in self.slots if slot.place == "body"), 0)
        names: dict[str, None] = {}
        for slot in self.slots:
            if not slot.same_as:
                self._bind(slot, bindings.get(slot.key) or {}, names)
        self.names = tuple(names)  # the paths all expressions read, such as "profile.first_name"

    def _bind(self, slot: Slot, binding: Mapping[str, str], names: dict[str, None]) -> None:
        source, fallback = str(binding.get("expression") or ""), _cleaned(slot, str(binding.get("fallback") or ""))
        try:
            expression = compile_expression(source)
        except ExpressionError as error:
            self._bounds.append(_Bound(slot, _nothing, fallback, error.code))
            return
        names.update(dict.fromkeys(expression.names))
        if expression.is_constant:
            value = _cleaned(slot, source)
            if value or (not source.strip() and (fallback or not slot.required)):
                if value or fallback:
                    self._constants[slot.key] = value or fallback
                return
        self._bounds.append(_Bound(slot, expression.render, fallback))

    @property
    def fits_body(self) -> bool:
        """Whether the fixed values alone leave the body within Meta's limit."""
        lengths = [len(value) for key, value in self._constants.items() if key.startswith("body.")]
        return not self._body_room or sum(lengths) <= self._body_room

    def render(self, context: Context) -> Rendered:
        """The values for one profile. Never raises for what is in the profile; a few microseconds per variable."""
        rendered = Rendered(dict(self._constants))
        for bound in self._bounds:
            self._fill(bound, context, rendered)
        if self._body_room:
            _fit_body(rendered, self._body_room)
        return rendered

    @staticmethod
    def _fill(bound: _Bound, context: Context, rendered: Rendered) -> None:
        key, value, problem = bound.slot.key, "", bound.error
        if not problem:
            try:
                value = clean(bound.slot, bound.render(context))
            except ExpressionError as error:
                problem = error.code
            except Unfit as error:
                problem = str(error)
        if not value and bound.fallback:
            value = bound.fallback
            rendered.fallbacks.append(key)
        if value:
            rendered.params[key] = value
        elif bound.slot.required:
            rendered.missing.append(key)
        if problem:
            (rendered.notes if value or not bound.slot.required else rendered.errors)[key] = problem


def compile_content(slots: Sequence[Slot | Mapping[str, Any]], bindings: Bindings) -> CompiledContent:
    """Compiles bindings {slot key: {"expression": Liquid, "fallback": text}} for a version's slots (stored or loaded).

    A bad expression shows as an error of its slot when it is rendered: `checks` finds it before.
    """
    return CompiledContent(slots, bindings)


def _nothing(context: Context) -> str:
    return ""


def _cleaned(slot: Slot, value: str) -> str:
    try:
        return clean(slot, value)
    except Unfit:
        return ""


def _fit_body(rendered: Rendered, room: int) -> None:
    """The variables share what the fixed text leaves of the body (else Meta's 132005): the longest is shortened first."""
    lengths = {key: len(value) for key, value in rendered.params.items() if key.startswith("body.")}
    excess = sum(lengths.values()) - room
    while excess > 0:
        key = max(lengths, key=lambda name: lengths[name])
        keep = max(1, lengths[key] - excess)
        rendered.params[key] = shorten(rendered.params[key], keep)
        rendered.notes[key] = "shortened"
        new_length = len(rendered.params[key])
        if new_length >= lengths[key]:
            return
        excess -= lengths[key] - new_length
        lengths[key] = new_length
