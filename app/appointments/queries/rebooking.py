"""Reads of offers of another time: the open one of an appointment, and how everyone whom a closure hit answered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.rebooking import ReplyStatus, answer_before, holds_seat, reply_status
from app.appointments.statements import STATEMENTS
from app.kernel import clock
from app.kernel.db import Db

MAX_LISTED = 500

_OPEN_OFFER = STATEMENTS.load("rebooking/open_offer")
_OF_CAUSE = STATEMENTS.load("rebooking/of_cause")
_TO_RING = STATEMENTS.load("rebooking/to_ring")


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """The offer of an appointment that isn't answered. Without a seat, or once that was released (`is_held` is false),
    the person chooses a time."""

    id: UUID
    cause_id: UUID
    reply_by: datetime
    calls: int
    tier: str | None
    to_unit_id: UUID | None
    to_unit_name: str | None
    to_timezone: str | None
    to_room: int | None
    to_start_at: datetime | None
    held_until: datetime | None
    is_held: bool

    @property
    def answer_before(self) -> datetime | None:
        """By when the person is asked to answer; None once that has passed."""
        return answer_before(self.reply_by, clock.now())


async def open_offer(db: Db, unit_id: UUID, appointment_id: UUID) -> OpenOffer | None:
    """The offer of this appointment, for who may see it."""
    params = {"unit_id": unit_id, "appointment_id": appointment_id, "now": clock.now()}
    row = (await db.execute(_OPEN_OFFER, params)).one_or_none()
    return OpenOffer(*row) if row is not None else None


@dataclass(frozen=True, slots=True)
class AffectedPerson:
    """Whom a closure hit: the original time, what was offered, how they answered, and where the appointment is now."""

    id: UUID
    appointment_id: UUID
    unit_id: UUID
    person_id: UUID
    room: int
    start_at: datetime
    tier: str | None
    to_unit_id: UUID | None
    to_unit_name: str | None
    to_timezone: str | None
    to_room: int | None
    to_start_at: datetime | None
    reply_by: datetime
    held_until: datetime | None
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None
    calls: int
    called_at: datetime | None
    folio: str
    service: str
    status: str
    version: int
    now_at: datetime
    now_room: int
    given_names: str
    first_surname: str
    second_surname: str | None
    phone: str | None

    @property
    def full_name(self) -> str:
        """Given names and surnames in the order people say them."""
        return " ".join(part for part in (self.given_names, self.first_surname, self.second_surname) if part)

    @property
    def answer_before(self) -> datetime | None:
        """By when the person is asked to answer; None once that has passed."""
        return answer_before(self.reply_by, clock.now())

    @property
    def is_held(self) -> bool:
        """Whether the offered seat is still held for them."""
        return holds_seat(self.answer, self.held_until, clock.now())

    def reply_status(self, unreachable: set[UUID]) -> ReplyStatus:
        """Whether they answered, are awaited, or are to be rung."""
        reachable = self.person_id not in unreachable
        return reply_status(self.answer, self.reply_by, clock.now(), reachable=reachable)


async def people_of_closure(session: AsyncSession, cause_id: UUID) -> list[AffectedPerson]:
    """Everyone whom a closure hit and who was offered another time, by the original time."""
    params = {"cause_id": cause_id, "now": clock.now(), "limit": MAX_LISTED}
    return [AffectedPerson(*row) for row in await session.execute(_OF_CAUSE, params)]


def counts(people: Sequence[AffectedPerson], unreachable: set[UUID]) -> dict[ReplyStatus, int]:
    """How many stand how."""
    found = Counter(one.reply_status(unreachable) for one in people)
    return {status: found[status] for status in ReplyStatus}


@dataclass(frozen=True, slots=True)
class OpenAnswers:
    """How many answers to a closure are missing, and how many of them are overdue."""

    cause_id: UUID
    overdue: int
    open: int
    first_at: datetime


async def open_answers(session: AsyncSession, unit_id: UUID) -> list[OpenAnswers]:
    """The closures of a unit with answers that are missing, by the first original time."""
    return [OpenAnswers(*row) for row in await session.execute(_TO_RING, {"unit_id": unit_id, "now": clock.now()})]
