"""A freed seat that is offered to a person of the wait list, by mail."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from app.appointments.service import reschedule, wait_entries, wait_offers
from app.appointments.service.wait_entries import Asked
from app.appointments.wait_list import Wish
from app.commands.run import import_jobs
from app.kernel.consumer_runner import catch_up
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.factories import add_account
from tests.notifications.mailbox import Mailbox, run_due_jobs

MORNING = datetime(2026, 10, 5, 15, tzinfo=UTC)
"""Nine on a Monday at the unit."""
SERVICE = "family-medicine"


@dataclass
class Waits:
    """Luz has the second time of a clinic and waits; Ana has the first. More people may wait."""

    db: Database
    unit: Unit
    times: list[datetime]
    ana: Person
    luz: Person
    folios: dict[str, str]

    async def add(self, *, email: str | None = None, phone: str | None = None, at: int | None = None) -> UUID:
        """Another person who waits, with the appointment at a time of the clinic; returns their entry."""
        async with self.db.transaction() as session:
            who = await factories.person(session, self.unit)
            if at is not None:
                await factories.booked(session, who, factories.place(self.unit, self.times[at]))
            if email or phone:
                add_account(session, who, email=email, phone=phone)
            asked = Asked(who.id, self.unit.id, SERVICE)
            return (await wait_entries.add(session, factories.citizen(who), asked, wish())).id

    async def free(self) -> None:
        """Ana cancels."""
        async with self.db.transaction() as session:
            await reschedule.cancel(session, factories.citizen(self.ana), self.folios["ana"], "other", factories.once())

    async def work(self) -> None:
        """The worker follows the log and runs what is due, until nothing is left."""
        import_jobs()
        for _ in range(3):
            for name in ("wait-list", "notifications"):
                await catch_up(name)
            await run_due_jobs()

    async def look(self) -> None:
        async with self.db.transaction() as session:
            await wait_offers.look(session, self.unit.id)

    async def sql(self, statement: str, **values: object) -> None:
        async with self.db.transaction() as session:
            await session.execute(text(statement), values)


def wish() -> Wish:
    return Wish(notice=timedelta(hours=2))


async def waits(db: Database, *, email: str | None = "luz@ejemplo.mx", phone: str | None = None) -> Waits:
    """Luz is on the list, with a contact."""
    async with db.transaction() as session:
        unit = await factories.unit(session)
        times = await factories.seats(session, unit, count=3, start_at=MORNING + timedelta(days=2))
        ana, luz = await factories.person(session, unit), await factories.person(session, unit)
        if email or phone:
            add_account(session, luz, email=email, phone=phone)
        folios = {
            name: (await factories.booked(session, who, factories.place(unit, times[number]))).folio
            for number, (name, who) in enumerate({"ana": ana, "luz": luz}.items())
        }
        await wait_entries.add(session, factories.citizen(luz), Asked(luz.id, unit.id, SERVICE), wish())
    return Waits(db, unit, times, ana, luz, folios)


def offer_link(mailbox: Mailbox) -> str:
    """The path of the link in the last mail of an offer."""
    for mail in reversed(mailbox.got):
        found = re.search(r"\S+(/r/h/\S+)", mail.get_body(("plain",)).get_content())
        if found:
            return found.group(1)
    raise AssertionError("no mail of an offer")
