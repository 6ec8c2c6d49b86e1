"""Programs that draw and are killed at any instant, two at a time: one draw, one order, each seat offered once."""

import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.appointments import draw as rules
from app.appointments.release_models import Draw, DrawRegistration
from app.appointments.service import draw_registrations
from tests.appointments import factories
from tests.appointments.releasing import open_draw
from tests.conftest import Database
from tests.forked import Forked, launch
from tests.notifications.mailbox import value
from tests.waiting import until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(200),
    pytest.mark.parametrize("db", ["psycopg"], indirect=True),
]

SEATS, PEOPLE, ROUNDS = 12, 30, 3
PROGRAM = """
import asyncio, os, time
from app import tables
from app.kernel import db
from app.appointments.jobs import look_at_freed_seats, note_releases
print("ready", flush=True)
async def work():
    db.configure(os.environ["VENTANILLA_DATABASE_URL"], driver="psycopg")
    await note_releases(int(time.time()))
    await look_at_freed_seats(int(time.time()))
asyncio.run(work())
"""


async def closed_draw(db: Database) -> None:
    """A draw at a unit where it is noon, which closed a moment ago."""
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    async with db.transaction() as session:
        unit = await factories.unit(session, timezone=zone)
        first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
        await factories.seats(session, unit, count=SEATS, start_at=first)
        await session.execute(text("UPDATE seat SET on_date = :day"), {"day": first.date()})
        draw = await open_draw(session, unit, first.date(), closes_in=timedelta(seconds=5), with_schedule=True)
        for _ in range(PEOPLE):
            who = await factories.person(session, unit)
            await draw_registrations.register(session, factories.citizen(who), draw.id, who.id)
    until(lambda: datetime.now(UTC) > draw.closes_at, "it doesn't close")


def pair(db: Database, folder: Path) -> list[Forked]:
    """Two of the programs above, at work."""
    given = {"VENTANILLA_DATABASE_URL": db.url.render_as_string(hide_password=False)}
    logs = [folder / f"log{len(list(folder.iterdir())) + n}" for n in range(2)]
    started = [launch([sys.executable, "-c", PROGRAM], os.environ | given, log) for log in logs]
    until(lambda: all(log.read_text().startswith("ready\n") for log in logs), "they don't begin")
    return started


async def test_killed_at_random_and_two_at_once_it_draws_once(db: Database, tmp_path: Path) -> None:
    await closed_draw(db)
    chance = random.Random(20261130)  # instants to kill at
    for _ in range(ROUNDS):
        running = pair(db, tmp_path)
        time.sleep(chance.uniform(0.02, 0.6))
        for one in running:
            one.kill()
            one.wait()
    assert [one.wait(60) for one in pair(db, tmp_path)] == [0, 0]
    assert await value("SELECT count(*) FROM event WHERE type = 'draw.drawn'") == 1
    async with db.transaction() as session:
        draw = (await session.scalars(select(Draw))).one()
        assert draw.seed is not None
        assert (draw.status, draw.seats, draw.registrations) == ("drawn", SEATS, PEOPLE)
        order = (await session.scalars(select(DrawRegistration).order_by(DrawRegistration.position))).all()
    assert [one.code for one in order] == rules.order_of(draw.seed, [one.code for one in order])
    asked = "SELECT count(*) FROM wait_offer o JOIN draw_registration r ON r.id = o.entry_id WHERE r.position <= 12"
    assert await value("SELECT count(*) FROM wait_offer") == await value(asked) == SEATS
    assert await value("SELECT count(*) FROM freed_seat") == SEATS
    held = "SELECT count(*) FROM seat s JOIN wait_offer o ON o.id = s.hold_id WHERE s.state = 'held'"
    assert await value(held) == SEATS
