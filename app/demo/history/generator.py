"""Writes the history to the event log, once, before its first position: only the savings aggregation reads it."""

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib import import_module
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.demo.history.access import availability_readings
from app.demo.history.appointments import simulate_appointments
from app.demo.history.copying import copy_rows
from app.demo.history.days import Span, year_before
from app.demo.history.desk import simulate_remaining_visits, simulate_walk_ins
from app.demo.history.desk_days import simulate_desks
from app.demo.history.desk_rows import write_tickets
from app.demo.history.log import NAMES, Log
from app.demo.history.population import Member, Population, StaffPool, clinic
from app.demo.history.requests import simulate_requests
from app.demo.history.simulator import Simulator
from app.demo.history.ticket_log import RecordedTicket
from app.identity.models import StaffMember
from app.kernel import clock, consumer_runner, positions
from app.kernel.consumers import CONSUMERS, rewind
from app.places.calendar import federal_holidays
from app.places.models import Unit
from app.places.queries import DEMONSTRATION
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Dependant, Person
from app.savings.service import rollup

MAX_PEOPLE = 2_500
"""Upper limit of people in the history: enough for the dashboards."""
AROUND = timedelta(days=120)

_IS_THERE = text("SELECT EXISTS (SELECT FROM event_position WHERE position <= 0)")
_EVENTS = f"COPY event ({', '.join(NAMES)}) FROM STDIN"
_READINGS = "COPY reading (unit_id, service, on_date, days) FROM STDIN"
_READ = text("CREATE TEMP TABLE reading (LIKE saving_access_reading) ON COMMIT DROP")
_KEEP_READINGS = text("INSERT INTO saving_access_reading SELECT * FROM reading ON CONFLICT DO NOTHING")


STORIES = (simulate_appointments, simulate_requests, simulate_walk_ins, simulate_remaining_visits, simulate_desks)


@dataclass(frozen=True, slots=True)
class History:
    """Rows of `event` in order of recording, without their transaction; and what became of the tickets."""

    events: list[tuple[Any, ...]]
    tickets: list[RecordedTicket]


def simulate(population: Population, span: Span, seed: int) -> History:
    """Return a history. Pure except for reading service files."""
    end = datetime.combine(span.until + timedelta(days=1), time(0), ZoneInfo(DEFAULT_ZONE))
    rng = random.Random(seed)  # noqa: S311 # the same history for the same seed; nothing secret
    log = Log(rng, end)
    simulator = Simulator(rng, population, span, log)
    for story in (
        simulate_appointments,
        simulate_requests,
        simulate_walk_ins,
        simulate_remaining_visits,
        simulate_desks,
    ):
        story(simulator)
    return History(sorted(log.rows, key=itemgetter(0)), simulator.tickets)


async def write_history(session: AsyncSession, *, seed: int = 7, days: int | None = None) -> int:
    """Write twelve whole months and the current one until yesterday, at most the last `days`, in the caller's
    transaction.

    Returns the number of events; None if there is a history already.

    Its events get positions before the first, where consumers begin, so that no one gets a message about them. Only
    the savings aggregation reads them, restarted from the beginning of the log.
    """
    if days == 0 or await session.scalar(_IS_THERE):
        return 0
    since, until = year_before(clock.today(DEFAULT_ZONE), days)
    rest = federal_holidays(since, until + AROUND)
    span = Span(since, until, frozenset(rest))
    people = await _people(session, seed)
    if not people:
        return 0
    population = Population(people, await _load_staff(session))
    history = simulate(population, span, seed)
    await copy_rows(session, _EVENTS, history.events)
    await positions.assign_history_positions(session, [row[0] for row in history.events])
    await write_tickets(session, history.tickets, until, population.crew.receptionist)
    await session.execute(_READ)
    rng = random.Random(seed)  # noqa: S311
    await copy_rows(session, _READINGS, availability_readings(rng, population.clinics, span))
    await session.execute(_KEEP_READINGS)
    await _rewind_consumers(session)
    return len(history.events)


async def _people(session: AsyncSession, seed: int) -> list[Member]:
    rng = random.Random(seed)  # noqa: S311
    units = select(Unit.id, Unit.timezone).where(Unit.name.endswith(DEMONSTRATION)).order_by(Unit.clues)
    clinics = {
        row.id: clinic(rng, number, row.id, row.timezone)
        for number, row in enumerate((await session.execute(units)).all())
    }
    members = (
        select(Person.id, Person.unit_id, Person.birth_on, Dependant.holder_id)
        .outerjoin(Dependant, Dependant.person_id == Person.id)
        .where(Person.unit_id.in_(clinics))
        .order_by(Person.curp)
        .limit(MAX_PEOPLE)
    )
    found = {row.id: row for row in (await session.execute(members)).all()}
    return [Member(row.id, clinics[row.unit_id], row.birth_on, row.holder_id) for row in found.values()]


async def _load_staff(session: AsyncSession) -> StaffPool:
    names = ("recepcion", "oficial", "supervision")
    staff = select(StaffMember.username, StaffMember.id).where(StaffMember.username.in_(names))
    found = {row.username: row.id for row in (await session.execute(staff)).all()}
    return StaffPool(*(found[name] for name in names))


async def _rewind_consumers(session: AsyncSession) -> None:
    import_module("app.savings.jobs")
    await consumer_runner.prepare(session, CONSUMERS[rollup.NAME])
    await rewind(CONSUMERS[rollup.NAME], session)
