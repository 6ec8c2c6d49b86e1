"""The lists of requests whose clock stands still: they wait for their citizen's answer or a visit to the window."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Staff
from app.requests.queries.queue import MAX_CHOICES, TODAY, ZONE, Filter, near_days, scope_of

StoppedKind = Literal["waiting", "visit"]


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


_SCOPE = "(CAST(:units AS uuid[]) IS NULL OR r.unit_id = ANY(CAST(:units AS uuid[]))) AND r.stopped_at IS NOT NULL"
_NEAR = f"""
    r.answer_by > {TODAY}
    AND r.answer_by <= CAST(CAST(:near AS jsonb) -> CAST({TODAY} AS text) ->> r.service AS date)
"""
_FILTER = f"""
    r.kind = CAST(:kind AS text)
    AND (CAST(:services AS text[]) IS NULL OR r.service = ANY(CAST(:services AS text[])))
    AND (CAST(:language AS text) IS NULL OR p.language = CAST(:language AS text))
    AND (CAST(:due_until AS date) IS NULL OR r.answer_by <= CAST(:due_until AS date))
    AND (CAST(:due AS text) IS NULL
        OR (CAST(:due AS text) = 'late' AND r.answer_by < {TODAY})
        OR (CAST(:due AS text) = 'today' AND r.answer_by = {TODAY})
        OR (CAST(:due AS text) = 'near' AND {_NEAR}))
    AND (CAST(:stopped_before AS timestamptz) IS NULL OR r.stopped_at < CAST(:stopped_before AS timestamptz))
"""
_FROM = "FROM request r JOIN person p ON p.id = r.person_id LEFT JOIN unit z ON z.id = r.unit_id"
_ROWS = f"""
    SELECT r.id, r.person_id, r.folio, r.service, r.kind, r.unit_id, z.name, r.stopped_at, r.answer_by,
        r.appointment_folio, p.language, {ZONE} AS timezone, {TODAY} AS today,
        concat_ws(' ', p.given_names, p.first_surname, p.second_surname) AS full_name
    {_FROM} WHERE {_SCOPE} AND {_FILTER}
"""
_PLACE = "(CAST(:at AS timestamptz), CAST(:id AS uuid))"
_AFTER = text(
    f"{_ROWS} AND (CAST(:id AS uuid) IS NULL OR (r.stopped_at, r.id) > {_PLACE})"
    " ORDER BY r.stopped_at, r.id LIMIT :limit"
)
_BEFORE = text(f"{_ROWS} AND (r.stopped_at, r.id) < {_PLACE} ORDER BY r.stopped_at DESC, r.id DESC LIMIT :limit")
_TOTAL = text(f"SELECT count(*) {_FROM} WHERE {_SCOPE} AND {_FILTER}")
_BY_UNIT = text(
    f"SELECT r.unit_id, z.name, count(*) FROM request r JOIN unit z ON z.id = r.unit_id"
    f" WHERE {_SCOPE} AND r.kind = CAST(:kind AS text) GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT {MAX_CHOICES}"
)
_BY_SERVICE = text(
    f"""
    SELECT r.service, count(*) FROM request r WHERE {_SCOPE} AND r.kind = CAST(:kind AS text)
    GROUP BY r.service ORDER BY 2 DESC, 1
    """
)


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
    params = await _params(session, actor, kind, chosen) | {"limit": limit, "at": at, "id": id_}
    backwards = after is None and before is not None
    rows = [Stopped(*row) for row in await session.execute(_BEFORE if backwards else _AFTER, params)]
    return rows[::-1] if backwards else rows


async def stopped_total(session: AsyncSession, actor: Staff, kind: StoppedKind, chosen: Filter) -> int:
    """How many wait so with this filter, on all pages of the list."""
    return int(await session.scalar(_TOTAL, await _params(session, actor, kind, chosen)) or 0)


async def stopped_by_unit(session: AsyncSession, actor: Staff, kind: StoppedKind) -> list[tuple[UUID, str, int]]:
    """Units with requests that wait so: id, name, how many, most first."""
    found = await session.execute(_BY_UNIT, scope_of(actor) | {"kind": kind})
    return [(unit_id, name, count) for unit_id, name, count in found]


async def _params(session: AsyncSession, actor: Staff, kind: StoppedKind, chosen: Filter) -> dict[str, Any]:
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
    found = await session.execute(_BY_SERVICE, scope_of(actor) | {"kind": kind})
    return [(service, count) for service, count in found]
