"""A gateway for text messages in this process: it drops a second message of the same id, as gateways must."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from app.kernel.settings import forget_settings


@dataclass
class Gateway:
    """`sent`: one for each id; `asked`: how often each was posted. `status`: the answer, `statuses`: that to
    some numbers; `waits`: seconds until it is given to some. `connections`: from where they were opened."""

    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    status: int = 202
    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)
    connections: set[tuple[str, int]] = field(default_factory=set)


@contextmanager
def open_gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A gateway on loopback, and the portal configured to use it."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            gateway.asked.append(body["id"])
            gateway.sent.setdefault(body["id"], body | {"key": self.headers["Idempotency-Key"]})
            gateway.connections.add(self.client_address)
            time.sleep(gateway.waits.get(body["to"], gateway.seconds))
            self.send_response(gateway.statuses.get(body["to"], gateway.status))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("VENTANILLA_SMS_URL", f"http://127.0.0.1:{server.server_port}/")
    forget_settings()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        forget_settings()
