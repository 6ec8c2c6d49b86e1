"""Routes for officers: a visit to the window as a step of a request."""

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from app.appointments import problems as appointment_problems
from app.appointments.queries.own import times_of
from app.desk.problems import VisitOnAnotherDay
from app.desk.schemas.visits import AttendIn, StoppedOut, VisitIn, VisitOut
from app.desk.service import visits
from app.desk.service.visits import WindowTime
from app.identity.dependencies import StaffApi
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, PageQuery, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response, request_fingerprint, set_links
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.paging import encode_cursor, position_after
from app.kernel.parsing import iso_instant
from app.kernel.problems import Invalid, KeyReused, NotFound, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests import problems
from app.requests.presenters import detail_of
from app.requests.queries import queue
from app.requests.queries.queue import Filter
from app.requests.rules.kinds import Due, StoppedKind
from app.requests.schemas import Code, RequestDetailOut

router = APIRouter(prefix="/api/v1/work", tags=["work"], dependencies=[RECORDS_VIEWS])

Folio = Annotated[str, Path(max_length=20)]


@router.post(
    "/{folio}/visit",
    operation_id="book_visit",
    status_code=201,
    summary="Book a window appointment as a step of a request",
    response_model=VisitOut,
    responses=problem_responses(
        Unauthorized,
        NotFound,
        KeyReused,
        Invalid,
        problems.ClaimNotHeld,
        problems.WrongState,
        appointment_problems.SlotTaken,
        appointment_problems.AlreadyBooked,
        appointment_problems.TooSoon,
        appointment_problems.TooFar,
        appointment_problems.DailyLimit,
    ),
)
async def book_visit(
    actor: StaffApi, tx: Tx, folio: Folio, body: VisitIn, key: IdempotencyKey, request: Request
) -> Response:
    """Appointment and request change together; the request's clock is suspended until the visit."""
    mark = await request_fingerprint(request)

    async def make() -> Response:
        at = WindowTime(body.unit_id, body.room, body.start_at)
        row, made = await visits.book_visit(tx, actor, folio, at, body.message, IdempotencyRequest(key, mark))
        out = VisitOut(
            request_folio=row.folio,
            appointment_folio=made.folio,
            unit_name=made.unit_name,
            room=made.room,
            start_at=made.start_at,
            timezone=made.timezone,
        )
        return Response(out.model_dump_json(), 201, media_type="application/json")

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/{folio}/attended",
    operation_id="attend_visit",
    summary="The citizen came to the window",
    response_model=RequestDetailOut,
    responses=problem_responses(Unauthorized, WrongRole, NotFound, KeyReused, problems.WrongState, VisitOnAnotherDay),
)
async def attend_visit(
    actor: StaffApi, tx: Tx, folio: Folio, key: IdempotencyKey, request: Request, body: AttendIn | None = None
) -> Response:
    """Returns the request to the officers' queue and resumes its clock. On another day than the visit's, `other_day`
    must confirm it."""

    async def make() -> Response:
        case = await visits.attend(tx, actor, folio, other_day=body is not None and body.other_day)
        row = case.request
        record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
        return json_response(await detail_of(tx, actor, case), 200, version=row.version)

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/stopped",
    operation_id="list_stopped_work",
    summary="Requests that wait for their citizen: for an answer, or for a visit",
    responses=problem_responses(Unauthorized, WrongRole, Invalid),
)
async def list_stopped_work(
    actor: StaffApi,
    read: Read,
    page: PageQuery,
    request: Request,
    response: Response,
    kind: Annotated[StoppedKind, Query(description="For an answer (`waiting`), or for a `visit`.")],
    service: Annotated[list[Code] | None, Query(max_length=50)] = None,
    due: Annotated[Due | None, Query(description="By the last day to answer.")] = None,
    due_until: Annotated[date | None, Query()] = None,
    waiting_days: Annotated[
        int | None, Query(ge=0, le=3_650, description="Has waited for at least these days.")
    ] = None,
    language: Annotated[Literal["es", "en"] | None, Query()] = None,
    unit: Annotated[UUID | None, Query()] = None,
) -> list[StoppedOut]:
    """Oldest first; the Link header names the next page. Their numbers are in `work/counts`."""
    chosen = Filter(
        services=service,
        language=language,
        due=due,
        due_until=due_until,
        unit_id=unit,
        submitted_before=clock.now() - timedelta(days=waiting_days) if waiting_days is not None else None,
    )
    after = position_after(page.after, iso_instant, UUID)
    rows = await queue.stopped_requests(read, actor, kind, chosen, limit=page.limit + 1, after=after)
    shown = rows[: page.limit]
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in shown})
    last = shown[-1] if len(rows) > page.limit else None
    set_links(response, request, encode_cursor(last.stopped_at.isoformat(), str(last.request_id)) if last else None)
    times = await times_of(read, [row.appointment_folio for row in shown if row.appointment_folio])
    return [
        StoppedOut(
            **{name: getattr(row, name) for name in StoppedOut.model_fields if name != "visit_at"},
            visit_at=times[row.appointment_folio].start_at if row.appointment_folio in times else None,
        )
        for row in shown
    ]
