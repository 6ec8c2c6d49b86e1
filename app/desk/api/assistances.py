"""Assistance: staff begin to act for a person, check who they are, and end it. Its id, in `Assistance-Id`, makes the
routes of citizens act for that person."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.desk import problems
from app.desk.queries.served import my_assistances
from app.desk.rules.assistance import IdentityCheck
from app.desk.rules.identity_questions import MAX_ATTEMPTS
from app.desk.schemas.assistances import AssistanceIn, AssistanceOut, IdentityIn, MyAssistanceOut
from app.desk.service import assistances
from app.identity.dependencies import CitizenApi, StaffApi
from app.identity.models import Assistance
from app.identity.problems import AccountFrozen, AssistanceNotOpen, WrongRole
from app.identity.service import assistance
from app.kernel.actor import Channel
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, PageQuery, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response, set_links
from app.kernel.i18n import N_, language
from app.kernel.paging import encode_cursor, id_after
from app.kernel.problems import FieldError, Invalid, KeyReused, NotFound, TooManyRequests, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1/assistances", tags=["desk"], dependencies=[RECORDS_VIEWS])
mine = APIRouter(prefix="/api/v1/me", tags=["people"])
OPEN = (Unauthorized, WrongRole, AssistanceNotOpen, KeyReused)


@router.post(
    "",
    operation_id="start_assistance",
    status_code=201,
    summary="Begin to act for a person",
    response_model=AssistanceOut,
    responses=problem_responses(Unauthorized, WrongRole, NotFound, KeyReused, Invalid),
)
async def start_assistance(
    actor: StaffApi, tx: Tx, body: AssistanceIn, key: IdempotencyKey, request: Request
) -> Response:
    """Of the units where the caller attends people. The one that is open on this channel goes on; it ends after half an
    hour without a step."""

    async def make() -> Response:
        row = await assistances.start(tx, actor, body.person_id, Channel(body.channel))
        record_views(actor, ViewContext.ASSISTANCE, {row.person_id: row.unit_id})
        return json_response(_out(row), 201, location=f"/api/v1/assistances/{row.id}")

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/{assistance_id}",
    operation_id="get_assistance",
    summary="An assistance of mine that goes on",
    responses=problem_responses(Unauthorized, WrongRole, AssistanceNotOpen),
)
async def get_assistance(actor: StaffApi, tx: Tx, assistance_id: UUID) -> AssistanceOut:
    """Keeps it alive."""
    row = await assistances.find(tx, actor, assistance_id)
    record_views(actor, ViewContext.ASSISTANCE, {row.person_id: row.unit_id})
    return _out(row)


@router.post(
    "/{assistance_id}/identity",
    operation_id="check_identity",
    summary="Check who the person is",
    response_model=AssistanceOut,
    responses=problem_responses(*OPEN, problems.CheckNotOffered, Invalid, TooManyRequests),
)
async def check_identity(
    actor: StaffApi, tx: Tx, assistance_id: UUID, body: IdentityIn, key: IdempotencyKey, request: Request
) -> Response:
    """`identity` is null still when the answers or the code weren't right: which of them, isn't said. Right answers
    give the low level of assurance, a document or a code the full one."""

    async def make() -> Response:
        row = await assistances.find(tx, actor, assistance_id)
        record_views(actor, ViewContext.ASSISTANCE, {row.person_id: row.unit_id})
        if body.how is IdentityCheck.DOCUMENT:
            if body.document is None:
                raise Invalid(fields=[FieldError("document", N_("Elija el documento que vio."), "missing")])
            await assistances.see_document(tx, actor, row, body.document)
        elif body.how is IdentityCheck.CODE:
            await assistances.enter_code(tx, actor, row, body.code or "")
        else:
            await assistances.answer_questions(tx, actor, row, body.answers)
        return json_response(_out(row), 200)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/{assistance_id}/code",
    operation_id="send_assistance_code",
    status_code=204,
    summary="Send a code to the person's contact",
    responses=problem_responses(*OPEN, problems.NoContactOnFile, AccountFrozen, TooManyRequests),
)
async def send_assistance_code(
    actor: StaffApi, tx: Tx, assistance_id: UUID, key: IdempotencyKey, request: Request
) -> Response:
    """The person reads it out; it signs no one in."""

    async def make() -> Response:
        row = await assistances.find(tx, actor, assistance_id)
        await assistances.send_code(tx, actor, row, language())
        return Response(status_code=204)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/{assistance_id}/end",
    operation_id="end_assistance",
    status_code=204,
    summary="End an assistance",
    responses=problem_responses(*OPEN),
)
async def end_assistance(
    actor: StaffApi, tx: Tx, assistance_id: UUID, key: IdempotencyKey, request: Request
) -> Response:
    """Nothing more can be done in it."""

    async def make() -> Response:
        await assistance.end(tx, actor, await assistances.find(tx, actor, assistance_id))
        return Response(status_code=204)

    return await idempotent_response(tx, actor, key, request, make)


def _out(row: Assistance) -> AssistanceOut:
    return AssistanceOut(
        id=row.id,
        person_id=row.person_id,
        channel=row.channel,
        identity=row.identity,
        document=row.document,
        assurance=row.assurance,
        questions=row.asked,
        attempts_left=max(0, MAX_ATTEMPTS - row.attempts),
        started_at=row.started_at,
        idle_at=row.seen_at + assistance.IDLE,
        ended_at=row.ended_at,
    )


@mine.get(
    "/assistances",
    operation_id="my_assistances",
    summary="Who acted for me",
    responses=problem_responses(Unauthorized),
)
async def get_my_assistances(
    actor: CitizenApi, read: Read, page: PageQuery, request: Request, response: Response
) -> list[MyAssistanceOut]:
    """Who acted for the citizen at a counter or on the telephone, the latest first: their role and unit, not their
    name. Who saw their data is `GET /api/v1/me/accesses`."""
    rows = await my_assistances(read, actor.person_id, limit=page.limit + 1, after=id_after(page.after))
    shown = rows[: page.limit]
    set_links(response, request, encode_cursor(str(shown[-1].id)) if len(rows) > page.limit else None)
    return [MyAssistanceOut.model_validate(row) for row in shown]
