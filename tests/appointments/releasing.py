"""A schedule that releases its seats in waves or by draw."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.draw import digest_of, new_seed
from app.appointments.models import Schedule, Seat
from app.appointments.release_models import SEED_PURPOSE, Draw
from app.appointments.service import schedules
from app.kernel import clock, ids
from app.kernel.actor import System
from app.kernel.crypto import encrypt
from app.places.models import Unit
from tests.appointments import factories

HALVES = {"waves": [{"days": 7, "at": "07:00", "share": 50}, {"days": 1, "at": "18:00", "share": 50}]}


async def opened(
    session: AsyncSession, unit: Unit, release: dict[str, Any] | None, *, horizon_days: int = 12, **given: Any
) -> Schedule:
    await factories.room_of(session, unit)
    values = {
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "starts": time(8),
        "ends": time(14),
        "slot_minutes": 15,
        "capacity": 1,
        "valid_from": clock.today(unit.timezone),
    } | given
    values = {"shift": "M"} | values
    made = Schedule(id=ids.new_id(), unit_id=unit.id, room=1, service="family-medicine", release=release, **values)
    await schedules.open_schedule(session, System("test"), made, horizon_days=horizon_days)
    return made


PLAN = {
    "draw": {
        "opens": {"days": 7, "at": "08:00"},
        "closes": {"days": 7, "at": "20:00"},
        "public": {"days": 4, "at": "12:00"},
    }
}
OPENS = datetime(2026, 10, 6, 14, tzinfo=UTC)
"""Eight in the morning of the Tuesday before the Tuesday of the seats (`PLAN`), in Mexico City."""
DAY = date(2026, 10, 13)
CLOSES, PUBLIC = OPENS + timedelta(hours=12), datetime(2026, 10, 9, 18, tzinfo=UTC)


async def open_draw(
    session: AsyncSession,
    unit: Unit,
    on_date: date,
    *,
    closes_in: timedelta = timedelta(hours=1),
    with_schedule: bool = False,
) -> Draw:
    """A draw that closes soon, of the free seats of room 1 on that day; they are the public's a day after. Its
    schedule is that of the room; where there is none, one that was withdrawn, or (`with_schedule`) one of all hours."""
    now, seed = clock.now(), new_seed()
    public_at = now + timedelta(days=1)
    await session.execute(
        update(Seat).where(Seat.unit_id == unit.id, Seat.on_date == on_date, Seat.room == 1).values(free_from=public_at)
    )
    wanted = select(Schedule.id).where(Schedule.unit_id == unit.id, Schedule.room == 1)
    schedule_id = await session.scalar(wanted.limit(1)) or ids.new_id()
    if with_schedule:
        await factories.room_of(session, unit)
        session.add(
            Schedule(
                id=schedule_id, unit_id=unit.id, room=1, shift="M", service="family-medicine", valid_from=on_date,
                weekdays=[1, 2, 3, 4, 5, 6, 7], starts=time(0), ends=time(23, 30), slot_minutes=30, capacity=1,
            )
        )  # fmt: skip
        await session.flush()
    draw = Draw(
        unit_id=unit.id,
        id=ids.new_id(),
        schedule_id=schedule_id,
        room=1,
        shift="M",
        service="family-medicine",
        on_date=on_date,
        opens_at=now - timedelta(hours=13),
        closes_at=now + closes_in,
        public_at=public_at,
        seed_digest=digest_of(seed),
        seed_ciphertext=encrypt(SEED_PURPOSE, seed.hex()),
        seats=0,
    )
    session.add(draw)
    await session.flush()
    return draw
