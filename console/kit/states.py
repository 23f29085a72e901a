"""Declared state machines: one table of legal moves gives the pills, the buttons, the 409s and the exhaustive test.

A move is `UPDATE ... WHERE status IN (sources)`; no row changed means refused, never an error half done.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.kit.errors import MoveRefused

Text = str | Promise


@dataclass(frozen=True)
class State:
    """One status word: its value in the database, its label, its tone and icon (Tabler's names) in pills."""

    value: str
    label: Text
    tone: str
    icon: str
    is_final: bool = False


@dataclass(frozen=True)
class Move:
    """One legal change of status; `label` is the button's text, `capability` what a person needs for it."""

    name: str
    label: Text
    sources: tuple[str, ...]
    target: str
    capability: str = ""


class StateMachine:
    """The states and legal moves of one field of one kind of object."""

    registry: dict[str, "StateMachine"] = {}

    def __init__(self, name: str, states: Iterable[State], moves: Iterable[Move], *, field: str = "status") -> None:
        self.name = name
        self.field = field
        self.states = {state.value: state for state in states}
        self.moves = {move.name: move for move in moves}
        for move in self.moves.values():
            unknown = {*move.sources, move.target} - self.states.keys()
            if unknown:
                raise ValueError(f"{name}: move {move.name} names unknown states {sorted(unknown)}")
        StateMachine.registry[name] = self

    def __getitem__(self, value: str) -> State:
        return self.states[value]

    def moves_from(self, value: str) -> list[Move]:
        """The legal moves out of a status, in declared order: what the buttons show."""
        return [move for move in self.moves.values() if value in move.sources]

    def allows(self, name: str, value: str) -> bool:
        return value in self.moves[name].sources

    def values(self, *, is_final: bool) -> list[str]:
        """The values of all final, or of all open states."""
        return [state.value for state in self.states.values() if state.is_final is is_final]

    def move_all(self, queryset: QuerySet[Any], name: str, **updates: object) -> int:
        """Moves every row that may move; returns how many did. One UPDATE."""
        move = self.moves[name]
        sources = queryset.filter(**{f"{self.field}__in": move.sources})
        return sources.update(**{self.field: move.target}, **updates)

    def move(self, instance: Model, name: str, **updates: object) -> None:
        """Moves one row by compare-and-set and sets the same values on the instance. One UPDATE.

        Raises MoveRefused when the row was in no source status any more; nothing is changed then.
        """
        move = self.moves[name]
        rows = type(instance)._default_manager.filter(pk=instance.pk)
        if not self.move_all(rows, name, **updates):
            raise MoveRefused(
                f"{self.name}.{name}.refused",
                _("This can't be done any more: it is now “%(state)s”. Reload the page to see what can.")
                % {"state": self._label_now(rows)},
            )
        for field, value in {self.field: move.target, **updates}.items():
            setattr(instance, field, value)

    def _label_now(self, rows: QuerySet[Any]) -> Text:
        value = rows.values_list(self.field, flat=True).first()
        return self.states[value].label if value in self.states else _("deleted")
