"""Beside the queue: requests that wait for their citizen's answer, or for a visit to the window."""

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments.queries.own import times_of
from app.catalog.loader import load_services
from app.identity.permissions import Action, require
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.paging import decode_cursor, encode_cursor, position_after
from app.kernel.parsing import iso_instant
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries import queue
from app.requests.queries.queue import Stopped
from app.requests.rules.kinds import StoppedKind
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.rendering import show
from app.web.staff import queue_filters
from app.web.staff.header import HEADER
from app.web.staff.list_query import PAGE_LABEL, ListQuery, clocks_of
from app.web.staff.queue_filters import view_asked

router = APIRouter(prefix="/ventanilla/en-espera", dependencies=[RECORDS_VIEWS, HEADER])

SHOWN = 25
PAGE = "/ventanilla/en-espera"
FILTERS = ("servicio", "vence", "espera", "idioma", "unidad")
KINDS: dict[str, StoppedKind] = {"respuesta": "waiting", "visita": "visit"}
TITLES = {"respuesta": N_("Esperan respuesta de la persona"), "visita": N_("Esperan la visita a ventanilla")}


@router.get("")
async def stopped_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Oldest first; every filter is in the address, as the queue's."""
    require(actor, Action.WORK_REQUESTS)
    asked = ListQuery(request, {"desde": PAGE_LABEL})
    de = asked.one_of("de", KINDS, "respuesta")
    kind = KINDS[de]
    units = await queue.stopped_by_unit(tx, actor, kind)
    known = {str(id_): name for id_, name, _count in units}
    view, names = await view_asked(tx, actor, asked, known, FILTERS)
    chosen = view.filter()
    after, before = asked.parsed("desde", _place), asked.parsed("antes", _place)
    asked.done()
    before = None if after else before
    found = await queue.stopped_requests(tx, actor, kind, chosen, limit=SHOWN + 1, after=after, before=before)
    rows = found[-SHOWN:] if before else found[:SHOWN]
    is_more = len(found) > SHOWN
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in rows})
    visits = await times_of(tx, [row.appointment_folio for row in rows if row.appointment_folio])
    stored = {"de": de} | dict(view.values)
    return show(
        request,
        browser,
        "staff/stopped.html",
        de=de,
        other="visita" if de == "respuesta" else "respuesta",
        titles={name: gettext(title) for name, title in TITLES.items()},
        rows=rows,
        total=await queue.stopped_total(tx, actor, kind, chosen),
        visits=visits,
        clocks=clocks_of(actor, (one.timezone for one in visits.values()) if de == "visita" else ()),
        counts=await queue.counts(tx, actor),
        by_service=await queue.stopped_by_service(tx, actor, kind),
        units=units,
        names=names,
        services=load_services(),
        view=view,
        chosen=[(label, text, f"de={de}&{query}") for label, text, query in view.chosen(names)],
        choices=queue_filters,
        previous_page=_query(stored, "antes", rows[:1]) if (is_more if before else after) else "",
        next_page=_query(stored, "desde", rows[-1:]) if before or is_more else "",
        page_path=PAGE,
        back="/ventanilla",
    )


def _place(cursor: str) -> tuple[datetime, UUID]:
    found: tuple[datetime, UUID] = position_after(decode_cursor(cursor), iso_instant, UUID)
    return found


def _query(stored: dict[str, str], name: str, edge: list[Stopped]) -> str:
    if not edge:
        return ""
    return urlencode(stored | {name: encode_cursor(edge[0].stopped_at.isoformat(), str(edge[0].request_id))})
