"""The officers' queue and its lists: what waits, who has what, what is due; and the search over every request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.identity.access import require_role
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.problems import FieldError
from app.registry.entrance import parse_identifier
from app.requests.problems import NothingToSearch
from app.requests.queries.own import DECIDERS, WORKERS
from app.requests.rules.names import finished, query

Db = AsyncConnection | AsyncSession
MOST_FOUND = 50
NEWEST = 1_000
"""Requests looked through, newest first, before the index of words is asked: a name that one in twenty has is there."""


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
    due_on: date
    rank_on: date
    submitted_at: datetime
    language: str
    holder_id: UUID | None
    holder_name: str | None
    lease_until: datetime | None
    escalated_at: datetime | None
    full_name: str


_ITEMS = """
    SELECT w.request_id, w.person_id, w.folio, w.service, w.unit_id, u.name AS unit_name, w.role, w.due_on, w.rank_on,
        w.submitted_at, w.language, w.holder_id, s.full_name AS holder_name, w.lease_until, w.escalated_at,
        concat_ws(' ', p.given_names, p.first_surname, p.second_surname) AS full_name
    FROM (SELECT * FROM work_item w WHERE {where} ORDER BY w.rank_on, w.submitted_at, w.request_id LIMIT :limit) w
    JOIN person p ON p.id = w.person_id
    LEFT JOIN unit u ON u.id = w.unit_id LEFT JOIN staff s ON s.id = w.holder_id
    ORDER BY w.rank_on, w.submitted_at, w.request_id
"""
_SCOPE = """
    (CAST(:units AS uuid[]) IS NULL OR w.unit_id = ANY(CAST(:units AS uuid[]))) AND w.role = ANY(CAST(:roles AS text[]))
