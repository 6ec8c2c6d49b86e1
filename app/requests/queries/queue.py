"""The officers' queue and its lists: what waits, who has what and since when, what is late and what soon will be; and
beside it the requests whose clock stands still, which wait for their citizen's answer or a visit to the window."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.catalog.loader import load_services
from app.identity.permissions import Action, require, roles_for
from app.kernel import clock
from app.kernel.actor import Role, Staff
from app.requests.queries.facts import non_working_days
from app.requests.queue_schemas import CountsOut
from app.requests.rules import clock as legal
from app.requests.rules.kinds import Due, Queue, Sort, StoppedKind
from app.requests.statements import STATEMENTS

Db = AsyncConnection | AsyncSession


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of the queue; empty is all of it. `holder_id`: held by this member of staff."""

    services: Sequence[str] | None = None
    language: str | None = None
    due_until: date | None = None
    state: str | None = None
    unit_id: UUID | None = None
    due: Due | None = None
    submitted_before: datetime | None = None
    kind: str | None = None
    holder_id: UUID | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for more than a unit and services, which the index of free work knows."""
        others = (self.language, self.due_until, self.state, self.due, self.submitted_before, self.kind, self.holder_id)
        return any(one is not None for one in others)


def days_ago(days: int | None) -> datetime | None:
    """The instant that number of days ago, for `submitted_before`; None stays none."""
    return None if days is None else clock.now() - timedelta(days=days)


async def filter_params(session: AsyncSession, chosen: Filter) -> dict[str, Any]:
    """The parameters of `queue_filter.sql`."""
    return {
        "services": list(chosen.services) if chosen.services else None,
        "language": chosen.language,
        "due_until": chosen.due_until,
        "state": chosen.state,
        "kind": chosen.kind,
        "due": chosen.due,
        "near": await near_days(session) if chosen.due == "near" else None,
        "submitted_before": chosen.submitted_before,
        "holder": chosen.holder_id,
    }


async def near_days(session: AsyncSession) -> str:
    """Until when a deadline is near, as JSON: by the date it is at the unit, then by service, the working days that
    the service's file says."""
    todays = clock.dates_in_progress()
    days_off = await non_working_days(session, None)
    return json.dumps(
        {
            today.isoformat(): {
                one.id: legal.add_working_days(today, one.target.near_days, days_off).isoformat()
                for one in load_services().values()
            }
            for today in todays
        }
    )


class Place(NamedTuple):
    """A request's place in a list: its day (that of the sort), when it was submitted, its id."""

    day: date
    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the queue."""

    request_id: UUID
    person_id: UUID
    folio: str
    service: str
    unit_id: UUID
    unit_name: str | None
    role: str
    kind: str
    due_on: date
    rank_on: date
    submitted_at: datetime
    language: str
    holder_id: UUID | None
    holder_name: str | None
    held_since: datetime | None
    lease_until: datetime | None
    escalated_at: datetime | None
    is_excluded: bool
    is_appeal: bool
    timezone: str
    today: date
    full_name: str

    @property
    def is_late(self) -> bool:
        """Its last day has passed at its unit."""
        return self.due_on < self.today

    def place(self, sort: Sort) -> Place:
        """Where it stands in a list sorted so."""
        return Place(self.due_on if sort == "due" else self.rank_on, self.submitted_at, self.request_id)


_ORDERS: Mapping[Sort, tuple[str, str, bool]] = MappingProxyType(
    {
        "priority": ("w.rank_on, w.submitted_at, w.request_id", ":day, :at, :id", False),
        "due": ("w.due_on, w.submitted_at, w.request_id", ":day, :at, :id", False),
        "oldest": ("w.submitted_at, w.request_id", ":at, :id", False),
        "newest": ("w.submitted_at, w.request_id", ":at, :id", True),
    }
)
_TYPES = {":day": "CAST(:day AS date)", ":at": "CAST(:at AS timestamptz)", ":id": "CAST(:id AS uuid)"}


def _list(sort: Sort, *, backwards: bool) -> TextClause:
    columns, names, is_descending = _ORDERS[sort]
    is_descending = is_descending != backwards
    values = ", ".join(_TYPES[name] for name in names.split(", "))
    beyond = f"({columns}) {'<' if is_descending else '>'} ({values})"
    order = ", ".join(f"{column} DESC" if is_descending else column for column in columns.split(", "))
    variant = f"{sort}-{'before' if backwards else 'after'}"
    return STATEMENTS.load("queue", variant=variant, order=order, beyond=beyond)


_LISTS = {(sort, backwards): _list(sort, backwards=backwards) for sort in _ORDERS for backwards in (False, True)}
_TOTAL, _COUNTS = STATEMENTS.load("queue_total"), STATEMENTS.load("queue_counts")
_BY_SERVICE, _BY_UNIT = STATEMENTS.load("queue_by_service"), STATEMENTS.load("queue_by_unit")
_BY_HOLDER = STATEMENTS.load("queue_by_holder")


def roles_of(role: Role) -> list[str]:
    """The queues a member of staff works on: a supervisor also takes what officers do."""
    return [Queue.OFFICER, Queue.SUPERVISOR] if role in roles_for(Action.SUPERVISE_REQUESTS) else [Queue.OFFICER]


def units_of(actor: Staff) -> list[UUID] | None:
    """The units whose requests are the actor's to work on; None for every one.

    Raises:
        WrongRole: the actor doesn't decide requests.
    """
    require(actor, Action.WORK_REQUESTS)
    return None if actor.unit_ids is None else list(actor.unit_ids)


def scope_of(actor: Staff, unit_id: UUID | None = None) -> dict[str, Any]:
    """What the statements of the lists are asked with: whose units and roles, and when."""
    units = units_of(actor)
    if unit_id is not None:
        units = [unit_id] if actor.works_at(unit_id) else []
    return {"units": units, "roles": roles_of(actor.role), "me": actor.staff_id, "now": clock.now()}


async def queue_of_staff(
    session: AsyncSession,
    actor: Staff,
    chosen: Filter,
    *,
    limit: int,
    sort: Sort = "priority",
    after: tuple[date, datetime, UUID] | None = None,
    before: tuple[date, datetime, UUID] | None = None,
) -> list[Waiting]:
    """The queue of the actor's units and roles, first come first: the requests after a place, or the last ones before
    it, in the same order.

    Raises:
        WrongRole: the actor doesn't decide requests.
    """
    day, at, id_ = after or before or (None, None, None)
    backwards = after is None and before is not None
    params = scope_of(actor, chosen.unit_id) | await filter_params(session, chosen)
    params |= {"limit": limit, "day": day, "at": at, "id": id_}
    rows = [Waiting(*row) for row in await session.execute(_LISTS[sort, backwards], params)]
    return rows[::-1] if backwards else rows


async def queue_total(session: AsyncSession, actor: Staff, chosen: Filter) -> int:
    """How many requests the list has with this filter, on all its pages."""
    params = scope_of(actor, chosen.unit_id) | await filter_params(session, chosen)
    return int(await session.scalar(_TOTAL, params) or 0)


async def counts(session: AsyncSession, actor: Staff) -> CountsOut:
    """The numbers of the actor's queue: each is that of the list of the same name."""
    row = (await session.execute(_COUNTS, scope_of(actor) | {"near": await near_days(session)})).one()
    return CountsOut.model_validate(row)


