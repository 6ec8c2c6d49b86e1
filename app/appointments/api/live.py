"""The stream of an appointment: that it changed."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.appointments.queries.live import latest_version
from app.appointments.queries.own import OwnAppointment, own_appointment
from app.identity.dependencies import LowCitizenApi, citizen_of
from app.kernel.actor import Citizen
from app.kernel.db import reading
from app.kernel.events import person_topic
from app.kernel.http.openapi import VERSION_EVENTS, problem_responses
from app.kernel.http.parameters import LastEventId
from app.kernel.http.sse import EventStream, open_version_stream
from app.kernel.problems import NotFound, TooManyRequests, Unauthorized
from app.kernel.versions import Version

router = APIRouter(prefix="/api/v1", tags=["appointments"])

Folio = Annotated[str, Path(max_length=20, description="As printed; small letters and missing dashes are fine.")]


@router.get(
    "/appointments/{folio}/events",
    operation_id="follow_appointment",
    status_code=200,
    summary="That an appointment changed",
    response_class=EventStream,
    responses=VERSION_EVENTS | problem_responses(Unauthorized, NotFound, TooManyRequests),
)
async def follow_appointment(
    _actor: LowCitizenApi, request: Request, folio: Folio, last_event_id: LastEventId = None
) -> Response:
    """A stream of server-sent events: each says that there is another version, which `get_appointment` returns. It ends
    when the token expires or is revoked, or when the appointment can't be read any more."""
    return await stream_appointment(request, partial(citizen_of, request), folio, last_event_id)


async def stream_appointment(
    request: Request, authenticate: Callable[[], Awaitable[Citizen]], folio: str, last_event_id: str | None
) -> EventStream:
    """The stream for who may see the appointment, as long as they may. `authenticate`: who reads it, asked again.

    Raises:
        What `authenticate`, `own_appointment` and `open_version_stream` raise.
    """
    own = await _seen_by(await authenticate(), folio)

    async def version() -> Version:
        async with reading() as session:
            return await latest_version(session, own.folio)

    async def authorize() -> None:
        await _seen_by(await authenticate(), own.folio)

    topic = person_topic(own.person_id)
    return await open_version_stream(request, f"appointment {own.folio}", topic, version, authorize, last_event_id)


async def _seen_by(actor: Citizen, folio: str) -> OwnAppointment:
    async with reading() as session:
        return await own_appointment(session, actor, folio)
