"""For officers and supervisors: claiming, assigning, deciding, asking."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from app.identity.dependencies import StaffApi, StaffToken
from app.identity.permissions import Action, require
from app.identity.problems import TokenExpired
from app.identity.service.staff import staff_by_id
from app.identity.tokens import Bearer
from app.kernel.actor import Staff
from app.kernel.db import grouped_statements, hot_connection, reading
from app.kernel.etags import versions_of
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, IfMatch, Tx
from app.kernel.http.responses import idempotent_change, idempotent_model, idempotent_response, json_response
from app.kernel.i18n import gettext
from app.kernel.problems import Conflict, Invalid, NotFound, Problem
from app.registry.access_log import ViewContext, record_views
from app.registry.problems import CorrectedSince
from app.registry.view_recording import RECORDS_VIEWS
from app.requests import problems
from app.requests.api.responses import IDEMPOTENT, MINIMAL, STAFF, VERSIONED, Folio, Prefer, answer_once
from app.requests.queries import own, people, queue
from app.requests.queries.queue import Filter, days_ago
from app.requests.queue_schemas import BulkResultOut, ClaimedOut, FieldErrorOut
from app.requests.schemas import (
    AskIn,
    AssignIn,
    BulkAssignIn,
    BulkIn,
    ClaimIn,
    DecideIn,
    DocumentReviewIn,
    RequestDetailOut,
    RequestDocumentOut,
    RequestTransferIn,
)
from app.requests.service import assignment, claims, decisions, messages, undo
from app.requests.service.claims import Claimed
from app.requests.service.decisions import BulkResult, Verdict
from app.requests.wording import changes_out

router = APIRouter(prefix="/api/v1/work", tags=["work"], dependencies=[RECORDS_VIEWS])
hot_router = APIRouter(prefix="/api/v1/work", tags=["work"])
"""For what shows no personal data and is asked most: one dependency less to resolve."""

HELD = (*STAFF, NotFound, problems.ClaimNotHeld, problems.ReviewerExcluded)


@hot_router.post(
    "/claim",
    operation_id="claim_next",
    summary="Take the request that comes first",
    response_model=ClaimedOut,
    responses=problem_responses(*STAFF, problems.RequestOutOfScope, problems.QueueEmpty),
)
async def claim_next(token: StaffToken, body: ClaimIn, key: IdempotencyKey) -> Response:
    """The one that comes first of what the filters show. Two members of staff never get the same one; the same key
    again gives the same one."""
    chosen = Filter(
        services=body.services,
        language=body.language,
        due_until=body.due_until,
        state=body.state,
        due=body.due,
        submitted_before=days_ago(body.waiting_days),
        kind=body.kind,
    )
    if chosen.is_narrow:
        return json_response(ClaimedOut.model_validate(await _claim_filtered(token, key, chosen, body.unit_id)), 200)
    hot, services = grouped_statements(), body.services
    taken = await claims.claim_by_token(
        hot, token.subject_id, key, family=token.family_id, unit_id=body.unit_id, services=services
    )
    return json_response(ClaimedOut.model_validate(taken), 200)


async def _claim_filtered(token: Bearer, key: str, chosen: Filter, unit_id: UUID | None) -> Claimed:
    async with reading() as session:
        narrow = await queue.filter_params(session, chosen)
    async with hot_connection() as hot:
        actor = await staff_by_id(hot, token.subject_id, family=token.family_id)
        if actor is None:
            raise TokenExpired
        return await claims.claim_next(hot, actor, key, unit_id=unit_id, narrow=narrow)


@router.post(
    "/{folio}/claim",
    operation_id="claim_one",
    summary="Take this request",
    response_model=RequestDetailOut,
    responses=problem_responses(
        *STAFF,
        NotFound,
        *IDEMPOTENT,
        problems.ClaimedByAnother,
        problems.RequestOutOfScope,
        problems.ReviewerExcluded,
        problems.WrongState,
    )
    | MINIMAL,
)
async def claim_one(
    actor: StaffApi, tx: Tx, folio: Folio, key: IdempotencyKey, request: Request, prefer: Prefer = None
) -> Response:
    """Claim it if it is free; claiming one's own changes nothing."""
    return await answer_once(tx, actor, key, request, prefer, lambda: claims.claim_one(tx, actor, folio))


