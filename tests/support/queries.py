"""Query-count baselines: what each page costs, kept in a file; a change fails and prints the queries.

`WAYMARK_UPDATE_BASELINES=1 pytest tests/shape/test_query_counts.py` writes the file anew.
"""

import json
import os
from pathlib import Path

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

BASELINES = Path(__file__).resolve().parents[1] / "shape" / "query_counts.json"
IS_UPDATING = os.environ.get("WAYMARK_UPDATE_BASELINES") == "1"


def baselines() -> dict[str, int]:
    """What is known: page name -> number of queries."""
    return json.loads(BASELINES.read_text(encoding="utf-8")) if BASELINES.exists() else {}


def count_queries(client: Client, url: str) -> tuple[HttpResponse, list[str]]:
    """Gets a page and returns the answer with the SQL it took; savepoints are not counted."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    sql = [query["sql"] for query in captured.captured_queries]
    return response, [line for line in sql if not line.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]


def compare(name: str, queries: list[str]) -> None:
    """Fails when a page costs more or fewer queries than its baseline; updating rewrites the baseline instead."""
    known = baselines()
    if IS_UPDATING:
        known[name] = len(queries)
        BASELINES.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        return
    listing = "\n".join(f"{number:3} {sql[:300]}" for number, sql in enumerate(queries, 1))
    wanted = known.get(name)
    hint = "If this is meant, run with WAYMARK_UPDATE_BASELINES=1."
    assert len(queries) == wanted, f"{name}: {len(queries)} queries, the baseline is {wanted}. {hint}\n{listing}"
