"""The officers' queue (S2): filter by service, age, deadline, language and who has it; take the next one."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.shelf import shelf
from app.identity.access import StaffWeb, Visit, VisitWeb, require_role
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import Tx
from app.kernel.i18n import N_
from app.kernel.idempotency import KEY_FIELD
from app.kernel.paging import decode_cursor, encode_cursor
from app.kernel.parsing import whole_number
from app.kernel.problems import Problem
from app.registry.access_log import RECORDS_VIEWS, ViewContext, record_views
from app.requests import queries
from app.requests.api.cursors import place_after
from app.requests.queries import DECIDERS, WORKERS, Due, Filter, Waiting
from app.requests.service import claiming
from app.web.effects import Effect, EffectForm, owner_of, shown_mark
from app.web.rendering import go, show

router = APIRouter(prefix="/ventanilla", dependencies=[RECORDS_VIEWS])

SHOWN = 25
State = Literal["free", "held", "mine", "escalated", ""]
STATES = {
    "": N_("Todas"),
    "free": N_("Libres"),
    "held": N_("Tomadas"),
    "mine": N_("Mías"),
    "escalated": N_("Escaladas"),
}
DUE = {"": N_("Cualquier fecha"), "late": N_("Vencidas"), "today": N_("Vencen hoy"), "near": N_("Por vencer")}
DUES: dict[str, Due] = {"late": "late", "today": "today", "near": "near"}
AGES = {"": N_("Cualquiera"), "7": N_("7 días o más"), "15": N_("15 días o más"), "30": N_("30 días o más")}
KINDS = {"": N_("Todo"), "decision": N_("Por decidir"), "message": N_("Mensajes por contestar")}
LANGUAGES = {"": N_("Cualquiera"), "es": N_("Español"), "en": N_("Inglés")}


@router.get("/cola")
async def queue_page(
    request: Request,
    visit: VisitWeb,
    actor: StaffWeb,
    tx: Tx,
    servicio: Annotated[str, Query(max_length=60)] = "",
    estado: State = "",
    vence: Literal["late", "today", "near", ""] = "",
    espera: Literal["7", "15", "30", ""] = "",
    idioma: Literal["es", "en", ""] = "",
    asunto: Literal["decision", "message", ""] = "",
    unidad: UUID | None = None,
    desde: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Every filter is in the address, so that a list can be kept or sent."""
    require_role(actor, WORKERS)
    typed = {"servicio": servicio, "estado": estado, "vence": vence, "espera": espera, "idioma": idioma}
    typed |= {"asunto": asunto, "unidad": str(unidad) if unidad else ""}
    after = place_after(decode_cursor(desde)) if desde else None
    return await _queue(request, visit, actor, tx, typed, after=after)


def _chosen(typed: dict[str, str]) -> Filter:
    days = typed["espera"]
    return Filter(
        services=[typed["servicio"]] if typed["servicio"] else None,
        state=typed["estado"] or None,
        due=DUES.get(typed["vence"]),
        submitted_before=clock.now() - timedelta(days=whole_number(days)) if days else None,
        language=typed["idioma"] or None,
        unit_id=UUID(typed["unidad"]) if typed["unidad"] else None,
        kind=typed["asunto"] or None,
    )


async def _queue(
    request: Request,
    visit: Visit,
    actor: Staff,
    tx: AsyncSession,
    typed: dict[str, str],
    *,
    after: tuple[date, datetime, UUID] | None = None,
    problem: Problem | None = None,
    form: EffectForm | None = None,
) -> Response:
    rows = await queries.queue_of_staff(tx, actor, _chosen(typed), limit=SHOWN + 1, after=after)
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in rows[:SHOWN]})
    kept = {name: value for name, value in typed.items() if value}
    return show(
        request,
        visit,
        "staff/queue.html",
        status=problem.status if problem else 200,
        problem=problem,
        errors=form.errors if form else None,
        ticked=form.many("folio") if form else [],
        row_mark=lambda row: shown_mark(owner_of(visit), [row.folio, _holder(row)]),
        shown=[],
        rows=rows[:SHOWN],
        counts=await queries.counts(tx, actor),
        by_service=await queries.waiting_by_service(tx, actor),
        services=shelf(),
        typed=typed,
        states=STATES,
        due=DUE,
        ages=AGES,
        languages=LANGUAGES,
        kinds=KINDS,
        now=clock.now(),
        staff=actor,
        colleagues=await queries.colleagues_at(tx, actor) if actor.role in DECIDERS else [],
        next_page=urlencode(kept | {"desde": _cursor(rows[SHOWN - 1])}) if len(rows) > SHOWN else "",
        back="/ventanilla",
    )


def _holder(row: Waiting) -> UUID | None:
    is_held = row.holder_id is not None and (row.lease_until is None or row.lease_until > clock.now())
    return row.holder_id if is_held else None


async def queue_again(request: Request, visit: Visit, actor: Staff, tx: AsyncSession, form: EffectForm) -> Response:
    """The list as it is now, with the filters it had and what was ticked."""
    asked = dict(parse_qsl(urlsplit(form.get("page")).query))
    tables: dict[str, Collection[str]] = {"estado": STATES, "vence": DUE, "espera": AGES, "idioma": LANGUAGES}
    tables |= {"servicio": shelf(), "asunto": KINDS}
    typed = {name: value if (value := asked.get(name, "")) in table else "" for name, table in tables.items()}
    return await _queue(request, visit, actor, tx, typed | {"unidad": ""}, form=form)


def _cursor(row: Waiting) -> str:
    return encode_cursor(row.rank_on.isoformat(), row.submitted_at.isoformat(), str(row.request_id))


@router.post("/cola/siguiente")
async def next_claimed(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Take what comes first and open it."""
    service = form.get("servicio")
    services = [service] if service in shelf() else None
    if not form.holds([]):
        return await queue_again(request, visit, actor, tx, form)
    try:
        taken = await claiming.claim_next(tx, actor, form.get(KEY_FIELD), services=services)
    except Problem as problem:
        typed = {"servicio": service, "estado": "", "vence": "", "espera": "", "idioma": "", "unidad": "", "asunto": ""}
        return await _queue(request, visit, actor, tx, typed, problem=problem)
    return go(request, visit, f"/ventanilla/solicitudes/{taken.folio}")
