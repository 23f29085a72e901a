"""A campaign in front of the simulator while processes are killed and Meta misbehaves; then both ledgers are compared.

    python -m bench.faults [--database sqlite|postgres] [--recipients 2000] [--kills 5] [--seed 1] [--port 9220]

Real processes: simulator, web, workers. One run is killed and fed faults to its end, a second is paused, resumed and
stopped. Ends with one JSON line; exit status 1 when anybody was lost or got two, or when a pause or a stop came late.
PostgreSQL: the server of BENCH_POSTGRES (a database is made and dropped) and the Redis of REDIS_URL.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--recipients", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=9220, help="of the web server; the simulator takes the next one")
    parser.add_argument("--minutes", type=float, default=10.0, help="the longest that one run may take")
    parser.add_argument("--no-stop", action="store_true", help="leave out the second campaign (pause, resume, stop)")
    return parser.parse_args()


@contextmanager
def database(kind: str) -> Iterator[dict[str, str]]:
    """Environment with a database of its own; the PostgreSQL one is dropped at the end."""
    if kind == "sqlite":
        yield {"DATABASE_URL": "", "REDIS_URL": ""}
        return
    server_url = os.environ.get("BENCH_POSTGRES", POSTGRES)
    name = f"waymark_faults_{os.getpid()}"
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield {"DATABASE_URL": url, "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")}
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def main() -> None:
    wish = arguments()
    root = os.environ.get("WAYMARK_DATA_DIR") or None
    with database(wish.database) as environment, tempfile.TemporaryDirectory(prefix="faults-", dir=root) as folder:
        os.environ |= environment | {
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "WAYMARK_DATA_DIR": folder,
            "WAYMARK_BASE_URL": f"http://127.0.0.1:{wish.port}",
            "WAYMARK_WEBHOOK_BASE_URL": f"http://127.0.0.1:{wish.port}",
            "WAYMARK_GRAPH_BASE_URL": f"http://127.0.0.1:{wish.port + 1}",
            "WAYMARK_ALLOW_PRIVATE_ADDRESSES": "true",
            "EMAIL_URL": f"file:///{folder}/mails",
        }
        for name in ("DATABASE_URL", "REDIS_URL"):
            if not os.environ[name]:
                del os.environ[name]
        import django  # noqa: PLC0415  # settings read the environment when Django starts

        django.setup()
        from bench import havoc  # noqa: PLC0415

        line, faults = havoc.run(wish, Path(folder))
    for fault in faults:
        print("FAULT:", fault)
    print(json.dumps(line))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
