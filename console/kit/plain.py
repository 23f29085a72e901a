"""Foreign data made plain. Pure."""

from typing import Any

KEPT_DEPTH = 32


def storable(value: Any, depth: int = KEPT_DEPTH) -> Any:
    """Foreign JSON as any database keeps it: no NUL, no half characters, nothing nested deeper than `depth`."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict | list | tuple) and not depth:
        return "…"
    if isinstance(value, dict):
        return {storable(name): storable(item, depth - 1) for name, item in value.items()}
    return [storable(item, depth - 1) for item in value] if isinstance(value, list | tuple) else value
