"""An appointment that is booked in time, and the day on which it is reminded of."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import time_machine
from sqlalchemy import text, update

from app.commands.run import import_jobs
from app.identity.models import Account
from app.kernel import clock
from app.notifications import preferences, reminder_queue
from app.notifications.preferences import Preferences
from app.notifications.reminder_rules import Moment
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.factories import add_account
from tests.notifications.mailbox import run_due_jobs, value

ZONE = ZoneInfo(factories.ZONE)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour of a day, by the clock of the unit."""
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


@dataclass
class Case:
    """A person with a contact, their unit, and an appointment at nine, ten days from when it was booked."""

    db: Database
    unit: Unit
    ana: Person
    folio: str
    start_at: datetime
    day: date

    async def tick(self) -> int:
        """Enqueue what is due now."""
        return await reminder_queue.enqueue_due()

    async def remind(self, when: datetime) -> int:
        """The time comes, and what is due leaves; returns how many were enqueued."""
        with time_machine.travel(when, tick=True):
            count = await self.tick()
            await work()
            return count

    def before(self, days: int, hour: int = 9, minute: int = 2) -> datetime:
        return local(self.day - timedelta(days=days), hour, minute)

    async def sql(self, statement: str, **values: object) -> None:
        async with self.db.transaction() as session:
            await session.execute(text(statement), values)


async def work() -> None:
    """Run the jobs that are due. Those enqueued at another time than the database's are due too."""
    import_jobs()
    await run_due_jobs()


async def case(db: Database, *, phone: str | None = None, email: str | None = "ana@ejemplo.mx", hour: int = 9) -> Case:
    """Ana, with an appointment in ten days that she booked now."""
    day = clock.today(factories.ZONE) + timedelta(days=10)
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        add_account(session, ana, email=email, phone=phone)
        (start, *_others) = await factories.seats(session, unit, count=3, start_at=local(day, hour))
        await session.flush()
        folio = (await factories.booked(session, ana, factories.place(unit, start))).folio
    return Case(db, unit, ana, folio, start, day)


async def reminders(question: str = "SELECT count(*) FROM message WHERE kind = 'appointment.reminder'") -> int:
    return int(await value(question))


async def choose(case: Case, *moments: Moment, channel: str | None = None) -> None:
    """The person's preferences."""
    wanted = Preferences(frozenset(moments), channel)
    async with case.db.transaction() as session:
        await preferences.choose(session, factories.citizen(case.ana), wanted)


async def set_language(case: Case, language: str) -> None:
    async with case.db.transaction() as session:
        await session.execute(update(Account).where(Account.person_id == case.ana.id).values(language=language))
