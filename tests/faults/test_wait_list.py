"""A worker killed between freeing a seat and offering it, and while it offers: nothing is lost, nothing twice."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.appointments.service import reschedule, wait_entries
from app.appointments.service.wait_entries import Asked
from app.appointments.wait_list import Wish
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.factories import add_account
from tests.notifications.mailbox import value
from tests.portal import Portal

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(200),
    pytest.mark.parametrize("db", ["psycopg"], indirect=True),
]

SEATS = 12
SECONDS = 60


@pytest.fixture
async def portal(db: Database, tmp_path: Path) -> AsyncIterator[Portal]:
    portal = Portal(db.url, tmp_path / "log")
    yield portal
    portal.stop()


async def clinic(db: Database) -> list[tuple[Person, str]]:
    """A unit where it is noon: twelve appointments in two days, and as many people who wait without one."""
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    async with db.transaction() as session:
        unit = await factories.unit(session, timezone=zone)
        first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        times = await factories.seats(session, unit, count=SEATS, start_at=first)
        await session.execute(text("UPDATE seat SET on_date = (start_at AT TIME ZONE :zone)::date"), {"zone": zone})
        made = []
        for at in times:
            who = await factories.person(session, unit)
            made.append((who, (await factories.booked(session, who, factories.place(unit, at))).folio))
        for number in range(SEATS):
            waits = await factories.person(session, unit)
            add_account(session, waits, email=f"espera-{number}@ejemplo.mx")
            asked = Asked(waits.id, unit.id, "family-medicine")
            await wait_entries.add(session, factories.citizen(waits), asked, Wish(notice=timedelta(hours=2)))
    return made


async def test_a_worker_killed_between_freeing_and_offering_loses_nothing(db: Database, portal: Portal) -> None:
    made = await clinic(db)
    for who, folio in made:
        async with db.transaction() as session:
            await reschedule.cancel(session, factories.citizen(who), folio, "other", factories.once())
    assert await value("SELECT count(*) FROM freed_seat WHERE outcome IS NULL") == SEATS
    assert await value("SELECT count(*) FROM wait_offer") == 0, "no worker runs"
    for _ in range(3):  # killed as soon as it has begun, whatever it does then
        portal.start_jobs()
        assert portal.jobs is not None
        await asyncio.sleep(1.5)
        os.killpg(portal.jobs.pid, signal.SIGKILL)
        portal.jobs.wait()
    portal.start_jobs()
    deadline = asyncio.get_running_loop().time() + SECONDS
    while await value("SELECT count(*) FROM wait_offer WHERE answer IS NULL") < SEATS:
        assert asyncio.get_running_loop().time() < deadline, "a freed seat was lost"
        await asyncio.sleep(0.2)
    assert await value("SELECT count(*) FROM wait_offer") == SEATS, "one was offered twice"
    assert await value("SELECT count(DISTINCT person_id) FROM wait_offer") == SEATS
    held = "SELECT count(*) FROM seat s JOIN wait_offer o ON o.id = s.hold_id WHERE s.state = 'held'"
    assert await value(held) == SEATS
    assert await value("SELECT count(*) FROM event WHERE type = 'wait-offer.made'") == SEATS
