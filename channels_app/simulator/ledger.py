"""The ledger of accepted messages: one small row per message, by its number, plus the counts tests ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import wamid

ACCEPTED, SENT, DELIVERED, READ, FAILED = range(5)
STAGE_NAMES = ("accepted", "sent", "delivered", "read", "failed")

# What is still to happen to a message: (virtual instant, stage, error code).
Step = tuple[float, int, int]


class Message:
    """One accepted message. `at` is real seconds, `steps` virtual ones; None when nothing more will happen."""

    __slots__ = ("at", "by_bsuid", "callback", "code", "phone_id", "sequence", "stage", "steps", "template_id", "to")

    def __init__(
        self, sequence: int, phone_id: str, to: str, template_id: str, callback: str, at: float, by_bsuid: bool
    ) -> None:
        self.sequence = sequence
        self.phone_id = phone_id
        self.to = to
        self.template_id = template_id
        self.callback = callback
        self.at = at
        self.by_bsuid = by_bsuid
        self.stage = ACCEPTED
        self.code = 0
        self.steps: tuple[Step, ...] | None = None


class Ledger:
    """All accepted messages in the order of acceptance, starting at sequence 1."""

    def __init__(self, salt: int) -> None:
        self.salt = salt
        self.first = 1
        self._rows: list[Message] = []
        self.clear()

    def clear(self) -> None:
        """Forget everything but how far the numbering came: an id is never given twice."""
        self.first += len(self._rows)
        self._rows.clear()
        self.per_recipient: dict[str, int] = {}
        self.per_phone: dict[str, int] = {}
        self.stages = [0] * len(STAGE_NAMES)

    def __len__(self) -> int:
        return len(self._rows)

    def append(self, phone_id: str, to: str, template_id: str, callback: str, at: float, by_bsuid: bool) -> Message:
        """Accept one message and number it."""
        message = Message(self.first + len(self._rows), phone_id, to, template_id, callback, at, by_bsuid)
        self._count(message)
        return message

    def restore(self, message: Message) -> None:
        """Put back a stored message; rows must come in order of their sequence."""
        if not self._rows:
            self.first = message.sequence
        self._count(message)

    def _count(self, message: Message) -> None:
        self._rows.append(message)
        self.per_recipient[message.to] = self.per_recipient.get(message.to, 0) + 1
        self.per_phone[message.phone_id] = self.per_phone.get(message.phone_id, 0) + 1
        self.stages[message.stage] += 1

    def move(self, message: Message, stage: int, code: int = 0) -> None:
        """Note what became of a message."""
        self.stages[message.stage] -= 1
        self.stages[stage] += 1
        message.stage, message.code = stage, code

    def wamid_of(self, message: Message) -> str:
        """Give the id that was answered for a message."""
        return wamid.outbound(message.to, message.sequence, self.salt)

    def find(self, message_id: object) -> Message | None:
        """Give the message behind an outbound wamid of ours."""
        parsed = wamid.parse(message_id)
        if not parsed or parsed[1] != wamid.OUTBOUND:
            return None
        index = parsed[2] - self.first
        if not 0 <= index < len(self._rows):
            return None
        message = self._rows[index]
        return message if self.wamid_of(message) == message_id else None

    def rows(self, after: int = 0) -> Iterator[Message]:
        """Walk the messages with a sequence above `after`."""
        start = max(0, after + 1 - self.first)
        for index in range(start, len(self._rows)):
            yield self._rows[index]

    def newest(self, count: int) -> list[Message]:
        """Give the last `count` messages, newest first."""
        return self._rows[: -count - 1 : -1]

    def summary(self) -> dict[str, Any]:
        """Counts over everything: constant cost except the maximum per recipient."""
        return {
            "accepted": len(self._rows),
            "unique_recipients": len(self.per_recipient),
            "max_per_recipient": max(self.per_recipient.values(), default=0),
            "recipients_with_more_than_one": sum(1 for count in self.per_recipient.values() if count > 1),
            "per_phone_number": dict(self.per_phone),
            "stages": dict(zip(STAGE_NAMES, self.stages, strict=True)),
        }
