"""What pages and background passes of Get started and Configure cost on a large PostgreSQL database.

    DATABASE_URL=postgres://... python -m bench.configure [--rows 1000000] [--explain]

Fills an empty database by SQL once (a few minutes for a million), then asks everything twice and prints the second time:
milliseconds of the database, milliseconds in all, the slowest statement, and which large tables were read whole.
"""

import argparse
import json
import os
import tempfile

PAGE_MS, PASS_MS = 100.0, 2000.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--explain", action="store_true", help="print the plan of what is too slow")
    return parser.parse_args()


def main() -> None:
    wish = arguments()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    os.environ.setdefault("WAYMARK_DATA_DIR", tempfile.mkdtemp(prefix="waymark-bench-"))
    import django  # noqa: PLC0415  # settings read the environment when Django starts

    django.setup()
    from bench import large, measures  # noqa: PLC0415

    workspace = large.prepared(wish.rows)
    found = measures.take(workspace)
    for one in found:
        limit = PASS_MS if one.is_pass else PAGE_MS
        mark = "SLOW" if one.database_ms > limit else ""
        whole = ", ".join(sorted(one.read_whole))
        print(f"{one.name:<34} {one.count:>3} q {one.database_ms:>9.1f} ms {one.total_ms:>9.1f} ms {mark:<5} {whole}")
        if mark and wish.explain:
            print(one.slowest_sql, one.slowest_plan, sep="\n")
    figures = {one.name: round(one.database_ms, 1) for one in found}
    print(json.dumps({"bench": "configure", "rows": wish.rows, "ms": figures}))


if __name__ == "__main__":
    main()
