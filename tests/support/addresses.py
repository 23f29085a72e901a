"""Every address of the console, read from the resolver."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

UNKNOWN_ID = 999_999_999


@dataclass(frozen=True)
class Address:
    """One URL: its full name, its converters' names, the view, and the methods the view declares (empty: unknown)."""

    name: str
    arguments: dict[str, str]  # argument -> kind of converter
    view: Any

    @property
    def is_of_workspace(self) -> bool:
        return "workspace_slug" in self.arguments

    @property
    def methods(self) -> tuple[str, ...]:
        return getattr(self.view, "methods", ())

    def unknown_arguments(self) -> dict[str, Any]:
        """Arguments that fit the address and name nothing that exists."""
        samples: dict[str, Any] = {"IntConverter": UNKNOWN_ID, "UUIDConverter": "0" * 8 + "-0000-4000-8000-" + "0" * 12}
        kinds = {name: kind for name, kind in self.arguments.items() if name != "workspace_slug"}
        return {name: samples.get(kind, "unknown") for name, kind in kinds.items()}


def addresses() -> dict[str, Address]:
    """All of them by name; a name used twice would hide a view and fails."""
    found: dict[str, Address] = {}
    for address in _walk(get_resolver(), "", {}):
        assert address.name not in found, f"{address.name} names two views"
        found[address.name] = address
    return found


def _walk(resolver: URLResolver, namespace: str, outer: dict[str, str]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        arguments = {**outer, **_arguments(entry)}
        if isinstance(entry, URLResolver):
            yield from _walk(entry, namespace + (f"{entry.namespace}:" if entry.namespace else ""), arguments)
        else:
            yield Address(f"{namespace}{entry.name or entry.pattern}", arguments, entry.callback)


def _arguments(entry: URLPattern | URLResolver) -> dict[str, str]:
    converters = {name: type(converter).__name__ for name, converter in entry.pattern.converters.items()}
    regex = getattr(entry.pattern, "regex", None)
    groups = dict.fromkeys(regex.groupindex, "regex") if regex is not None else {}
    return {**groups, **converters}
