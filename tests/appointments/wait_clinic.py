"""A clinic with free seats two days ahead, and people who book, cancel and wait."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Seat
from app.appointments.problems import SlotTaken
from app.appointments.schemas import AppointmentOut
from app.appointments.service import reschedule, wait_entries, wait_offers
from app.appointments.service.wait_entries import Asked
from app.appointments.wait_list import Wish
from app.appointments.wait_models import WaitEntry, WaitOffer
from app.kernel.actor import Actor
from app.kernel.events import EventRow
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories

MORNING = datetime(2026, 10, 5, 15, tzinfo=UTC)
"""Nine on a Monday at the unit."""
SERVICE = "family-medicine"
HOURS = Wish(notice=timedelta(hours=2))


class Clinic:
    """A unit with free seats two days ahead, and people who book, cancel and wait."""

    def __init__(self, session: AsyncSession, unit: Unit, times: list[datetime]) -> None:
        self.session, self.unit, self.times = session, unit, times

    async def person(self) -> Person:
        return await factories.person(self.session, self.unit)

    async def booked(self, number: int, who: Person | None = None) -> tuple[Person, AppointmentOut]:
        who = who or await self.person()
        made = await factories.booked(self.session, who, factories.place(self.unit, self.times[number]))
        return who, made

    async def waits(self, who: Person | None = None, wish: Wish = HOURS, actor: Actor | None = None) -> WaitEntry:
        who = who or await self.person()
        asked = Asked(who.id, self.unit.id, SERVICE)
        return await wait_entries.add(self.session, actor or factories.citizen(who), asked, wish)

    async def cancel(self, who: Person, made: AppointmentOut) -> None:
        await reschedule.cancel(self.session, factories.citizen(who), made.folio, "other", factories.once())

    async def look(self) -> None:
        await wait_offers.look(self.session, self.unit.id)

    async def offers(self) -> list[WaitOffer]:
        wanted = select(WaitOffer).order_by(WaitOffer.made_at, WaitOffer.id).execution_options(populate_existing=True)
        return list((await self.session.scalars(wanted)).all())

    async def open_offer(self) -> WaitOffer:
        (found,) = [one for one in await self.offers() if one.answer is None]
        return found

    async def seat(self, number: int) -> Seat:
        wanted = select(Seat).where(Seat.unit_id == self.unit.id, Seat.start_at == self.times[number])
        found = await self.session.scalar(wanted.execution_options(populate_existing=True))
        assert found is not None
        return found

    async def entry(self, entry: WaitEntry) -> WaitEntry:
        await self.session.refresh(entry)
        return entry

    async def holds(self, number: int) -> bool:
        """Whether the public can hold that seat now."""
        who = await self.person()
        try:
            await factories.held(
                self.session, factories.citizen(who), who, factories.place(self.unit, self.times[number])
            )
        except SlotTaken:
            return False
        return True

    async def happened(self, type_: str) -> list[EventRow]:
        wanted = select(EventRow).where(EventRow.type == type_, EventRow.unit_id == self.unit.id)
        return list((await self.session.scalars(wanted.order_by(EventRow.id))).all())


async def clinic_in(session: AsyncSession) -> Clinic:
    unit = await factories.unit(session)
    times = await factories.seats(session, unit, count=8, start_at=MORNING + timedelta(days=2))
    return Clinic(session, unit, times)


async def who_waits(clinic: Clinic, entry: WaitEntry) -> Person:
    return await clinic.session.get_one(Person, entry.person_id)
