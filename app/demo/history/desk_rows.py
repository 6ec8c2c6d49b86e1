"""Writes the tickets of the last days as the desk has them: forecasts learn times at the counter from them.

The desk has one queue at the windows, whatever people come for. The events of the history say what that is, because the
measurement compares the transactions that the portal replaces, service by service.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.demo.history.copying import copy_rows
from app.demo.history.ticket_log import ATTENDED, RecordedTicket
from app.demo.history.wings import wing_of
from app.desk.models import DeskNumber, DeskQueue
from app.desk.rules.tickets import TicketStatus
from app.desk.statements import LOCK_UNIT, OPEN_QUEUE
from app.kernel.clock import local_day

DAYS = 90
"""Before the last one: as far back as the desk counts."""
COLUMNS = (
    "unit_id, id, on_date, letter, number, service, person_id, appointment_folio, room, is_protected, arrived_at,"
    " due_at, rank_at, first_at, status, calls, called_at, called_by, served_at, ended_at, left_because"
)
_TICKETS = f"COPY desk_ticket ({COLUMNS}) FROM STDIN"
_Letters = dict[tuple[UUID, str], str]


async def write_tickets(session: AsyncSession, tickets: Iterable[RecordedTicket], until: date, called_by: UUID) -> None:
    """Write the tickets of the last days, numbered in the order in which they were given."""
    chosen = [ticket for ticket in tickets if _day(ticket) > until - timedelta(days=DAYS)]
    chosen.sort(key=lambda ticket: (ticket.arrived_at, ticket.id))
    letters = await _open_queues(session, chosen)
    last: Counter[tuple[UUID, date, str]] = Counter()
    rows = [_row(ticket, letters, last, called_by) for ticket in chosen]
    numbers = [
        {"unit_id": unit_id, "on_date": day, "letter": letter, "last": count}
        for (unit_id, day, letter), count in last.items()
    ]
    if numbers:
        await session.execute(insert(DeskNumber), numbers)
    await copy_rows(session, _TICKETS, rows)


def _day(ticket: RecordedTicket) -> date:
    return local_day(ticket.arrived_at, ticket.coming.person.clinic.zone.key)


async def _open_queues(session: AsyncSession, tickets: Iterable[RecordedTicket]) -> _Letters:
    """Open the queues of these tickets as the first arrival does; returns the letter of each."""
    for ticket in tickets:
        names = {"unit_id": ticket.coming.person.clinic.id, "service": wing_of(ticket.coming.service)}
        await session.execute(LOCK_UNIT, names)
        await session.execute(OPEN_QUEUE, names)
    found = await session.execute(select(DeskQueue.unit_id, DeskQueue.service, DeskQueue.letter))
    return {(row.unit_id, row.service): row.letter for row in found}


def _row(
    ticket: RecordedTicket, letters: _Letters, last: Counter[tuple[UUID, date, str]], called_by: UUID
) -> tuple[Any, ...]:
    coming, unit_id, day = ticket.coming, ticket.coming.person.clinic.id, _day(ticket)
    letter, due = letters[unit_id, wing_of(coming.service)], coming.appointment
    last[unit_id, day, letter] += 1
    is_done = ticket.outcome in ATTENDED
    return (
        unit_id, ticket.id, day, letter, last[unit_id, day, letter], wing_of(ticket.service), coming.person.id,
        None if due is None else due.folio, ticket.room, ticket.is_protected, ticket.arrived_at,
        None if due is None else due.start_at, ticket.turn.rank_at, ticket.turn.first_at,
        (TicketStatus.DONE if is_done else TicketStatus.LEFT).value, ticket.calls, ticket.called_at,
        None if ticket.called_at is None else called_by, ticket.served_at, ticket.ended_at,
        None if is_done else ticket.outcome,
    )  # fmt: skip
