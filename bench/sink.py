"""A stand-in for Meta's send endpoint that only accepts: for measuring, and for killing senders in front of it.

    python -m bench.sink PORT [LATENCY_S] [LEDGER_FILE]

Every acceptance is written to LEDGER_FILE (recipient, id, callback data) before the answer leaves.
"""

import asyncio
import json
import sys
from itertools import count
from typing import TextIO

from aiohttp import web


def application(latency_s: float, ledger: TextIO | None) -> web.Application:
    numbers = count(1)

    async def messages(request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        wamid = f"wamid.{next(numbers):024}"
        if ledger is not None:
            ledger.write(f"{body['to']} {wamid} {body.get('biz_opaque_callback_data', '')}\n")
            ledger.flush()
        if latency_s:
            await asyncio.sleep(latency_s)
        answer = f'{{"messaging_product":"whatsapp","contacts":[{{"input":"{body["to"]}"}}],"messages":[{{"id":"{wamid}"}}]}}'
        return web.Response(text=answer, content_type="application/json")

    app = web.Application()
    app.router.add_post("/{version}/{number}/messages", messages)
    return app


def main() -> None:
    port, latency_s = int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    ledger = open(sys.argv[3], "a") if len(sys.argv) > 3 else None  # noqa: PTH123, SIM115
    web.run_app(application(latency_s, ledger), host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
