"""For officers and supervisors: the queue, claiming, deciding, asking, searching."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from app.identity.access import StaffApi
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import Read, Tx, hot_connection
from app.kernel.etags import IfMatch
from app.kernel.http.openapi import problem_responses
from app.kernel.idempotency import IdempotencyKey
from app.kernel.paging import PageQuery, encode_cursor, set_links
from app.kernel.problems import Conflict, Invalid, NotFound, Unauthorized
from app.requests import problems, queries
from app.requests.api.answers import ONCE, VERSIONED, Folio, made, made_once, version_of
from app.requests.api.cursors import place_after
from app.requests.queries import Filter
from app.requests.schemas import (
    AskIn,
    AssignIn,
    BulkIn,
    ClaimedOut,
    ClaimIn,
    Code,
    CountsOut,
    DecideIn,
    DocumentOut,
    FoundOut,
    JudgeIn,
    LineOut,
    RequestDetailOut,
    TransferIn,
    WaitingOut,
)
from app.requests.service import claiming, deciding, talking, visiting
from app.requests.service.deciding import Line, Verdict
from app.requests.views import detail

router = APIRouter(prefix="/api/v1/work", tags=["work"])

STAFF = (Unauthorized, WrongRole)
HELD = (*STAFF, NotFound, problems.NotHeld)
SOON = timedelta(days=2)


@router.get("", operation_id="list_work", summary="The queue of my units and role", responses=problem_responses(*STAFF))
async def list_work(
    actor: StaffApi,
    read: Read,
    page: PageQuery,
    request: Request,
    response: Response,
    service: Annotated[list[Code] | None, Query(max_length=50)] = None,
    state: Annotated[Literal["free", "held", "mine", "escalated"] | None, Query()] = None,
    due_until: Annotated[date | None, Query()] = None,
    language: Annotated[Literal["es", "en"] | None, Query()] = None,
    unit: Annotated[UUID | None, Query()] = None,
) -> list[WaitingOut]:
    """First come first: by deadline less head start, then age. The Link header names the next page."""
    chosen = Filter(service, language, due_until, state, unit)
    rows = await queries.queue_of_staff(read, actor, chosen, limit=page.limit + 1, after=place_after(page.after))
    shown = rows[: page.limit]
    cursor = None
    if len(rows) > page.limit:
        last = shown[-1]
        cursor = encode_cursor(last.rank_on.isoformat(), last.submitted_at.isoformat(), str(last.request_id))
    set_links(response, request, cursor)
    return [WaitingOut.model_validate(row) for row in shown]


@router.get("/counts", operation_id="count_work", summary="How much waits", responses=problem_responses(*STAFF))
async def count_work(actor: StaffApi, read: Read) -> CountsOut:
    """In all, free, late, due today and in two days, mine, escalated."""
    today = clock.today(clock.CENTRE)
    return CountsOut.model_validate(await queries.counts(read, actor, today=today, soon=today + SOON))


@router.get(
    "/search",
    operation_id="search_requests",
    summary="Find requests by folio, CURP, NSS or name",
    responses=problem_responses(*STAFF, problems.NothingToSearch),
)
async def search_requests(
    actor: StaffApi, q: Annotated[str, Query(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
) -> list[FoundOut]:
    """With or without accents; at most 50."""
    async with hot_connection() as hot:
        return [FoundOut.model_validate(row) for row in await queries.search(hot, actor, q)]


@router.post(
    "/claim",
    operation_id="claim_next",
    summary="Take the request that comes first",
    responses=problem_responses(*STAFF, problems.NotYourRequestToWork, problems.QueueEmpty),
)
async def claim_next(actor: StaffApi, body: ClaimIn, key: IdempotencyKey) -> ClaimedOut:
    """Two members of staff never get the same one; the same key again gives the same one."""
    async with hot_connection() as hot:
        taken = await claiming.claim_next(hot, actor, key, unit_id=body.unit_id, services=body.services)
    return ClaimedOut.model_validate(taken)


@router.post(
    "/{folio}/claim",
    operation_id="claim_one",
    summary="Take this request",
    response_model=RequestDetailOut,
    responses=problem_responses(*STAFF, NotFound, problems.HeldByAnother, problems.NotYourRequestToWork),
)
async def claim_one(actor: StaffApi, tx: Tx, folio: Folio) -> Response:
    """If nobody has it; taking what one has already changes nothing."""
    case = await claiming.claim_one(tx, actor, folio)
    return made(await detail(tx, actor, case.request), 200, version=case.request.version)


@router.post(
    "/{folio}/heartbeat",
    operation_id="keep_work",
    status_code=204,
    summary="Keep a request for a while longer",
    responses=problem_responses(*HELD),
)
async def keep_work(actor: StaffApi, folio: Folio) -> Response:
    """A sign of life: without one it goes back to the queue."""
    async with hot_connection() as hot:
        await claiming.heartbeat(hot, actor, folio)
    return Response(status_code=204)


@router.post(
    "/{folio}/release",
    operation_id="release_work",
    status_code=204,
    summary="Give a request back",
    responses=problem_responses(*HELD),
)
async def release_work(actor: StaffApi, tx: Tx, folio: Folio) -> Response:
    """To the queue, for anybody; a supervisor may do it for others."""
    await claiming.release(tx, actor, folio)
    return Response(status_code=204)


@router.post(
    "/{folio}/assign",
    operation_id="assign_work",
    status_code=204,
    summary="Give a request to a member of staff",
    responses=problem_responses(*STAFF, NotFound, problems.NotYourRequestToWork),
)
async def assign_work(actor: StaffApi, tx: Tx, folio: Folio, body: AssignIn) -> Response:
    """Supervisors only; it stays with them until they decide or give it back."""
    await claiming.assign(tx, actor, folio, body.staff_id)
    return Response(status_code=204)


@router.post(
    "/{folio}/transfer",
    operation_id="transfer_work",
    status_code=204,
    summary="Send a request to another unit",
    responses=problem_responses(*STAFF, NotFound, problems.NotYourRequestToWork),
)
async def transfer_work(actor: StaffApi, tx: Tx, folio: Folio, body: TransferIn) -> Response:
    """Supervisors only."""
    await claiming.transfer(tx, actor, folio, body.unit_id)
    return Response(status_code=204)


async def _changed(tx: Any, actor: Staff, key: str, request: Request, change: Any) -> Response:
    async def make() -> Response:
        row = await change()
        return made(await detail(tx, actor, row), 200, version=row.version)

    return await made_once(tx, actor, key, request, make)


@router.post(
    "/{folio}/ask",
    operation_id="ask_citizen",
    summary="Ask the citizen for more",
    response_model=RequestDetailOut,
    responses=problem_responses(*HELD, *ONCE, problems.WrongState, problems.DocumentNotAsked, Invalid),
)
async def ask_citizen(
    actor: StaffApi, tx: Tx, folio: Folio, body: AskIn, key: IdempotencyKey, request: Request
) -> Response:
    """The clock stands still until they answer, or the days to do so are over."""
    asked = {"kinds": body.documents, "fields": body.fields}
    return await _changed(tx, actor, key, request, lambda: talking.ask(tx, actor, folio, body.body, **asked))


@router.post(
    "/{folio}/decide",
    operation_id="decide_request",
    summary="Approve, refuse, confirm a refusal, or send back",
    response_model=RequestDetailOut,
    responses=problem_responses(
        *HELD,
        *ONCE,
        *VERSIONED,
        problems.WrongState,
        problems.UnknownReason,
        problems.SamePerson,
        problems.AlreadyOpen,
        Conflict,
        Invalid,
    ),
)
async def decide_request(
    actor: StaffApi,
    tx: Tx,
    folio: Folio,
    body: DecideIn,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """By codes the service knows; an approval changes the registry in the same transaction."""
    verdict, version = Verdict(body.action, body.reasons, body.message), version_of(if_match)
    return await _changed(tx, actor, key, request, lambda: deciding.decide(tx, actor, folio, verdict, version=version))


@router.post(
    "/bulk",
    operation_id="decide_many",
    summary="The same decision for many, with a preview",
    response_model=list[LineOut],
    responses=problem_responses(*STAFF, *ONCE),
)
async def decide_many(actor: StaffApi, tx: Tx, body: BulkIn, key: IdempotencyKey, request: Request) -> Response:
    """Each stands by itself: one that can't be decided says why and hinders no other."""
    verdict = Verdict(body.action, body.reasons, body.message)

    async def make() -> Response:
        lines = await deciding.decide_many(tx, actor, body.folios, verdict, preview=body.preview)
        text = TypeAdapter(list[LineOut]).dump_json([line_out(line) for line in lines])
        return Response(text, media_type="application/json")

    return await made_once(tx, actor, key, request, make)


