"""The officers' queue and its lists: what waits, who has what and since when, what is late and what soon will be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.identity.permissions import Action, may, require
from app.kernel import clock
from app.kernel.actor import Staff
from app.requests.queries.filters import (
    DUE_TODAY,
    FILTER,
    IS_HELD,
    LATE,
    MAY_TAKE,
    NEAR,
    TODAY,
    ZONE,
    Filter,
    filter_params,
    near_days,
)

Db = AsyncConnection | AsyncSession
Sort = Literal["priority", "due", "oldest", "newest"]
MAX_CHOICES = 100
"""Units and holders to choose from, those with most work first."""


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


_ITEMS = """
    SELECT w.request_id, w.person_id, w.folio, w.service, w.unit_id, u.name AS unit_name, w.role, w.kind, w.due_on,
        w.rank_on, w.submitted_at, w.language, w.holder_id, s.full_name AS holder_name, held.since, w.lease_until,
        w.escalated_at, NOT {may_take} AS is_excluded, w.is_appeal, w.timezone, w.today,
        concat_ws(' ', p.given_names, p.first_surname, p.second_surname) AS full_name
    FROM (
        SELECT w.*, {zone} AS timezone, {today} AS today FROM work_item w LEFT JOIN unit z ON z.id = w.unit_id
        WHERE {where} ORDER BY {order} LIMIT :limit
    ) w
    JOIN person p ON p.id = w.person_id
    LEFT JOIN unit u ON u.id = w.unit_id LEFT JOIN staff s ON s.id = w.holder_id
    LEFT JOIN LATERAL (
        SELECT max(e.at) AS since FROM event e
        WHERE w.holder_id IS NOT NULL AND e.subject_id = w.request_id AND e.type IN ('work.claimed', 'work.assigned')
    ) held ON true
    ORDER BY {order}
"""
_SCOPE = """
    (CAST(:units AS uuid[]) IS NULL OR w.unit_id = ANY(CAST(:units AS uuid[]))) AND w.role = ANY(CAST(:roles AS text[]))
"""
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
    where = f"{_SCOPE} AND {FILTER} AND (CAST(:id AS uuid) IS NULL OR {beyond})"
    order = ", ".join(f"{column} DESC" if is_descending else column for column in columns.split(", "))
    return text(_ITEMS.format(where=where, order=order, zone=ZONE, today=TODAY, may_take=MAY_TAKE))


_LISTS = {(sort, backwards): _list(sort, backwards=backwards) for sort in _ORDERS for backwards in (False, True)}
_FROM = "FROM work_item w LEFT JOIN unit z ON z.id = w.unit_id"
_TOTAL = text(f"SELECT count(*) {_FROM} WHERE {_SCOPE} AND {FILTER}")
_STOPPED = """
    (CAST(:units AS uuid[]) IS NULL OR r.unit_id = ANY(CAST(:units AS uuid[]))) AND r.stopped_at IS NOT NULL
"""
_COUNTS = text(
    f"""
    SELECT count(*) AS waiting,
        count(*) FILTER (WHERE NOT {IS_HELD} AND {MAY_TAKE}) AS free,
        count(*) FILTER (WHERE {LATE}) AS overdue, count(*) FILTER (WHERE {DUE_TODAY}) AS due_today,
        count(*) FILTER (WHERE {NEAR}) AS due_soon,
        count(*) FILTER (WHERE w.holder_id = CAST(:me AS uuid) AND {IS_HELD}) AS mine,
        count(*) FILTER (WHERE w.escalated_at IS NOT NULL) AS escalated,
        count(*) FILTER (WHERE w.kind = 'message') AS messages,
        (SELECT count(*) FROM request r WHERE {_STOPPED} AND r.kind = 'waiting') AS awaiting_answer,
        (SELECT count(*) FROM request r WHERE {_STOPPED} AND r.kind = 'visit') AS awaiting_visit
    {_FROM} WHERE {_SCOPE}
    """
)
_BY_SERVICE = text(f"SELECT w.service, count(*) FROM work_item w WHERE {_SCOPE} GROUP BY w.service ORDER BY 2 DESC, 1")


_BY_UNIT = text(
    f"SELECT w.unit_id, z.name, count(*) {_FROM} WHERE {_SCOPE} AND z.id IS NOT NULL"
    f" GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT {MAX_CHOICES}"
)
_BY_HOLDER = text(
    f"SELECT s.id, s.full_name, count(*) FROM work_item w JOIN staff s ON s.id = w.holder_id"
    f" WHERE {_SCOPE} AND {IS_HELD} GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT {MAX_CHOICES}"
)


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
    roles = ["officer", "supervisor"] if may(actor, Action.SUPERVISE_REQUESTS) else ["officer"]
    return {"units": units, "roles": roles, "me": actor.staff_id, "now": clock.now()}


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


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits: in all, free, late, due today, near its deadline; what the actor has; what was escalated; the
    messages to answer; what waits for its citizen's answer, or for a visit."""

    waiting: int
    free: int
    overdue: int
    due_today: int
    due_soon: int
    mine: int
    escalated: int
    messages: int
    awaiting_answer: int
    awaiting_visit: int


async def counts(session: AsyncSession, actor: Staff) -> Counts:
    """The numbers of the actor's queue: each is that of the list of the same name."""
    row = (await session.execute(_COUNTS, scope_of(actor) | {"near": await near_days(session)})).one()
    return Counts(*row)


async def waiting_by_service(db: Db, actor: Staff) -> list[tuple[str, int]]:
    """How many wait of each service, most first."""
    return [(service, count) for service, count in await db.execute(_BY_SERVICE, scope_of(actor))]


async def waiting_by_unit(db: Db, actor: Staff) -> list[tuple[UUID, str, int]]:
    """Units with requests that wait: id, name, how many, most first."""
    return [(unit_id, name, count) for unit_id, name, count in await db.execute(_BY_UNIT, scope_of(actor))]


async def held_by_colleague(db: Db, actor: Staff) -> list[tuple[UUID, str, int]]:
    """Members of staff who hold requests of the actor's units: id, name, how many, most first."""
    return [(staff_id, name, count) for staff_id, name, count in await db.execute(_BY_HOLDER, scope_of(actor))]
