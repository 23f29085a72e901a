"""Takes work in batches of about a thousand."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
SIZE = 1000


def batched(items: Iterable[T], size: int = SIZE) -> Iterator[list[T]]:
    """Lists of at most `size` items, in order; reads lazily."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
