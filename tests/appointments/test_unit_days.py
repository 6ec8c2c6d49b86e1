"""The day is the unit's, an hour before and after its midnight, whatever day it is in Greenwich."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems
from app.appointments.labels import day_of
from app.appointments.queries import availability, own
from app.appointments.service import generation
from app.appointments.service.generation import purge_past
from app.kernel import clock
from app.kernel.i18n import format_day, format_short_day
from app.kernel.problems import NotFound
from app.registry.queries import family_of, rights_of, today_of
from tests.appointments import factories

ZONES = ["America/Tijuana", "America/Cancun", "America/Mexico_City"]
LAST = date(2026, 10, 9)
"""The last day of what is tested; all three zones are hours behind Greenwich."""
NEXT = date(2026, 10, 10)


def at(day: date, hour: int, minute: int, zone: str) -> datetime:
    """An instant by the clock on the wall of a zone."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone))


@contextmanager
def wall(day: date, hour: int, minute: int, zone: str) -> Iterator[None]:
    with time_machine.travel(at(day, hour, minute, zone), tick=False):
        yield


@given(st.integers(0, 5_000 * 86_400), st.sampled_from(ZONES))
def test_a_local_day_begins_at_local_midnight(seconds: int, zone: str) -> None:
    moment = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    midnight = datetime.combine(clock.local_day(moment, zone), time(), ZoneInfo(zone))
    assert midnight <= moment.astimezone(ZoneInfo(zone))
    assert moment.date() - clock.local_day(moment, zone) in (timedelta(), timedelta(days=1))


@pytest.mark.parametrize("zone", ZONES)
async def test_three_ways_to_say_it_agree(session: AsyncSession, zone: str) -> None:
    for day, hour, minute in ((LAST, 23, 30), (NEXT, 0, 30)):
        moment = at(day, hour, minute, zone)
        said = clock.local_day_sql("CAST(:moment AS timestamptz)", "CAST(:zone AS text)")
        found = await session.scalar(text(f"SELECT {said}"), {"moment": moment, "zone": zone})
        assert found == clock.local_day(moment, zone) == day
        with wall(day, hour, minute, zone):
            assert clock.today(zone) == day
            assert day in clock.dates_in_progress()


@pytest.mark.parametrize("zone", ZONES)
async def test_a_dependant_s_last_day_is_the_unit_s(session: AsyncSession, zone: str) -> None:
    unit = await factories.unit(session, timezone=zone)
    ana = await factories.person(session, unit)
    child = await factories.person(session, unit, insured=False)
    await factories.depend(session, ana, child, ends_on=LAST)
    holder = factories.citizen(ana)
    with wall(LAST, 9, 0, zone):
        (start,) = await factories.seats(session, unit, start_at=at(LAST, 10, 0, zone))
        made = await factories.booked(session, child, factories.place(unit, start), holder)
    with wall(LAST, 23, 30, zone):
        assert await own.may_act_for(session, holder, child.id)
        assert [one.folio for one in await own.own_appointments(session, holder, limit=5)] == [made.folio]
        assert (await own.own_appointment(session, holder, made.folio)).folio == made.folio
        assert [member.person.id for member in await family_of(session, holder)] == [ana.id, child.id]
        assert (await rights_of(session, child.id, await today_of(session, child))).is_in_force
        with pytest.raises(problems.TooSoon):  # theirs to ask for, if only it weren't past
            await factories.held(session, holder, child, factories.place(unit, start))
    with wall(NEXT, 0, 30, zone):
        assert not await own.may_act_for(session, holder, child.id)
        assert await own.own_appointments(session, holder, limit=5) == []
        for sign_in_path in (
            own.own_appointment(session, holder, made.folio),
            factories.held(session, holder, child, factories.place(unit, start)),
        ):
            with pytest.raises(NotFound):
                await sign_in_path
        assert [member.person.id for member in await family_of(session, holder)] == [ana.id]
        assert not (await rights_of(session, child.id, await today_of(session, child))).is_in_force


async def test_a_dependant_elsewhere_has_the_day_of_their_own_unit(session: AsyncSession) -> None:
    """Midnight has passed in Cancún, where the mother is; in Tijuana, where her son studies, it hasn't."""
    home, elsewhere = (
        await factories.unit(session, timezone="America/Cancun"),
        await factories.unit(session, timezone=ZONES[0]),
    )
    ana = await factories.person(session, home)
    son = await factories.person(session, elsewhere, insured=False)
    await factories.depend(session, ana, son, ends_on=LAST)
    with wall(LAST, 23, 30, ZONES[0]):
        assert clock.today("America/Cancun") == NEXT
        assert [member.person.id for member in await family_of(session, factories.citizen(ana))] == [ana.id, son.id]
        assert await own.may_act_for(session, factories.citizen(ana), son.id)


@pytest.mark.parametrize("zone", ZONES)
async def test_the_booking_horizon_and_the_daily_limit_follow_the_unit(session: AsyncSession, zone: str) -> None:
    unit = await factories.unit(session, timezone=zone)
    ana = await factories.person(session, unit)
    with wall(date(2026, 10, 8), 9, 0, zone):
        late, early = at(LAST, 23, 30, zone), at(NEXT, 0, 30, zone)
        for moment, day in ((late, LAST), (early, NEXT)):
            await factories.seats(session, unit, start_at=moment)
            await session.execute(
                text("UPDATE seat SET on_date = :day WHERE start_at = :at"), {"day": day, "at": moment}
            )
        made = await factories.booked(session, ana, factories.place(unit, late))
        assert (await own.own_appointment(session, factories.citizen(ana), made.folio)).on_date == LAST
        near = await availability.nearest_free(session, unit.id, "family-medicine", late, ana.id, last=date.max)
        assert [datetime.fromisoformat(one["start_at"]) for one in near] == [early]
        # One on each side of midnight is one a day.
        await session.execute(text("UPDATE appointment SET status = 'attended'"))
        await session.execute(text("DELETE FROM active_appointment"))
        await factories.booked(session, ana, factories.place(unit, early))
    assert "9 de octubre" in day_of(late, zone)
    assert "10 de octubre" in day_of(early, zone)


@pytest.mark.parametrize("zone", ZONES)
async def test_past_seats_go_when_the_day_is_over_at_the_unit(session: AsyncSession, zone: str) -> None:
    unit = await factories.unit(session, timezone=zone)
    with wall(LAST, 9, 0, zone):
        await factories.seats(session, unit, start_at=at(LAST, 10, 0, zone))
    assert await purge_past(session, at(LAST, 23, 30, zone)) == 0
    assert await purge_past(session, at(NEXT, 0, 30, zone)) == 1


@pytest.mark.parametrize("zone", ZONES)
async def test_the_booking_horizon_follows_the_unit_s_day(session: AsyncSession, zone: str) -> None:
    unit = await factories.unit(session, timezone=zone)
    with wall(LAST, 23, 30, zone):
        await factories.schedule(session, unit, horizon_days=3, valid_from=NEXT)
        until = text("SELECT payload ->> 'until' FROM event WHERE type = 'slots.generated' AND unit_id = :unit")
        assert await session.scalar(until, {"unit": unit.id}) == "2026-10-12"
        last = await session.scalar(text("SELECT max(on_date) FROM seat WHERE unit_id = :unit"), {"unit": unit.id})
        assert last == date(2026, 10, 12)
        assert await generation.generate_slots(session, horizon_days=3, unit_id=unit.id) == 0


def test_an_instant_isn_t_formatted_as_a_day() -> None:
    for formats in (format_day, format_short_day):
        with pytest.raises(TypeError):
            formats(clock.now())
