"""Accepted messages a second of one sender process, against the bare client loop in the same run.

    python -m bench.pipeline [--messages 8000] [--latency 0.06] [--in-flight 256]

Uses the empty database of DATABASE_URL (a private SQLite file by default), a local sink in its own process, no pacing.
Prints a table and one JSON line.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=8000)
    parser.add_argument("--latency", type=float, default=0.06)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


@contextmanager
def sink(port: int, latency_s: float) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "bench.sink", str(port), str(latency_s)])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    wish = arguments()
    port = int(os.environ.get("BENCH_PORT", "9187"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    os.environ.setdefault("WAYMARK_DATA_DIR", tempfile.mkdtemp(prefix="waymark-bench-"))
    os.environ["WAYMARK_GRAPH_BASE_URL"] = f"http://127.0.0.1:{port}"
    os.environ["WAYMARK_ALLOW_PRIVATE_ADDRESSES"] = "true"
    import django  # noqa: PLC0415  # settings read the environment when Django starts

    django.setup()
    from bench import rounds  # noqa: PLC0415

    rounds.prepare_database()
    with sink(port, wish.latency):
        results = [rounds.measure(wish.messages, wish.in_flight) for _ in range(wish.rounds)]
    report(wish, results, rounds.vendor())


def report(wish: argparse.Namespace, results: list[dict[str, float]], vendor: str) -> None:
    middle = {name: sorted(one[name] for one in results)[len(results) // 2] for name in results[0]}
    print(f"{vendor}, {wish.messages} messages, {wish.latency * 1000:.0f} ms, {wish.in_flight} in flight")
    print(f"  median of {wish.rounds} rounds")
    for name, value in middle.items():
        print(f"  {name:<22} {value:>12,.2f}")
    print(json.dumps({"bench": "pipeline", "database": vendor, **vars(wish), **middle}))


if __name__ == "__main__":
    main()
