"""The streams of the pages of a request and of an appointment: that it changed, for who has the page open.

They are read with the session's cookie, as the page is: a folio isn't enough. They end when the session does, or when
the person may not see the page any more.
"""

from functools import partial

from fastapi import APIRouter, Request, Response

from app.appointments.api.live import stream_appointment
from app.kernel.http.parameters import LastEventId
from app.kernel.http.sse import EventStream
from app.requests.api.live import stream_request
from app.web.citizen.appointment import Folio as AppointmentFolio
from app.web.folios import Folio
from app.web.watching import WatchingCitizenWeb, watching_citizen

router = APIRouter()


@router.get("/tramites/{folio:folio}/eventos", response_class=EventStream)
async def request_events(
    request: Request, _actor: WatchingCitizenWeb, folio: Folio, last_event_id: LastEventId = None
) -> Response:
    """That the request changed."""
    return await stream_request(request, partial(watching_citizen, request), folio, last_event_id)


@router.get("/citas/{folio}/eventos", response_class=EventStream)
async def appointment_events(
    request: Request, _actor: WatchingCitizenWeb, folio: AppointmentFolio, last_event_id: LastEventId = None
) -> Response:
    """That the appointment changed."""
    return await stream_appointment(request, partial(watching_citizen, request), folio, last_event_id)
