"""The newest day of the booking horizon opens at an hour of the unit's clock: in generation, search, rules and text."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import jobs, rules
from app.appointments.horizon import horizon_parameters, last_open_day, last_open_day_sql, opening_of
from app.appointments.problems import TooFar
from app.appointments.queries import availability, unavailability
from app.appointments.queries.availability import Own
from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.settings import forget_settings
from app.places.models import Unit
from tests.appointments import factories
from tests.appointments.week import FRIDAY, close, opened, states
from tests.conftest import Database

FAMILY = "family-medicine"
TODAY = date(2026, 10, 5)
NEWEST = TODAY + timedelta(days=30)


@pytest.fixture
def at_seven(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VENTANILLA_BOOKING_OPENS_AT", "07:00")
    forget_settings()
    yield
    monkeypatch.undo()
    forget_settings()


def local(hour: int, minute: int = 0, zone: str = factories.ZONE) -> datetime:
    return datetime.combine(TODAY, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.times(),
    st.times(),
    st.integers(1, 180),
)
def test_a_day_opens_once_at_its_hour(today: date, now: time, opens_at: time, days: int) -> None:
    last = rules.last_open_day(today, now, days=days, opens_at=opens_at)
    opening = rules.opening_of(last, days=days, opens_at=opens_at)
    moment = datetime.combine(today, now)
    assert opening <= moment < rules.opening_of(last + timedelta(days=1), days=days, opens_at=opens_at)


@pytest.mark.usefixtures("at_seven")
@pytest.mark.parametrize("zone", [factories.ZONE, "America/Tijuana", "America/Cancun"])
async def test_python_and_the_database_agree_on_the_last_day(session: AsyncSession, zone: str) -> None:
    statement = text(f"SELECT {last_open_day_sql('CAST(:now AS timestamptz)', 'CAST(:zone AS text)')}")
    for day in (TODAY, date(2026, 3, 8), date(2026, 11, 1)):
        for minutes in range(0, 24 * 60, 20):
            now = datetime.combine(day, time(), UTC) + timedelta(minutes=minutes)
            found = await session.scalar(statement, {"now": now, "zone": zone} | horizon_parameters())
            assert found == last_open_day(zone, now), now


@pytest.mark.usefixtures("at_seven")
async def test_the_newest_day_is_offered_and_booked_from_its_hour_on(session: AsyncSession) -> None:
    with time_machine.travel(local(6, 59), tick=False):
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        await factories.schedule(session, unit, horizon_days=30)
        assert await session.scalar(text("SELECT max(on_date) FROM seat")) == NEWEST, "made beforehand"
        assert await offered(session, unit) == NEWEST - timedelta(days=1)
        place = factories.place(unit, datetime.combine(NEWEST, time(8), ZoneInfo(factories.ZONE)).astimezone(UTC))
        day_before = NEWEST - timedelta(days=1)
        times = await availability.free_times(
            session, unit.id, FAMILY, NEWEST, own=Own(), last=last_open_day(unit.timezone), earliest=clock.now()
        )
        assert times == []
        near = await availability.nearest_free(
            session, unit.id, FAMILY, place.start_at, ana.id, last=last_open_day(unit.timezone)
        )
        assert {clock.local_day(datetime.fromisoformat(one["start_at"]), factories.ZONE) for one in near} == {
            day_before
        }
        with pytest.raises(TooFar) as refused:
            await factories.held(session, factories.citizen(ana), ana, place)
        assert "hasta el martes 3 de noviembre de 2026" in refused.value.text()
    with time_machine.travel(local(7), tick=False):
        assert await offered(session, unit) == NEWEST
        await factories.held(session, factories.citizen(ana), ana, place)


async def offered(session: AsyncSession, unit: Unit) -> date:
    found = await availability.free_days(
        session, unit.id, FAMILY, own=Own(), first=TODAY, last=last_open_day(unit.timezone), earliest=clock.now()
    )
    return found[-1].day


@pytest.mark.usefixtures("at_seven")
async def test_nothing_free_says_when_the_next_day_with_times_opens(session: AsyncSession) -> None:
    """The fifth of November is a Thursday; the room attends on Tuesdays."""
    with time_machine.travel(local(12), tick=False):
        unit = await factories.unit(session)
        await factories.schedule(session, unit, weekdays=(2,), horizon_days=30)
        await factories.schedule(session, unit, room=2, weekdays=(2,), starts=time(15), ends=time(16), horizon_days=30)
        await session.execute(text("DELETE FROM seat"))
        why = await unavailability.explain_unavailability(
            session, unit.id, FAMILY, today=TODAY, last=last_open_day(unit.timezone)
        )
    assert (why.reason, why.searched_until, why.rooms) == ("closed", NEWEST, 2)
    assert why.next_day == date(2026, 11, 10)
    assert why.opens_at == opening_of(date(2026, 11, 10), factories.ZONE) == datetime(2026, 10, 11, 13, tzinfo=UTC)


@pytest.mark.usefixtures("working_days")
async def test_the_hourly_job_makes_seats_unit_by_unit_and_closes_what_escaped(db: Database) -> None:
    async with transaction() as session:
        unit, _schedule = await opened(session)
        await close(session, unit)
        await session.execute(text("UPDATE seat SET state = 'free', closed_by = NULL WHERE state = 'closed'"))
    await jobs.generate_newest_day()
    async with transaction() as session:
        assert (await states(session))["closed"] == 4
        assert await session.scalar(text("SELECT max(on_date) FROM seat")) > FRIDAY + timedelta(days=20)
