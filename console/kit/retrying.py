"""Runs a short transaction again when the database undid it for somebody else's sake."""

from collections.abc import Callable
from time import sleep
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

T = TypeVar("T")
UNDONE: tuple[type[Exception], ...] = (OperationalError,)  # a deadlock, a busy writer
RACED = (*UNDONE, IntegrityError)  # also: somebody made or removed the same row in this moment


def retried(function: Callable[[], T], *, tries: int = 4, on: tuple[type[Exception], ...] = UNDONE) -> T:
    """Runs it in a transaction, and again after one of these errors: what was undone doubles nothing.

    Inside an outer transaction it runs once: only the outermost can be tried again.
    """
    for attempt in range(1, tries + 1):
        try:
            with transaction.atomic():
                return function()
        except on:
            if attempt == tries or connection.in_atomic_block:
                raise
            sleep(0.05 * 2**attempt)
    raise AssertionError("unreachable")
