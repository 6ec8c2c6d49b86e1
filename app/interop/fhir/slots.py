"""Search of free times: of one unit, by its schedules, its services and the clock there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.horizon import last_open_day
from app.appointments.queries.slots import SlotSearch
from app.appointments.rules import MEDICAL
from app.interop.fhir import identifiers
from app.interop.fhir.dates import DateTerm, Prefix, bounds_of
from app.interop.fhir.problems import SearchTooBroad
from app.interop.fhir.queries import room_services, service_at
from app.interop.fhir.resources.places import SERVICE_TYPES, service_codes
from app.interop.fhir.search import Search, Token
from app.kernel import clock
from app.kernel.problems import NotFound
from app.places.models import Unit
from app.places.queries import unit_by_id

MAX_SCHEDULES = 1000


@dataclass(frozen=True, slots=True)
class AskedSlots:
    """The free times that a search asks for at a unit, and the terms that the database doesn't look at."""

    unit: Unit
    search: SlotSearch
    terms: Sequence[DateTerm]

    def is_asked(self, start_at: datetime, now: datetime) -> bool:
        """Whether a time is what the terms ask for."""
        return all(term.matches(start_at, self.unit.timezone, now) for term in self.terms)


def is_code_of(service: str, tokens: Sequence[Token]) -> bool:
    """Whether a service is what one of these codes names."""
    return any(token.is_one_of(*service_codes(service)) for token in tokens)


def named_services(search: Search) -> list[str] | None:
    """The services that `service-type` names by our code or FHIR's; None when it isn't given."""
    found: list[str] | None = None
    for term in search.of("service-type"):
        tokens = term.tokens()
        known = {*SERVICE_TYPES, *(token.value for token in tokens)}
        named = sorted(one for one in known if is_code_of(one, tokens))
        found = named if found is None else [one for one in found if one in named]
    return found


def may_be_free(search: Search) -> bool:
    """Whether `status` leaves the free ones, which are all that a search finds."""
    for term in search.of("status"):
        is_free = any(token.value == "free" for token in term.tokens())
        if is_free is (term.modifier == "not"):
            return False
    return True


async def asked_slots(session: AsyncSession, search: Search) -> AskedSlots | None:
    """What a search of free times asks for; None when nothing can be what it asks for.

    Raises:
        SearchTooBroad: it isn't of one unit.
    """
    target = await _target(session, search)
    if target is None or not may_be_free(search):
        return None
    unit, services, rooms = target
    wanted = named_services(search)
    if wanted is not None:
        services = [one for one in services if one in wanted]
    terms = search.dates.get("start", ())
    now = clock.now()
    last = last_open_day(unit.timezone)
    end = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(unit.timezone)).astimezone(UTC)
    span = bounds_of(terms, unit.timezone, now + timedelta(minutes=MEDICAL.min_ahead_minutes), end)
    if not unit.is_operating or not services or span.first >= span.end:
        return None
    found = SlotSearch(
        unit_id=unit.id,
        services=services,
        rooms=rooms,
        first=clock.local_day(span.first, unit.timezone),
        last=min(clock.local_day(span.end, unit.timezone), last),
        earliest=span.first,
        before=span.end,
    )
    return AskedSlots(unit, found, [term for term in terms if term.prefix in (Prefix.NE, Prefix.AP)])


async def _target(session: AsyncSession, search: Search) -> tuple[Unit, list[str], list[int] | None] | None:
    """The unit, its services, and the rooms, by the schedules or by their actors; None when there are none."""
    schedules = search.ids("schedule", "Schedule")
    if schedules is not None:
        return await _of_schedules(session, schedules)
    units = [term.references("Location") for term in search.of("schedule.actor")]
    offered = [term.references("HealthcareService") for term in search.of("schedule.actor")]
    located = {one for ids in units for one in ids if _is_uuid(one)}
    named = [_parsed(one) for ids in offered for one in ids if not _is_uuid(one)]
    services = [one for one in named if one is not None]
    unit_ids = {UUID(one) for one in located} | {one.unit_id for one in services}
    if not search.of("schedule.actor") or len(unit_ids) > 1:
        raise SearchTooBroad(names="schedule, schedule.actor")
    if not unit_ids:
        return None
    try:
        unit = await unit_by_id(session, unit_ids.pop())
        if services:
            return unit, [await service_at(session, one) for one in services], None
    except NotFound:
        return None
    found = await room_services(session, limit=MAX_SCHEDULES, unit_ids=[unit.id], by_room=False)
    return unit, [one.service for one in found], None


async def _of_schedules(session: AsyncSession, ids: Sequence[str]) -> tuple[Unit, list[str], list[int] | None] | None:
    parsed = []
    for one in ids:
        try:
            parsed.append(identifiers.parse_schedule_id(one))
        except ValueError:
            continue
    places = {(one.unit_id, one.digest) for one in parsed}
    if len(places) > 1:
        raise SearchTooBroad(names="schedule, schedule.actor")
    if not parsed:
        return None
    try:
        service = await service_at(session, parsed[0])
        unit = await unit_by_id(session, parsed[0].unit_id)
    except NotFound:
        return None
    return unit, [service], [one.room for one in parsed if one.room is not None]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _parsed(text: str) -> identifiers.OfferedService | None:
    try:
        return identifiers.parse_healthcare_service_id(text)
    except ValueError:
        return None
