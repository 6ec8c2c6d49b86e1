"""The offline entries of one appointment, merged and written: its ticket, whether it was attended, its absence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.problems import AppointmentEnded
from app.appointments.queries.own import OwnAppointment, presented_appointment
from app.appointments.rules import Action, Status
from app.appointments.service.attendance import settle
from app.desk.events import TicketArrived
from app.desk.models import DeskTicket, OfflineEntry
from app.desk.problems import (
    AlreadyWaiting,
    AppointmentElsewhere,
    AppointmentNotOpen,
    AppointmentUnknown,
    NotYetAttended,
)
from app.desk.rules import offline, tickets
from app.desk.rules.offline import Entry, EntryKind, EntryStatus, Known, Merged, Stay
from app.desk.rules.tickets import TicketStatus, parse_number, printed_number
from app.desk.rules.turns import Arrival, turn_of
from app.desk.rules.visits import missed_from
from app.desk.service.arrivals import add_ticket, is_older, queue_for, terms_of, visitor_of
from app.desk.service.attendance import (
    end_recorded,
    latest_ticket_of,
    open_ticket_of,
    settle_and_record,
    tolerance_of,
)
from app.desk.service.check_in import require_here_and_today
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.events import record
from app.kernel.problems import NotFound, Problem

ATTEMPTS = 3
"""Someone may check the person in online between the look at their tickets and the new one."""


async def merge_appointment(
    session: AsyncSession, actor: Staff, unit_id: UUID, folio: str, *, besides: Sequence[str]
) -> None:
    """Merge every entry of an appointment at a unit, received now or before, but for conflicts of these reasons."""
    theirs = select(OfflineEntry).where(
        OfflineEntry.unit_id == unit_id,
        OfflineEntry.folio == folio,
        OfflineEntry.reason.is_(None) | OfflineEntry.reason.not_in(besides),
    )
    theirs = theirs.order_by(OfflineEntry.happened_at, OfflineEntry.id)
    for attempt in range(ATTEMPTS):
        rows = list(await session.scalars(theirs))
        try:
            async with savepoint(session):
                await _merge(session, actor, await presented_appointment(session, folio), unit_id, rows)
            return
        except NotFound:
            for row in await session.scalars(theirs):
                _end(row, EntryStatus.CONFLICT, AppointmentUnknown.slug)
            return
        except AlreadyWaiting:
            if attempt == ATTEMPTS - 1:
                raise


async def _merge(
    session: AsyncSession, actor: Staff, own: OwnAppointment, unit_id: UUID, rows: list[OfflineEntry]
) -> None:
    ticket = await _ticket_of(session, own) if own.unit_id == unit_id else None
    if ticket is not None and ticket.status == TicketStatus.LEFT:
        rows, ticket = await _without_ended_stay(session, own, ticket, rows)
    known = await _known(session, own, unit_id, ticket, rows)
    merged = offline.merge(known, [_entry(row) for row in rows])
    if merged.stay is not None and own.unit_id == unit_id:
        ticket = await _arrive(session, actor, own, ticket, merged, rows)
    if merged.attended_at is not None and ticket is not None and ticket.status in tickets.OPEN:
        ended_at = max(merged.attended_at, ticket.arrived_at, ticket.served_at or ticket.arrived_at)
        await end_recorded(session, actor, ticket, ended_at)
    elif merged.attended_at is not None and ticket is not None and _is_recorded(ticket):
        ticket.ended_at = max(min(merged.attended_at, ticket.ended_at or merged.attended_at), ticket.arrived_at)
    own = await presented_appointment(session, own.folio)
    if merged.attended_at is not None and own.status in (Status.BOOKED, Status.MISSED, Status.UNSERVED):
        await settle_and_record(session, actor, own, Action.ATTEND)
    elif merged.is_missed and own.status == Status.BOOKED:
        await settle_and_record(session, actor, own, Action.MISS)
    for row in rows:
        outcome = merged.outcomes[row.id]
        _end(row, outcome.status, outcome.reason)
        is_arrival = row.kind == EntryKind.CHECK_IN and outcome.reason is None
        row.ticket_id = ticket.id if ticket is not None and is_arrival else None
    await session.flush()


def _entry(row: OfflineEntry) -> Entry:
    return Entry(row.id, EntryKind(row.kind), row.happened_at, row.number, row.assigned)


def _end(row: OfflineEntry, status: EntryStatus, reason: str | None) -> None:
    row.status, row.reason = status.value, reason


def _is_recorded(ticket: DeskTicket) -> bool:
    """Whether a ticket ended because someone recorded that its person was attended, and not at a counter."""
    return ticket.status == TicketStatus.DONE and ticket.served_at is None


async def _ticket_of(session: AsyncSession, own: OwnAppointment) -> DeskTicket | None:
    """The latest ticket of an appointment; or the open one of its person in that queue, which they took without it."""
    found = await latest_ticket_of(session, own)
    if found is not None and found.status != TicketStatus.LEFT:
        return found
    other = await open_ticket_of(session, own)
    return other or found


async def _without_ended_stay(
    session: AsyncSession, own: OwnAppointment, left: DeskTicket, rows: list[OfflineEntry]
) -> tuple[list[OfflineEntry], DeskTicket | None]:
    """The entries that don't belong to stays of the person that have ended, and the ticket they are about: a check-in
    after the latest of them begins a new stay."""
    ended = select(DeskTicket.id).where(
        DeskTicket.unit_id == own.unit_id, DeskTicket.appointment_folio == own.folio, DeskTicket.status == "left"
    )
    ids = set(await session.scalars(ended))
    rest = [row for row in rows if row.ticket_id not in ids]
    arrivals = [row for row in rest if row.kind == EntryKind.CHECK_IN]
    before = [row for row in arrivals if left.ended_at is not None and row.happened_at <= left.ended_at]
    for row in before:
        _end(row, EntryStatus.MERGED, None)
        row.ticket_id = left.id
    rest = [row for row in rest if row not in before]
    return rest, None if len(arrivals) > len(before) else left


async def _known(
    session: AsyncSession, own: OwnAppointment, unit_id: UUID, ticket: DeskTicket | None, rows: list[OfflineEntry]
) -> Known:
    stay = None
    if ticket is not None:
        is_waiting = ticket.status in (TicketStatus.WAITING, TicketStatus.PARKED) or _is_recorded(ticket)
        is_called = ticket.calls > 0 or not is_waiting
        stay = Stay(ticket.arrived_at, printed_number(ticket.letter, ticket.number), is_called)
    refused = {row.id: _refusal(own, unit_id, row) for row in rows if row.kind != EntryKind.CHECK_IN}
    attended = [row for row in rows if row.kind == EntryKind.ATTENDED and refused[row.id] is None]
    # Who has a ticket, or was attended, was there, whatever the appointment's status or hour says by now.
    is_here = stay is not None or bool(attended) or own.status == Status.ATTENDED
    seen = replace(own, status=Status.BOOKED, affected=None) if is_here else own
    for row in rows:
        if row.kind == EntryKind.CHECK_IN:
            refused[row.id] = await _check_in_refusal(session, seen, unit_id, row)
    return Known(
        missed_from(own.start_at, await tolerance_of(session, own.unit_id, own.service)),
        stay,
        _attended_at(own, ticket),
        own.status == Status.MISSED,
        {id_: slug for id_, slug in refused.items() if slug is not None},
    )


def _attended_at(own: OwnAppointment, ticket: DeskTicket | None) -> datetime | None:
    if own.status != Status.ATTENDED:
        return None
    return ticket.ended_at if ticket is not None and ticket.ended_at is not None else own.changed_at


async def _check_in_refusal(session: AsyncSession, own: OwnAppointment, unit_id: UUID, row: OfflineEntry) -> str | None:
    """Why a check-in can't hold where there is no ticket yet: the slug of the problem."""
    try:
        await require_here_and_today(session, own, unit_id, row.happened_at)
    except Problem as problem:
        return problem.slug
    return None


