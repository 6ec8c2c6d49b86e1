"""What devices recorded offline, merged on PostgreSQL: one after another, at once, late, and again."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Appointment
from app.appointments.schemas import AppointmentOut
from app.appointments.service import reschedule
from app.desk import problems
from app.desk.models import DeskTicket, OfflineEntry
from app.desk.queries.offline import offline_entries
from app.desk.rules.offline import EntryKind, SentBatch, SentEntry
from app.desk.rules.tickets import LeftBecause
from app.desk.service import attendance, departures
from app.desk.service.arrivals import take_number
from app.desk.service.check_in import check_in
from app.desk.service.day_end import end_days, units_with_ended_days
from app.desk.service.number_ranges import reserve_numbers
from app.desk.service.offline import receive_entries, resolve_conflict
from app.desk.service.tickets import TicketRef
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel import db as kernel_db
from app.kernel.events import EventRow
from app.kernel.problems import NotFound
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.factories import NINE, SERVICE, Clinic, at_nine, clinic, patient, status_of, walk_in

ONE, TWO = UUID(int=101), UUID(int=102)
"""Two devices of a unit."""
ids = itertools.count(1)


@pytest.fixture(autouse=True)
def _the_day_before() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NINE - timedelta(days=1), tick=True) as traveller:
        yield traveller


def came(made: AppointmentOut, minutes: float, number: str | None = None) -> SentEntry:
    return entry(EntryKind.CHECK_IN, minutes, folio=made.folio, number=number)


def entry(kind: EntryKind, minutes: float, **about: Any) -> SentEntry:
    """Minutes after nine by the device's clock."""
    return SentEntry(UUID(int=next(ids)), kind, NINE + timedelta(minutes=minutes), **about)


async def send(
    session: AsyncSession, here: Clinic, device_id: UUID, *entries: SentEntry, device_now: datetime | None = None
) -> list[OfflineEntry]:
    batch = SentBatch(device_id, device_now or clock.now(), entries)
    return await receive_entries(session, here.desk, here.unit.id, batch)


async def reserve(session: AsyncSession, here: Clinic, device_id: UUID, count: int = 20) -> list[str]:
    """The printed numbers of a range."""
    made = await reserve_numbers(session, here.desk, here.unit.id, device_id, SERVICE, count)
    return [f"{made.letter}-{number:03d}" for number in range(made.first, made.last + 1)]


async def tickets(session: AsyncSession, here: Clinic) -> list[tuple[str, float, str]]:
    """Of a unit: printed number, minutes after nine of the arrival, status."""
    found = select(DeskTicket).where(DeskTicket.unit_id == here.unit.id).order_by(DeskTicket.letter, DeskTicket.number)
    rows = await session.scalars(found.execution_options(populate_existing=True))
    return [(f"{row.letter}-{row.number:03d}", minutes_of(row.arrived_at), row.status) for row in rows]


def minutes_of(moment: datetime) -> float:
    return round((moment - NINE) / timedelta(minutes=1), 1)


def outcomes(rows: Sequence[OfflineEntry]) -> list[tuple[str, str | None]]:
    return [(row.status, row.reason) for row in rows]


async def test_reserved_numbers_are_given_by_no_one_else(session: AsyncSession) -> None:
    here = await clinic(session)
    with at_nine():
        assert (await walk_in(session, here)).number == "A-001"
        first, second = await reserve(session, here, ONE, 3), await reserve(session, here, TWO, 2)
        assert (first, second) == (["A-002", "A-003", "A-004"], ["A-005", "A-006"])
        assert (await walk_in(session, here)).number == "A-007"
        recorded = select(EventRow.payload["first"]).where(EventRow.type == "numbers.reserved").order_by(EventRow.id)
        assert list(await session.scalars(recorded)) == [2, 5]
        with pytest.raises(WrongRole):
            await reserve_numbers(session, (await clinic(session)).desk, here.unit.id, ONE, SERVICE, 2)


