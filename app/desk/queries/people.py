"""People as a desk finds them: anyone of the agency, by folio, CURP, NSS or words of a name; who is attended at the
desk's unit is shown with their visits and requests, anyone else by name, unit and today's appointment alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.queries.tickets import TicketView
from app.desk.rules.scans import folio_in
from app.desk.rules.visits import AtDesk, Presented, at_desk
from app.desk.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.parsing import is_digits
from app.kernel.problems import FieldError, NotFound
from app.places.models import Unit
from app.places.queries import unit_by_id
from app.places.rules import Point, kilometres
from app.registry.sign_in import parse_identifier
from app.requests.problems import NothingToSearch
from app.requests.queries.search import MAX_TYPED, folded, query

_BY_FOLIO, _BY_NUMBER = STATEMENTS.load("people_by_folio"), STATEMENTS.load("people_by_number")
_BY_WORDS, _BY_ID = STATEMENTS.load("people_by_words"), STATEMENTS.load("people_by_id")
_HAS_BUSINESS, _VISITS = STATEMENTS.load("has_business_here"), STATEMENTS.load("visits_of_person")
_REQUESTS, _TICKETS = STATEMENTS.load("open_requests_of_person"), STATEMENTS.load("tickets_of_person")
MAX_FOUND = 30
MAX_SHOWN = 50
MIN_BEGUN = 3
"""Letters that an unfinished word has at least: fewer begin the words of half the country."""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person that a desk found. `is_ours`: attended at its unit; of others a page shows the name and the unit."""

    id: UUID
    full_name: str
    curp: str
    birth_on: date
    unit_id: UUID | None
    unit_name: str | None
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment that a desk sees. `request_folio`: the request that it is a step of; `is_here`: at the desk's
    unit; `km`: how far from there, where both places are known. `ticket_id`: the last ticket that came of it."""

    folio: str
    unit_id: UUID
    service: str
    room: int
    start_at: datetime
    on_date: date
    status: str
    version: int
    affected: str | None
    request_folio: str | None
    unit_name: str
    timezone: str
    address: str | None
    latitude: float | None
    longitude: float | None
    ticket_id: UUID | None
    ticket_number: str | None
    ticket_status: str | None
    is_confirmed: bool = False
    is_here: bool = False
    km: float | None = None

    @property
    def is_today(self) -> bool:
        return self.on_date == clock.today(self.timezone)

    @property
    def at_desk(self) -> AtDesk:
        """What the desk can do about it."""
        has_begun, is_affected = clock.now() >= self.start_at, self.affected is not None
        return at_desk(Presented(self.status, self.is_here, self.is_today, is_affected, self.ticket_status, has_begun))


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request of the person that hasn't ended, and the unit that handles it."""

    folio: str
    service: str
    kind: str
    outcome: str | None
    unit_id: UUID | None
    unit_name: str | None


def _require_desk(actor: Staff, unit_id: UUID) -> None:
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise WrongRole


async def find_people(session: AsyncSession, actor: Staff, unit_id: UUID, typed: str) -> list[FoundPerson]:
    """The people who were typed or scanned: at most 30 people, those of the unit first.

    By the folio of an appointment or request, or an address with one in it; by CURP, also a former one; by NSS; by
    words of a name without accents. The last word of a name may be unfinished from three letters on; where someone has
    it as it is, those who have it are found.

    Raises:
        WrongRole: the actor doesn't attend people there. NothingToSearch: nothing that could be searched was typed.
    """
    _require_desk(actor, unit_id)
    folio = folio_in(typed)
    by_folio = await _found(session, actor, unit_id, _BY_FOLIO, {"folio": folio}) if folio is not None else []
    # One name of twelve letters in forty happens to be well formed as a folio; names have no digits.
    if by_folio or (folio is not None and any(is_digits(letter) for letter in typed)):
        return by_folio
    number = _number(typed)
    if number is not None:
        return await _found(session, actor, unit_id, _BY_NUMBER, {"number": number})
    words = folded(typed)[:MAX_TYPED]
    if not words:
        raise NothingToSearch(fields=[FieldError("q", NothingToSearch.title, "nothing_to_search")])
    endings = None if len(words[-1]) >= MIN_BEGUN else words[-1:]
    given = {
        "whole": query(words, words[-1:]),
        "whole_here": query(words, words[-1:], str(unit_id)),
        "begun": query(words, endings),
        "begun_here": query(words, endings, str(unit_id)),
        "unit_id": unit_id,
        "limit": MAX_FOUND,
    }
    return await _found(session, actor, unit_id, _BY_WORDS, given)


