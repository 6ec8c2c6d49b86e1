"""Beside the queue: requests that wait for their citizen's answer, or for a visit to the window."""

from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.appointments.queries import times_of
from app.catalog.shelf import shelf
from app.identity.access import StaffWeb, VisitWeb, require_role
from app.kernel.db import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.paging import decode_cursor, encode_cursor, place_after
from app.kernel.parsing import iso_instant
from app.registry.access_log import RECORDS_VIEWS, ViewContext, record_views
from app.requests import queries
from app.requests.queries import WORKERS, Stopped, StoppedKind
from app.web.rendering import show
from app.web.staff import queue_filters
from app.web.staff.header import HEADER
from app.web.staff.queue_filters import QueueView

router = APIRouter(prefix="/ventanilla/en-espera", dependencies=[RECORDS_VIEWS, HEADER])

SHOWN = 25
PAGE = "/ventanilla/en-espera"
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
    unidad: Annotated[str, Query(max_length=40)] = "",
    desde: Annotated[str, Query(max_length=300)] = "",
    antes: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Oldest first; every filter is in the address, as the queue's."""
    require_role(actor, WORKERS)
    values = {"servicio": servicio, "vence": vence, "espera": espera, "idioma": idioma, "unidad": unidad}
    view, kind = QueueView.read(values), KINDS[de]
    chosen = view.filter()
    after = place_after(decode_cursor(desde), iso_instant, UUID) if desde else None
    before = place_after(decode_cursor(antes), iso_instant, UUID) if antes and not desde else None
    found = await queries.stopped_requests(tx, actor, kind, chosen, limit=SHOWN + 1, after=after, before=before)
    rows = found[-SHOWN:] if before else found[:SHOWN]
    is_more = len(found) > SHOWN
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in rows})
    units = await queries.stopped_by_unit(tx, actor, kind)
    names = {str(id_): name for id_, name, _count in units}
    kept = {"de": de} | dict(view.values)
    return show(
        request,
        visit,
        "staff/stopped.html",
        de=de,
        other="visita" if de == "respuesta" else "respuesta",
        titles={name: gettext(title) for name, title in TITLES.items()},
        rows=rows,
        total=await queries.stopped_total(tx, actor, kind, chosen),
        visits=await times_of(tx, [row.appointment_folio for row in rows if row.appointment_folio]),
        counts=await queries.counts(tx, actor),
        by_service=await queries.stopped_by_service(tx, actor, kind),
        units=units,
        services=shelf(),
        view=view,
        chosen=[(label, text, f"de={de}&{query}") for label, text, query in view.chosen(names)],
        choices=queue_filters,
        previous_page=_query(kept, "antes", rows[:1]) if (is_more if before else after) else "",
        next_page=_query(kept, "desde", rows[-1:]) if before or is_more else "",
        page_path=PAGE,
        back="/ventanilla",
    )


def _query(kept: dict[str, str], name: str, edge: list[Stopped]) -> str:
    if not edge:
        return ""
    return urlencode(kept | {name: encode_cursor(edge[0].stopped_at.isoformat(), str(edge[0].request_id))})
