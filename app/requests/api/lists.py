"""For officers and supervisors: what waits, how much, and the search."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.identity.dependencies import StaffApi
from app.kernel import paging
from app.kernel.db import hot_connection
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import PageQuery, Read
from app.kernel.http.responses import set_links
from app.kernel.parsing import iso_date, iso_instant
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests import problems
from app.requests.api.responses import STAFF
from app.requests.queries import queue
from app.requests.queries.queue import Filter, Place, days_ago
from app.requests.queries.search import search
from app.requests.queue_schemas import CountsOut, FoundOut, WaitingOut
from app.requests.rules.kinds import Due, Sort, WorkKind
from app.requests.schemas import Code, SearchIn

router = APIRouter(prefix="/api/v1/work", tags=["work"], dependencies=[RECORDS_VIEWS])


@router.get("", operation_id="list_work", summary="The queue of my units and role", responses=problem_responses(*STAFF))
async def list_work(
    actor: StaffApi,
    read: Read,
    page: PageQuery,
    request: Request,
    response: Response,
    service: Annotated[list[Code] | None, Query(max_length=50)] = None,
    state: Annotated[Literal["free", "held", "mine", "escalated"] | None, Query()] = None,
    due: Annotated[Due | None, Query(description="Near is within the working days the service's file says.")] = None,
    due_until: Annotated[date | None, Query()] = None,
    waiting_days: Annotated[int | None, Query(ge=0, le=3_650, description="Submitted this number of days ago.")] = None,
    language: Annotated[Literal["es", "en"] | None, Query()] = None,
    unit: Annotated[UUID | None, Query()] = None,
    kind: Annotated[
        WorkKind | None,
        Query(description="To be decided; of these an appeal, or a proposed refusal; or a message to be answered."),
    ] = None,
    holder: Annotated[UUID | None, Query(description="Held by this member of staff.")] = None,
    sort: Annotated[Sort, Query(description="Priority: by deadline less priority days, then age.")] = "priority",
) -> list[WaitingOut]:
    """List the queue, oldest first unless sorted otherwise. The Link header names the next page."""
    asked = Filter(
        services=service,
        language=language,
        due=due,
        due_until=due_until,
        state=state,
        unit_id=unit,
        kind=kind,
        holder_id=holder,
        submitted_before=days_ago(waiting_days),
    )
    after = place_after(page.after)
    rows = await queue.queue_of_staff(read, actor, asked, limit=page.limit + 1, sort=sort, after=after)
    shown = rows[: page.limit]
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in shown})
    cursor = None
    if len(rows) > page.limit:
        cursor = cursor_of(shown[-1].place(sort))
    set_links(response, request, cursor)
    return [WaitingOut.model_validate(row) for row in shown]


@router.get("/counts", operation_id="count_work", summary="How much waits", responses=problem_responses(*STAFF))
async def count_work(actor: StaffApi, read: Read) -> CountsOut:
    """In all, free, late, due today, near the deadline as each service says, mine, escalated, messages; and beside
    the queue, what waits for its citizen's answer or for a visit."""
    return await queue.counts(read, actor)


@router.post(
    "/search",
    operation_id="search_requests",
    summary="Find requests by folio, CURP, NSS or name",
    responses=problem_responses(*STAFF, problems.NothingToSearch),
)
async def search_requests(actor: StaffApi, body: SearchIn) -> list[FoundOut]:
    """With or without accents; at most 50. Sent in the body: addresses are written down on the way."""
    async with hot_connection() as hot:
        found = await search(hot, actor, body.q)
    record_views(actor, ViewContext.SEARCH, {row.person_id: row.unit_id for row in found})
    return [FoundOut.model_validate(row) for row in found]


def place_after(values: list[Any] | None) -> tuple[date, datetime, UUID] | None:
    """The place in the queue that a list goes on after.

    Raises:
        Invalid: it isn't a cursor of this list.
    """
    place: tuple[date, datetime, UUID] | None = paging.position_after(values, iso_date, iso_instant, UUID)
    return place


def cursor_of(place: Place) -> str:
    """The cursor that `position_after` reads."""
    return paging.encode_cursor(place.day.isoformat(), place.at.isoformat(), str(place.id))