def _number(typed: str) -> str | None:
    try:
        return parse_identifier(typed)
    except ValueError:
        return None


async def _found(
    session: AsyncSession, actor: Staff, unit_id: UUID, statement: TextClause, given: Mapping[str, object]
) -> list[FoundPerson]:
    rows: Sequence[Any] = (await session.execute(statement, given)).all()
    found = [FoundPerson(*row) for row in rows]
    return [replace(one, is_ours=_is_assigned_here(actor, unit_id, one.unit_id)) for one in found]


def _is_assigned_here(actor: Staff, unit_id: UUID, assigned: UUID | None) -> bool:
    """Whether a person is of the desk's unit, or of another where the actor works too."""
    return assigned == unit_id or (actor.unit_ids is not None and assigned in actor.unit_ids)


async def person_at_desk(session: AsyncSession, actor: Staff, unit_id: UUID, person_id: UUID) -> FoundPerson:
    """One person. Who is assigned elsewhere is attended here for an appointment of today or an open request.

    Raises:
        WrongRole: the actor doesn't attend people there. NotFound: no such person.
    """
    _require_desk(actor, unit_id)
    found = await _found(session, actor, unit_id, _BY_ID, {"person_id": person_id})
    if not found:
        raise NotFound
    one = found[0]
    given = {"person_id": person_id, "unit_id": unit_id, "now": clock.now()}
    return one if one.is_ours else replace(one, is_ours=bool(await session.scalar(_HAS_BUSINESS, given)))


async def visits_of(
    session: AsyncSession, unit_id: UUID, person: FoundPerson, shown_folio: str | None = None
) -> list[Visit]:
    """A person's appointments as the desk of a unit sees them, by time: today's wherever they are, those to come, and
    the one whose folio they show. Of who isn't attended here: today's and the one they show."""
    here = await unit_by_id(session, unit_id)
    given = {"person_id": person.id, "folio": shown_folio or "", "now": clock.now(), "limit": MAX_SHOWN}
    found = [_visit(here, row) for row in await session.execute(_VISITS, given)]
    return [one for one in found if person.is_ours or one.is_today or one.folio == shown_folio]


def _visit(here: Unit, row: Any) -> Visit:
    visit = replace(Visit(*row), is_here=row.unit_id == here.id)
    there, from_here = _point(visit), _point(here)
    if visit.is_here or there is None or from_here is None:
        return visit
    return replace(visit, km=round(kilometres(from_here, there), 1))


def _point(place: Unit | Visit) -> Point | None:
    if place.latitude is None or place.longitude is None:
        return None
    return Point(place.latitude, place.longitude)


async def open_requests_of(session: AsyncSession, person: FoundPerson) -> list[OpenRequest]:
    """What a person asked for and waits for, latest first; nothing of who isn't attended here."""
    if not person.is_ours:
        return []
    given = {"person_id": person.id, "limit": MAX_SHOWN}
    return [OpenRequest(*row) for row in await session.execute(_REQUESTS, given)]


async def tickets_of(session: AsyncSession, unit_id: UUID, person_id: UUID) -> list[TicketView]:
    """The person's tickets of today at this unit, in the order in which they came."""
    given = {"unit_id": unit_id, "person_id": person_id, "now": clock.now()}
    return [TicketView(*row) for row in await session.execute(_TICKETS, given)]