def line_out(line: Line) -> LineOut:
    """A line of a bulk decision, in the current language."""
    problem = line.problem
    return LineOut(
        folio=line.folio,
        outcome=line.outcome,
        problem=problem.slug if problem else None,
        title=problem.heading() if problem else None,
    )


@router.post(
    "/{folio}/documents/{document_id}",
    operation_id="judge_document",
    summary="Accept a document, or say why it doesn't serve",
    responses=problem_responses(*HELD, Invalid),
)
async def judge_document(actor: StaffApi, tx: Tx, folio: Folio, document_id: UUID, body: JudgeIn) -> DocumentOut:
    """The citizen reads the same reason."""
    judged = await talking.judge_document(tx, actor, folio, document_id, accept=body.accept, reason=body.reason)
    return DocumentOut.model_validate(judged)


@router.post(
    "/{folio}/attended",
    operation_id="attend_visit",
    summary="The citizen came to the window",
    response_model=RequestDetailOut,
    responses=problem_responses(*STAFF, NotFound, *ONCE, problems.WrongState),
)
async def attend_visit(actor: StaffApi, tx: Tx, folio: Folio, key: IdempotencyKey, request: Request) -> Response:
    """Back to the officers' queue; the clock runs on."""
    return await _changed(tx, actor, key, request, lambda: visiting.attend(tx, actor, folio))
