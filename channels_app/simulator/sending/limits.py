"""Meta's limits on sending: throughput per number, pair rate, unique users per day, customer service windows."""

from __future__ import annotations

from collections import OrderedDict

RATES = {"STANDARD": 80.0, "HIGH": 1000.0, "NOT_APPLICABLE": 80.0, "COEXISTENCE": 20.0}
TIERS = {"TIER_250": 250, "TIER_2K": 2_000, "TIER_10K": 10_000, "TIER_100K": 100_000}

PAIR_BURST = 45
PAIR_INTERVAL_S = 6.0
DAY_S = 86_400.0
_PRUNE_ABOVE = 50_000


class Limits:
    """Buckets and windows. Rates run on real seconds (clients pace in real time), windows on virtual ones."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all buckets and windows."""
        self._throughput: dict[str, float] = {}
        self._pairs: dict[tuple[str, str], float] = {}
        self._prune_at = _PRUNE_ABOVE
        self._users: dict[str, OrderedDict[str, float]] = {}
        self.windows: dict[tuple[str, str], float] = {}

    def take_throughput(self, phone_id: str, level: str, now: float) -> bool:
        """Take one message of a number's rate (one second's worth of burst); False when it is used up."""
        interval = 1.0 / RATES.get(level, 80.0)
        due = max(self._throughput.get(phone_id, 0.0), now - 1.0)
        if due > now:
            return False
        self._throughput[phone_id] = due + interval
        return True

    def take_pair(self, phone_id: str, user: str, now: float) -> bool:
        """Take one message of the pair rate: 45 in a burst, then one per 6 s; False when it is used up."""
        key = (phone_id, user)
        floor = now - (PAIR_BURST - 1) * PAIR_INTERVAL_S
        due = max(self._pairs.get(key, 0.0), floor)
        if due > now:
            return False
        self._pairs[key] = due + PAIR_INTERVAL_S
        if len(self._pairs) > self._prune_at:
            self._pairs = {pair: at for pair, at in self._pairs.items() if at > floor}
            self._prune_at = max(_PRUNE_ABOVE, 2 * len(self._pairs))
        return True

    def take_user(self, portfolio_id: str, tier: str, user: str, now: float) -> bool:
        """Count a unique user of the portfolio's rolling 24 hours; False when the tier is used up."""
        limit = TIERS.get(tier)
        if limit is None:
            return True
        users = self._users.setdefault(portfolio_id, OrderedDict())
        while users and next(iter(users.values())) <= now - DAY_S:
            users.popitem(last=False)
        if user in users:
            return True
        if len(users) >= limit:
            return False
        users[user] = now
        return True

    def users_counted(self, portfolio_id: str) -> int:
        """Give the unique users counted in the rolling 24 hours, as of the last send."""
        return len(self._users.get(portfolio_id, ()))

    def open_window(self, phone_id: str, user: str, now: float) -> None:
        """Note that a person wrote to a number: its customer service window is open for 24 virtual hours."""
        self.windows[phone_id, user] = now

    def has_window(self, phone_id: str, user: str, now: float) -> bool:
        """Whether free-form messages may be sent to this person."""
        at = self.windows.get((phone_id, user))
        return at is not None and now - at < DAY_S
