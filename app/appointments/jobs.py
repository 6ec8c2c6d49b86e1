"""Jobs of appointments: generate slots every hour, delete past seats; work the wait list at once, by the minute, and
when no message reaches who was asked; note released waves and work draws by the
minute."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import (
    UNREACHED_TASK,
    AppointmentAffected,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    ScheduleChanged,
    ScheduleExceptionCreated,
)
from app.appointments.service.draw_registrations import cancel_all
from app.appointments.service.draws import delete_ended_draws, drawing_units, work_draws
from app.appointments.service.generation import generate_slots, purge_past, units_with_slots
from app.appointments.service.releases import delete_old, note_waves, releasing_units
from app.appointments.service.wait_answers import note_unreachable
from app.appointments.service.wait_offers import (
    delete_ended,
    due_units,
    leave_all,
    look,
    look_for,
    units_waited_at,
    update_entries,
    worked_units,
)
from app.appointments.settings import booking_settings
from app.identity.events import AccountClosed
from app.kernel import clock
from app.kernel.consumers import Event, batch_consumer
from app.kernel.db import transaction
from app.kernel.jobs import Lane, cleanup, periodic, task

RETENTION = timedelta(days=2)


@periodic("appointments.generate-slots", lane=Lane.HEAVY, cron="5 * * * *")
async def generate_slots_hourly(_due: datetime) -> None:
    """Run hourly, because midnight comes at four different hours in the country."""
    await generate_newest_day()


async def generate_newest_day() -> None:
    """Generate the slots of the newest day at every unit, and mark the appointments of those out of operation."""
    async with transaction() as session:
        units = await units_with_slots(session)
    for unit_id in units:  # one at a time: a closure at one of them waits for no other
        async with transaction() as session:
            await generate_slots(session, horizon_days=booking_settings().horizon_days, unit_id=unit_id)


@cleanup("appointments.purge-seats", lane=Lane.HEAVY, cron="11 * * * *")
async def purge_seats(due: datetime) -> None:
    """Delete the seats of past days, hourly."""
    async with transaction() as session:
        await purge_past(session, due - RETENTION)


WAIT_LIST_RETENTION = timedelta(days=400)
"""Ended entries, offers and freed seats: a year and a month, for comparisons by year."""
FREES = (AppointmentCancelled.type, AppointmentMoved.type)
MATTERS = (AppointmentBooked.type, AppointmentAffected.type, ScheduleExceptionCreated.type, ScheduleChanged.type)


@batch_consumer("wait-list", (*FREES, *MATTERS, AccountClosed.type))
async def work_wait_lists(session: AsyncSession, events: Sequence[Event]) -> None:
    """Offer what was freed, and withdraw what can't be had any more. Idempotent."""
    for event in events:
        if event.type == AccountClosed.type and event.person_id is not None:
            await leave_all(session, event.person_id)
            await cancel_all(session, event.person_id)
    freed: dict[UUID, set[str]] = {one.unit_id: set() for one in events if one.unit_id is not None}
    for event in events:
        if event.type in FREES and event.unit_id is not None and event.service is not None:
            freed[event.unit_id].add(event.service)
    for unit_id in await worked_units(session, freed):
        await look_for(session, unit_id, sorted(freed[unit_id]))
    # A schedule that ends may leave a draw without seats: it ends too.
    changed = {one.unit_id for one in events if one.type == ScheduleChanged.type and one.unit_id is not None}
    for unit_id in await drawing_units(session, sorted(changed)):
        await work_draws(session, unit_id)


@cleanup("appointments.look-at-freed-seats", cron="* * * * *")
async def look_at_freed_seats(_due: datetime) -> None:
    """Every minute: offers that expired, and what waited for the morning. One unit at a time."""
    async with transaction() as session:
        units = await due_units(session)
    for unit_id in units:
        has_more = True
        while has_more:
            async with transaction() as session:
                has_more = await look(session, unit_id)


@cleanup("appointments.note-releases", cron="* * * * *")
async def note_releases(_due: datetime) -> None:
    """Every minute: waves whose moment has come; draws that open, are drawn or end. One unit at a time."""
    async with transaction() as session:
        units = await releasing_units(session)
    for unit_id in units:
        async with transaction() as session:
            await note_waves(session, unit_id)
        async with transaction() as session:
            await work_draws(session, unit_id)


@task(UNREACHED_TASK, lane=Lane.SCHEDULED)
async def wait_offer_unreached(offer_id: str) -> None:
    """No message reached the person of an offer: the next in order is asked. Idempotent."""
    async with transaction() as session:
        await note_unreachable(session, UUID(offer_id))


@cleanup("appointments.end-wait-entries", lane=Lane.HEAVY, cron="35 * * * *")
async def end_wait_entries(due: datetime) -> None:
    """End the entries whose appointment took place or that no one renewed, hourly; delete what ended long ago, with the
    counts of holds of past days."""
    async with transaction() as session:
        units = await units_waited_at(session)
    for unit_id in units:
        async with transaction() as session:
            await update_entries(session, unit_id)
    async with transaction() as session:
        await delete_ended_draws(session, due - WAIT_LIST_RETENTION)
        await delete_old(session, due - WAIT_LIST_RETENTION)
        await delete_ended(session, due - WAIT_LIST_RETENTION, holds_before=clock.dates_in_progress()[0] - RETENTION)
