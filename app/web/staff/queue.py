"""The officers' queue (S2): filter, take the next or this one, decide many at once with a preview; and the search."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.shelf import shelf
from app.identity.access import StaffWeb, Visit, VisitWeb, require_role
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.db import Tx, attempt
from app.kernel.i18n import N_
from app.kernel.idempotency import once
from app.kernel.paging import decode_cursor, encode_cursor
from app.kernel.problems import Problem
from app.requests import queries
from app.requests.api.cursors import place_after
from app.requests.queries import WORKERS, Filter, Waiting
from app.requests.service import claiming, deciding
from app.requests.service.deciding import Verdict
from app.web.forms import Form, Typed, new_key
from app.web.rendering import go, show

router = APIRouter(prefix="/ventanilla")

SHOWN = 25
SOON = timedelta(days=2)
MOST_AT_ONCE = 50
State = Literal["free", "held", "mine", "escalated", ""]
STATES = {
    "": N_("Todas"),
    "free": N_("Libres"),
    "held": N_("Tomadas"),
    "mine": N_("Mías"),
    "escalated": N_("Escaladas"),
}
DUE = {"": N_("Cualquier fecha"), "late": N_("Vencidas"), "today": N_("Vencen hoy"), "soon": N_("Vencen en 2 días")}
LANGUAGES = {"": N_("Cualquiera"), "es": N_("Español"), "en": N_("Inglés")}


@router.get("/cola")
async def queue_page(
    request: Request,
    visit: VisitWeb,
    actor: StaffWeb,
    tx: Tx,
    servicio: Annotated[str, Query(max_length=60)] = "",
    estado: State = "",
    vence: Literal["late", "today", "soon", ""] = "",
    idioma: Literal["es", "en", ""] = "",
    unidad: UUID | None = None,
    desde: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Every filter is in the address, so that a list can be kept or sent."""
    require_role(actor, WORKERS)
    typed = {"servicio": servicio, "estado": estado, "vence": vence, "idioma": idioma}
    typed["unidad"] = str(unidad) if unidad else ""
    after = place_after(decode_cursor(desde)) if desde else None
    return await _queue(request, visit, actor, tx, typed, after=after)


def _chosen(typed: dict[str, str]) -> Filter:
    today = clock.today(clock.CENTRE)
    until = {"late": today - timedelta(days=1), "today": today, "soon": today + SOON}
    return Filter(
        services=[typed["servicio"]] if typed["servicio"] else None,
        state=typed["estado"] or None,
        due_until=until.get(typed["vence"]),
        language=typed["idioma"] or None,
        unit_id=UUID(typed["unidad"]) if typed["unidad"] else None,
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
) -> Response:
    rows = await queries.queue_of_staff(tx, actor, _chosen(typed), limit=SHOWN + 1, after=after)
    today = clock.today(clock.CENTRE)
    kept = {name: value for name, value in typed.items() if value}
    return show(
        request,
        visit,
        "staff/queue.html",
        status=problem.status if problem else 200,
        problem=problem,
        rows=rows[:SHOWN],
        counts=await queries.counts(tx, actor, today=today, soon=today + SOON),
        by_service=await queries.waiting_by_service(tx, actor),
        services=shelf(),
        typed=typed,
        states=STATES,
        due=DUE,
        languages=LANGUAGES,
        today=today,
        now=clock.now(),
        staff=actor,
        next_page=urlencode(kept | {"desde": _cursor(rows[SHOWN - 1])}) if len(rows) > SHOWN else "",
        back="/ventanilla",
    )


def _cursor(row: Waiting) -> str:
    return encode_cursor(row.rank_on.isoformat(), row.submitted_at.isoformat(), str(row.request_id))


@router.post("/cola/siguiente")
async def next_claimed(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form) -> Response:
    """Take what comes first and open it."""
    service = form.get("servicio")
    services = [service] if service in shelf() else None
    try:
        taken = await claiming.claim_next(tx, actor, ids.new_secret(16), services=services)
    except Problem as problem:
        typed = {"servicio": service, "estado": "", "vence": "", "idioma": "", "unidad": ""}
        return await _queue(request, visit, actor, tx, typed, problem=problem)
    return go(request, visit, f"/ventanilla/solicitudes/{taken.folio}")


@router.post("/cola/varias")
async def many_previewed(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form) -> Response:
    """What the same decision would do to each request ticked; nothing is done yet."""
    require_role(actor, WORKERS)
    return await _many(request, visit, actor, tx, form)


async def _many(request: Request, visit: Visit, actor: Staff, tx: AsyncSession, form: Typed) -> Response:
    folios = form.many("folio")[:MOST_AT_ONCE]
    if not folios:
        return go(request, visit, "/ventanilla/cola")
    first = await queries.own_request(tx, actor, folios[0])
    service = shelf()[first.service]
    reasons = {reason.code: reason for reason in service.decision.reasons}
    chosen = form.get("reason")
    lines = []
    if chosen in reasons:
        verdict = _verdict(reasons[chosen].outcome, chosen, form)
        lines = await deciding.decide_many(tx, actor, folios, verdict, preview=True)
    elif form.get("asked"):
        form.wrong("reason", N_("Elija el motivo."))
    return show(
        request,
        visit,
        "staff/many.html",
        errors=form.errors or None,
        folios=folios,
        service=service,
        reasons=reasons,
        lines=lines,
        typed=form.values,
        once=new_key(),
        back="/ventanilla/cola",
    )


def _verdict(outcome: str, reason: str, form: Typed) -> Verdict:
    return Verdict("approve" if outcome == "approved" else "refuse", [reason], form.get("message"))


@router.post("/cola/varias/decidir")
async def many_decided(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form) -> Response:
    """Done; each by itself. Sent twice, it is done once."""
    require_role(actor, WORKERS)
    folios, chosen = form.many("folio")[:MOST_AT_ONCE], form.get("reason")
    key = form.once()

    async def make() -> Response:
        first = await queries.own_request(tx, actor, folios[0])
        reasons = {reason.code: reason for reason in shelf()[first.service].decision.reasons}
        verdict = _verdict(reasons[chosen].outcome, chosen, form)
        lines = await deciding.decide_many(tx, actor, folios, verdict, preview=False)
        return show(request, visit, "staff/many_done.html", lines=lines, back="/ventanilla/cola")

    if not folios or not chosen:
        return go(request, visit, "/ventanilla/cola")
    return await once(tx, actor, key.key, key.fingerprint, make)


@router.get("/buscar")
async def search_page(
    request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, q: Annotated[str, Query(max_length=120)] = ""
) -> Response:
    """By folio, CURP, NSS or name, with or without accents."""
    require_role(actor, WORKERS)
    found, problem = [], None
    if q.strip():
        try:
            async with attempt(tx):
                found = await queries.search(tx, actor, q.replace("\x00", ""))
        except Problem as refused:
            problem = refused
    return show(
        request,
        visit,
        "staff/search.html",
        status=problem.status if problem else 200,
        problem=problem,
        q=q,
        found=found,
        services=shelf(),
        back="/ventanilla",
    )