@hot_router.post(
    "/{folio}/heartbeat",
    operation_id="send_heartbeat",
    status_code=204,
    summary="Keep a request for a while longer",
    responses=problem_responses(*HELD, problems.WrongState),
)
async def send_heartbeat(actor: StaffApi, folio: Folio) -> Response:
    """Renew the lease; without a heartbeat the request returns to the queue."""
    try:
        async with hot_connection() as hot:
            await claims.heartbeat(hot, actor, folio)
    except problems.ClaimNotHeld:
        async with reading() as session:
            with suppress(NotFound):
                claims.require_undecided(await own.own_request(session, actor, folio), actor)
        raise
    return Response(status_code=204)


@router.post(
    "/{folio}/release",
    operation_id="release_work",
    status_code=204,
    summary="Give a request back",
    responses=problem_responses(*HELD, *IDEMPOTENT),
)
async def release_work(actor: StaffApi, tx: Tx, folio: Folio, key: IdempotencyKey, request: Request) -> Response:
    """Return it to the queue; a supervisor may do it for others."""
    return await idempotent_change(tx, actor, key, request, lambda: claims.release(tx, actor, folio))


@router.post(
    "/{folio}/assign",
    operation_id="assign_work",
    status_code=204,
    summary="Give a request to a member of staff",
    responses=problem_responses(
        *STAFF, NotFound, *IDEMPOTENT, problems.WrongState, problems.AssigneeIneligible, problems.ReviewerExcluded
    ),
)
async def assign_work(
    actor: StaffApi, tx: Tx, folio: Folio, body: AssignIn, key: IdempotencyKey, request: Request
) -> Response:
    """Supervisors only; it stays with them until they decide or give it back."""
    return await idempotent_change(tx, actor, key, request, lambda: claims.assign(tx, actor, folio, body.staff_id))


@router.post(
    "/assign",
    operation_id="bulk_assign",
    summary="Give many requests to a member of staff",
    response_model=list[BulkResultOut],
    responses=problem_responses(*STAFF, *IDEMPOTENT, NotFound),
)
async def bulk_assign(actor: StaffApi, tx: Tx, body: BulkAssignIn, key: IdempotencyKey, request: Request) -> Response:
    """Supervisors only. Each stands by itself: one that can't be given says why and hinders no other."""
    return await _lines(tx, actor, key, request, lambda: assignment.bulk_assign(tx, actor, body.folios, body.staff_id))


@router.post(
    "/{folio}/transfer",
    operation_id="transfer_work",
    status_code=204,
    summary="Send a request to another unit",
    responses=problem_responses(*STAFF, NotFound, *IDEMPOTENT, problems.WrongState),
)
async def transfer_work(
    actor: StaffApi, tx: Tx, folio: Folio, body: RequestTransferIn, key: IdempotencyKey, request: Request
) -> Response:
    """Supervisors only."""
    return await idempotent_change(tx, actor, key, request, lambda: claims.transfer(tx, actor, folio, body.unit_id))


@router.post(
    "/{folio}/ask",
    operation_id="ask_citizen",
    summary="Ask the citizen for more",
    response_model=RequestDetailOut,
    responses=problem_responses(*HELD, *IDEMPOTENT, problems.WrongState, problems.DocumentNotExpected, Invalid)
    | MINIMAL,
)
async def ask_citizen(
    actor: StaffApi,
    tx: Tx,
    folio: Folio,
    body: AskIn,
    key: IdempotencyKey,
    request: Request,
    prefer: Prefer = None,
) -> Response:
    """Request information: the clock stops until they answer, or the time to do so expires."""
    asked = {"kinds": body.documents, "fields": body.fields}
    return await answer_once(
        tx, actor, key, request, prefer, lambda: messages.ask(tx, actor, folio, body.body, **asked)
    )


@router.post(
    "/{folio}/decide",
    operation_id="decide_request",
    summary="Approve, refuse, confirm a refusal, or send back",
    response_model=RequestDetailOut,
    responses=problem_responses(
        *HELD,
        *IDEMPOTENT,
        *VERSIONED,
        problems.WrongState,
        problems.ReasonUnknown,
        problems.SecondReviewerRequired,
        problems.AlreadyOpen,
        problems.AnswersNoLongerValid,
        Conflict,
        Invalid,
    )
    | MINIMAL,
)
async def decide_request(
    actor: StaffApi,
    tx: Tx,
    folio: Folio,
    body: DecideIn,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
    prefer: Prefer = None,
) -> Response:
    """By codes the service knows; an approval changes the registry in the same transaction."""
    verdict, version = Verdict(body.action, body.reasons, body.message), versions_of(if_match)
    return await answer_once(
        tx, actor, key, request, prefer, lambda: decisions.decide(tx, actor, folio, verdict, version=version)
    )