async def test_a_number_given_offline_keeps_the_place_of_its_arrival(session: AsyncSession) -> None:
    here = await clinic(session)
    with at_nine():
        numbers = await reserve(session, here, ONE)
    with at_nine(30):
        await walk_in(session, here)
    with at_nine(60):
        given = entry(EntryKind.NUMBER, 10, service=SERVICE, number=numbers[0])
        protected = entry(EntryKind.NUMBER, 12, service=SERVICE, number=numbers[1], is_protected=True)
        found = await send(session, here, ONE, given, protected)
        assert outcomes(found) == [("applied", None)] * 2
        assert await tickets(session, here) == [
            ("A-001", 10.0, "waiting"),
            ("A-002", 12.0, "waiting"),
            ("A-021", 30.0, "waiting"),
        ]
        order = select(DeskTicket.number).where(DeskTicket.unit_id == here.unit.id).order_by(DeskTicket.rank_at)
        assert list(await session.scalars(order)) == [2, 1, 21]
        arrived = select(EventRow.payload["happened_at"].astext).where(EventRow.subject_id == found[0].ticket_id)
        assert list(await session.scalars(arrived)) == [(NINE + timedelta(minutes=10)).isoformat()]
        again = await send(session, here, ONE, given, protected)
        assert [row.ticket_id for row in again] == [row.ticket_id for row in found]
        assert len(await tickets(session, here)) == 3


async def test_ten_minutes_wrong_are_corrected_and_recorded(session: AsyncSession) -> None:
    here = await clinic(session)
    _who, made = await patient(session, here)
    with at_nine():
        numbers = await reserve(session, here, ONE)
    with at_nine(30):
        fast = NINE + timedelta(minutes=40)
        (found,) = await send(session, here, ONE, came(made, 15, numbers[0]), device_now=fast)
        assert (found.offset_seconds, minutes_of(found.device_at)) == (-600, 15.0)
        assert await tickets(session, here) == [("A-001", 5.0, "waiting")]
        row = await session.get_one(DeskTicket, (here.unit.id, found.ticket_id))
        assert row.rank_at == made.start_at, "by its own clock they would have been late"
        days = NINE + timedelta(days=2)
        wrong, future = came(made, 20), came(made, 39)
        assert outcomes(await send(session, here, ONE, wrong, device_now=days)) == [("conflict", "device-clock-wrong")]
        assert outcomes(await send(session, here, ONE, future)) == [("conflict", "entry-in-future")]
        assert await tickets(session, here) == [("A-001", 5.0, "waiting")]


async def test_two_devices_with_the_same_person_make_one_ticket(session: AsyncSession) -> None:
    here = await clinic(session)
    who, made = await patient(session, here, minutes=20)
    with at_nine():
        one, two = await reserve(session, here, ONE), await reserve(session, here, TWO)
    with at_nine(60):
        (late,) = await send(session, here, ONE, came(made, 5, one[0]))
        (early,) = await send(session, here, TWO, came(made, 2, two[0]))
        assert await tickets(session, here) == [(two[0], 2.0, "waiting")]
        await session.refresh(late)
        assert (late.status, early.status, late.ticket_id) == ("merged", "applied", early.ticket_id)
        arrived = select(EventRow.payload["happened_at"].astext).where(EventRow.person_id == who.id)
        times = await session.scalars(arrived.where(EventRow.type == "ticket.arrived").order_by(EventRow.id))
        assert list(times) == [(NINE + timedelta(minutes=minutes)).isoformat() for minutes in (5, 2)]


