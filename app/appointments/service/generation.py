"""Generate the seats of the coming days from the schedules, and delete those of past days."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import SlotsGenerated
from app.appointments.models import MAX_SEAT_LENGTH
from app.appointments.service.closures import LOCK_UNIT
from app.appointments.service.days_off import close_escaped
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.events import record
from app.places.calendar import federal_holidays
from app.places.queries import zone_of

# Every seat of the days ahead that isn't there yet, from the weekly patterns: local hours become instants in the
# unit's zone, days of rest are left out, and times under an exception are made closed. So are times that the clock
# change cuts, which don't end at their local hour, and times that an open seat of the room overlaps. Safe to
# repeat.
_TODAY = clock.local_day_sql("CAST(:now AS timestamptz)", "u.timezone")
_MAKE = text(
    f"""
    WITH wanted AS (
        SELECT s.unit_id, s.room, t.start_at, n.seat, s.service, s.shift, d.day AS on_date, s.slot_minutes AS minutes
        FROM schedule s
        JOIN unit u ON u.id = s.unit_id
        CROSS JOIN LATERAL make_interval(mins => s.slot_minutes) AS length
        CROSS JOIN LATERAL (
            SELECT CAST(g AS date) AS day FROM generate_series(greatest(s.valid_from, {_TODAY}),
                least(coalesce(s.valid_to, 'infinity'), {_TODAY} + CAST(:days AS integer)), '1 day') g
            WHERE extract(isodow FROM g) = ANY(s.weekdays)
        ) d
        CROSS JOIN LATERAL (
            SELECT local AT TIME ZONE u.timezone AS start_at FROM generate_series(
                d.day + s.starts, d.day + s.ends - length, length) local
            WHERE (local AT TIME ZONE u.timezone + length) AT TIME ZONE u.timezone = local + length
        ) t
        CROSS JOIN LATERAL generate_series(1, s.capacity) AS n(seat)
        WHERE (CAST(:unit_id AS uuid) IS NULL OR s.unit_id = CAST(:unit_id AS uuid))
            AND u.is_operating AND d.day <> ALL(CAST(:rest_days AS date[]))
            AND NOT EXISTS (SELECT 1 FROM holiday y
                WHERE y.on_date = d.day AND (y.unit_id IS NULL OR y.unit_id = s.unit_id))
            AND t.start_at > :now
    )
    INSERT INTO seat (unit_id, room, start_at, seat, service, shift, on_date, minutes, state, closed_by)
    SELECT w.*, CASE WHEN x.id IS NULL THEN 'free' ELSE 'closed' END, x.id
    FROM wanted w
    LEFT JOIN LATERAL (
        SELECT e.id FROM schedule_exception e WHERE e.unit_id = w.unit_id
            AND (e.room IS NULL OR e.room = w.room) AND (e.shift IS NULL OR e.shift = w.shift)
            AND e.starts_at <= w.start_at AND w.start_at < e.ends_at ORDER BY e.id LIMIT 1
    ) x ON true
    LEFT JOIN LATERAL (
        SELECT true AS taken FROM seat o WHERE o.unit_id = w.unit_id AND o.room = w.room AND o.closed_by IS NULL
            AND o.start_at > w.start_at - make_interval(mins => {MAX_SEAT_LENGTH})
            AND o.start_at < w.start_at + make_interval(mins => w.minutes)
            AND o.start_at + make_interval(mins => o.minutes) > w.start_at
            AND (o.start_at, o.minutes, o.service) <> (w.start_at, w.minutes, w.service)
        LIMIT 1
    ) o ON true
    WHERE o.taken IS NULL AND NOT EXISTS (SELECT 1 FROM seat k
        WHERE (k.unit_id, k.room, k.start_at, k.seat) = (w.unit_id, w.room, w.start_at, w.seat))
    ORDER BY w.unit_id, w.room, w.start_at, w.seat
    ON CONFLICT ON CONSTRAINT pk_seat DO NOTHING
    """
)


async def generate_slots(session: AsyncSession, *, horizon_days: int, unit_id: UUID | None = None) -> int:
    """Make the seats of the coming days, of one unit or of all; returns how many were missing. Safe to repeat.

    Units that don't operate get none. Of one unit, what a closure covers is closed, however late the closure came.
    """
    now = clock.now()
    if unit_id is not None:
        await session.execute(LOCK_UNIT, {"unit_id": unit_id})
    first, *_between, last = clock.dates_in_progress()
    last += timedelta(days=horizon_days)
    params = {"now": now, "days": horizon_days, "unit_id": unit_id, "rest_days": federal_holidays(first, last)}
    made = int((await session.execute(_MAKE, params)).rowcount)  # type: ignore[attr-defined] # an INSERT's cursor
    if made and unit_id is not None:
        until = clock.today(await zone_of(session, unit_id)) + timedelta(days=horizon_days)
        await record(
            session, System("schedules"), SlotsGenerated(subject_id=unit_id, unit_id=unit_id, seats=made, until=until)
        )
    if unit_id is not None:
        await close_escaped(session, unit_id)
    return made


_TO_BOOK = text(
    """
    SELECT u.id FROM unit u WHERE EXISTS (SELECT 1 FROM schedule s WHERE s.unit_id = u.id)
        OR EXISTS (SELECT 1 FROM appointment a WHERE a.unit_id = u.id AND a.affected IS NOT NULL
            AND a.status = 'booked')
    ORDER BY u.clues
    """
)


async def units_with_slots(session: AsyncSession) -> list[UUID]:
    """The units whose seats are generated, by CLUES; those out of operation too, for the sake of their appointments."""
    return list((await session.scalars(_TO_BOOK)).all())


_PURGE = text(
    f"""
    DELETE FROM seat s USING unit u
    WHERE u.id = s.unit_id AND s.on_date < {clock.local_day_sql("CAST(:before AS timestamptz)", "u.timezone")}
        AND (s.state <> 'booked' OR EXISTS (SELECT 1 FROM appointment a
            WHERE a.unit_id = s.unit_id AND a.id = s.appointment_id AND a.status <> 'booked'))
    """
)


async def purge_past(session: AsyncSession, before: datetime) -> int:
    """Delete seats of days that were over, at their unit, by an instant; returns how many. The appointment keeps the
    history, so a booked seat goes only when its appointment is closed: whatever the clock says, no open appointment
    loses its seat."""
    result = await session.execute(_PURGE, {"before": before})
    return int(result.rowcount)  # type: ignore[attr-defined] # a DELETE's cursor
