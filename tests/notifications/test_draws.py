"""Whom a draw gives a seat and no message reaches: staff of their clinic see it, and tell them."""

from datetime import timedelta

import pytest
import time_machine

from app.appointments.service import draw_registrations, draws, schedules, wait_offers
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.consumer_runner import catch_up
from tests.appointments import factories
from tests.appointments.releasing import open_draw
from tests.conftest import Database
from tests.notifications.mailbox import open_mailbox, value, work
from tests.notifications.waiting import MORNING

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


async def test_staff_are_to_tell_whom_no_message_reaches(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_mailbox(monkeypatch) as mailbox, time_machine.travel(MORNING, tick=True) as traveller:
        async with db.transaction() as session:
            unit = await factories.unit(session)
            ana = await factories.person(session, unit)
            day = clock.today(unit.timezone) + timedelta(days=3)
            await factories.schedule(session, unit)
            draw = await open_draw(session, unit, day)
            await draw_registrations.register(session, factories.citizen(ana), draw.id, ana.id)
        traveller.shift(timedelta(hours=1, seconds=5))
        async with db.transaction() as session:
            await draws.work_draws(session, unit.id)
            await wait_offers.look(session, unit.id)
        await work(until_messages=0)
        assert await value("SELECT answer FROM wait_offer") == "unreachable"
        body = str(await value("SELECT string_agg(subject || body, ' ') FROM unaddressed_notice"))
    assert "se quedó sin horario" in body
    assert "le tocó un horario, pero no hay correo ni teléfono" in body
    assert "salieron antes" not in body
    assert mailbox.got == []


async def test_a_draw_that_loses_its_seats_says_that_the_agenda_changed(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself, as soon as the schedule has ended."""
    with open_mailbox(monkeypatch), time_machine.travel(MORNING, tick=True):
        async with db.transaction() as session:
            unit = await factories.unit(session)
            ana = await factories.person(session, unit)
            made, _seats = await factories.schedule(session, unit, horizon_days=9)
            draw = await open_draw(session, unit, clock.today(unit.timezone) + timedelta(days=3))
            await draw_registrations.register(session, factories.citizen(ana), draw.id, ana.id)
            today = clock.today(unit.timezone)
            await schedules.end_schedule(session, System("test"), made.id, today, version=made.version, horizon_days=9)
        await catch_up("wait-list")
        await work(until_messages=0)
        body = str(await value("SELECT string_agg(subject || body, ' ') FROM unaddressed_notice"))
    assert "ya no queda ningún horario de ese sorteo, que terminó" in body
    assert "salieron antes" not in body
