"""An appointment is locked before its ticket, so that a counter that ends one and a doctor's list that records don't
wait for each other."""

import asyncio
from datetime import timedelta

import time_machine
from sqlalchemy import text

from app.appointments.queries.own import attended_appointment
from app.desk.service import calls
from app.desk.service.check_in import check_in
from app.desk.service.tickets import TicketRef
from app.kernel.db import transaction
from tests.conftest import Database
from tests.desk.factories import NINE, at_nine, clinic, open_all, patient, status_of

WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


async def test_who_ends_a_ticket_waits_for_its_appointment_without_holding_the_ticket(db: Database) -> None:
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        async with transaction() as session:
            here = await clinic(session)
            _who, made = await patient(session, here)
    with at_nine():
        async with transaction() as session:
            await open_all(session, here)
            ticket = await check_in(session, here.desk, here.unit.id, made.folio)
            at = TicketRef(here.unit.id, ticket.id)
            await calls.call_ticket(session, here.desk, at)
            await calls.serve(session, here.desk, at)

        async def ends() -> None:
            async with transaction() as session:
                await calls.finish(session, here.desk, at)

        async with transaction() as first:
            await attended_appointment(first, here.desk, made.folio)
            ending = asyncio.create_task(ends())
            async with db.transaction() as watching:
                for _ in range(200):
                    if (await watching.execute(WAITS)).scalar_one():
                        break
                    await asyncio.sleep(0.02)
                else:
                    raise AssertionError("it didn't wait")
            mine = text("SELECT number FROM desk_ticket WHERE id = :id FOR UPDATE NOWAIT")
            assert (await first.execute(mine, {"id": ticket.id})).scalar_one() == 1
        await ending
        async with transaction() as session:
            assert await status_of(session, made) == "attended"
