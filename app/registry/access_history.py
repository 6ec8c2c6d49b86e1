"""The record of who saw whose data, as the person and as administrators read it; and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.clients.models import ApiClient
from app.identity.models import StaffMember
from app.kernel import ids
from app.places.models import Unit
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Person, PersonalDataView

DELETE_BATCH = 10_000
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(9000, 1, 1)
"""Further days find no more: an id can't be made of every date."""


@dataclass(frozen=True, slots=True)
class View:
    """That a reader saw a person's data, as the person is shown it: in which role and where, not who it was.

    `timezone` is the clock of that unit, or of the person's where it isn't one.
    """

    id: UUID
    seen_at: datetime
    role: str
    unit_name: str | None
    timezone: str
    contexts: list[str]


@dataclass(frozen=True, slots=True)
class NamedView(View):
    """The same for staff: whose data, and which reader. `staff_name` is None for a citizen who acts for another and for
    a program, which has a `client_name`."""

    person_id: UUID
    person_name: str
    unit_id: UUID | None
    reader_id: UUID
    staff_name: str | None
    client_name: str | None


@dataclass(frozen=True, slots=True)
class ViewFilter:
    """Of whom or by whom, or both; and the days, both included, by the clock of the country's centre."""

    person_id: UUID | None = None
    reader_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    unit_ids: frozenset[UUID] | None = None
    """Only what was seen at these units or of their people; None for every unit."""


def _views() -> Any:
    home = aliased(Unit)
    own = PersonalDataView
    zone = func.coalesce(Unit.timezone, home.timezone, DEFAULT_ZONE)
    return (
        select(own.id, own.seen_at, own.role, Unit.name, zone, own.contexts)
        .join(Person, Person.id == own.person_id)
        .outerjoin(Unit, Unit.id == own.unit_id)
        .outerjoin(home, home.id == Person.unit_id)
        .order_by(own.id.desc())
    )


async def views_of_person(
    session: AsyncSession, person_id: UUID, *, limit: int, after: UUID | None = None
) -> list[View]:
    """Who saw the person's data, latest first."""
    wanted = _views().where(PersonalDataView.person_id == person_id).limit(limit)
    if after is not None:
        wanted = wanted.where(PersonalDataView.id < after)
    return [View(*row) for row in (await session.execute(wanted)).all()]


async def find_views(
    session: AsyncSession, wanted: ViewFilter, *, limit: int, after: UUID | None = None
) -> list[NamedView]:
    """The same with names, for staff: by person, by reader and by day."""
    own = PersonalDataView
    name = func.concat_ws(" ", Person.given_names, func.nullif(Person.first_surname, ""), Person.second_surname)
    found = _views().add_columns(own.person_id, name, Person.unit_id, own.reader_id)
    found = found.add_columns(StaffMember.full_name, ApiClient.name)
    found = found.outerjoin(StaffMember, StaffMember.id == own.reader_id)
    found = found.outerjoin(ApiClient, ApiClient.id == own.reader_id).where(*_conditions(wanted)).limit(limit)
    if after is not None:
        found = found.where(own.id < after)
    return [NamedView(*row) for row in (await session.execute(found)).all()]


def _conditions(wanted: ViewFilter) -> Sequence[Any]:
    # Ids are in the order of time, so that an index on them also finds the days.
    own = PersonalDataView
    return [
        *([own.person_id == wanted.person_id] if wanted.person_id else []),
        *([own.reader_id == wanted.reader_id] if wanted.reader_id else []),
        *(
            [or_(own.unit_id.in_(wanted.unit_ids), Person.unit_id.in_(wanted.unit_ids))]
            if wanted.unit_ids is not None
            else []
        ),
        *([own.id >= _first_id(wanted.since)] if wanted.since else []),
        *([own.id < _first_id(min(wanted.until, LAST_DAY) + timedelta(days=1))] if wanted.until else []),
    ]


def _first_id(day: date) -> UUID:
    day = max(day, FIRST_DAY)
    return ids.uuid7_at(datetime.combine(day, time(), ZoneInfo(DEFAULT_ZONE)))


async def delete_views(session: AsyncSession, before: datetime) -> int:
    """Delete a batch of what was seen before an instant; returns how many rows."""
    own = PersonalDataView
    oldest = select(own.id).where(own.id < ids.uuid7_at(before)).order_by(own.id).limit(DELETE_BATCH)
    deleted = await session.execute(delete(own).where(own.id.in_(oldest)).returning(own.id))
    return len(deleted.all())
