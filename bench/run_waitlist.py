"""The wait list in simulation: minutes from a freed seat to its acceptance, and the share of freed seats that were
filled, against the same week without a list.

The clock is simulated, in steps of five minutes; everything happens through the use cases. People of the list answer by
chance; without it, the same people look at the free times of the clinic now and then, and move when they see an earlier
one. How often is an assumption, printed with the result.
"""

import asyncio
import random
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import time_machine
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Appointment
from app.appointments.service import booking, holds, reschedule, wait_answers, wait_entries, wait_offers
from app.appointments.service.holds import Place
from app.appointments.service.reschedule import NewTime
from app.appointments.service.wait_entries import Asked
from app.appointments.wait_list import Wish, is_waking
from app.appointments.wait_models import WaitOffer
from app.kernel import clock, db, ids
from app.kernel.actor import Assurance, Citizen
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.problems import Problem
from bench import dataset
from bench.harness import Result, database_server, execute, migrated, say

START = datetime(2026, 10, 5, 14, tzinfo=UTC)
"""A Monday, eight by the clock of the unit."""
STEP = timedelta(minutes=5)
STEPS = 5 * 24 * 12
SEATS_A_DAY, DAYS = 24, 10
BOOKED, WAITING = 200, 100
CANCELS_A_DAY = 12
LATE = timedelta(hours=36)
"""Those who cancel do so when their time is this near."""
ANSWERS, ACCEPTS = 0.8, 0.75
"""Of ten offers eight are answered, and of those three quarters accepted."""
MINUTES_TO_ANSWER = 8.0
LOOKS_A_DAY = (1.0, 0.2)
"""How often who wants an earlier time looks at the pages, without a list: often, and as the target supposes."""


@dataclass(slots=True)
class Week:
    """What happened to the seats that were freed."""

    freed: dict[tuple[int, datetime], datetime] = field(default_factory=dict)
    filled: list[float] = field(default_factory=list)
    """Minutes from when a seat was freed to when another person had it."""

    @property
    def share(self) -> float:
        return len(self.filled) / (len(self.filled) + len(self.freed))


@dataclass(slots=True)
class Clinic:
    """One unit, its people, and the dice of the week."""

    looks_a_day: float | None
    """Without a list; None: with one."""
    dice: random.Random = field(default_factory=lambda: random.Random(15))
    week: Week = field(default_factory=Week)
    answers: dict[UUID, datetime | None] = field(default_factory=dict)
    waiting: set[UUID] = field(default_factory=set)

    async def run(self) -> None:
        """Five days, in steps of five minutes."""
        with time_machine.travel(START, tick=False) as traveller:
            await self._prepare()
            for _ in range(STEPS):
                traveller.shift(STEP)
                await self._cancel()
                if self.looks_a_day is None:
                    await self._work()
                else:
                    await self._look_at_pages()

    async def _prepare(self) -> None:
        """All seats but the last are booked, the latest by who wants an earlier one."""
        async with db.transaction() as session:
            for number in range(BOOKED):
                person_id, start_at = dataset.person_id(number), _start(number)
                actor = _citizen(person_id)
                place = Place(UNIT, dataset.SERVICE, 1, start_at)
                held = await holds.hold(session, actor, person_id, place, _once())
                await booking.book(session, actor, person_id, held.value.id, _once())
            for number in range(BOOKED - WAITING, BOOKED):
                self.waiting.add(dataset.person_id(number))
                if self.looks_a_day is None:
                    asked = Asked(dataset.person_id(number), UNIT, dataset.SERVICE)
                    wish = Wish(notice=timedelta(hours=self.dice.choice([2, 12, 24])))
                    await wait_entries.add(session, _citizen(asked.person_id), asked, wish)

    async def _cancel(self) -> None:
        """Now and then, by day, someone who doesn't want an earlier time cancels."""
        if not is_waking(clock.now(), dataset.ZONE) or self.dice.random() > CANCELS_A_DAY / (13 * 12):
            return
        async with db.transaction() as session:
            open_ones = select(Appointment).where(
                Appointment.status == "booked",
                Appointment.start_at.between(clock.now() + timedelta(hours=3), clock.now() + LATE),
                Appointment.person_id.not_in(self.waiting),
            )
            found = (await session.scalars(open_ones.order_by(Appointment.start_at))).all()
            if not found:
                return
            made = self.dice.choice(found)
            await reschedule.cancel(session, _citizen(made.person_id), made.folio, "other", _once())
        self.week.freed[made.room, made.start_at] = clock.now()

    async def _work(self) -> None:
        """The worker looks; people answer when they have decided."""
        async with db.transaction() as session:
            await wait_offers.look(session, UNIT)
            offers = (await session.scalars(select(WaitOffer).where(WaitOffer.answer.is_(None)))).all()
        for offer in offers:
            due = self.answers.setdefault(offer.id, self._decides(offer.made_at))
            if due is not None and due <= clock.now():
                await self._answer(offer)

    def _decides(self, made_at: datetime) -> datetime | None:
        if self.dice.random() > ANSWERS:
            return None
        return made_at + timedelta(minutes=self.dice.expovariate(1 / MINUTES_TO_ANSWER))

    async def _answer(self, offer: WaitOffer) -> None:
        actor = _citizen(offer.person_id)
        async with db.transaction() as session:
            if self.dice.random() > ACCEPTS:
                await wait_answers.decline(session, actor, offer.id)
                return
            await wait_answers.accept(session, actor, offer.id, _once())
        self.waiting.discard(offer.person_id)
        self._was_filled(offer.room, offer.start_at, had=offer.had_start_at)

    async def _look_at_pages(self) -> None:
        """Who wants an earlier time looks now and then, and moves to the first free one that is."""
        if self.looks_a_day is None or not is_waking(clock.now(), dataset.ZONE):
            return
        for person_id in sorted(self.waiting):
            if self.dice.random() > self.looks_a_day / (13 * 12):
                continue
            async with db.transaction() as session:
                moved = await _move_earlier(session, person_id)
            if moved is not None:
                self.waiting.discard(person_id)
                self._was_filled(1, moved[1], had=moved[0])

    def _was_filled(self, room: int, start_at: datetime, had: datetime | None) -> None:
        freed_at = self.week.freed.pop((room, start_at), None)
        if freed_at is not None:
            self.week.filled.append((clock.now() - freed_at) / timedelta(minutes=1))
        if had is not None:
            self.week.freed[room, had] = clock.now()


