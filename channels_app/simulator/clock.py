"""The simulator's clock: wall time for limits and signatures, virtual time for what people and windows do."""

from __future__ import annotations

import time

MIN_SPEED = 1.0
MAX_SPEED = 86_400.0


class VirtualClock:
    """Virtual seconds since the epoch that pass `speed` times as fast as real ones; only ever forward."""

    def __init__(self, speed: float = 1.0, start: float | None = None) -> None:
        self._real_base = time.monotonic()
        self._virtual_base = time.time() if start is None else start
        self._speed = self.clamp(speed)

    @staticmethod
    def clamp(speed: float) -> float:
        """Keep a speed within 1..86,400."""
        return min(MAX_SPEED, max(MIN_SPEED, float(speed)))

    @property
    def speed(self) -> float:
        """Virtual seconds per real second."""
        return self._speed

    def now(self) -> float:
        """Give the virtual instant as seconds since the epoch."""
        return self._virtual_base + (time.monotonic() - self._real_base) * self._speed

    def set_speed(self, speed: float) -> None:
        """Change the pace from now on; what has passed stays."""
        self._virtual_base, self._real_base = self.now(), time.monotonic()
        self._speed = self.clamp(speed)

    def advance(self, seconds: float) -> None:
        """Jump forward by virtual seconds (negative values are ignored)."""
        self._virtual_base += max(0.0, seconds)

    def real_delay(self, virtual_due: float) -> float:
        """Real seconds until a virtual instant, 0 when it has passed."""
        return max(0.0, (virtual_due - self.now()) / self._speed)
