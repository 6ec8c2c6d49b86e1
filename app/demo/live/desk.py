"""The desk of a live day: each action of the plan is the use case that a page calls, in a transaction of its own."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.demo.clinic.flow import Act, Action
from app.demo.clinic.visits import Visit, draw_visit
from app.demo.live.plan import DayPlan
from app.demo.live.preparation import Stage
from app.desk.problems import CallAgain, CounterBusy, CounterClosed, QueueIsEmpty
from app.desk.queries.counters import my_counter
from app.desk.rules.tickets import OPEN, LeftBecause, TicketStatus
from app.desk.service import arrivals, attendance, calls, counters, departures
from app.desk.service.calls import Call
from app.desk.service.check_in import check_in
from app.desk.service.counters import Seat
from app.desk.service.tickets import TicketRef, ticket_at
from app.kernel import db, ids
from app.kernel.actor import Staff
from app.kernel.problems import Conflict, NotFound

COUNTER_ACTS: dict[Act, Callable[[AsyncSession, Staff], Awaitable[object]]] = {
    Act.PAUSE: counters.pause_counter,
    Act.RESUME: counters.resume_counter,
    Act.CLOSE: counters.close_counter,
}
OTHERS_FROM = 100_000
"""Numbers of visits that aren't in the plan: people to whom a ticket was given on the pages."""


