"""Requests: send one, list one's own, follow one."""

from fastapi import APIRouter, Request, Response

from app.interop.open311.api.parameters import JURISDICTION, Code, FormatPath, OptionalKey
from app.interop.open311.dependencies import Reporter
from app.interop.open311.filing import file_report, made
from app.interop.open311.formats import answer
from app.interop.open311.forms import fingerprint_of, form_of
from app.interop.open311.reading import answered, report, search, shown
from app.interop.open311.rules import parse_search
from app.interop.open311.systems import PATH, require_jurisdiction
from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.http.parameters import Read, Tx
from app.kernel.http.responses import response_of
from app.kernel.idempotency import IdempotencyRequest, StoredResponse, run_once
from app.kernel.ids import new_secret
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.models import Request as Row

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[RECORDS_VIEWS, JURISDICTION])
ROOT = "service_requests"


@router.post("/requests.{format}")
async def post_report(actor: Reporter, tx: Tx, form: FormatPath, request: Request, key: OptionalKey = None) -> Response:
    """Send a complaint, suggestion or thanks about a unit. Without a key, the same one again is refused while it is
    open."""
    items = await form_of(request)
    require_jurisdiction(dict(items).get("jurisdiction_id", ""))

    async def make() -> StoredResponse:
        case = await file_report(tx, actor, items)
        sent = answer(ROOT, made(case), form, 201)
        _record(actor, ViewContext.CASE, [case.request])
        return StoredResponse(sent.status_code, dict(sent.headers), bytes(sent.body))

    once = IdempotencyRequest(key or new_secret(16), await fingerprint_of(request))
    return response_of(await run_once(tx, actor, once, make))


@router.get("/requests.{format}")
async def list_reports(actor: Reporter, read: Read, form: FormatPath, request: Request) -> Response:
    """One's own and those of whom one acts for, of at most 90 days, latest first."""
    rows = await search(read, actor, parse_search(dict(request.query_params), clock.now()))
    _record(actor, ViewContext.LIST, rows)
    return answer(ROOT, await shown(read, rows), form, headers={"Cache-Control": "no-store"})


@router.get("/requests/{code}.{format}")
async def get_report(actor: Reporter, tx: Tx, code: Code, form: FormatPath) -> Response:
    """One of them, with what was answered."""
    row = await report(tx, actor, code)
    _record(actor, ViewContext.CASE, [row])
    notes = await answered(tx, actor, row)
    return answer(ROOT, await shown(tx, [row], notes), form, headers={"Cache-Control": "no-store"})


@router.get("/tokens/{code}.{format}")
async def get_token(actor: Reporter, read: Read, code: Code, form: FormatPath) -> Response:
    """Every request has its folio at once, which serves as its token."""
    row = await report(read, actor, code)
    _record(actor, ViewContext.CASE, [row])
    content = [{"service_request_id": row.folio, "token": row.folio}]
    return answer(ROOT, content, form, headers={"Cache-Control": "no-store"})


def _record(actor: Citizen, context: ViewContext, rows: list[Row]) -> None:
    record_views(actor, context, {row.person_id: row.unit_id for row in rows})
