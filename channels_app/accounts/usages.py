"""Who uses a channel configuration. Rooms above register here in their AppConfig.ready(); this room asks."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from channels_app.accounts.models import ChannelConfiguration
from console.kit.states import State


@dataclass(frozen=True)
class Usage:
    """One thing that sends through a configuration; `is_live` when it would break without it."""

    label: str
    url: str
    state: State
    is_live: bool


@dataclass(frozen=True)
class UsageSource:
    """What a room tells: `rows` of one configuration, live ones first, and `counts` {configuration id: how many}."""

    name: str
    rows: Callable[[ChannelConfiguration], Sequence[Usage]]
    counts: Callable[[Collection[int]], Mapping[int, int]]


SOURCES: dict[str, UsageSource] = {}


def register(source: UsageSource) -> None:
    """Adds a room's answers; the same name again replaces them."""
    SOURCES[source.name] = source


def usages(channel: ChannelConfiguration) -> list[Usage]:
    """Everything that uses a configuration, live first. One query per registered room."""
    found = [usage for source in SOURCES.values() for usage in source.rows(channel)]
    return sorted(found, key=lambda usage: not usage.is_live)


def counts(channel_ids: Collection[int]) -> Counter[int]:
    """{configuration id: how many things use it}. One query per registered room for all of them."""
    found: Counter[int] = Counter()
    for source in SOURCES.values():
        found.update(source.counts(channel_ids))
    return found