async def test_in_any_order_the_end_is_the_same(session: AsyncSession) -> None:
    ends = set()
    for order in itertools.permutations(range(4)):
        here = await clinic(session)
        _who, made = await patient(session, here)
        with at_nine():
            one, two = await reserve(session, here, ONE), await reserve(session, here, TWO)
        sent = [
            (ONE, came(made, 5, one[0])),
            (TWO, came(made, 8, two[0])),
            (TWO, entry(EntryKind.MISSED, 15, folio=made.folio)),
            (ONE, entry(EntryKind.ATTENDED, 25, folio=made.folio)),
        ]
        with at_nine(120):
            for place in order:
                await send(session, here, sent[place][0], sent[place][1])
            stored = {row.id: row for row in await session.scalars(_entries_of(here))}
        ended = list(await session.scalars(select(DeskTicket.ended_at).where(DeskTicket.unit_id == here.unit.id)))
        ends.add(
            (
                tuple(await tickets(session, here)),
                tuple(ended),
                await status_of(session, made),
                tuple(outcomes([stored[one.id] for _device, one in sent])),
            )
        )
    expected = (("applied", None), ("merged", None), ("conflict", "person-is-here"), ("applied", None))
    at = NINE + timedelta(minutes=25)
    assert ends == {((("A-001", 5.0, "done"),), (at,), "attended", expected)}


def _entries_of(here: Clinic) -> Any:
    found = select(OfflineEntry).where(OfflineEntry.unit_id == here.unit.id)
    return found.execution_options(populate_existing=True)


