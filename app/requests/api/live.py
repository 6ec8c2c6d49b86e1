"""The stream of a request: that it changed."""

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import APIRouter, Request, Response

from app.identity.dependencies import LowCitizenApi, citizen_of
from app.identity.problems import AssuranceRequired
from app.kernel.actor import Citizen
from app.kernel.db import reading
from app.kernel.events import person_topic
from app.kernel.http.openapi import VERSION_EVENTS, problem_responses
from app.kernel.http.parameters import LastEventId
from app.kernel.http.sse import EventStream, open_version_stream
from app.kernel.problems import TooManyRequests
from app.kernel.versions import Version
from app.requests.api.responses import WHO, Folio
from app.requests.models import Request as RequestRow
from app.requests.queries.live import latest_version
from app.requests.queries.own import own_request

router = APIRouter(prefix="/api/v1", tags=["requests"])


@router.get(
    "/requests/{folio}/events",
    operation_id="follow_request",
    status_code=200,
    summary="That a request changed",
    response_class=EventStream,
    responses=VERSION_EVENTS | problem_responses(*WHO, AssuranceRequired, TooManyRequests),
)
async def follow_request(
    _actor: LowCitizenApi, request: Request, folio: Folio, last_event_id: LastEventId = None
) -> Response:
    """A stream of server-sent events: each says that there is another version, which `get_request` returns. It ends
    when the token expires or is revoked, or when the request can't be read any more."""
    return await stream_request(request, partial(citizen_of, request), folio, last_event_id)


async def stream_request(
    request: Request, authenticate: Callable[[], Awaitable[Citizen]], folio: str, last_event_id: str | None
) -> EventStream:
    """The stream for who may see the request, as long as they may. `authenticate`: who reads it, asked again.

    Raises:
        What `authenticate`, `own_request` and `open_version_stream` raise.
    """
    row = await _seen_by(await authenticate(), folio)

    async def version() -> Version:
        async with reading() as session:
            return await latest_version(session, row.folio)

    async def authorize() -> None:
        await _seen_by(await authenticate(), row.folio)

    topic = person_topic(row.person_id)
    return await open_version_stream(request, f"request {row.folio}", topic, version, authorize, last_event_id)


async def _seen_by(actor: Citizen, folio: str) -> RequestRow:
    async with reading() as session:
        return await own_request(session, actor, folio)
