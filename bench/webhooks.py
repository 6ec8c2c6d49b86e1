"""A process of the benchmark of webhooks: `python -m bench.webhooks receive|deliver|bare PORT [ADDRESS COUNT]`."""

import asyncio
import os
import sys
import time

import httpx
from sqlalchemy import text

from app.commands.run import import_jobs
from app.kernel import db
from app.kernel.actor import System
from app.kernel.consumer_runner import catch_up
from app.kernel.settings import forget_settings
from app.kernel.worker import Worker
from app.webhooks import service
from app.webhooks.service import Subscription

TYPE = "appointment.booked"
BARE_AT_ONCE = 16
"""As many calls as a webhook has at once."""
POLL_SECONDS = 0.01
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"

EVENTS = text(
    "INSERT INTO event (id, at, type, subject_id, unit_id, actor_kind, channel, service, service_version, payload)"
    " SELECT CAST('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS uuid), clock_timestamp(), :type,"
    " gen_random_uuid(), gen_random_uuid(), 'system', 'web', 'family-medicine', 1, jsonb_build_object('folio',"
    " 'C-7K3M9-QXT2F-R', 'room', 4, 'start_at', now(), 'minutes', 15) FROM generate_series(1, :count) AS n"
)


async def receive(port: int) -> None:
    """Answer each call at once, and count: a GET is answered with how many there were."""
    calls = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            if head.startswith(b"GET"):
                count = str(calls).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(count), count))
                continue
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            calls += 1
            writer.write(ANSWER)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


async def deliver(port: int, url: str, count: int) -> None:
    """Read events from the log and deliver them, as a worker does; print the seconds until all are recorded."""
    db.configure(url, driver="psycopg")
    import_jobs()
    given = Subscription("Bench", "bench@example.mx", f"http://127.0.0.1:{port}/", (TYPE,))
    async with db.transaction() as session:
        await service.create(session, System("bench"), given)
    async with db.transaction() as session:
        await session.execute(EVENTS, {"type": TYPE, "count": count})
    began = time.perf_counter()
    stop = asyncio.Event()
    working = asyncio.create_task(Worker().run(stop))
    await catch_up("webhooks")
    while await _pending():
        await asyncio.sleep(POLL_SECONDS)
    print("seconds", time.perf_counter() - began, flush=True)
    stop.set()
    await working
    await db.disconnect()


async def _pending() -> int:
    async with db.reading() as session:
        left = await session.scalar(text("SELECT 1 FROM webhook_delivery WHERE status = 'pending' LIMIT 1"))
        return int(left or 0)


async def bare(port: int, count: int) -> None:
    """Post as many bodies of the same size with httpx alone; print the seconds."""
    body = b"x" * 560
    headers = {"Content-Type": "application/cloudevents+json"}
    numbers = iter(range(count))
    limits = httpx.Limits(max_connections=BARE_AT_ONCE, max_keepalive_connections=BARE_AT_ONCE)

    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def post() -> None:
            for _number in numbers:
                answer = await client.post(f"http://127.0.0.1:{port}/", content=body, headers=headers)
                answer.raise_for_status()

        began = time.perf_counter()
        await asyncio.gather(*(post() for _ in range(BARE_AT_ONCE)))
        print("seconds", time.perf_counter() - began, flush=True)


def main() -> None:
    """Do it."""
    what, port = sys.argv[1], int(sys.argv[2])
    os.environ |= {
        "VENTANILLA_OUTBOUND_TRUSTED_NETWORKS": "127.0.0.0/8",
        "VENTANILLA_OUTBOUND_PLAIN_HTTP": "true",
        "VENTANILLA_OUTBOUND_PORTS": "1-65535",
    }
    forget_settings()
    if what == "receive":
        asyncio.run(receive(port))
    elif what == "deliver":
        asyncio.run(deliver(port, sys.argv[3], int(sys.argv[4])))
    else:
        asyncio.run(bare(port, int(sys.argv[4])))


if __name__ == "__main__":
    main()
