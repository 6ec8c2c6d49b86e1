"""A clinic with a day that is drawn, and what becomes of the draw."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule, Seat
from app.appointments.release_models import Draw, DrawRegistration
from app.appointments.service import draw_registrations, draws, wait_answers, wait_offers
from app.appointments.wait_models import WaitOffer
from app.kernel.events import EventRow
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories
from tests.appointments.releasing import DAY, OPENS, PLAN, opened


class Clinic:
    """A clinic whose Tuesday is drawn, with three seats."""

    def __init__(self, session: AsyncSession, unit: Unit, schedule: Schedule) -> None:
        self.session, self.unit, self.schedule = session, unit, schedule

    async def work(self) -> None:
        await draws.work_draws(self.session, self.unit.id)
        await wait_offers.look(self.session, self.unit.id)

    async def draw(self) -> Draw:
        wanted = select(Draw).where(Draw.unit_id == self.unit.id, Draw.on_date == DAY)
        return (await self.session.scalars(wanted.execution_options(populate_existing=True))).one()

    async def registered(self, who: Person | None = None) -> tuple[Person, DrawRegistration]:
        who = who or await factories.person(self.session, self.unit)
        made = await draw_registrations.register(self.session, factories.citizen(who), (await self.draw()).id, who.id)
        return who, made

    async def order(self) -> list[DrawRegistration]:
        wanted = select(DrawRegistration).order_by(DrawRegistration.position)
        return list((await self.session.scalars(wanted.execution_options(populate_existing=True))).all())

    async def offers(self, *, is_open: bool = True) -> list[WaitOffer]:
        wanted = select(WaitOffer).order_by(WaitOffer.made_at, WaitOffer.place)
        if is_open:
            wanted = wanted.where(WaitOffer.answer.is_(None))
        return list((await self.session.scalars(wanted.execution_options(populate_existing=True))).all())

    async def seats(self) -> list[Seat]:
        wanted = select(Seat).where(Seat.on_date == DAY, Seat.unit_id == self.unit.id).order_by(Seat.start_at)
        return list((await self.session.scalars(wanted.execution_options(populate_existing=True))).all())

    async def accept(self, offer: WaitOffer) -> None:
        who = await self.session.get_one(Person, offer.person_id)
        await wait_answers.accept(self.session, factories.citizen(who), offer.id, factories.once())

    async def happened(self, type_: str) -> list[EventRow]:
        return list((await self.session.scalars(select(EventRow).where(EventRow.type == type_))).all())


async def drawn_clinic(session: AsyncSession, at: Any) -> Clinic:
    """It is a moment after the registration opened."""
    unit = await factories.unit(session)
    schedule = await opened(session, unit, PLAN, weekdays=[2], slot_minutes=120)
    at.move_to(OPENS + timedelta(seconds=5))
    made = Clinic(session, unit, schedule)
    await made.work()
    return made
