"""How fast one number may send: a token bucket that learns from Meta's refusals, and one per recipient. Pure.

Meta (reference sections 5.1, 5.2): 80 messages a second, 1,000 on upgraded numbers, 20 with the Business app; to one
person a burst of 45, then one per 6 s. Rate and burst together stay within the limit in every second.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from math import inf

LIMITS_PER_S = {"STANDARD": 80.0, "HIGH": 1000.0, "COEXISTENCE": 20.0}
DEFAULT_PER_S = 80.0
BURST_SHARE = 0.08  # of the limit; the steady rate is the rest, so that no second ever holds more than the limit
SLOWEST_SHARE = 0.02
RECOVERY_SHARE_PER_S = 0.01  # of the limit, regained per second after a slow-down: from half to full in 46 s
SLOW_DOWN_GAP_S = 1.0  # refusals of messages that were in flight together count once
PAIR_BURST = 45
PAIR_INTERVAL_S = 6.0
PAIRS_KEPT = 50_000


def limit_per_s(throughput_level: str, *, is_coexistence: bool = False) -> float:
    """The messages per second Meta grants a number at a level of throughput; an unknown level counts as standard."""
    return LIMITS_PER_S["COEXISTENCE"] if is_coexistence else LIMITS_PER_S.get(throughput_level, DEFAULT_PER_S)


@dataclass
class Pace:
    """The budget of one number. Instants are seconds of any steady clock that the caller injects."""

    limit: float
    rate: float = 0.0
    tokens: float = 0.0
    at: float = 0.0
    slowed_at: float = -inf

    def __post_init__(self) -> None:
        self.burst = max(1.0, self.limit * BURST_SHARE)
        self.full_rate = max(self.limit - self.burst, self.limit * 0.5)
        self.rate = min(self.rate, self.full_rate) if self.rate > 0 else self.full_rate
        self.tokens = min(self.tokens, self.burst)

    def take(self, now: float) -> bool:
        """Takes one message's worth of the budget; False when there is none now."""
        self._refill(now)
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True

    def wait_s(self, now: float) -> float:
        """Seconds until the next message may go; 0 when it may go now."""
        self._refill(now)
        return max(0.0, (1.0 - self.tokens) / self.rate)

    def slow_down(self, now: float) -> None:
        """Meta said 130429: half the rate, nothing saved up; the rate comes back slowly."""
        self._refill(now)
        self.tokens = 0.0
        if now - self.slowed_at >= SLOW_DOWN_GAP_S:
            self.rate = max(self.rate / 2, self.limit * SLOWEST_SHARE)
            self.slowed_at = now

    def crawl(self) -> None:
        """After a rest that Meta asked for: begin at the slowest rate and find out."""
        self.rate, self.tokens = self.limit * SLOWEST_SHARE, min(self.tokens, 1.0)

    def _refill(self, now: float) -> None:
        elapsed = now - self.at
        if elapsed <= 0:  # a clock that went back gives nothing
            self.at = min(self.at, now)
            return
        self.tokens = min(self.burst, self.tokens + elapsed * self.rate)
        self.rate = min(self.full_rate, self.rate + elapsed * RECOVERY_SHARE_PER_S * self.limit)
        self.at = now


class Pairs:
    """The budget of single recipients of one number: a burst of 45, then one per 6 s each."""

    def __init__(self) -> None:
        self._due: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, recipient: str, now: float) -> float:
        """Takes one message to this person and gives 0.0; else takes nothing and gives the seconds to wait."""
        due = max(self._due.get(recipient, -inf), now - (PAIR_BURST - 1) * PAIR_INTERVAL_S)
        if due > now:
            return due - now
        self._due[recipient] = due + PAIR_INTERVAL_S
        self._due.move_to_end(recipient)
        if len(self._due) > PAIRS_KEPT:
            self._due.popitem(last=False)
        return 0.0


def resumed(
    limit: float, *, rate: float, tokens: float, tokens_at: datetime | None, now: datetime, clock: float
) -> Pace:
    """The pace as the last holder left it. After a crash `tokens_at` is old news: nothing is saved up then."""
    pace = Pace(limit, rate=rate, tokens=0.0, at=clock)
    if tokens_at is not None and tokens_at <= now:
        pace.tokens, pace.at = tokens, clock - min((now - tokens_at).total_seconds(), 3600.0)
        pace._refill(clock)
    return pace
