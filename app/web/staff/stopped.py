"""Beside the queue: requests that wait for their citizen's answer, or for a visit to the window."""

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.appointments.queries import times_of
from app.catalog.shelf import shelf
from app.identity.access import StaffWeb, VisitWeb, require_role
from app.kernel import clock
from app.kernel.db import Tx
from app.kernel.i18n import N_
from app.kernel.paging import decode_cursor, encode_cursor, place_after
from app.kernel.parsing import iso_instant, whole_number
from app.registry.access_log import RECORDS_VIEWS, ViewContext, record_views
from app.requests import queries
from app.requests.queries import WORKERS, Filter, StoppedKind
from app.web.rendering import show
from app.web.staff.queue import AGES, DUE, DUES, LANGUAGES

router = APIRouter(prefix="/ventanilla/en-espera", dependencies=[RECORDS_VIEWS])

SHOWN = 25
KINDS: dict[str, StoppedKind] = {"respuesta": "waiting", "visita": "visit"}
TITLES = {"respuesta": N_("Esperan respuesta de la persona"), "visita": N_("Esperan la visita a ventanilla")}


@router.get("")
async def stopped_page(
    request: Request,
    visit: VisitWeb,
    actor: StaffWeb,
    tx: Tx,
    de: Literal["respuesta", "visita"] = "respuesta",
    servicio: Annotated[str, Query(max_length=60)] = "",
    vence: Literal["late", "today", "near", ""] = "",
    espera: Literal["7", "15", "30", ""] = "",
    idioma: Literal["es", "en", ""] = "",
    unidad: UUID | None = None,
    desde: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Oldest first; every filter is in the address, as the queue's."""
    require_role(actor, WORKERS)
    typed = {"de": de, "servicio": servicio, "vence": vence, "espera": espera, "idioma": idioma}
    typed["unidad"] = str(unidad) if unidad else ""
    chosen = Filter(
        services=[servicio] if servicio else None,
        due=DUES.get(vence),
        submitted_before=clock.now() - timedelta(days=whole_number(espera)) if espera else None,
        language=idioma or None,
        unit_id=unidad,
    )
    after = place_after(decode_cursor(desde), iso_instant, UUID) if desde else None
    rows = await queries.stopped_requests(tx, actor, KINDS[de], chosen, limit=SHOWN + 1, after=after)
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in rows[:SHOWN]})
    last = rows[SHOWN - 1] if len(rows) > SHOWN else None
    cursor = {"desde": encode_cursor(last.stopped_at.isoformat(), str(last.request_id))} if last else {}
    kept = {name: value for name, value in typed.items() if value}
    return show(
        request,
        visit,
        "staff/stopped.html",
        rows=rows[:SHOWN],
        visits=await times_of(tx, [row.appointment_folio for row in rows[:SHOWN] if row.appointment_folio]),
        counts=await queries.counts(tx, actor),
        by_service=await queries.stopped_by_service(tx, actor, KINDS[de]),
        services=shelf(),
        typed=typed,
        titles=TITLES,
        due=DUE,
        ages=AGES,
        languages=LANGUAGES,
        next_page=urlencode(kept | cursor) if last else "",
        back="/ventanilla",
    )
