"""Times, for anyone to read."""

from fastapi import APIRouter, Request, Response

from app.appointments.queries.slots import count_free_slots, free_slots
from app.identity.dependencies import AnonymousApi
from app.interop.fhir.api.places import Id
from app.interop.fhir.bundles import searchset
from app.interop.fhir.exchange import NEGOTIATED, answer, search_of
from app.interop.fhir.inclusion import included
from app.interop.fhir.reading import booking_link, public_reads, read_slot
from app.interop.fhir.resources.places import SlotTime, slot
from app.interop.fhir.slots import asked_slots
from app.interop.fhir.systems import PATH
from app.kernel import clock
from app.kernel.http.parameters import Read
from app.kernel.paging import decode_cursor, encode_cursor, position_after
from app.kernel.parsing import iso_instant, whole_number

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[NEGOTIATED])


@router.get("/Slot/{id_}")
async def get_slot(_actor: AnonymousApi, read: Read, id_: Id) -> Response:
    """A time as it is now: free, taken, or closed."""
    return answer(await read_slot(read, id_))


@router.get("/Slot")
@router.post("/Slot/_search")
async def search_slots(_actor: AnonymousApi, read: Read, request: Request) -> Response:
    """Free times by time and room, as anyone may have them."""
    search, items = await search_of(request, "Slot")
    asked = await asked_slots(read, search)
    after = position_after(decode_cursor(search.cursor) if search.cursor else None, iso_instant, whole_number)
    if asked is None:
        return answer(searchset("Slot", search, [], total=0, items=items))
    total = await count_free_slots(read, asked.search) if search.is_count_only or search.wants_total else None
    rows = await free_slots(read, asked.search, limit=search.count + 1, after=after)
    shown, unit, now = rows[: search.count], asked.unit, clock.now()
    link = booking_link()
    found = [
        slot(SlotTime(unit.id, one.service, one.room, one.start_at, one.minutes, unit.timezone, seats=one.seats), link)
        for one in shown
        if asked.is_asked(one.start_at, now)
    ]
    next_cursor = None
    if len(rows) > search.count and shown:
        next_cursor = encode_cursor(shown[-1].start_at.isoformat(), str(shown[-1].room))
    more = await included(found, search.includes, public_reads(read)) if search.includes else []
    return answer(searchset("Slot", search, found, total=total, next_cursor=next_cursor, included=more, items=items))
