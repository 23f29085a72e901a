"""What an answer of Meta's means for the message, and for what it belongs to. Pure: plain data in and out."""

from dataclasses import dataclass
from enum import StrEnum

from channels_app.cloud_api.outcomes import Outcome

STOPPED_MARKETING = 131050  # the person chose "stop promotions" in WhatsApp
BRIEF_CODES = frozenset({1, 131000, 131053})  # "something went wrong": often this very message, so three tries
BRIEF_TRIES, TRIES = 3, 10
LONGEST_WAIT_S = 3600.0
NUMBER_REST_S = 3600.0  # after a block or restriction of the number
CREDENTIALS_REST_S = 300.0  # a renewed token is noticed this soon
NO_CONNECTION_REST_S = 20.0
SILENCE_REST_S = 60.0
SILENCE_COUNT = 20  # as many calls without any answer in a row: stop making more messages doubtful


class Effect(StrEnum):
    """What else follows, beyond the one message."""

    NONE = ""
    SLOW_DOWN = "slow_down"
    REST = "rest"
    HOLD_TEMPLATE = "hold_template"
    SUPPRESS = "suppress"
    WITHDRAW_CONSENT = "withdraw_consent"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The message's next status (ready, failed or unknown) and what follows.

    `wait_s` is until the next try, `counts` whether this try is one of the message's own, `rest_s` how long the number rests.
    """

    target: str
    wait_s: float = 0.0
    counts: bool = True
    effect: Effect = Effect.NONE
    rest_s: float = 0.0


def decide(
    outcome: Outcome, *, code: int | None, attempt: int, retry_after_s: float | None = None, jitter: float = 0.5
) -> Verdict:
    """The verdict on one refused or unanswered try. `attempt` counts from 1; `jitter` is a random number from 0 to 1."""
    spread = 0.75 + 0.5 * jitter
    if outcome is Outcome.UNKNOWN:
        return Verdict("unknown")
    if outcome in (Outcome.RETRY_SOON, Outcome.RETRY_LATER):
        return _retry(outcome, code, attempt, retry_after_s, spread)
    if outcome is Outcome.SLOW_NUMBER:
        return Verdict("ready", (retry_after_s or 2.0) * spread, counts=False, effect=Effect.SLOW_DOWN)
    if outcome is Outcome.HOLD_PAIR:
        if attempt >= TRIES:
            return Verdict("failed")
        return Verdict("ready", min(4.0 ** min(attempt, 6), LONGEST_WAIT_S) * spread)
    if outcome is Outcome.PAUSE_TEMPLATE:
        return Verdict("ready", counts=False, effect=Effect.HOLD_TEMPLATE)
    if outcome is Outcome.PAUSE_NUMBER:
        return Verdict("ready", counts=False, effect=Effect.REST, rest_s=retry_after_s or NUMBER_REST_S)
    if outcome is Outcome.STOP_CREDENTIALS:
        return Verdict("ready", counts=False, effect=Effect.REST, rest_s=CREDENTIALS_REST_S)
    return Verdict("failed", effect=_following(outcome, code))


def _retry(outcome: Outcome, code: int | None, attempt: int, retry_after_s: float | None, spread: float) -> Verdict:
    if code is None:  # no connection: not the message's fault, and the next message would find none either
        return Verdict("ready", counts=False, effect=Effect.REST, rest_s=NO_CONNECTION_REST_S)
    if attempt >= (BRIEF_TRIES if code in BRIEF_CODES else TRIES):
        return Verdict("failed")
    first_s = retry_after_s or (5.0 if outcome is Outcome.RETRY_SOON else 300.0)
    effect = Effect.NONE if code in BRIEF_CODES else Effect.SLOW_DOWN
    return Verdict("ready", min(first_s * 2.0 ** (attempt - 1), LONGEST_WAIT_S) * spread, effect=effect)


def decide_reported(outcome: Outcome, code: int | None) -> Verdict:
    """The verdict on a `failed` status: Meta took the message and dropped it, so there is no other try, only what follows."""
    if outcome is Outcome.PAUSE_TEMPLATE:
        return Verdict("failed", effect=Effect.HOLD_TEMPLATE)
    if outcome is Outcome.PAUSE_NUMBER:
        return Verdict("failed", effect=Effect.REST, rest_s=NUMBER_REST_S)
    if outcome is Outcome.STOP_CREDENTIALS:
        return Verdict("failed", effect=Effect.REST, rest_s=CREDENTIALS_REST_S)
    return Verdict("failed", effect=_following(outcome, code))


def _following(outcome: Outcome, code: int | None) -> Effect:
    if code == STOPPED_MARKETING:
        return Effect.WITHDRAW_CONSENT
    return Effect.SUPPRESS if outcome is Outcome.SUPPRESS else Effect.NONE
