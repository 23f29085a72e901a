"""Lists of values as a table inside one SQL statement, on PostgreSQL and on SQLite alike.

`bulk_update` builds a CASE per row and is 20 to 40 times slower; this feeds `INSERT ... SELECT` and `UPDATE ... FROM`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

Params = Sequence[Any] | Mapping[str, Any]
Columns = Sequence[tuple[str, str]]  # name, PostgreSQL type (bigint, integer, smallint, text, timestamptz, jsonb)


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def stored(value: Any) -> Any:
    """A Python value as the database keeps it: instants become SQLite's text, the rest stays."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def table_of(columns: Columns, rows: Sequence[Sequence[Any]], alias: str = "v") -> tuple[str, list[Any]]:
    """`FROM` source with one row per entry of `rows`, and its parameters; jsonb columns take JSON texts."""
    if is_postgresql():
        arrays = ", ".join("%s::text[]::jsonb[]" if kind == "jsonb" else f"%s::{kind}[]" for _, kind in columns)
        names = ", ".join(name for name, _ in columns)
        return f"unnest({arrays}) AS {alias}({names})", [[row[i] for row in rows] for i in range(len(columns))]
    picks = ", ".join(f"json_extract(value, '$[{i}]') AS {name}" for i, (name, _) in enumerate(columns))
    cells = json.dumps([[stored(cell) for cell in row] for row in rows])
    return f"(SELECT {picks} FROM json_each(%s)) AS {alias}", [cells]  # noqa: S608


def fetch(sql: str, params: Params) -> list[tuple[Any, ...]]:
    """Runs one statement with bound parameters and gives the rows it returns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _bound(params))
        return cursor.fetchall() if cursor.description else []


def run(sql: str, params: Params) -> int:
    """Runs one UPDATE or INSERT with bound parameters; gives how many rows it changed (SQLite can't count after WITH)."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _bound(params))
        return max(0, cursor.rowcount)


def _bound(params: Params) -> Any:
    if isinstance(params, Mapping):
        return {name: stored(param) for name, param in params.items()}
    return [stored(param) for param in params]
