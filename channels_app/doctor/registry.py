"""What a check is. Adding one = one function with `@check` in checks/, and its words in words.py and docs/doctor.md."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from channels_app.cloud_api.errors import CloudApiError
from channels_app.cloud_api.remembering import Note
from channels_app.doctor.case import Case
from channels_app.doctor.states import FAILED, PASSED, SKIPPED, WARNING


class Group(StrEnum):
    """Where a check stands on the page."""

    INSTALLATION = "installation"
    ACCESS = "access"
    SENDERS = "senders"
    WEBHOOK = "webhook"
    CONTENT = "content"


class Turn(StrEnum):
    """Whose turn it is when a check does not pass."""

    YOU = "you"
    META = "meta"
    OPERATOR = "operator"  # whoever runs this installation


class Scope(StrEnum):
    """What a check is made for: once per installation, or for each of these."""

    INSTALLATION = "installation"
    WORKSPACE = "workspace"
    CREDENTIALS = "credentials"
    ACCOUNT = "account"
    NUMBER = "number"


@dataclass(frozen=True)
class Verdict:
    """What a check found. `facts` are plain JSON without secrets; facts["why"] chooses the sentence when it did not pass.

    `turn` and `fix` replace the check's own; `variant` tells several verdicts of one check apart; `calls` narrows the
    calls to Meta that are shown as evidence (all that the check made, when None); `words` is the code that the sentences
    go by, where another room's finding has its own.
    """

    status: str
    facts: dict[str, Any] = field(default_factory=dict)
    turn: str = ""
    fix: str = ""
    variant: str = ""
    calls: Sequence[Note] | None = None
    words: str = ""


def passed(**facts: Any) -> Verdict:
    return Verdict(PASSED, facts)


def warning(why: str, *, turn: str = "", fix: str = "", **facts: Any) -> Verdict:
    return Verdict(WARNING, {"why": why, **facts}, turn, fix)


def failed(why: str, *, turn: str = "", fix: str = "", **facts: Any) -> Verdict:
    return Verdict(FAILED, {"why": why, **facts}, turn, fix)


def untold() -> Verdict:
    """Meta, or our own tables, do not know it: nothing to judge."""
    return Verdict(SKIPPED, {"why": "untold"})


def because(code: str) -> Verdict:
    """Not asked, since another check failed before."""
    return Verdict(SKIPPED, {"why": "because", "because": code}, calls=())


Found = Verdict | list[Verdict]
Function = Callable[[Case], Found]


@dataclass(frozen=True)
class Check:
    """One check: `needs` are codes that must not have failed for the same subject or what it belongs to."""

    code: str
    group: Group
    scope: Scope
    function: Function
    turn: Turn
    fix: str = ""
    needs: tuple[str, ...] = ()


CHECKS: dict[str, Check] = {}


def check(
    code: str, *, group: Group, scope: Scope, turn: Turn = Turn.YOU, fix: str = "", needs: tuple[str, ...] = ()
) -> Callable[[Function], Function]:
    """Registers a check; they are made in the order of their registration within a scope."""
    if code in CHECKS:
        raise ValueError(f"check {code} is declared twice")
    if unknown := set(needs) - CHECKS.keys():
        raise ValueError(f"check {code} needs {sorted(unknown)}, which are declared later or not at all")

    def register(function: Function) -> Function:
        CHECKS[code] = Check(code, group, scope, function, turn, fix, needs)
        return function

    return register


def refused(error: CloudApiError) -> Verdict:
    """Meta answered a question with an error: its code and English text are the evidence."""
    facts = {"why": "refused", "error": type(error).__name__, "code": error.code, "subcode": error.subcode}
    return Verdict(FAILED, {**facts, "details": error.details[:200]})
