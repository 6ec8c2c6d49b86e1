"""The portal with offers of the wait list that last for seconds, at any hour, so that a load test sees them expire.

`python -m bench.short_offers ADDRESS` is its worker: it looks at freed seats until it is killed.
"""

import asyncio
import sys
from datetime import time, timedelta

from fastapi import FastAPI

from app.appointments import wait_list
from app.appointments.service import reschedule, wait_offers
from app.appointments.service.wait_offers import due_units, look
from app.kernel import db
from app.main import create_app

LIFE, LOOK_WITHIN = timedelta(seconds=8), timedelta(seconds=6)
PAUSE_SECONDS = 0.2


def shorten() -> None:
    """Offers last eight seconds, and no one sleeps."""
    wait_list.OFFER_LIFE, wait_list.MIN_OFFER_LIFE = LIFE, timedelta(seconds=1)
    vars(wait_list).update(WAKES=time(0), SLEEPS=time(23, 59, 59))
    wait_list.MAX_IGNORED = 1_000
    for module in (wait_offers, reschedule):
        module.LOOK_WITHIN = LOOK_WITHIN  # type: ignore[attr-defined] # a constant that it imports
    wait_offers.SOON = LOOK_WITHIN / 5


def short_offers() -> FastAPI:
    """The application."""
    shorten()
    return create_app()


async def work(url: str) -> None:
    """Look at what is due, over and over; the database may be unavailable meanwhile."""
    shorten()
    db.configure(url, driver="psycopg")
    while True:
        try:
            async with db.transaction() as session:
                units = await due_units(session)
            for unit_id in units:
                async with db.transaction() as session:
                    await look(session, unit_id)
        except Exception as error:  # noqa: BLE001 # the database is killed meanwhile, in every way there is
            print(repr(error)[:300], file=sys.stderr, flush=True)
        await asyncio.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
