"""Citizen routes: start, save, submit, track, answer, withdraw, appeal."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Query, Request, Response

from app.catalog.loader import get_service
from app.catalog.rules.workflow import StateKind
from app.documents import storage
from app.identity.dependencies import ASSISTED, LowCitizenApi, LowPersonApi, ServedCitizenApi
from app.kernel.etags import etag, versions_of
from app.kernel.http.merge_patch import MergePatch, patch_body
from app.kernel.http.openapi import problem_responses, sends
from app.kernel.http.parameters import IdempotencyKey, IfMatch, PageQuery, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response, set_links, set_total
from app.kernel.paging import encode_cursor, id_after
from app.kernel.problems import Invalid, MediaTypeUnsupported, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests import problems
from app.requests.api.responses import (
    IDEMPOTENT,
    MINIMAL,
    STATE,
    VERSIONED,
    WHO,
    Folio,
    Prefer,
    answer_once,
    answer_with,
    minimal,
    prefers_minimal,
)
from app.requests.presenters import detail
from app.requests.queries import own
from app.requests.schemas import (
    AnswerIn,
    AppealIn,
    Code,
    FeedbackIn,
    MessageIn,
    RequestDetailOut,
    RequestOut,
    SaveIn,
    StartIn,
)
from app.requests.service import attachments, closing, drafts, messages, submission

router = APIRouter(prefix="/api/v1", tags=["requests"], dependencies=[RECORDS_VIEWS])


@router.post(
    "/requests",
    operation_id="start_request",
    openapi_extra=ASSISTED,
    status_code=201,
    summary="Begin a request; instant services are answered at once",
    response_model=RequestDetailOut,
    responses=problem_responses(*WHO, *IDEMPOTENT, problems.DelegationNotAllowed, problems.AlreadyOpen, Invalid)
    | {200: {"description": "The draft that was there already.", "model": RequestDetailOut}}
    | MINIMAL,
)
async def start_request(
    actor: ServedCitizenApi, tx: Tx, body: StartIn, key: IdempotencyKey, request: Request, prefer: Prefer = None
) -> Response:
    """A draft is resumed on any device: asking again for the same person and service gives the same draft."""

    async def make() -> Response:
        if get_service(body.service).kind == "instant":
            case = await submission.submit_instant(tx, actor, body.service, body.person_id, body.answers)
            return await answer_with(tx, actor, case, prefer, 201)
        case, is_new = await drafts.start(tx, actor, body.service, body.person_id, body.answers)
        return await answer_with(tx, actor, case, prefer, 201 if is_new else 200)

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/requests",
    operation_id="list_requests",
    openapi_extra=ASSISTED | sends("Total-Count"),
    summary="My requests and those I act for",
    responses=problem_responses(Unauthorized),
)
async def list_requests(
    actor: ServedCitizenApi,
    read: Read,
    page: PageQuery,
    request: Request,
    response: Response,
    service: Annotated[list[Code] | None, Query(max_length=50, description="Of these services.")] = None,
    kind: Annotated[list[StateKind] | None, Query(max_length=10, description="In states of these kinds.")] = None,
) -> list[RequestOut]:
    """Latest first; the Link header names the next page, and Total-Count of the first page how many there are."""
    chosen = own.OwnFilter(service or (), kind or ())
    if page.after is None:
        set_total(response, await own.count_own_requests(read, actor, chosen))
    rows = await own.own_requests(read, actor, limit=page.limit + 1, after=id_after(page.after), chosen=chosen)
    shown = rows[: page.limit]
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in shown})
    set_links(response, request, encode_cursor(str(shown[-1].id)) if len(rows) > page.limit else None)
    return [RequestOut.model_validate(row) for row in shown]


@router.get(
    "/requests/{folio}",
    operation_id="get_request",
    openapi_extra=ASSISTED,
    summary="One request",
    responses=problem_responses(*WHO),
)
async def get_request(actor: LowPersonApi, tx: Tx, folio: Folio, response: Response) -> RequestDetailOut:
    """With its checks, documents, messages, history, and what can be done now. Its ETag is the version. The first time
    that a citizen gets a refusal notifies them: the terms against it count from that day."""
    row = await own.own_request(tx, actor, folio)
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    response.headers["ETag"] = etag(row.version)
    return await detail(tx, actor, row)


@router.patch(
    "/requests/{folio}",
    operation_id="save_request",
    openapi_extra=ASSISTED | patch_body("SaveIn"),
    summary="Save answers of a draft",
    response_model=RequestOut,
    responses=problem_responses(*WHO, *STATE, *VERSIONED, Invalid, MediaTypeUnsupported) | MINIMAL,
)
async def save_request(
    actor: ServedCitizenApi,
    _patch: MergePatch,
    tx: Tx,
    folio: Folio,
    body: SaveIn,
    if_match: IfMatch = None,
    prefer: Prefer = None,
) -> Response:
    """Save answers. Wrong ones are refused and nothing is stored; missing ones may follow."""
    version = versions_of(if_match)
    case = await drafts.save(tx, actor, folio, body.answers, page=body.page, version=version, seconds=body.seconds)
    row = case.request
    if prefers_minimal(prefer):
        return minimal(row.version)
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    return json_response(RequestOut.model_validate(row), 200, version=row.version)


@router.delete(
    "/requests/{folio}",
    operation_id="discard_request",
    openapi_extra=ASSISTED,
    status_code=204,
    summary="Discard a draft",
    responses=problem_responses(*WHO, *STATE),
)
async def discard_request(actor: ServedCitizenApi, tx: Tx, folio: Folio, after: BackgroundTasks) -> Response:
    """Discard a draft with its documents. A submitted request is withdrawn instead."""
    after.add_task(storage.remove, await drafts.discard(tx, actor, folio))
    return Response(status_code=204, background=after)


@router.post(
    "/requests/{folio}/submit",
    operation_id="submit_request",
    openapi_extra=ASSISTED,
    summary="Hand a draft in",
    response_model=RequestDetailOut,
    responses=problem_responses(
        *WHO,
        *STATE,
        *IDEMPOTENT,
        *VERSIONED,
        Invalid,
        problems.DocumentsMissing,
        problems.AlreadyOpen,
        problems.DelegationNotAllowed,
    )
    | MINIMAL,
)
async def submit_request(
    actor: ServedCitizenApi,
    tx: Tx,
    folio: Folio,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
    prefer: Prefer = None,
) -> Response:
    """Submit. Returns the due date; what rules can decide is decided at once, with the reasons."""
    version = versions_of(if_match)
    verified = await attachments.verify_documents(tx, actor, folio)
    return await answer_once(
        tx, actor, key, request, prefer, lambda: submission.submit(tx, actor, folio, version=version, verified=verified)
    )


@router.post(
    "/requests/{folio}/answer",
    operation_id="answer_request",
    openapi_extra=ASSISTED,
    summary="Give what was asked for",
    response_model=RequestDetailOut,
    responses=problem_responses(*WHO, *STATE, *IDEMPOTENT, Invalid, problems.DocumentsMissing, problems.AlreadyOpen)
    | MINIMAL,
)
async def answer_request(
    actor: ServedCitizenApi,
    tx: Tx,
    folio: Folio,
    body: AnswerIn,
    key: IdempotencyKey,
    request: Request,
    prefer: Prefer = None,
) -> Response:
    """Answer; attach the documents first. The clock resumes."""
    verified = await attachments.verify_documents(tx, actor, folio)
    return await answer_once(
        tx,
        actor,
        key,
        request,
        prefer,
        lambda: messages.answer(tx, actor, folio, body.body, body.answers, verified=verified),
    )


@router.post(
    "/requests/{folio}/withdraw",
    operation_id="withdraw_request",
    openapi_extra=ASSISTED,
    summary="Take a request back",
    response_model=RequestDetailOut,
    responses=problem_responses(*WHO, *STATE, *IDEMPOTENT, *VERSIONED) | MINIMAL,
)
async def withdraw_request(
    actor: ServedCitizenApi,
    tx: Tx,
    folio: Folio,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
    prefer: Prefer = None,
) -> Response:
    """Withdraw; nothing is decided, and it may be requested again."""
    version = versions_of(if_match)
    return await answer_once(
        tx, actor, key, request, prefer, lambda: closing.withdraw(tx, actor, folio, version=version)
    )


@router.post(
    "/requests/{folio}/appeal",
    operation_id="appeal_request",
    summary="Ask for the internal review of a refusal",
    response_model=RequestDetailOut,
    responses=problem_responses(
        *WHO, *STATE, *IDEMPOTENT, problems.AppealTooLate, problems.AlreadyAppealed, problems.AlreadyOpen
    )
    | MINIMAL,
)
async def appeal_request(
    actor: LowCitizenApi,
    tx: Tx,
    folio: Folio,
    body: AppealIn,
    key: IdempotencyKey,
    request: Request,
    prefer: Prefer = None,
) -> Response:
    """Within the days the service gives, once a decision; a supervisor who had no part in it looks at it. It isn't the
    recurso de inconformidad and stops no term: `refusal.challenges` has the last day of each means."""
    return await answer_once(tx, actor, key, request, prefer, lambda: closing.appeal(tx, actor, folio, body.body))


@router.post(
    "/requests/{folio}/messages",
    operation_id="post_message",
    status_code=204,
    summary="Write about a request",
    responses=problem_responses(*WHO, *STATE, *IDEMPOTENT, problems.ClaimedByAnother, problems.ReviewerExcluded),
)
async def post_message(
    actor: LowPersonApi, tx: Tx, folio: Folio, body: MessageIn, key: IdempotencyKey, request: Request
) -> Response:
    """Citizen and staff read each other's; a note is for staff only. A citizen's message about a request that is
    decided, or waits for them, is answered within three working days (`reply_by`); it changes no decision."""

    async def make() -> Response:
        await messages.post_message(tx, actor, folio, body.body, is_note=body.note)
        return Response(status_code=204)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/requests/{folio}/feedback",
    operation_id="give_feedback",
    status_code=204,
    summary="The one question at the end",
    responses=problem_responses(*WHO, *STATE, *IDEMPOTENT),
)
async def give_feedback(
    actor: LowCitizenApi, tx: Tx, folio: Folio, body: FeedbackIn, key: IdempotencyKey, request: Request
) -> Response:
    """Optional, once."""

    async def make() -> Response:
        await closing.give_feedback(
            tx, actor, folio, would_have_visited=body.would_have_visited, satisfaction=body.satisfaction
        )
        return Response(status_code=204)

    return await idempotent_response(tx, actor, key, request, make)