async def test_what_was_done_online_meanwhile(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    _who, online = await patient(session, here)
    _who, cancelled = await patient(session, here, minutes=90)
    _who, elsewhere = await patient(session, there)
    _who, missed = await patient(session, here, minutes=15)
    walks, late = await patient(session, here, minutes=30)
    await reschedule.cancel(session, here.desk, cancelled.folio, "other", places.once())
    with at_nine():
        numbers = await reserve(session, here, ONE)
    with at_nine(40):
        await check_in(session, here.desk, here.unit.id, online.folio)
        await attendance.record_missed(session, here.desk, missed.folio)
        await take_number(session, here.desk, here.unit.id, SERVICE, person_id=walks.id)
    with at_nine(60):
        sent = [came(made, 3, numbers[n]) for n, made in enumerate((online, cancelled, elsewhere, missed, late))]
        absent = entry(EntryKind.MISSED, 11, folio=missed.folio)
        unknown = entry(EntryKind.CHECK_IN, 3, folio="C-00000-00000-0")
        found = await send(session, here, ONE, *sent, absent, unknown)
        assert outcomes(found) == [
            ("merged", None),
            ("conflict", "appointment-not-open"),
            ("conflict", "appointment-elsewhere"),
            ("applied", None),
            ("merged", None),
            ("conflict", "person-is-here"),
            ("conflict", "appointment-unknown"),
        ]
        # The number given online stays, and the earlier arrival holds.
        assert await tickets(session, here) == [
            ("A-004", 3.0, "waiting"),
            ("A-021", 3.0, "waiting"),
            ("A-022", 3.0, "waiting"),
        ]
        assert await status_of(session, missed) == "booked"
        conflict = found[1]
        await resolve_conflict(session, here.desk, here.unit.id, conflict.id)
        await resolve_conflict(session, here.desk, here.unit.id, conflict.id)
        resolved = select(EventRow.payload["reason"].astext).where(EventRow.type == "offline-conflict.resolved")
        assert list(await session.scalars(resolved)) == ["appointment-not-open"]
        with pytest.raises(NotFound):
            await resolve_conflict(session, there.desk, here.unit.id, found[2].id)
        with pytest.raises(NotFound):
            await resolve_conflict(session, here.desk, here.unit.id, found[0].id)


async def test_numbers_that_a_device_did_not_have_are_conflicts(session: AsyncSession) -> None:
    here = await clinic(session)
    _who, made = await patient(session, here)
    _who, online = await patient(session, here, minutes=15)
    with at_nine():
        numbers, others = await reserve(session, here, ONE), await reserve(session, here, TWO)
    with at_nine(20):
        sent = [
            entry(EntryKind.NUMBER, 1, service=SERVICE, number=numbers[0]),
            # Before the device had it: who arrived first is called first.
            entry(EntryKind.NUMBER, -30, service=SERVICE, number=numbers[3]),
            entry(EntryKind.NUMBER, 2, service=SERVICE, number=numbers[0]),
            entry(EntryKind.NUMBER, 3, service=SERVICE, number=others[0]),
            entry(EntryKind.NUMBER, 4, service="dental", number=numbers[1]),
            entry(EntryKind.NUMBER, 5 - 24 * 60, service=SERVICE, number=numbers[2]),
            came(made, 6, numbers[0]),
        ]
        found = await send(session, here, ONE, *sent)
        not_reserved = ("conflict", problems.NumberNotReserved.slug)
        used = ("conflict", problems.NumberUsed.slug)
        assert outcomes(found) == [("applied", None), not_reserved, used, *[not_reserved] * 3, used]
        assert await tickets(session, here) == [("A-001", 1.0, "waiting")]
        assert outcomes(await send(session, here, ONE, came(made, 6))) == [("applied", None)]
        assert await tickets(session, here) == [("A-001", 1.0, "waiting"), ("A-041", 6.0, "waiting")]
        await check_in(session, here.desk, here.unit.id, online.folio)
        assert outcomes(await send(session, here, ONE, came(online, 7, numbers[5]))) == [("merged", None)]
        again = entry(EntryKind.NUMBER, 8, service=SERVICE, number=numbers[5])
        assert outcomes(await send(session, here, ONE, again)) == [used], "someone has that slip"
        below = entry(EntryKind.NUMBER, 9, service=SERVICE, number=numbers[6])
        assert outcomes(await send(session, here, TWO, below)) == [not_reserved]
    with at_nine(24 * 60 + 20):
        later = entry(EntryKind.NUMBER, 24 * 60 + 10, service=SERVICE, number=numbers[7])
        assert outcomes(await send(session, here, ONE, later)) == [not_reserved], "of the day before"


async def test_what_is_wrong_by_itself_uses_no_number_and_stays_out_of_the_merge(session: AsyncSession) -> None:
    here = await clinic(session)
    _who, made = await patient(session, here)
    with at_nine():
        numbers = await reserve(session, here, ONE)
    with at_nine(20):
        days = NINE + timedelta(days=2)
        number = entry(EntryKind.NUMBER, 3, service=SERVICE, number=numbers[0])
        wrong = await send(session, here, ONE, number, came(made, 4), device_now=days)
        right = entry(EntryKind.NUMBER, 5, service=SERVICE, number=numbers[0])
        assert outcomes(await send(session, here, ONE, right, came(made, 6, numbers[1]))) == [("applied", None)] * 2
        for row in wrong:
            await session.refresh(row)
        assert outcomes(wrong) == [("conflict", "device-clock-wrong")] * 2
        assert await tickets(session, here) == [("A-001", 5.0, "waiting"), ("A-002", 6.0, "waiting")]


async def test_an_attention_or_absence_that_cannot_be_is_a_conflict(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    _who, elsewhere = await patient(session, there)
    _who, cancelled = await patient(session, here)
    _who, tomorrow = await patient(session, here, minutes=24 * 60)
    _who, unserved = await patient(session, here, minutes=-60)
    await reschedule.cancel(session, here.desk, cancelled.folio, "other", places.once())
    await session.execute(update(Appointment).where(Appointment.folio == unserved.folio).values(status="unserved"))
    with at_nine(60):
        seen = [entry(EntryKind.ATTENDED, 30, folio=one.folio) for one in (elsewhere, cancelled, tomorrow)]
        absent = entry(EntryKind.MISSED, 30, folio=unserved.folio)
        reasons = ("appointment-elsewhere", "appointment-not-open", "not-yet-attended", "appointment-ended")
        assert outcomes(await send(session, here, ONE, *seen, absent)) == [("conflict", one) for one in reasons]
        states = [await status_of(session, one) for one in (elsewhere, cancelled, tomorrow, unserved)]
        assert states == ["booked", "cancelled", "booked", "unserved"]
        shown = {one.folio: one.full_name for one in await offline_entries(session, here.desk, here.unit.id)}
        assert (shown[elsewhere.folio], shown[cancelled.folio]) == (None, "Ana Núñez Peña"), "not of another unit"


async def test_who_left_and_came_back_has_a_second_ticket(session: AsyncSession) -> None:
    here = await clinic(session)
    _who, made = await patient(session, here)
    with at_nine():
        numbers = await reserve(session, here, ONE)
    with at_nine(10):
        first = await check_in(session, here.desk, here.unit.id, made.folio)
        await departures.leave(session, here.desk, TicketRef(here.unit.id, first.id), LeftBecause.GAVE_UP)
    with at_nine(60):
        before, back = came(made, 5, numbers[0]), came(made, 40, numbers[1])
        for _twice in range(2):
            assert outcomes(await send(session, here, ONE, back, before)) == [("applied", None), ("merged", None)]
        assert await tickets(session, here) == [("A-002", 40.0, "waiting"), ("A-021", 10.0, "left")]


async def test_what_is_sent_after_the_end_of_the_day_is_of_its_day(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        _who, seen = await patient(session, here)
        _who, waited = await patient(session, here, minutes=15)
        _who, absent = await patient(session, here, minutes=30)
    with at_nine():
        async with db.transaction() as session:
            numbers = await reserve(session, here, ONE)
    with at_nine(24 * 60):
        await end_all(db)
        async with db.transaction() as session:
            # No one is recorded to have come: the device may still send who did.
            assert [await status_of(session, one) for one in (seen, waited, absent)] == ["booked"] * 3
            found = await send(
                session,
                here,
                ONE,
                came(seen, 0, numbers[0]),
                entry(EntryKind.ATTENDED, 20, folio=seen.folio),
                came(waited, 3, numbers[1]),
            )
            assert outcomes(found) == [("applied", None)] * 3
        await end_all(db)
        async with db.transaction() as session:
            ends = [await status_of(session, one) for one in (seen, waited, absent)]
            assert ends == ["attended", "unserved", "missed"]
            assert await tickets(session, here) == [("A-001", 0.0, "done"), ("A-002", 3.0, "left")]


async def end_all(db: Database) -> None:
    async with db.transaction() as session:
        for unit_id in await units_with_ended_days(session):
            await end_days(session, unit_id)


async def test_batches_of_two_devices_and_the_counter_at_once(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        made = [(await patient(session, here, minutes=15 * n))[1] for n in range(6)]
    with at_nine(-30):
        async with db.transaction() as session:
            numbers = {device: await reserve(session, here, device) for device in (ONE, TWO)}
    batches = [
        (device, [came(one, shift + 10 * n, numbers[device][n]) for n, one in enumerate(made)])
        for device, shift in ((ONE, 0), (TWO, 1))
    ]
    walks = [entry(EntryKind.NUMBER, n, service=SERVICE, number=numbers[ONE][10 + n]) for n in range(4)]

    async def upload(device: UUID, entries: Sequence[SentEntry]) -> None:
        async with kernel_db.transaction() as session:
            await send(session, here, device, *entries)

    async def at_counter(one: AppointmentOut) -> None:
        async with kernel_db.transaction() as session:
            await check_in(session, here.desk, here.unit.id, one.folio)

    with at_nine(120):
        tasks = [upload(device, entries) for device, entries in batches * 3]
        tasks += [upload(ONE, walks), upload(ONE, walks)]
        results = await asyncio.gather(*tasks, *(at_counter(one) for one in made[:3]), return_exceptions=True)
    refused = [one for one in results if one is not None]
    assert {type(one) for one in refused} <= {problems.AlreadyWaiting}, refused
    async with db.transaction() as session:
        found = await tickets(session, here)
        assert len(found) == 10, "six people and four numbers"
        assert sorted(minutes for _number, minutes, _status in found) == [0, 0, 1, 2, 3, 10, 20, 30, 40, 50]
        stored = list(await session.scalars(_entries_of(here)))
        assert len(stored) == 16
        assert {row.status for row in stored} <= {"applied", "merged"}
        for one in made:
            theirs = [row for row in stored if row.folio == one.folio]
            assert len({row.ticket_id for row in theirs}) == 1