@router.post(
    "/{folio}/undo",
    operation_id="undo_approval",
    summary="Undo an approval that corrected a person's data",
    response_model=RequestDetailOut,
    responses=problem_responses(
        *STAFF,
        NotFound,
        *IDEMPOTENT,
        *VERSIONED,
        problems.WrongState,
        problems.NotDecider,
        problems.UndoTooLate,
        problems.UndoBlocked,
        CorrectedSince,
    )
    | MINIMAL,
)
async def undo_approval(
    actor: StaffApi,
    tx: Tx,
    folio: Folio,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
    prefer: Prefer = None,
) -> Response:
    """For who approved it, until `undo_until`: the registry says what it said before, and the actor has the request."""
    version = versions_of(if_match)
    return await answer_once(
        tx, actor, key, request, prefer, lambda: undo.undo_approval(tx, actor, folio, version=version)
    )


@router.post(
    "/bulk",
    operation_id="bulk_decide",
    summary="The same decision for many, with a preview",
    response_model=list[BulkResultOut],
    responses=problem_responses(*STAFF, *IDEMPOTENT),
)
async def bulk_decide(actor: StaffApi, tx: Tx, body: BulkIn, key: IdempotencyKey, request: Request) -> Response:
    """Each stands by itself: one that can't be decided says why and hinders no other."""
    require(actor, Action.WORK_REQUESTS)
    verdict = Verdict(body.action, body.reasons, body.message)
    many = {"preview": body.preview}
    record_views(actor, ViewContext.LIST, await people.people_of(tx, actor, body.folios))
    return await _lines(tx, actor, key, request, lambda: decisions.bulk_decide(tx, actor, body.folios, verdict, **many))


async def _lines(tx: Any, actor: Staff, key: str, request: Request, change: Any) -> Response:
    async def make() -> Response:
        lines = await change()
        record_views(actor, ViewContext.LIST, {who: unit for line in lines for who, unit in line.named.items()})
        text = TypeAdapter(list[BulkResultOut]).dump_json([bulk_result_out(line) for line in lines])
        return Response(text, media_type="application/json")

    return await idempotent_response(tx, actor, key, request, make)


def describe_problem(problem: Problem) -> str:
    """Describe a problem by its fields, or by its own text."""
    return " ".join(gettext(error.message) for error in problem.fields) or problem.text()


def bulk_result_out(line: BulkResult) -> BulkResultOut:
    """A line of a bulk decision, in the current language."""
    problem = line.problem
    return BulkResultOut(
        folio=line.folio,
        outcome=line.outcome,
        problem=problem.slug if problem else None,
        title=problem.heading() if problem else None,
        detail=describe_problem(problem) if problem else None,
        next_step=problem.advice() or None if problem else None,
        fields=[FieldErrorOut(field=one.field, code=one.code, message=gettext(one.message)) for one in problem.fields]
        if problem
        else [],
        changes=changes_out(line.changes),
    )


@router.post(
    "/{folio}/documents/{document_id}",
    operation_id="review_document",
    summary="Accept a document, or say why it doesn't serve",
    response_model=RequestDocumentOut,
    responses=problem_responses(*HELD, *IDEMPOTENT, Invalid),
)
async def review_document(
    actor: StaffApi,
    tx: Tx,
    folio: Folio,
    document_id: UUID,
    body: DocumentReviewIn,
    key: IdempotencyKey,
    request: Request,
) -> Response:
    """The citizen reads the same reason, in their language."""

    async def review() -> RequestDocumentOut:
        reviewed = await messages.review_document(
            tx, actor, folio, document_id, accept=body.accept, because=body.because, reason=body.reason
        )
        record_views(actor, ViewContext.DOCUMENT, await people.people_of(tx, actor, [folio]))
        return RequestDocumentOut.model_validate(reviewed)

    return await idempotent_model(tx, actor, key, request, review)


@router.post(
    "/{folio}/resolve-message",
    operation_id="resolve_message",
    status_code=204,
    summary="The citizen's message was read and needs no answer",
    responses=problem_responses(
        *STAFF, NotFound, *IDEMPOTENT, problems.WrongState, problems.ClaimedByAnother, problems.ReviewerExcluded
    ),
)
async def resolve_message(actor: StaffApi, tx: Tx, folio: Folio, key: IdempotencyKey, request: Request) -> Response:
    """Take it off the queue. To answer it, post a message: `POST requests/{folio}/messages`."""

    return await idempotent_change(tx, actor, key, request, lambda: messages.resolve_message(tx, actor, folio))
