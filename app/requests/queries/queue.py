"""The officers' queue and its lists: what waits, who has what and since when, what is late and what soon will be."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.catalog.shelf import shelf
from app.identity.access import require_role
from app.kernel import clock
from app.kernel.actor import Staff
from app.requests.queries.facts import rest_days
from app.requests.queries.own import DECIDERS, WORKERS
from app.requests.rules import clock as legal

Db = AsyncConnection | AsyncSession
Due = Literal["late", "today", "near"]


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
    timezone: str
    today: date
    full_name: str

    @property
    def is_late(self) -> bool:
        """Its last day has passed at its unit."""
        return self.due_on < self.today


# What day it is where the request is attended decides what is late there. `z` is its unit; none is the centre's.
ZONE = f"coalesce(z.timezone, '{clock.CENTRE}')"
TODAY = clock.local_day_sql("CAST(:now AS timestamptz)", ZONE)
_ITEMS = """
    SELECT w.request_id, w.person_id, w.folio, w.service, w.unit_id, u.name AS unit_name, w.role, w.kind, w.due_on,
        w.rank_on, w.submitted_at, w.language, w.holder_id, s.full_name AS holder_name, held.since, w.lease_until,
        w.escalated_at,
        NOT {may_take} AS is_excluded, w.timezone, w.today,
        concat_ws(' ', p.given_names, p.first_surname, p.second_surname) AS full_name
    FROM (
        SELECT w.*, {zone} AS timezone, {today} AS today FROM work_item w LEFT JOIN unit z ON z.id = w.unit_id
        WHERE {where} ORDER BY w.rank_on, w.submitted_at, w.request_id LIMIT :limit
    ) w
    JOIN person p ON p.id = w.person_id
    LEFT JOIN unit u ON u.id = w.unit_id LEFT JOIN staff s ON s.id = w.holder_id
    LEFT JOIN LATERAL (
        SELECT max(e.at) AS since FROM event e
        WHERE w.holder_id IS NOT NULL AND e.subject_id = w.request_id AND e.type IN ('work.claimed', 'work.assigned')
    ) held ON true
    ORDER BY w.rank_on, w.submitted_at, w.request_id
"""
_SCOPE = """
    (CAST(:units AS uuid[]) IS NULL OR w.unit_id = ANY(CAST(:units AS uuid[]))) AND w.role = ANY(CAST(:roles AS text[]))