def _refusal(own: OwnAppointment, unit_id: UUID, row: OfflineEntry) -> str | None:
    """Why an attention or an absence can't hold, whatever other entries say: the slug of the problem."""
    if own.unit_id != unit_id:
        return AppointmentElsewhere.slug
    if own.status == Status.CANCELLED:
        return AppointmentNotOpen.slug
    if own.on_date > clock.local_day(row.happened_at, own.timezone):
        return NotYetAttended.slug
    return AppointmentEnded.slug if row.kind == EntryKind.MISSED and own.status == Status.UNSERVED else None


async def _arrive(
    session: AsyncSession,
    actor: Staff,
    own: OwnAppointment,
    ticket: DeskTicket | None,
    merged: Merged,
    rows: list[OfflineEntry],
) -> DeskTicket | None:
    """The ticket of the person, made or corrected, with the place that their earliest arrival gives."""
    stay = merged.stay
    if stay is None:
        return ticket
    checked_in = [row for row in rows if row.kind == EntryKind.CHECK_IN and row.id in merged.outcomes]
    protects = any(row.is_protected for row in checked_in) or await is_older(session, own.unit_id, own.person_id)
    if ticket is None:
        if own.status == Status.MISSED:
            await settle(session, actor, own, Action.ARRIVE)
        number = parse_number(stay.number) if stay.number is not None else None
        arrival = Arrival(stay.arrived_at, own.start_at, protects)
        made = await add_ticket(
            session, actor, own.unit_id, visitor_of(own), arrival, number=number[1] if number else None
        )
        for row in rows:
            if row.id == merged.holder and number is None:
                row.assigned = made.number
        return await session.get_one(DeskTicket, (own.unit_id, made.id), with_for_update=True)
    await _correct(session, actor, own, ticket, stay, is_protected=protects and bool(checked_in))
    return ticket