class LiveDesk:
    """Carries out the actions of a day, and knows which ticket is whose."""

    def __init__(self, stage: Stage, plan: DayPlan, seed: int) -> None:
        self._stage, self._plan = stage, plan
        self._people = iter(stage.people)
        self._rng = random.Random(seed)  # noqa: S311 # for people who aren't in the plan; nothing secret
        self._others = count(OTHERS_FROM)
        self._tickets: dict[int, UUID] = {}
        self._visits: dict[UUID, Visit] = {}
        self._run = ids.new_id()
        self._calls = count(1)
        self.numbers: dict[int, str] = {}
        """Of the tickets, as they are printed."""
        self._do: dict[Act, Callable[[AsyncSession, Action, TicketRef], Awaitable[object]]] = {
            Act.CALL_AGAIN: lambda s, a, at: calls.call_again(s, self._at_counter(a), at),
            Act.SERVE: lambda s, a, at: calls.serve(s, self._at_counter(a), at),
            Act.FINISH: lambda s, a, at: calls.finish(s, self._at_counter(a), at),
            Act.PARK: lambda s, a, at: departures.park(s, self._at_counter(a), at),
            Act.TRANSFER: lambda s, a, at: departures.transfer(s, self._at_counter(a), at, _visit(a).service),
            Act.NO_ANSWER: lambda s, a, at: _leave_unanswered(s, self._at_counter(a), at),
            Act.REDIRECT: lambda s, a, at: departures.leave(s, self._at_counter(a), at, LeftBecause.REDIRECTED),
            Act.RECORD: lambda s, a, _at: attendance.record_attended(s, self._at_counter(a), self._folio(a)),
            Act.RETURN: lambda s, _a, at: departures.put_back(s, stage.reception, at),
            Act.GIVE_UP: lambda s, _a, at: departures.leave(s, stage.reception, at, LeftBecause.GAVE_UP),
        }

    def _at_counter(self, action: Action) -> Staff:
        assert action.counter is not None
        return self._stage.crew[action.counter]

    def _folio(self, action: Action) -> str:
        return self._plan.folios[_visit(action).number]

    async def carry_out(self, action: Action) -> Visit | None:
        """Carry out an action; returns whom it took effect on, None if no one: no one waits, or who uses the pages was
        faster.

        Raises:
            Conflict: a counter can't be opened: someone sits there.
        """
        if action.act is Act.OPEN:
            async with db.transaction() as session:
                seat = Seat(self._stage.unit_id, action.counter or 0)
                await counters.open_counter(session, self._at_counter(action), seat, action.services)
            return None
        try:
            if action.act is Act.CALL_NEXT:
                return await self._call_next(action)
            async with db.transaction() as session:
                return await self._change(session, action)
        except (Conflict, NotFound):
            return None

    async def _change(self, session: AsyncSession, action: Action) -> Visit | None:
        if action.act in COUNTER_ACTS:
            await COUNTER_ACTS[action.act](session, self._at_counter(action))
            return None
        visit = _visit(action)
        if action.act is Act.ARRIVE:
            await self._arrive(session, visit)
        else:
            await self._do[action.act](session, action, TicketRef(self._stage.unit_id, self._tickets[visit.number]))
        self._visits[self._tickets[visit.number]] = visit
        return visit

    async def _arrive(self, session: AsyncSession, visit: Visit) -> None:
        stage, folio = self._stage, self._plan.folios.get(visit.number)
        if folio is not None:
            made = await check_in(session, stage.reception, stage.unit_id, folio, is_protected=visit.is_protected)
        else:
            made = await arrivals.take_number(
                session,
                stage.reception,
                stage.unit_id,
                visit.service,
                person_id=next(self._people, None) if visit.number in self._plan.known else None,
                is_protected=visit.is_protected,
            )
        self._tickets[visit.number], self.numbers[visit.number] = made.id, made.number

    async def _call_next(self, action: Action) -> Visit | None:
        staff = self._at_counter(action)
        try:
            async with db.hot_connection() as connection:
                called = await calls.call_next(connection, staff.staff_id, f"live-{self._run}-{next(self._calls)}")
        except (QueueIsEmpty, CounterBusy, CounterClosed):
            return None
        return self._visits.get(called.id) or self._someone_else(called)

    def _someone_else(self, called: Call) -> Visit:
        """A person who got their ticket on a page: how their visit goes is drawn now."""
        number = next(self._others)
        visit = draw_visit(self._rng, number, called.service, 0.0, sends_to=None)
        self._tickets[number], self.numbers[number], self._visits[called.id] = called.id, called.number, visit
        return visit

    async def close(self) -> None:
        """Leave nothing half open: who is being attended was attended, the others of the day leave without it, and the
        counters close, whatever an earlier day left there."""
        for ticket_id in list(self._visits):
            await self._end(ticket_id)
        for staff in self._stage.crew.values():
            async with db.reading() as session:
                mine = await my_counter(session, staff)
            if mine is None:
                continue
            if mine.ticket_id is not None:
                await self._end(mine.ticket_id)
            with suppress(CounterClosed, CounterBusy):
                async with db.transaction() as session:
                    await counters.close_counter(session, staff)

    async def _end(self, ticket_id: UUID) -> None:
        with suppress(Conflict, NotFound):  # who uses the pages was faster
            async with db.transaction() as session:
                await self._end_ticket(session, TicketRef(self._stage.unit_id, ticket_id))

    async def _end_ticket(self, session: AsyncSession, at: TicketRef) -> None:
        ticket = await ticket_at(session, self._stage.reception, at)
        if ticket.status == TicketStatus.SERVING:
            if ticket.counter in self._stage.crew:
                await calls.finish(session, self._stage.crew[ticket.counter], at)
        elif ticket.status in OPEN:
            is_expected = ticket.status == TicketStatus.PARKED
            because = LeftBecause.GAVE_UP if is_expected else LeftBecause.CLOSED
            await departures.leave(session, self._stage.reception, at, because)


async def _leave_unanswered(session: AsyncSession, staff: Staff, at: TicketRef) -> None:
    """The person doesn't come, however often their unit calls."""
    while True:
        try:
            await departures.leave(session, staff, at, LeftBecause.NO_ANSWER)
        except CallAgain:
            await calls.call_again(session, staff, at)
        else:
            return


def _visit(action: Action) -> Visit:
    assert action.visit is not None
    return action.visit