UNIT = dataset.unit_id(0)
_FREE = text(
    "SELECT s.start_at FROM seat s WHERE s.state = 'free' AND s.free_from <= :now AND s.start_at > :now +"
    " interval '2 hours' AND s.start_at < :had ORDER BY s.start_at LIMIT 1"
)


async def _move_earlier(session: AsyncSession, person_id: UUID) -> tuple[datetime, datetime] | None:
    own = await session.scalar(
        select(Appointment).where(Appointment.person_id == person_id, Appointment.status == "booked")
    )
    if own is None or own.start_at < clock.now() + timedelta(hours=3):
        return None
    had: datetime = own.start_at
    start_at = await session.scalar(_FREE, {"now": clock.now(), "had": had})
    if start_at is None:
        return None
    try:
        await reschedule.move(session, _citizen(person_id), own.folio, NewTime(1, start_at), _once())
    except Problem:
        return None
    return had, start_at


def _citizen(person_id: UUID) -> Citizen:
    return Citizen(person_id, assurance=Assurance.FULL)


def _once() -> IdempotencyRequest:
    return IdempotencyRequest(str(ids.new_id()), b"simulated")


def _start(number: int) -> datetime:
    day, place = divmod(number, SEATS_A_DAY)
    return START + timedelta(days=day + 1, minutes=15 * place)


def _simulated(looks_a_day: float | None) -> Week:
    with database_server(durable=False) as server:
        url = migrated(server)
        dataset.populate(url, BOOKED, slots=1)
        values = ", ".join(
            f"('{UNIT}', 1, '{_start(n).isoformat()}', 1, '{dataset.SERVICE}', 'M',"
            f" '{(_start(n) - timedelta(hours=6)).date()}', 15)"
            for n in range(SEATS_A_DAY * DAYS)
        )
        execute(
            url,
            "DELETE FROM seat",
            "INSERT INTO seat (unit_id, room, start_at, seat, service, shift, on_date, minutes) VALUES " + values,
        )
        return asyncio.run(_run(url, looks_a_day))


async def _run(url: str, looks_a_day: float | None) -> Week:
    engines = db.configure(url, driver="psycopg")
    clinic = Clinic(looks_a_day)
    try:
        await clinic.run()
    finally:
        await engines.close()
    return clinic.week


def run() -> Result:
    """The share that is filled with the list, over the share of those who look once in five days without it."""
    weeks = {"with a list": _simulated(None)}
    weeks |= {f"without, {looks:g} looks a day": _simulated(looks) for looks in LOOKS_A_DAY}
    for name, week in weeks.items():
        minutes = sorted(week.filled) or [0.0]
        say(
            f"{name}: {len(week.filled)} of {len(week.filled) + len(week.freed)} freed seats filled ({week.share:.0%});"
            f" minutes: median {statistics.median(minutes):.0f}, p90 {minutes[int(len(minutes) * 0.9)]:.0f}"
        )
    say(f"assumed: {ANSWERS:.0%} answer, {ACCEPTS:.0%} of them accept, {WAITING} wait, {CANCELS_A_DAY} cancel a day")
    with_list, *_often, seldom = weeks.values()
    return Result("waitlist", with_list.share / max(seldom.share, 0.01), 1.2)
