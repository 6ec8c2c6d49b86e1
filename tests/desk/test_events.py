"""A ticket's life as a desk reports it: when things happened there, apart from when they were recorded."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.events import AppointmentMissed, TicketArrived, TicketCalled, TicketLeft, TicketServed
from app.kernel import clock, ids
from app.kernel.actor import Role
from app.kernel.events import EventRow, record
from tests.appointments import factories


async def test_a_desk_that_was_without_network_reports_late(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    desk = factories.staff(Role.RECEPTIONIST, unit)
    ticket, arrived = ids.new_id(), clock.now() - timedelta(hours=5)
    about: dict[str, Any] = {"subject_id": ticket, "unit_id": unit.id, "service": "family-medicine"}
    minutes = [arrived + timedelta(minutes=later) for later in (0, 40, 41, 53)]
    facts = [
        TicketArrived(**about, happened_at=minutes[0], appointment_id=None, walk_in=True),
        TicketCalled(**about, happened_at=minutes[1], window=3),
        TicketServed(**about, happened_at=minutes[2]),
        TicketLeft(**about, happened_at=minutes[3], outcome="done"),
    ]
    for fact in facts:
        await record(session, desk, fact)
    asked = select(EventRow).where(EventRow.subject_id == ticket).order_by(EventRow.id)
    rows = list((await session.scalars(asked)).all())
    assert [row.type for row in rows] == ["ticket.arrived", "ticket.called", "ticket.served", "ticket.left"]
    assert [row.payload["happened_at"] for row in rows] == [minute.isoformat() for minute in minutes]
    assert all(row.at - arrived >= timedelta(hours=5) for row in rows)
    assert {(row.person_id, row.unit_id, row.channel, row.device) for row in rows} == {(None, unit.id, "desk", None)}
    assert (rows[0].payload["walk_in"], rows[0].payload["appointment_id"]) == (True, None)
    assert (rows[1].payload["window"], rows[3].payload["outcome"]) == (3, "done")


async def test_no_one_came(session: AsyncSession) -> None:
    unit = await factories.unit(session)
    ana = await factories.person(session, unit)
    (start_at,) = await factories.seats(session, unit)
    made = await factories.booked(session, ana, factories.place(unit, start_at))
    missed = AppointmentMissed(
        subject_id=ids.new_id(),
        person_id=ana.id,
        unit_id=unit.id,
        service=made.service,
        folio=made.folio,
        start_at=made.start_at,
    )
    await record(session, factories.staff(Role.RECEPTIONIST, unit), missed)
    row = await session.scalar(select(EventRow).where(EventRow.type == "appointment.missed"))
    assert row is not None
    assert row.payload == {"folio": made.folio, "start_at": made.start_at.isoformat()}
