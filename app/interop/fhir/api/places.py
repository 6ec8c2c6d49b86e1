"""Units, their services and the schedules of their rooms, for anyone to read."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.labels import SERVICES, SPECIALTIES
from app.appointments.rules import SPECIALIST_PREFIX
from app.identity.dependencies import AnonymousApi
from app.interop.fhir import identifiers, systems
from app.interop.fhir.bundles import searchset
from app.interop.fhir.exchange import NEGOTIATED, answer, search_of
from app.interop.fhir.inclusion import included
from app.interop.fhir.queries import room_services, service_at
from app.interop.fhir.reading import public_reads, read_healthcare_service, read_location, read_schedule
from app.interop.fhir.resources import places
from app.interop.fhir.search import Search, fold
from app.interop.fhir.slots import named_services
from app.kernel.http.parameters import Read
from app.kernel.paging import decode_cursor, encode_cursor, position_after
from app.kernel.parsing import is_digits, whole_number
from app.kernel.problems import NotFound
from app.places.models import Unit
from app.places.queries import list_units, unit_by_clues, units_by_id

router = APIRouter(prefix=systems.PATH, include_in_schema=False, dependencies=[NEGOTIATED])
Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9.-]+$")]
MAX_LOOKED_AT = 2_000
POSTAL_CODE_LENGTH = 5


@router.get("/Location/{id_}")
async def get_location(_actor: AnonymousApi, read: Read, id_: Id) -> Response:
    """A unit."""
    return answer(await read_location(read, id_))


@router.get("/Location")
@router.post("/Location/_search")
async def search_locations(_actor: AnonymousApi, read: Read, request: Request) -> Response:
    """Units by CLUES, those out of operation too."""
    search, items = await search_of(request, "Location")
    page = await _units(read, search)
    found = [places.location(one) for one in page.units]
    return answer(searchset("Location", search, found, total=page.total, next_cursor=page.cursor, items=items))


@dataclass(frozen=True, slots=True)
class _Page:
    """Units that were found; `total` where it is known, and where to go on when there may be more."""

    units: list[Unit]
    total: int | None = None
    cursor: str | None = None


async def _units(read: AsyncSession, search: Search) -> _Page:
    exact = await _exact_units(read, search)
    if exact is not None:
        found = [one for one in exact if is_searched(one, search)]
        return _Page(found, len(found))
    place = position_after(decode_cursor(search.cursor) if search.cursor else None, str)
    # What the database doesn't look at is looked at here, in a longer piece of the list.
    given = {"postal_code": _only(search, "address-postalcode"), "named": _only(search, "name")}
    is_whole = len(search.terms) == sum(value is not None for value in given.values()) and not search.is_count_only
    limit = search.count if is_whole else MAX_LOOKED_AT
    rows = await list_units(read, limit=limit + 1, after=place[0] if place else None, operating_only=False, **given)
    looked_at = rows[:limit]
    matching = [one for one in looked_at if is_searched(one, search)]
    shown = matching[: search.count]
    has_more = len(rows) > limit or len(matching) > len(shown)
    last = shown[-1] if len(matching) > len(shown) else looked_at[-1] if looked_at else None
    total = len(matching) if len(rows) <= limit and place is None else None
    return _Page(shown, total, encode_cursor(last.clues) if has_more and last is not None else None)


def _only(search: Search, name: str) -> str | None:
    """The value of a parameter that was given once, with one value, in the way in which the database searches."""
    terms = search.of(name)
    if len(terms) != 1 or len(terms[0].values) != 1 or terms[0].modifier:
        return None
    value = terms[0].values[0]
    if name == "address-postalcode":
        return value if len(value) == POSTAL_CODE_LENGTH and is_digits(value) else None
    return value


async def _exact_units(read: AsyncSession, search: Search) -> list[Unit] | None:
    """The units that a search names one by one; None when it doesn't."""
    ids = [value for term in search.of("_id") for value in term.values]
    if ids:
        return await units_by_id(read, [UUID(one) for one in ids if is_uuid(one)])
    tokens = [token for term in search.of("identifier") for token in term.tokens()]
    if not tokens:
        return None
    found = []
    for token in tokens:
        if token.system in (None, systems.CLUES):
            try:
                found.append(await unit_by_clues(read, token.value))
            except NotFound:
                continue
    return found


