"""One's own complaints as requests of Open311. None of others' is public."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.rules.workflow import StateKind
from app.interop.open311.catalogue import ABOUT, SERVICE, STORY, UNIT, service_name
from app.interop.open311.rules import MOST_REQUESTS, Search
from app.kernel.actor import Citizen
from app.kernel.problems import NotFound
from app.places.models import Unit
from app.places.queries import units_by_id
from app.places.rules import DEFAULT_ZONE
from app.requests.labels import state_words
from app.requests.models import Request
from app.requests.presenters import detail
from app.requests.queries.own import OwnFilter, own_request, own_requests
from app.requests.rules.kinds import MessageKind

SUBMITTED = tuple(kind for kind in StateKind if kind != StateKind.DRAFT)


async def search(session: AsyncSession, actor: Citizen, wanted: Search) -> list[Request]:
    """The complaints of the actor, and of those they act for, that a search asks for, latest first."""
    if wanted.ids:
        found = []
        for folio in wanted.ids:
            try:
                found.append(await report(session, actor, folio))
            except NotFound:
                continue
        return found
    own = await own_requests(session, actor, limit=MOST_REQUESTS, chosen=OwnFilter((SERVICE,), SUBMITTED))
    among = [one for one in own if wanted.has(_code(one), _status(one), _requested_at(one))]
    return among[wanted.page_span()]


async def report(session: AsyncSession, actor: Citizen, folio: str) -> Request:
    """The complaint of this folio.

    Raises:
        NotFound: there is none, it isn't theirs, it wasn't sent yet, or it is of another service.
    """
    row = await own_request(session, actor, folio)
    if row.service != SERVICE or row.kind == StateKind.DRAFT:
        raise NotFound
    return row


async def answered(session: AsyncSession, actor: Citizen, row: Request) -> str | None:
    """What was decided about it, as the page of the request shows it: showing a refusal notifies of it."""
    shown = await detail(session, actor, row)
    words = [one.body for one in shown.messages if one.kind == MessageKind.DECISION]
    return words[-1] if words else None


async def shown(session: AsyncSession, rows: Sequence[Request], notes: str | None = None) -> list[dict[str, Any]]:
    """The requests of an answer. `notes`: what was answered."""
    ids = {one for row in rows for one in (_unit_id(row), row.unit_id) if one is not None}
    units = {unit.id: unit for unit in await units_by_id(session, ids)} if ids else {}
    return [_shown(row, units, notes) for row in rows]


def _shown(row: Request, units: Mapping[UUID, Unit], notes: str | None) -> dict[str, Any]:
    about, attends = (units.get(one) if one is not None else None for one in (_unit_id(row), row.unit_id))
    code = _code(row)
    is_closed = row.kind == StateKind.FINAL
    state = state_words(row.service, row.kind, row.outcome)
    return {
        "service_request_id": row.folio,
        "status": _status(row),
        "status_notes": f"{state}. {notes}" if notes else state,
        "service_name": service_name(code),
        "service_code": code,
        "description": row.answers.get(STORY),
        "agency_responsible": attends.name if attends else None,
        "service_notice": None,
        "requested_datetime": _instant(_requested_at(row)),
        "updated_datetime": _instant(row.decided_at if is_closed and row.decided_at else row.changed_at),
        "expected_datetime": _instant(_expected_at(row, attends)),
        "address": _address(about) if about else None,
        "address_id": about.clues if about else None,
        "zipcode": about.postal_code if about else None,
        "lat": about.latitude if about else None,
        "long": about.longitude if about else None,
        "media_url": None,
    }


def _code(row: Request) -> str:
    return str(row.answers.get(ABOUT, ""))


def _status(row: Request) -> str:
    return "closed" if row.kind == StateKind.FINAL else "open"


def _requested_at(row: Request) -> datetime:
    return row.submitted_at or row.created_at


def _unit_id(row: Request) -> UUID | None:
    named = row.answers.get(UNIT)
    return UUID(str(named)) if named else None


def _expected_at(row: Request, attends: Unit | None) -> datetime | None:
    """The end of the day until which it is answered, by the clock of the unit that does."""
    if row.due_on is None:
        return None
    zone = ZoneInfo(attends.timezone if attends else DEFAULT_ZONE)
    return datetime.combine(row.due_on + timedelta(days=1), time(), zone) - timedelta(seconds=1)


def _instant(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment is not None else None


def _address(unit: Unit) -> str:
    parts = (unit.name, unit.address, unit.locality, unit.municipality, unit.state)
    return ", ".join(one for one in parts if one)
