"""What a person sees on the phone: the last messages of each conversation, bounded in number."""

from __future__ import annotations

import itertools
from collections import OrderedDict, deque
from typing import Any

from .store import Store

KEPT_PER_CONVERSATION = 60
KEPT_CONVERSATIONS = 2_000

Bubble = dict[str, Any]


class Conversations:
    """Lines by (number id, person), the oldest conversations fall out first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._threads: OrderedDict[tuple[str, str], deque[Bubble]] = OrderedDict()
        self._numbers = itertools.count(1)

    def add(self, phone_id: str, person: str, bubble: Bubble) -> Bubble:
        """Append one line and number it."""
        bubble["n"] = next(self._numbers)
        self._append(phone_id, person, bubble)
        self._store.note_bubble(bubble["n"], phone_id, person, bubble)
        return bubble

    def restore(self, number: int, phone_id: str, person: str, bubble: Bubble) -> None:
        """Put back a stored line."""
        self._append(phone_id, person, bubble)
        self._numbers = itertools.count(number + 1)

    def _append(self, phone_id: str, person: str, bubble: Bubble) -> None:
        key = (phone_id, person)
        thread = self._threads.get(key)
        if thread is None:
            thread = self._threads[key] = deque(maxlen=KEPT_PER_CONVERSATION)
            if len(self._threads) > KEPT_CONVERSATIONS:
                self._threads.popitem(last=False)
        else:
            self._threads.move_to_end(key)
        thread.append(bubble)

    def thread(self, phone_id: str, person: str) -> list[Bubble]:
        """Give the kept lines of a conversation, oldest first."""
        return list(self._threads.get((phone_id, person), ()))

    def latest(self, phone_id: str, limit: int = 50, search: str = "") -> list[tuple[str, Bubble]]:
        """Give (person, last line) of the newest conversations of a number."""
        found: list[tuple[str, Bubble]] = []
        for (number, person), thread in reversed(self._threads.items()):
            if number == phone_id and search in person:
                found.append((person, thread[-1]))
                if len(found) == limit:
                    break
        return found
