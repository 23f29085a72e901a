"""`fields=` selection with nested braces, and cursor paging whose `next` exists only when a page follows."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from ..errors import GraphError

Json = dict[str, Any]
Tree = dict[str, "Tree"]
R = TypeVar("R")

DEFAULT_LIMIT, MAX_LIMIT = 25, 100


def parse_fields(text: str) -> Tree:
    """Parse `id,name,phone_numbers{id,throughput{level}}`; raises 100 when braces do not close."""
    root: Tree = {}
    stack = [root]
    word = ""
    last = ""

    def close_word() -> None:
        nonlocal word, last
        if word.strip():
            last = word.strip().partition(".")[0]
            stack[-1].setdefault(last, {})
        word = ""

    for char in text:
        if char == "{":
            close_word()
            if not last:
                raise GraphError(100, message="(#100) Syntax error in the fields parameter")
            stack.append(stack[-1][last])
            last = ""
        elif char in ",}":
            close_word()
            if char == "}":
                stack.pop()
            if not stack:
                raise GraphError(100, message="(#100) Syntax error in the fields parameter")
        else:
            word += char
    close_word()
    if len(stack) != 1:
        raise GraphError(100, message="(#100) Syntax error in the fields parameter")
    return root


def select(node: Json, tree: Tree, defaults: Sequence[str], type_name: str, optional: frozenset[str]) -> Json:
    """Give the asked fields of a node, `id` always; raises 100 for a field that does not exist."""
    if not tree:
        return {key: node[key] for key in defaults if key in node} | {"id": node["id"]}
    chosen: Json = {}
    for name, inner in tree.items():
        if name in node:
            chosen[name] = _inner(node[name], inner)
        elif name not in optional:
            raise GraphError(
                100, message=f"(#100) Tried accessing nonexisting field ({name}) on node type ({type_name})"
            )
    chosen["id"] = node["id"]
    return chosen


def _inner(value: Any, tree: Tree) -> Any:
    if tree and isinstance(value, dict):
        return {key: _inner(value[key], tree[key]) for key in tree if key in value}
    return value


def matches(node: Json, params: Json) -> bool:
    """Whether a node passes `filtering=[{"field", "operator": IN or EQUAL, "value"}]`; raises 100 when it is broken."""
    given = params.get("filtering")
    if not given:
        return True
    try:
        rules = json.loads(given) if isinstance(given, str) else given
        for rule in rules:
            wanted = rule["value"] if rule["operator"] == "IN" else [rule["value"]]
            if rule["operator"] not in ("IN", "EQUAL") or node.get(rule["field"]) not in wanted:
                return False
    except (ValueError, TypeError, KeyError):
        raise GraphError(100, message="(#100) Param filtering must be a list of field, operator and value.") from None
    return True


def cursor(record_id: str) -> str:
    """Give the opaque cursor of a record."""
    return base64.urlsafe_b64encode(f"c:{record_id}".encode()).decode()


def _record_id(value: str) -> int:
    try:
        kind, _, number = base64.urlsafe_b64decode(value.encode()).decode().partition(":")
        if kind != "c":
            raise ValueError
        return int(number)
    except (ValueError, binascii.Error):
        raise GraphError(131059, "The cursor is not valid or has expired") from None


def page(records: Sequence[R], params: Json, url: str, view: Callable[[R], Json], id_of: Callable[[R], str]) -> Json:
    """Give one page of records in the order of their ids."""
    try:
        limit = int(params.get("limit") or DEFAULT_LIMIT)
    except ValueError:
        raise GraphError(100, message="(#100) Param limit must be an integer") from None
    limit = max(1, min(MAX_LIMIT, limit))
    ordered = sorted(records, key=lambda record: int(id_of(record)))
    start = 0
    if params.get("after"):
        after = _record_id(str(params["after"]))
        start = sum(1 for record in ordered if int(id_of(record)) <= after)
    elif params.get("before"):
        before = _record_id(str(params["before"]))
        start = max(0, sum(1 for record in ordered if int(id_of(record)) < before) - limit)
    shown = ordered[start : start + limit]
    result: Json = {"data": [view(record) for record in shown]}
    if not shown:
        return result
    cursors = {"before": cursor(id_of(shown[0])), "after": cursor(id_of(shown[-1]))}
    result["paging"] = {"cursors": cursors}
    kept = {key: value for key, value in params.items() if key not in ("after", "before") and isinstance(value, str)}
    if start + limit < len(ordered):
        result["paging"]["next"] = f"{url}?{urlencode({**kept, 'limit': limit, 'after': cursors['after']})}"
    if start > 0:
        result["paging"]["previous"] = f"{url}?{urlencode({**kept, 'limit': limit, 'before': cursors['before']})}"
    return result
