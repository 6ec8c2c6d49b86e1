"""The board of a unit: a state, and a stream of states."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.desk.events import desk_topic
from app.desk.queries.board import board_of, missed_since
from app.desk.schemas.board import BoardOut, QueueWaitOut
from app.desk.service.forecasts import forecasts_of_unit
from app.identity.dependencies import AnonymousApi
from app.kernel import clock
from app.kernel.db import raw_connection
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import LastEventId, Read
from app.kernel.http.sse import EventStream, StateMessage, last_event, open_stream
from app.kernel.problems import NotFound
from app.places.queries import unit_by_id

router = APIRouter(prefix="/api/v1/units", tags=["desk"])

EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events. The data of each message is a whole board, as `get_board` returns it.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'id: 1780000000-5f1c3a9e0b7d2c44\ndata: {"unit_id": "…", "calls": […], "waiting": […]}\n\n',
            }
        },
    }
}


@router.get(
    "/{unit_id}/board",
    operation_id="get_board",
    summary="What a waiting room's screen shows",
    responses=problem_responses(NotFound),
)
async def get_board(_actor: AnonymousApi, read: Read, unit_id: UUID) -> BoardOut:
    """The calls of the last ten minutes, at least the last five, and how many wait. Public: it hangs on the wall."""
    return await board_of(read, unit_id)


@router.get(
    "/{unit_id}/board/events",
    operation_id="follow_board",
    status_code=200,
    summary="The board whenever it changes",
    response_class=EventStream,
    responses=EVENTS | problem_responses(NotFound),
)
async def follow_board(
    _actor: AnonymousApi, request: Request, unit_id: UUID, last_event_id: LastEventId = None
) -> Response:
    """A stream of server-sent events. Each message is the whole board, so one that is late or lost needs no repair.
    Reconnect with `Last-Event-ID`: the first message then has every call since (up to two hours). A comment comes each
    15 seconds; a client that hears nothing for longer is cut off."""

    async def read() -> StateMessage:
        async with raw_connection() as hot:
            return StateMessage.of((await board_of(hot, unit_id)).model_dump_json())

    before, first = last_event(last_event_id), None
    since = missed_since(before.read_at, clock.now()) if before else None
    if since is not None:
        async with raw_connection() as hot:
            first = StateMessage.of((await board_of(hot, unit_id, since=since)).model_dump_json())
    seen = before.state if before else ""
    return await open_stream(request, "board", desk_topic(unit_id), read, seen=seen, first=first)


@router.get(
    "/{unit_id}/board/waits",
    operation_id="get_board_waits",
    summary="How long who takes a number now waits",
    responses=problem_responses(NotFound),
)
async def get_board_waits(_actor: AnonymousApi, read: Read, unit_id: UUID) -> list[QueueWaitOut]:
    """For each queue that an open counter attends; worked out every 20 seconds at most."""
    await unit_by_id(read, unit_id)
    found = await forecasts_of_unit(read, unit_id)
    return [
        QueueWaitOut(letter=one.letter, low=one.forecast.low, median=one.forecast.median, high=one.forecast.high)
        for one in found
    ]
