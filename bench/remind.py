"""A process of the benchmark of reminders: `python -m bench.remind enqueue|work|codes ADDRESS [COUNT]`."""

import asyncio
import signal
import sys
import time

from sqlalchemy import text

from app.commands.run import import_jobs
from app.kernel import db
from app.kernel.actor import Anonymous
from app.kernel.worker import Worker
from app.notifications import reminder_queue
from app.registry.sign_in import send_code

POLL_SECONDS = 0.02
PAUSE_SECONDS = 0.5


async def enqueue(_count: int) -> None:
    """Enqueue all that is due."""
    await reminder_queue.enqueue_due()


async def work(_count: int) -> None:
    """Run jobs until SIGTERM."""
    import_jobs()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await Worker().run(stop)


async def codes(count: int) -> None:
    """Ask for codes, one after another; print after how many seconds each had left."""
    for number in range(count):
        began = time.perf_counter()
        async with db.transaction() as session:
            caller = Anonymous(address=f"10.0.{number}.1")
            await send_code(session, caller, identifier=f"{number:018d}", language="es")
        while not await _has_left(number):
            await asyncio.sleep(POLL_SECONDS)
        print(time.perf_counter() - began, flush=True)
        await asyncio.sleep(PAUSE_SECONDS)


_LEFT = text(
    "SELECT 1 FROM message m JOIN person p ON p.id = m.person_id"
    " WHERE p.curp = :curp AND m.kind = 'code.requested' AND m.status = 'sent'"
)


async def _has_left(number: int) -> bool:
    async with db.reading() as session:
        return await session.scalar(_LEFT, {"curp": f"{number:018d}"}) is not None


async def main(what: str, url: str, count: int) -> None:
    """Do it on a database."""
    db.configure(url, driver="psycopg")
    try:
        await {"enqueue": enqueue, "work": work, "codes": codes}[what](count)
    finally:
        await db.disconnect()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0))
