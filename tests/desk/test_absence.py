"""What the end of the day makes of an appointment whose person was offered another time and hasn't answered."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import time_machine
from sqlalchemy import text

from app.appointments.service import answers, shift_closures
from app.appointments.service.shift_closures import ShiftSpan
from app.desk.service.day_end import end_days, units_with_ended_days
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.db import transaction
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.factories import clinic, walk_in

STATUSES = text("SELECT status FROM appointment ORDER BY start_at")


async def test_who_was_offered_another_time_has_a_week_to_answer_and_then_counts_against_the_unit(db: Database) -> None:
    async with transaction() as session:
        here = await clinic(session)
        day = clock.today(here.unit.timezone) + timedelta(days=1)
        people = [await places.person(session, here.unit) for _ in range(2)]
        (start, other) = await places.seats(session, here.unit, count=2)
        await places.seats(session, here.unit, start_at=start + timedelta(days=3), count=2)
        made = [
            await places.booked(session, who, places.place(here.unit, at))
            for who, at in zip(people, (start, other), strict=True)
        ]
        span = ShiftSpan(here.unit.id, 1, None, day, day, "leave")
        await shift_closures.close_shift(session, System("test"), span)
    with time_machine.travel(start + timedelta(hours=1)):
        async with transaction() as session:
            await walk_in(session, here)  # the desk was open that day
    # The offered time is held for 48 hours: less are left at the first minute after that day, whenever this runs.
    with time_machine.travel(datetime.combine(day + timedelta(days=1), time(0, 1), ZoneInfo(here.unit.timezone))):
        async with transaction() as session:
            await end_days(session, here.unit.id)
            assert await units_with_ended_days(session) == []
            assert (await session.scalars(STATUSES)).all() == ["booked", "booked"]
            await answers.accept(session, places.citizen(people[0]), made[0].folio, places.once())
    with time_machine.travel(start + timedelta(days=9)):
        async with transaction() as session:
            await end_days(session, here.unit.id)
            rows = await session.execute(text("SELECT folio, status FROM appointment"))
            assert {row.folio: row.status for row in rows}[made[1].folio] == "unserved"