async def _correct(
    session: AsyncSession, actor: Staff, own: OwnAppointment, ticket: DeskTicket, stay: Stay, *, is_protected: bool
) -> None:
    """Correct a ticket by an earlier arrival, the number of that, and the appointment of who took it without one."""
    before = (ticket.arrived_at, ticket.letter, ticket.number, ticket.appointment_folio, ticket.is_protected)
    was_at = ticket.arrived_at
    ticket.arrived_at = stay.arrived_at
    number = parse_number(stay.number or "")
    if number is not None:
        ticket.letter, ticket.number = number
    visitor = visitor_of(own)
    if ticket.appointment_folio is None:
        ticket.appointment_folio, ticket.due_at, ticket.room = own.folio, own.start_at, visitor.room
    ticket.is_protected = ticket.is_protected or is_protected
    after = (ticket.arrived_at, ticket.letter, ticket.number, ticket.appointment_folio, ticket.is_protected)
    if after == before:
        return
    queue = await queue_for(session, own.unit_id, ticket.service, None, stay.arrived_at)
    turn = turn_of(Arrival(ticket.arrived_at, ticket.due_at, ticket.is_protected), terms_of(queue))
    ticket.rank_at, ticket.first_at = turn.rank_at, turn.first_at
    ticket.version += 1
    await session.flush()
    if ticket.arrived_at < was_at:
        # The measurement takes the earliest arrival of a ticket.
        arrived = TicketArrived(
            subject_id=ticket.id,
            person_id=ticket.person_id,
            unit_id=ticket.unit_id,
            service=ticket.service,
            happened_at=ticket.arrived_at,
            appointment_id=own.id,
            walk_in=ticket.due_at is None,
        )
        await record(session, actor, arrived)