"""
# An appeal is nothing for who took part in the refusal.
_MAY_TAKE = "(CAST(:me AS uuid) <> ALL (w.excluded_ids))"
_LATE = f"w.due_on < {TODAY}"
_TODAY = f"w.due_on = {TODAY}"
_NEAR = f"w.due_on > {TODAY} AND w.due_on <= CAST(CAST(:near AS jsonb) -> CAST({TODAY} AS text) ->> w.service AS date)"
_FILTER = f"""
    (CAST(:services AS text[]) IS NULL OR w.service = ANY(CAST(:services AS text[])))
    AND (CAST(:language AS text) IS NULL OR w.language = CAST(:language AS text))
    AND (CAST(:kind AS text) IS NULL OR w.kind = CAST(:kind AS text))
    AND (CAST(:due_until AS date) IS NULL OR w.due_on <= CAST(:due_until AS date))
    AND (CAST(:due AS text) IS NULL
        OR (CAST(:due AS text) = 'late' AND {_LATE}) OR (CAST(:due AS text) = 'today' AND {_TODAY})
        OR (CAST(:due AS text) = 'near' AND {_NEAR}))
    AND (CAST(:submitted_before AS timestamptz) IS NULL OR w.submitted_at < CAST(:submitted_before AS timestamptz))
    AND (CAST(:state AS text) IS NULL
        OR (CAST(:state AS text) = 'free' AND (w.holder_id IS NULL OR w.lease_until <= :now) AND {_MAY_TAKE})
        OR (CAST(:state AS text) = 'held' AND w.holder_id IS NOT NULL
            AND (w.lease_until IS NULL OR w.lease_until > :now))
        OR (CAST(:state AS text) = 'mine' AND w.holder_id = CAST(:me AS uuid)
            AND (w.lease_until IS NULL OR w.lease_until > :now))
        OR (CAST(:state AS text) = 'escalated' AND w.escalated_at IS NOT NULL))
    AND (CAST(:after_id AS uuid) IS NULL OR (w.rank_on, w.submitted_at, w.request_id)
        > (CAST(:after_rank AS date), CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
"""
_LIST = text(_ITEMS.format(where=f"{_SCOPE} AND {_FILTER}", zone=ZONE, today=TODAY, may_take=_MAY_TAKE))
_STOPPED = """
    (CAST(:units AS uuid[]) IS NULL OR r.unit_id = ANY(CAST(:units AS uuid[]))) AND r.stopped_at IS NOT NULL
"""
_COUNTS = text(
    f"""
    SELECT count(*) AS waiting,
        count(*) FILTER (WHERE (w.holder_id IS NULL OR w.lease_until <= :now) AND {_MAY_TAKE}) AS free,
        count(*) FILTER (WHERE {_LATE}) AS overdue, count(*) FILTER (WHERE {_TODAY}) AS due_today,
        count(*) FILTER (WHERE {_NEAR}) AS due_soon,
        count(*) FILTER (WHERE w.holder_id = CAST(:me AS uuid)
            AND (w.lease_until IS NULL OR w.lease_until > :now)) AS mine,
        count(*) FILTER (WHERE w.escalated_at IS NOT NULL) AS escalated,
        count(*) FILTER (WHERE w.kind = 'message') AS messages,
        (SELECT count(*) FROM request r WHERE {_STOPPED} AND r.kind = 'waiting') AS awaiting_answer,
        (SELECT count(*) FROM request r WHERE {_STOPPED} AND r.kind = 'visit') AS awaiting_visit
    FROM work_item w LEFT JOIN unit z ON z.id = w.unit_id WHERE {_SCOPE}
    """
)
_BY_SERVICE = text(f"SELECT w.service, count(*) FROM work_item w WHERE {_SCOPE} GROUP BY w.service ORDER BY 2 DESC, 1")


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the queue to show; empty shows all of it."""

    services: Sequence[str] | None = None
    language: str | None = None
    due_until: date | None = None
    state: str | None = None
    unit_id: UUID | None = None
    due: Due | None = None
    submitted_before: datetime | None = None
    kind: str | None = None


async def near_days(session: AsyncSession) -> str:
    """Until when a deadline is near, as JSON: by the date it is at the unit, then by service, the working days that
    the service's file says."""
    todays = clock.todays()
    rest = await rest_days(session, None, todays[0])
    return json.dumps(
        {
            today.isoformat(): {
                one.id: legal.add_working_days(today, one.target.near_days, rest).isoformat()
                for one in shelf().values()
            }
            for today in todays
        }
    )


def units_of(actor: Staff) -> list[UUID] | None:
    """The units whose requests are the actor's to work on; None for every one.

    Raises:
        WrongRole: not somebody who decides requests.
    """
    require_role(actor, WORKERS)
    return None if actor.unit_ids is None else list(actor.unit_ids)


def scope_of(actor: Staff, unit_id: UUID | None = None) -> dict[str, Any]:
    """What the statements of the lists are asked with: whose units and roles, and when."""
    units = units_of(actor)
    if unit_id is not None:
        units = [unit_id] if actor.works_at(unit_id) else []
    roles = ["officer", "supervisor"] if actor.role in DECIDERS else ["officer"]
    return {"units": units, "roles": roles, "me": actor.staff_id, "now": clock.now()}


async def queue_of_staff(
    session: AsyncSession,
    actor: Staff,
    chosen: Filter,
    *,
    limit: int,
    after: tuple[date, datetime, UUID] | None = None,
) -> list[Waiting]:
    """The queue of the actor's units and roles, first come first, after the given (rank, submitted, id).

    Raises:
        WrongRole: not somebody who decides requests.
    """
    after_rank, after_at, after_id = after or (None, None, None)
    asked = (
        scope_of(actor, chosen.unit_id)
        | {"near": await near_days(session)}
        | {
            "services": list(chosen.services) if chosen.services else None,
            "language": chosen.language,
            "due_until": chosen.due_until,
            "state": chosen.state,
            "kind": chosen.kind,
            "due": chosen.due,
            "submitted_before": chosen.submitted_before,
            "limit": limit,
            "after_rank": after_rank,
            "after_at": after_at,
            "after_id": after_id,
        }
    )
    return [Waiting(*row) for row in await session.execute(_LIST, asked)]


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
