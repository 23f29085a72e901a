"""Starts and stops the simulator: options, sockets, signals."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from . import world
from .clock import MAX_SPEED, MIN_SPEED
from .simulator import Simulator
from .surface import MAX_BODY, Surface

DEFAULT_BIND = "127.0.0.1:9000"


@dataclass
class Options:
    """What the command line says. `latency` is real milliseconds, least and most."""

    host: str = "127.0.0.1"
    port: int = 9000
    seed: int = 1
    speed: float = 1.0
    store: str | None = None
    latency: tuple[int, int] | None = None
    quiet: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options, the same for both ways to start."""
    parser.add_argument("--bind", default=DEFAULT_BIND, metavar="HOST:PORT", help="where to listen")
    parser.add_argument("--seed", type=int, default=1, help="decides how every virtual person behaves")
    parser.add_argument("--speed", type=float, default=1.0, help="virtual seconds per real second, 1 to 86400")
    parser.add_argument("--store", default=None, metavar="PATH", help="keep the state in this SQLite file")
    parser.add_argument("--latency", default=None, metavar="MIN-MAX", help="answer of a send in ms, default 30-90")
    parser.add_argument("--quiet", action="store_true", help="print nothing at start")


def options_from(values: Mapping[str, Any]) -> Options:
    """Read parsed options; exits with a sentence when one makes no sense."""
    host, colon, port = str(values["bind"]).rpartition(":")
    if not colon or not port.isdigit() or not 0 <= int(port) <= 65535:
        sys.exit(f"--bind must be HOST:PORT, not {values['bind']!r}.")
    speed = float(values["speed"])
    if not MIN_SPEED <= speed <= MAX_SPEED:
        sys.exit(f"--speed must be between {MIN_SPEED:.0f} and {MAX_SPEED:.0f}.")
    latency: tuple[int, int] | None = None
    if values.get("latency"):
        low, _, high = str(values["latency"]).partition("-")
        if not low.isdigit() or not (high or low).isdigit():
            sys.exit("--latency must be MIN-MAX in milliseconds, for example 30-90.")
        latency = (int(low), int(high or low))
    return Options(
        host.strip("[]") or "127.0.0.1", int(port), int(values["seed"]), speed, values.get("store"), latency,
        bool(values.get("quiet")),
    )  # fmt: skip


def build_server(simulator: Simulator) -> web.Server:
    """Give the HTTP server around a simulator: one handler, no router, large bodies allowed."""

    loop = asyncio.get_running_loop()

    def request_factory(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY)

    # The low-level server of aiohttp: about twice as fast as an Application, and routing here is by id anyway.
    return web.Server(Surface(simulator), request_factory=request_factory, access_log=None)


def greeting(options: Options, port: int) -> str:
    """Give what is printed at start."""
    address = f"http://{options.host}:{port}"
    lines = [
        "",
        f"Cloud API simulator on {address}   (not Meta: nothing leaves this machine)",
        f"  phone         {address}/_control/phone",
        f"  overview      {address}/_control/",
        f"  seed {options.seed}, speed x{options.speed:g}, store {options.store or 'none (memory only)'}",
        "",
    ]
    lines += [f"  {key:<26}{value}" for key, value in world.CONSTANTS.items()]
    return "\n".join([*lines, ""])


async def serve(options: Options, stop: asyncio.Event | None = None) -> None:
    """Serve until `stop` is set or SIGINT or SIGTERM arrives."""
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    simulator = Simulator(seed=options.seed, speed=options.speed, store_path=options.store)
    if options.latency:
        simulator.knobs.latency_min_ms, simulator.knobs.latency_max_ms = options.latency
    await simulator.start()
    runner = web.ServerRunner(build_server(simulator), shutdown_timeout=1.0)
    try:
        await runner.setup()
        site = web.TCPSite(runner, options.host, options.port, backlog=1024)
        await site.start()
        port = runner.addresses[0][1] if runner.addresses else options.port
        if not options.quiet:
            sys.stdout.write(greeting(options, port))
            sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()
        await simulator.stop()


def run(options: Options) -> None:
    """Run the simulator in this process; exits with 1 and a sentence when the address is taken."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        asyncio.run(serve(options))
    except OSError as error:
        sys.exit(f"The simulator cannot listen on {options.host}:{options.port}: {error.strerror or error}")


def main(argv: Sequence[str] | None = None) -> None:
    """Start from the command line."""
    parser = argparse.ArgumentParser(prog="simulator", description="A local Cloud API simulator in Meta's place.")
    add_arguments(parser)
    run(options_from(vars(parser.parse_args(argv))))
