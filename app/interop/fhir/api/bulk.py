"""SMART Scheduling Links: a manifest of files of lines, for programs that gather free times of many places."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Response

from app.appointments.horizon import last_open_day
from app.appointments.queries.slots import SlotSearch, free_slots
from app.appointments.rules import MEDICAL
from app.appointments.settings import booking_settings
from app.identity.dependencies import AnonymousApi
from app.interop.fhir.cached_files import CachedFiles
from app.interop.fhir.queries import publishing_units, room_services, units_with_events, units_with_releases
from app.interop.fhir.reading import booking_link
from app.interop.fhir.resources import places
from app.interop.fhir.systems import PATH, base
from app.kernel import clock
from app.kernel.db import reading
from app.kernel.http.parameters import Read
from app.kernel.i18n import N_
from app.kernel.parsing import iso_instant
from app.kernel.problems import FieldError, Invalid, NotFound
from app.places.models import Unit
from app.places.queries import unit_by_clues, units_by_id

router = APIRouter(prefix=PATH, include_in_schema=False)

NDJSON = "application/fhir+ndjson"
PAGE, MAX_SERVICES = 10_000, 50_000
MAX_SINCE = timedelta(hours=2)
"""Of an instant further back everything is listed: by then most has changed, and looking for the rest takes longer."""
FRESH = {"Cache-Control": "public, max-age=60"}


@router.get("/$bulk-publish")
async def get_manifest(
    _actor: AnonymousApi, read: Read, since: Annotated[str | None, Query(alias="_since", max_length=40)] = None
) -> Response:
    """The files. With `_since`, of the slots those of units where something may have changed since then."""
    now = clock.now()
    units = await publishing_units(read)
    if since is not None and (changed_since := _instant(since)) > now - MAX_SINCE:
        # A hold that lapses and a freed time that is released leave no event of their own: their cause is a bit older.
        terms = booking_settings()
        margin = timedelta(minutes=terms.hold_minutes, seconds=2 * terms.release_delay_seconds)
        changed = await units_with_events(read, changed_since - margin) | await units_with_releases(read)
        units = [one for one in units if one.id in changed or _new_day_since(one.timezone, changed_since, now)]
    files: list[dict[str, Any]] = [{"type": "Location", "url": f"{base()}/bulk/locations.ndjson"}]
    files.append({"type": "Schedule", "url": f"{base()}/bulk/schedules.ndjson"})
    for one in units:
        state = {"extension": {"state": [one.state]}}
        files.append({"type": "Slot", "url": f"{base()}/bulk/slots/{one.clues}.ndjson", **state})
    manifest = {
        "transactionTime": now.isoformat(timespec="seconds"),
        "request": f"{base()}/$bulk-publish",
        "output": files,
        "error": [],
    }
    return Response(json.dumps(manifest, ensure_ascii=False), headers=FRESH, media_type="application/json")


def _instant(text: str) -> datetime:
    try:
        return iso_instant(text.replace(" ", "+"))
    except ValueError as error:
        raise Invalid(
            fields=[FieldError("_since", N_("La hora necesita su zona, como en -06:00."), "timezone_aware")]
        ) from error


def _new_day_since(zone: str, since: datetime, now: datetime) -> bool:
    """Whether a day has become bookable at a unit of this zone."""
    return last_open_day(zone, since) != last_open_day(zone, now) or clock.local_day(since, zone) != clock.today(zone)


def _text(resources: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(one, ensure_ascii=False, separators=(',', ':'))}\n" for one in resources).encode()


def _lines(resources: Iterable[Mapping[str, Any]]) -> Response:
    return Response(_text(resources), headers=FRESH, media_type=NDJSON)


@router.get("/bulk/locations.ndjson")
async def get_locations(_actor: AnonymousApi, read: Read) -> Response:
    """The units that give times."""
    return _lines(places.location(one) for one in await publishing_units(read))


@router.get("/bulk/schedules.ndjson")
async def get_schedules(_actor: AnonymousApi, read: Read) -> Response:
    """The schedules of their rooms."""
    rows = await room_services(read, limit=MAX_SERVICES, is_operating=True)
    units = {one.id: one for one in await units_by_id(read, {row.unit_id for row in rows})}
    return _lines(places.schedule(units[row.unit_id], row) for row in rows)


_slots = CachedFiles()


@router.get("/bulk/slots/{clues}.ndjson")
async def get_slots(_actor: AnonymousApi, clues: Annotated[str, Path(max_length=20)]) -> Response:
    """The free times of a unit, as they were at most a minute ago."""
    async with reading() as session:
        unit = await unit_by_clues(session, clues)
    if not unit.is_operating:
        raise NotFound
    body = await _slots.get(unit.id, lambda: _slots_of(unit))
    return Response(body, headers=FRESH, media_type=NDJSON)


async def _slots_of(unit: Unit) -> bytes:
    now = clock.now()
    last = last_open_day(unit.timezone)
    async with reading() as session:
        services = await room_services(session, limit=MAX_SERVICES, unit_ids=[unit.id], by_room=False)
        search = SlotSearch(
            unit_id=unit.id,
            services=[one.service for one in services],
            rooms=None,
            first=clock.today(unit.timezone),
            last=last,
            earliest=now + timedelta(minutes=MEDICAL.min_ahead_minutes),
            before=datetime.combine(last + timedelta(days=1), datetime.min.time(), ZoneInfo(unit.timezone)),
        )
        found = await free_slots(session, search, limit=PAGE)
    link = booking_link()
    resources = (
        places.slot(
            places.SlotTime(unit.id, one.service, one.room, one.start_at, one.minutes, unit.timezone, seats=one.seats),
            link,
        )
        for one in found
    )
    return await asyncio.to_thread(_text, resources)
