"""One worker that only consumes events: `python -m bench.consume ADDRESS`, until SIGTERM. No jobs are run."""

import asyncio
import signal
import sys

from app.commands.run import import_jobs
from app.kernel import consumer_runner, db


async def consume(url: str) -> None:
    """Run every consumer until stopped."""
    import_jobs()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    db.configure(url, driver="psycopg")
    try:
        await consumer_runner.run(stop)
    finally:
        await db.disconnect()


if __name__ == "__main__":
    asyncio.run(consume(sys.argv[1]))