async def waiting_by_service(db: Db, actor: Staff) -> list[tuple[str, int]]:
    """How many wait of each service, most first."""
    return [(service, count) for service, count in await db.execute(_BY_SERVICE, scope_of(actor))]


async def waiting_by_unit(db: Db, actor: Staff) -> list[tuple[UUID, str, int]]:
    """Units with requests that wait: id, name, how many, most first."""
    return [(unit_id, name, count) for unit_id, name, count in await db.execute(_BY_UNIT, scope_of(actor))]


async def held_by_colleague(db: Db, actor: Staff) -> list[tuple[UUID, str, int]]:
    """Members of staff who hold requests of the actor's units: id, name, how many, most first."""
    return [(staff_id, name, count) for staff_id, name, count in await db.execute(_BY_HOLDER, scope_of(actor))]


@dataclass(frozen=True, slots=True)
class Stopped:
    """A request that waits for its citizen, since when and until when."""

    request_id: UUID
    person_id: UUID
    folio: str
    service: str
    kind: StoppedKind
    unit_id: UUID | None
    unit_name: str | None
    stopped_at: datetime
    answer_by: date
    appointment_folio: str | None
    language: str
    timezone: str
    today: date
    full_name: str

    @property
    def is_late(self) -> bool:
        """Its last day has passed at its unit; it lapses within the hour."""
        return self.answer_by < self.today


_STOPPED = {
    before: STATEMENTS.load("stopped", variant="before" if before else "after", before=before)
    for before in (False, True)
}
_STOPPED_TOTAL, _STOPPED_BY_UNIT = STATEMENTS.load("stopped_total"), STATEMENTS.load("stopped_by_unit")
_STOPPED_BY_SERVICE = STATEMENTS.load("stopped_by_service")


async def stopped_requests(
    session: AsyncSession,
    actor: Staff,
    kind: StoppedKind,
    chosen: Filter,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
    before: tuple[datetime, UUID] | None = None,
) -> list[Stopped]:
    """Those of the actor's units that wait for an answer or for a visit, oldest first: after the given (since, id), or
    the last ones before it. Of the filter, `submitted_before` is since when they wait, and `due` is about the last day
    to answer.

    Raises:
        WrongRole: the actor doesn't decide requests.
    """
    at, id_ = after or before or (None, None)
    params = await _stopped_params(session, actor, kind, chosen) | {"limit": limit, "at": at, "id": id_}
    backwards = after is None and before is not None
    rows = [Stopped(*row) for row in await session.execute(_STOPPED[backwards], params)]
    return rows[::-1] if backwards else rows


async def stopped_total(session: AsyncSession, actor: Staff, kind: StoppedKind, chosen: Filter) -> int:
    """How many wait so with this filter, on all pages of the list."""
    return int(await session.scalar(_STOPPED_TOTAL, await _stopped_params(session, actor, kind, chosen)) or 0)


async def stopped_by_unit(session: AsyncSession, actor: Staff, kind: StoppedKind) -> list[tuple[UUID, str, int]]:
    """Units with requests that wait so: id, name, how many, most first."""
    found = await session.execute(_STOPPED_BY_UNIT, scope_of(actor) | {"kind": kind})
    return [(unit_id, name, count) for unit_id, name, count in found]


async def _stopped_params(session: AsyncSession, actor: Staff, kind: StoppedKind, chosen: Filter) -> dict[str, Any]:
    return scope_of(actor, chosen.unit_id) | {
        "kind": kind,
        "near": await near_days(session),
        "services": list(chosen.services) if chosen.services else None,
        "language": chosen.language,
        "due_until": chosen.due_until,
        "due": chosen.due,
        "stopped_before": chosen.submitted_before,
    }


async def stopped_by_service(session: AsyncSession, actor: Staff, kind: StoppedKind) -> list[tuple[str, int]]:
    """How many of each service wait so, most first."""
    found = await session.execute(_STOPPED_BY_SERVICE, scope_of(actor) | {"kind": kind})
    return [(service, count) for service, count in found]