def is_uuid(text: str) -> bool:
    """Whether a text is an id of ours."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def is_searched(unit: Unit, search: Search) -> bool:
    """Whether a unit is what every term asks for."""
    state = systems.STATE_KEYS.get(unit.state_code)
    texts: dict[str, list[str | None]] = {
        "name": [unit.name],
        "address": [unit.address, unit.locality, unit.municipality, unit.state, unit.postal_code],
        "address-city": [unit.locality or unit.municipality],
        "address-state": [unit.state, unit.state_code, state],
        "address-postalcode": [unit.postal_code],
    }
    for term in search.terms:
        if term.name in texts:
            # As the catalogue is searched: without a modifier by its words, wherever they are.
            is_it = term.matches_text(*texts[term.name])
            if not is_it and (term.modifier or not _has_words(term.values, texts[term.name])):
                return False
        if term.name == "identifier" and not any(t.is_one_of((systems.CLUES, unit.clues)) for t in term.tokens()):
            return False
        if term.name == "_id" and str(unit.id) not in term.values:
            return False
        if term.name == "status":
            status = "active" if unit.is_operating else "suspended"
            if any(token.value == status for token in term.tokens()) is (term.modifier == "not"):
                return False
    return True


def _has_words(values: Sequence[str], texts: Sequence[str | None]) -> bool:
    have = [word for text in texts if text for word in fold(text).split()]
    return any(all(any(one.startswith(word) for one in have) for word in fold(value).split()) for value in values)


@router.get("/HealthcareService/{id_}")
async def get_healthcare_service(_actor: AnonymousApi, read: Read, id_: Id) -> Response:
    """A service at a unit."""
    return answer(await read_healthcare_service(read, id_))


@router.get("/HealthcareService")
@router.post("/HealthcareService/_search")
async def search_healthcare_services(_actor: AnonymousApi, read: Read, request: Request) -> Response:
    """Services by unit."""
    search, items = await search_of(request, "HealthcareService")
    found, next_cursor = await _services(read, search, by_room=False)
    return await _bundle(read, "HealthcareService", search, found, next_cursor, items)


@router.get("/Schedule/{id_}")
async def get_schedule(_actor: AnonymousApi, read: Read, id_: Id) -> Response:
    """The times of a room for a service."""
    return answer(await read_schedule(read, id_))


@router.get("/Schedule")
@router.post("/Schedule/_search")
async def search_schedules(_actor: AnonymousApi, read: Read, request: Request) -> Response:
    """Schedules by unit, service and room."""
    search, items = await search_of(request, "Schedule")
    found, next_cursor = await _services(read, search, by_room=True)
    return await _bundle(read, "Schedule", search, found, next_cursor, items)


async def _bundle(
    read: AsyncSession,
    kind: str,
    search: Search,
    found: list[dict[str, Any]],
    next_cursor: str | None,
    items: Sequence[tuple[str, str]],
) -> Response:
    more = await included(found, search.includes, public_reads(read))
    total = len(found) if next_cursor is None and search.cursor is None else None
    made = searchset(kind, search, found, total=total, next_cursor=next_cursor, included=more, items=items)
    return answer(made)


async def _services(read: AsyncSession, search: Search, *, by_room: bool) -> tuple[list[dict[str, Any]], str | None]:
    """The services of units, or of their rooms, that a search asks for."""
    after = position_after(decode_cursor(search.cursor) if search.cursor else None, UUID, str, whole_number)
    ids = {value for term in search.of("_id") for value in term.values}
    asked = await _asked_places(read, search, ids, by_room=by_room)
    if asked is None:
        return [], None
    unit_ids, services = asked
    limit = MAX_LOOKED_AT if ids or search.is_count_only else search.count
    rows = await room_services(
        read,
        limit=limit + 1,
        unit_ids=unit_ids,
        services=services,
        is_operating=_active(search),
        after=after,
        by_room=by_room,
    )
    shown = rows[:limit]
    units = {one.id: one for one in await units_by_id(read, {row.unit_id for row in shown})}
    found = [
        places.schedule(units[row.unit_id], row)
        if by_room
        else places.healthcare_service(units[row.unit_id], row.service)
        for row in shown
    ]
    if ids:
        return [one for one in found if one["id"] in ids], None
    last = shown[-1] if len(rows) > limit else None
    return found, encode_cursor(str(last.unit_id), last.service, str(last.room)) if last else None


def _active(search: Search) -> bool | None:
    """Whether units have to operate; None: either is fine."""
    wanted = {token.value for term in search.of("active") for token in term.tokens()}
    return None if len(wanted) != 1 else wanted == {"true"}


async def _asked_places(
    read: AsyncSession, search: Search, ids: set[str], *, by_room: bool
) -> tuple[set[UUID] | None, list[str] | None] | None:
    """The units and services that a search names, each None for all; None when it can find nothing."""
    unit_ids: set[UUID] | None = None
    services = named_services(search)
    for term in search.of("location", "actor"):
        units = {UUID(one) for one in term.references("Location") if is_uuid(one)}
        for one in term.references("HealthcareService"):
            with suppress(ValueError, NotFound):
                offered = identifiers.parse_healthcare_service_id(one)
                units.add(offered.unit_id)
                services = _narrowed(services, [await service_at(read, offered)])
        unit_ids = units if unit_ids is None else unit_ids & units
    if ids:
        units = {one for one in (_unit_of(id_, by_room=by_room) for id_ in ids) if one is not None}
        unit_ids = units if unit_ids is None else unit_ids & units
    for term in search.of("name"):
        services = _narrowed(services, [one for one in ALL_NAMED if places.is_named(one, term.matches_text)])
    return None if unit_ids == set() or services == [] else (unit_ids, services)


def _narrowed(services: list[str] | None, named: list[str]) -> list[str]:
    return named if services is None else [one for one in services if one in named]


def _unit_of(id_: str, *, by_room: bool) -> UUID | None:
    parse = identifiers.parse_schedule_id if by_room else identifiers.parse_healthcare_service_id
    try:
        return parse(id_).unit_id
    except ValueError:
        return None


ALL_NAMED = [*SERVICES, *(SPECIALIST_PREFIX + one for one in SPECIALTIES)]
"""The services that have a name of their own."""
