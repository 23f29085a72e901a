"""A small HTTP server in front of the application, on the test's own database connection: what the simulator can call."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.db import connections
from django.test import Client


@pytest.fixture
def hook_url(db: None, settings: Any) -> Iterator[str]:
    """The address of the running server, set as WEBHOOK_BASE_URL. One request at a time, no connection is kept."""
    shared = connections["default"]
    shared.inc_thread_sharing()

    class Relay(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._relay(b"")

        def do_POST(self) -> None:
            self._relay(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def _relay(self, body: bytes) -> None:
            connections["default"] = shared
            signature = self.headers.get("X-Hub-Signature-256")
            extra = {"X-Hub-Signature-256": signature} if signature else {}
            answer = Client().generic(self.command, self.path, body, content_type="application/json", headers=extra)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Relay)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.WEBHOOK_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    try:
        yield settings.WEBHOOK_BASE_URL
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        shared.dec_thread_sharing()
