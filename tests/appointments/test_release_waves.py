"""Seats of a schedule that releases them in waves: nothing shows, holds or books one before its wave, and then it is
like any other."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import release as rules
from app.appointments.models import Seat
from app.appointments.problems import SlotTaken
from app.appointments.queries import availability
from app.appointments.queries.availability import Own
from app.appointments.queries.releases import next_releases
from app.appointments.queries.unavailability import explain_unavailability
from app.appointments.release_models import ReleasedWave
from app.appointments.release_schemas import ReleaseIn
from app.appointments.service import closures, releases, schedules
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.events import EventRow
from app.kernel.problems import Invalid
from app.places.models import Unit
from tests.appointments import factories
from tests.appointments.releasing import HALVES, opened

NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)
"""Nine on a Monday in Mexico City."""
TEST = System("test")


async def seats_of(session: AsyncSession, day: date | None = None) -> list[Seat]:
    wanted = select(Seat).order_by(Seat.start_at, Seat.seat).execution_options(populate_existing=True)
    return list((await session.scalars(wanted if day is None else wanted.where(Seat.on_date == day))).all())


async def free_on(session: AsyncSession, unit: Unit, day: date) -> int:
    found = await availability.free_times(
        session, unit.id, "family-medicine", day, own=Own(), last=day, earliest=clock.now()
    )
    return sum(one.seats for one in found)


async def test_a_wave_is_had_from_its_moment_on_and_not_before(session: AsyncSession) -> None:
    with time_machine.travel(NOW, tick=False) as at:
        unit = await factories.unit(session)
        day = date(2026, 10, 13)
        await opened(session, unit, HALVES)
        ana = await factories.person(session, unit)
        first_half, second_half = (one.seats for one in rules.batches_of(day, 24, rules.release_of(HALVES)))
        assert await free_on(session, unit, day) == 0
        first = (await seats_of(session, day))[0]
        with pytest.raises(SlotTaken):
            await factories.held(session, factories.citizen(ana), ana, factories.place(unit, first.start_at))
        today = clock.today(unit.timezone)
        why = await explain_unavailability(session, unit.id, "family-medicine", today=day, last=day)
        opens = datetime(2026, 10, 6, 13, tzinfo=UTC)
        assert (why.reason, why.next_free_at) == ("not-released", opens)
        soon = await next_releases(session, unit.id, "family-medicine", today)
        # That evening the second half of the next day, and in the morning the first half of the day in a week.
        assert [(one.at, one.first_day) for one in soon[:2]] == [
            (datetime(2026, 10, 6, 0, tzinfo=UTC), date(2026, 10, 6)),
            (opens, day),
        ]
        at.move_to(opens - timedelta(seconds=1))
        assert await free_on(session, unit, day) == 0
        at.move_to(opens)
        assert await free_on(session, unit, day) == first_half
        at.move_to(datetime(2026, 10, 13, 0, tzinfo=UTC))
        assert await free_on(session, unit, day) == 24 == first_half + second_half


async def test_what_is_released_is_what_the_rule_says_also_when_clocks_change(session: AsyncSession) -> None:
    chance = random.Random(20261130)  # a choice of examples
    for zone, start in (("America/Tijuana", datetime(2026, 10, 28, 12, tzinfo=UTC)), ("America/Cancun", NOW)):
        with time_machine.travel(start, tick=False):
            unit = await factories.unit(session, timezone=zone)
            capacity, minutes = chance.randint(1, 3), chance.choice([15, 20, 30, 40])
            plan = {
                "waves": [
                    {"days": 5, "at": "06:00", "share": 33},
                    {"days": 3, "at": "13:30", "share": 40},
                    {"days": 0, "at": "07:15", "share": 27},
                ]
            }
            await opened(session, unit, plan, slot_minutes=minutes, capacity=capacity)
            release = rules.release_of(plan)
            assert isinstance(release, rules.Waves)
            await factories.room_of(session, unit)
            made = [one for one in await seats_of(session) if one.unit_id == unit.id]
            days = {one.on_date for one in made}
            for day in days:
                of_day = [one for one in made if one.on_date == day]
                if day == min(days):
                    continue  # what of today had begun wasn't made
                for number, seat in enumerate(of_day):
                    moment = release.waves[rules.wave_of(number, day, release) - 1].moment
                    assert seat.free_from == moment.instant(day, zone), (zone, day, number)


async def test_another_release_holds_for_what_is_not_released_yet(session: AsyncSession) -> None:
    with time_machine.travel(NOW, tick=False):
        unit = await factories.unit(session)
        made = await opened(session, unit, HALVES)
        before = {(one.start_at, one.seat): one.free_from for one in await seats_of(session)}
        done = await schedules.correct_schedule(session, TEST, made.id, {"release": None}, version=1, horizon_days=12)
        after = {(one.start_at, one.seat): one.free_from for one in await seats_of(session)}
        published = Counter((one.on_date, before[one.start_at, one.seat]) for one in await seats_of(session))
        assert {(one.on_date, one.before, one.after): one.seats for one in done.moved} == {
            (day, moment, None): seats for (day, moment), seats in published.items() if moment > NOW
        }, "each is shown, and what could be had already isn't"
        had = {key for key, at in before.items() if at <= NOW}
        assert had
        assert had < set(before)
        assert {after[key] for key in set(before) - had} == {datetime(1970, 1, 1, tzinfo=UTC)}
        assert all(after[key] == before[key] for key in had)
        whole = {"waves": [{"days": 2, "at": "12:00", "share": 100}]}
        done = await schedules.correct_schedule(session, TEST, made.id, {"release": whole}, version=2, horizon_days=12)
        kept = {(one.start_at, one.seat): one.free_from for one in await seats_of(session)}
        assert kept == after, "what people could have stays as it is"
        assert done.moved == []


async def test_closed_and_reopened_it_waits_for_its_wave_still(session: AsyncSession) -> None:
    with time_machine.travel(NOW, tick=False):
        unit = await factories.unit(session)
        await opened(session, unit, HALVES)
        day = date(2026, 10, 9)
        before = [one.free_from for one in await seats_of(session, day)]
        closed = await closures.close(
            session,
            TEST,
            unit_id=unit.id,
            room=None,
            shift=None,
            starts_at=datetime(2026, 10, 9, 6, tzinfo=UTC),
            ends_at=datetime(2026, 10, 10, 6, tzinfo=UTC),
            reason="leave",
        )
        assert {one.state for one in await seats_of(session, day)} == {"closed"}
        await closures.reopen(session, TEST, closed.id)
        assert [one.free_from for one in await seats_of(session, day)] == before
        assert await free_on(session, unit, day) == sum(at <= NOW for at in before)


async def noted(session: AsyncSession, unit_id: UUID) -> list[ReleasedWave]:
    wanted = select(ReleasedWave).where(ReleasedWave.unit_id == unit_id).order_by(ReleasedWave.released_at)
    return list((await session.scalars(wanted.execution_options(populate_existing=True))).all())


async def test_a_wave_is_noted_once_with_the_seats_that_it_has(session: AsyncSession) -> None:
    with time_machine.travel(NOW, tick=False) as at:
        unit = await factories.unit(session)
        await opened(session, unit, HALVES)
        await releases.note_waves(session, unit.id)
        already = len(await noted(session, unit.id))
        at.move_to(datetime(2026, 10, 6, 13, 0, 20, tzinfo=UTC))
        assert unit.id in await releases.releasing_units(session)
        # That of the evening, of the next day, and that of the morning, of the day in a week.
        assert await releases.note_waves(session, unit.id) == 2
        assert await releases.note_waves(session, unit.id) == 0
        latest = (await noted(session, unit.id))[-1]
        first_half = rules.batches_of(date(2026, 10, 13), 24, rules.release_of(HALVES))[0]
        assert (latest.on_date, latest.wave, latest.seats) == (first_half.day, 1, first_half.seats)
        events = (await session.scalars(select(EventRow).where(EventRow.type == "wave.released"))).all()
        assert Counter(one.subject_id for one in events).most_common(1)[0][1] == 1
        assert len(events) == already + 2


async def test_a_release_that_cannot_be_is_refused(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    bad = {"waves": [{"days": 3, "at": "03:00", "share": 90}]}
    with pytest.raises(Invalid) as refused:
        await opened(session, unit, bad)
    assert {one.field for one in refused.value.fields} == {"release.waves", "release.waves.0.at"}
    made = await opened(session, unit, None)
    with pytest.raises(Invalid):
        await schedules.correct_schedule(session, TEST, made.id, {"release": bad}, version=1, horizon_days=12)


async def test_the_database_takes_one_kind_of_release(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    made = await opened(session, unit, None)
    both = text('UPDATE schedule SET release = \'{"waves": [], "draw": {}}\' WHERE id = :id')
    with pytest.raises(Exception, match="ck_schedule_release"):
        await session.execute(both, {"id": made.id})


@pytest.mark.parametrize(("name", "wrong"), [("days", "5"), ("share", "100"), ("days", True)])
def test_the_numbers_of_a_release_are_numbers(name: str, wrong: object) -> None:
    wave = {"days": 5, "at": "07:00", "share": 100}
    assert ReleaseIn.model_validate({"waves": [wave]})
    with pytest.raises(ValidationError):
        ReleaseIn.model_validate({"waves": [wave | {name: wrong}]})