"""
_FILTER = """
    (CAST(:services AS text[]) IS NULL OR w.service = ANY(CAST(:services AS text[])))
    AND (CAST(:language AS text) IS NULL OR w.language = CAST(:language AS text))
    AND (CAST(:due_until AS date) IS NULL OR w.due_on <= CAST(:due_until AS date))
    AND (CAST(:state AS text) IS NULL
        OR (CAST(:state AS text) = 'free' AND (w.holder_id IS NULL OR w.lease_until <= :now))
        OR (CAST(:state AS text) = 'held' AND w.holder_id IS NOT NULL
            AND (w.lease_until IS NULL OR w.lease_until > :now))
        OR (CAST(:state AS text) = 'mine' AND w.holder_id = CAST(:me AS uuid)
            AND (w.lease_until IS NULL OR w.lease_until > :now))
        OR (CAST(:state AS text) = 'escalated' AND w.escalated_at IS NOT NULL))
    AND (CAST(:after_id AS uuid) IS NULL OR (w.rank_on, w.submitted_at, w.request_id)
        > (CAST(:after_rank AS date), CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
"""
_LIST = text(_ITEMS.format(where=f"{_SCOPE} AND {_FILTER}"))
_COUNTS = text(
    f"""
    SELECT count(*) AS waiting, count(*) FILTER (WHERE w.holder_id IS NULL OR w.lease_until <= :now) AS free,
        count(*) FILTER (WHERE w.due_on < :today) AS overdue, count(*) FILTER (WHERE w.due_on = :today) AS due_today,
        count(*) FILTER (WHERE w.due_on > :today AND w.due_on <= :soon) AS due_soon,
        count(*) FILTER (WHERE w.holder_id = CAST(:me AS uuid)
            AND (w.lease_until IS NULL OR w.lease_until > :now)) AS mine,
        count(*) FILTER (WHERE w.escalated_at IS NOT NULL) AS escalated
    FROM work_item w WHERE {_SCOPE}
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


def _scope(actor: Staff, unit_id: UUID | None = None) -> dict[str, Any]:
    require_role(actor, WORKERS)
    units = None if actor.unit_ids is None else list(actor.unit_ids)
    if unit_id is not None:
        units = [unit_id] if actor.works_at(unit_id) else []
    roles = ["officer", "supervisor"] if actor.role in DECIDERS else ["officer"]
    return {"units": units, "roles": roles, "me": actor.staff_id, "now": clock.now()}


async def queue_of_staff(
    db: Db, actor: Staff, chosen: Filter, *, limit: int, after: tuple[date, datetime, UUID] | None = None
) -> list[Waiting]:
    """The queue of the actor's units and roles, first come first, after the given (rank, submitted, id).

    Raises:
        WrongRole: not somebody who decides requests.
    """
    after_rank, after_at, after_id = after or (None, None, None)
    asked = _scope(actor, chosen.unit_id) | {
        "services": list(chosen.services) if chosen.services else None,
        "language": chosen.language,
        "due_until": chosen.due_until,
        "state": chosen.state,
        "limit": limit,
        "after_rank": after_rank,
        "after_at": after_at,
        "after_id": after_id,
    }
    return [Waiting(*row) for row in await db.execute(_LIST, asked)]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits: in all, free, late, due today and soon; what the actor has; what was escalated."""

    waiting: int
    free: int
    overdue: int
    due_today: int
    due_soon: int
    mine: int
    escalated: int


async def counts(db: Db, actor: Staff, *, today: date, soon: date) -> Counts:
    """The numbers of the actor's queue."""
    row = (await db.execute(_COUNTS, _scope(actor) | {"today": today, "soon": soon})).one()
    return Counts(*row)


async def waiting_by_service(db: Db, actor: Staff) -> list[tuple[str, int]]:
    """How many wait of each service, most first."""
    return [(service, count) for service, count in await db.execute(_BY_SERVICE, _scope(actor))]


@dataclass(frozen=True, slots=True)
class Found:
    """A request a search found."""

    folio: str
    service: str
    status: str
    kind: str
    outcome: str | None
    person_id: UUID
    full_name: str
    curp: str
    unit_id: UUID | None
    submitted_at: datetime
    due_on: date | None


_FOUND = """
    SELECT r.folio, r.service, r.status, r.kind, r.outcome, r.person_id,
        concat_ws(' ', p.given_names, p.first_surname, p.second_surname) AS full_name, p.curp, r.unit_id,
        r.submitted_at, r.due_on
    FROM {source} r JOIN person p ON p.id = r.person_id ORDER BY r.submitted_at DESC
"""
_VISIBLE = "r.kind <> 'draft' AND (CAST(:units AS uuid[]) IS NULL OR r.unit_id = ANY(CAST(:units AS uuid[])))"
_BY_FOLIO = text(_FOUND.format(source=f"(SELECT * FROM request r WHERE r.folio = :folio AND {_VISIBLE})"))
_BY_PERSON = text(
    _FOUND.format(
        source=f"""(SELECT r.* FROM person q JOIN request r ON r.person_id = q.id
        WHERE (q.curp = :number OR q.nss = :number) AND {_VISIBLE} ORDER BY r.submitted_at DESC LIMIT :limit)"""
    )
)
# First among the newest, where a frequent name is found at once: the index of words has to gather every place of a word
# before it gives one, a quarter of a million of María. When they are too few it is asked for the words as they are, and
# only when nobody has those, for all that begin like the last: gathering these costs several times as much.
# Each part is planned by itself, for all its rows (MATERIALIZED), and read only as far as is needed: planned for the
# first fifty, it would read the whole table for a name it takes to be frequent and nobody has.
_BY_NAME = """
    WITH latest AS MATERIALIZED (
        SELECT {columns} FROM ({newest}) r WHERE r.search @@ CAST(:begun AS tsquery)
    ), whole AS MATERIALIZED (
        SELECT {columns} FROM request r
        WHERE r.search @@ CAST(:whole AS tsquery) AND {visible} AND (SELECT count(*) FROM latest) < :limit
    ), begun AS MATERIALIZED (
        SELECT {columns} FROM request r
        WHERE r.search @@ CAST(:begun AS tsquery) AND {visible} AND (SELECT count(*) FROM latest) < :limit
            AND NOT EXISTS (SELECT FROM whole)
    )
    {found}
"""
_COLUMNS = "r.id, r.folio, r.service, r.status, r.kind, r.outcome, r.person_id, r.unit_id, r.submitted_at, r.due_on"
_TOGETHER = """
    (SELECT * FROM (
        SELECT * FROM latest UNION (SELECT * FROM whole LIMIT :limit) UNION (SELECT * FROM begun LIMIT :limit)
    ) f ORDER BY f.submitted_at DESC LIMIT :limit)
"""
_NEWEST = """
    SELECT * FROM request WHERE {where} AND submitted_at IS NOT NULL ORDER BY submitted_at DESC LIMIT :newest
"""
_NEWEST_OF_UNITS = f"""
    SELECT n.* FROM unnest(CAST(:units AS uuid[])) u (id)
        CROSS JOIN LATERAL ({_NEWEST.format(where="unit_id = u.id")}) n
"""
_NAME_PARTS = {"columns": _COLUMNS, "visible": _VISIBLE, "found": _FOUND.format(source=_TOGETHER)}
_BY_NAME_ANYWHERE = text(_BY_NAME.format(newest=_NEWEST.format(where="true"), **_NAME_PARTS))
_BY_NAME_AT_UNITS = text(_BY_NAME.format(newest=_NEWEST_OF_UNITS, **_NAME_PARTS))


async def search(db: Db, actor: Staff, typed: str) -> list[Found]:
    """Requests of the actor's units by folio, CURP, NSS or words of a name, with or without accents: at most 50.

    The last word of a name may be unfinished; where somebody has it as it is, those who have it come first.

    Raises:
        WrongRole; NothingToSearch: nothing that could be searched was typed.
    """
    units = _scope(actor)["units"]
    asked: dict[str, Any] = {"units": units, "limit": MOST_FOUND}
    folio = _folio(typed)
    by_folio = await _found(db, _BY_FOLIO, asked | {"folio": folio}) if folio is not None else []
    # One name of twelve letters in forty happens to be well formed as a folio; names have no digits.
    if by_folio or (folio is not None and any(letter.isdigit() for letter in typed)):
        return by_folio
    number = _number(typed)
    if number is not None:
        return await _found(db, _BY_PERSON, asked | {"number": number})
    words = query(typed, *(str(unit) for unit in units or ()))
    if words is None:
        raise NothingToSearch(fields=[FieldError("q", NothingToSearch.title)])
    asked |= {"begun": words, "whole": finished(words)}
    if units is None:
        return await _found(db, _BY_NAME_ANYWHERE, asked | {"newest": NEWEST})
    if not units:
        return []
    newest = max(1, NEWEST // len(units))
    return await _found(db, _BY_NAME_AT_UNITS, asked | {"newest": newest})


async def _found(db: Db, statement: Any, asked: dict[str, Any]) -> list[Found]:
    return [Found(*row) for row in await db.execute(statement, asked)]


def _folio(typed: str) -> str | None:
    try:
        return ids.parse_folio(typed)
    except ValueError:
        return None


def _number(typed: str) -> str | None:
    try:
        return parse_identifier(typed)
    except ValueError:
        return None
