"""Reads of the wait list: entries as their people see them, whom a freed seat can be offered to, the public odds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import ActiveAppointment
from app.appointments.queries.own import may_act_for
from app.appointments.statements import STATEMENTS
from app.appointments.wait_list import MIN_ENTRIES, ODDS_DAYS, Waiting, Wish, odds_of
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.problems import NotFound

_CANDIDATES = STATEMENTS.load("wait_list/candidates")
_ENTRIES = STATEMENTS.load("wait_list/entries_of", one=False, ended=False)
_ALL_ENTRIES = STATEMENTS.load("wait_list/entries_of", variant="all", one=False, ended=True)
_ENTRY = STATEMENTS.load("wait_list/entries_of", variant="one", one=True, ended=True)
_OFFER = STATEMENTS.load("wait_list/open_offer")
_ODDS = STATEMENTS.load("wait_list/odds")


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry as its person sees it; with the time that is offered, and until when."""

    unit_id: UUID
    id: UUID
    person_id: UUID
    service: str
    appointment_id: UUID | None
    weekdays: list[int]
    shift: str | None
    room: int | None
    notice_hours: int
    asked_at: datetime
    status: str
    ignored: int
    end_reason: str | None
    ended_at: datetime | None
    version: int
    unit_name: str
    timezone: str
    folio: str | None
    has_start_at: datetime | None
    offer_id: UUID | None
    offer_room: int | None
    offer_start_at: datetime | None
    offer_expires_at: datetime | None
    draw_id: UUID | None
    """Of an entry of a draw, the draw."""


async def entries_of(session: AsyncSession, people: Collection[UUID], *, with_ended: bool = False) -> list[EntryView]:
    """The entries of these people, latest first; those that ended on request. The caller has checked who asks."""
    params = {"people": list(people), "now": clock.now()}
    return [EntryView(*row) for row in await session.execute(_ALL_ENTRIES if with_ended else _ENTRIES, params)]


async def entry_of(session: AsyncSession, actor: Actor, entry_id: UUID) -> EntryView:
    """One entry, ended or not, of a person whom the actor acts for.

    Raises:
        NotFound: there is none, or it isn't theirs.
    """
    row = (await session.execute(_ENTRY, {"entry_id": entry_id, "now": clock.now()})).one_or_none()
    if row is None or not await may_act_for(session, actor, row.person_id):
        raise NotFound
    return EntryView(*row)


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer of the wait list, answered or not; `had_folio`: the appointment that it would move."""

    unit_id: UUID
    id: UUID
    entry_id: UUID
    freed_seat_id: UUID
    person_id: UUID
    service: str
    room: int
    start_at: datetime
    seat: int
    need: str
    place: int
    candidates: int
    had_start_at: datetime | None
    made_at: datetime
    expires_at: datetime
    answer: str | None
    answered_at: datetime | None
    entry_version: int
    entry_status: str
    appointment_id: UUID | None
    unit_name: str
    clues: str
    timezone: str
    minutes: int | None
    is_held: bool
    had_folio: str | None
    asked_by: UUID | None
    """The citizen who put the person on the list."""
    draw_id: UUID | None
    is_booked: bool
    """The person has an appointment at this time."""

    def is_open(self, now: datetime) -> bool:
        """Whether it can be answered."""
        return self.answer is None and self.is_held and self.expires_at > now and self.entry_status == "active"


async def offer_view(session: AsyncSession, offer_id: UUID, unit_id: UUID | None = None) -> OfferView:
    """An offer. The caller has checked who asks.

    Raises:
        NotFound: there is none.
    """
    row = (await session.execute(_OFFER, {"offer_id": offer_id, "unit_id": unit_id})).one_or_none()
    if row is None:
        raise NotFound
    return OfferView(*row)


async def candidates_of(session: AsyncSession, unit_id: UUID, service: str) -> list[Waiting]:
    """The entries that can be asked about a seat of this service at this unit."""
    rows = await session.execute(_CANDIDATES, {"unit_id": unit_id, "service": service, "now": clock.now()})
    return [_waiting(row) for row in rows]


def _waiting(row: Any) -> Waiting:
    notice = timedelta(hours=row.notice_hours)
    wish = Wish(frozenset(row.weekdays), row.shift, notice, row.room)
    asked = frozenset(row.asked or ())
    return Waiting(row.id, row.person_id, wish, row.asked_at, row.has_start_at, bool(row.is_affected), asked)


async def appointment_waited_with(session: AsyncSession, person_id: UUID, service: str) -> tuple[UUID, UUID] | None:
    """The unit and id of the appointment to come that a person has in a service."""
    found = select(ActiveAppointment.unit_id, ActiveAppointment.appointment_id).where(
        ActiveAppointment.person_id == person_id,
        ActiveAppointment.service == service,
        ActiveAppointment.start_at > clock.now(),
    )
    row = (await session.execute(found)).one_or_none()
    return (row.unit_id, row.appointment_id) if row is not None else None


@dataclass(frozen=True, slots=True)
class Odds:
    """Of the entries of a unit and service that ended in the last days, how many got a time; the share is None when
    there were too few."""

    days: int
    entries: int
    filled: int
    min_entries: int = MIN_ENTRIES

    @property
    def share(self) -> float | None:
        """The share that got a time."""
        return odds_of(self.filled, self.entries)


async def odds_at(session: AsyncSession, unit_id: UUID, service: str) -> Odds:
    """The odds of the wait list of a service at a unit."""
    params = {"unit_id": unit_id, "service": service, "since": clock.now() - ODDS_DAYS}
    row = (await session.execute(_ODDS, params)).one()
    return Odds(ODDS_DAYS.days, row.entries, row.filled)


async def odds_of_entries(session: AsyncSession, entries: Sequence[EntryView]) -> dict[UUID, Odds]:
    """The odds that each of some entries had, by its id."""
    places = {(one.unit_id, one.service) for one in entries}
    found = {place: await odds_at(session, *place) for place in places}
    return {one.id: found[one.unit_id, one.service] for one in entries}
