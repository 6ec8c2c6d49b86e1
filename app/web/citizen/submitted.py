"""Submitted: the confirmation with its folio, what happens next and until when, and how news of it arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.identity.service import accounts
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, _, gettext
from app.places.queries import zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import person_with_unit
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries import own
from app.requests.schemas import RequestDetailOut
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.booking_review import masked
from app.web.effects import owner_of
from app.web.folios import Folio
from app.web.notices import notice
from app.web.rendering import nowrap, redirect, show

if TYPE_CHECKING:
    from app.registry.models import Person
    from app.requests.models import Request as RequestRow

COMPARED = "data_compared"
ENDED_UNDECIDED = {"withdrawn", "lapsed"}
"""Ends without a decision: the page shows those alone, not that the request was received."""
router = APIRouter(prefix="/tramites/{folio:folio}", dependencies=[RECORDS_VIEWS])


@router.get("/listo")
async def submitted_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """It was received. What was decided at once is on the request's own page; a draft goes on where it was."""
    row = await own.own_request(tx, actor, folio)
    if row.kind == "draft":
        return redirect(request, browser, f"/tramites/{row.folio}")
    if row.kind != "review":
        page = f"/tramites/{row.folio}"
        return redirect(request, browser, page if row.outcome in ENDED_UNDECIDED else done(page, "enviada"))
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    found = await person_with_unit(tx, row.person_id)
    account = await accounts.account_of(tx, actor.person_id)
    service = await service_version(tx, row.service, row.service_version)
    return show(
        request,
        browser,
        "requests/submitted.html",
        row=row,
        service=service,
        person=found[0] if found else None,
        compared=compared(service, found[0]) if found else [],
        unit=found[1] if found else None,
        contact=masked(account.email or account.phone) if account else None,
        zone=await zone_of(tx, row.unit_id),
    )


def compared(service: Service, person: Person) -> list[dict[str, object]]:
    """The name and the CURP of who opened an account by them, for a service whose officer compares them. Both are what
    they typed themselves; nothing of the registry is shown."""
    if person.declared_at is None or all(one.rule != COMPARED for one in service.eligibility):
        return []
    rows: list[tuple[str, object]] = [(_("CURP que se va a comparar"), nowrap(person.curp))]
    if person.given_names:
        rows.insert(0, (_("Nombre que se va a comparar"), person.full_name))
    return [{"key": key, "value": value} for key, value in rows]


DONE = "hecho"
Bears = Callable[["RequestRow", RequestDetailOut], bool]


def _last_message_is(kind: str) -> Bears:
    return lambda _row, view: any(one.kind == kind and one.author_kind == "citizen" for one in view.messages)


SENTENCES: dict[str, tuple[str, Bears]] = {
    "enviada": (N_("Recibimos su solicitud."), lambda row, _view: row.submitted_at is not None),
    "mensaje": (N_("Enviamos su mensaje."), _last_message_is("message")),
    "respuesta": (
        N_("Recibimos su respuesta. La revisión sigue."),
        lambda row, view: row.kind == "review" and _last_message_is("answer")(row, view),
    ),
    "revision": (
        N_("Recibimos su petición de otra revisión."),
        lambda row, view: row.kind == "review" and view.appealed_at is not None,
    ),
    "retirada": (N_("Retiró la solicitud: ya nadie la revisa."), lambda row, _view: row.outcome == "withdrawn"),
    "opinion": (N_("Gracias por su opinión."), lambda row, _view: row.feedback is not None),
}


def done(path: str, what: str) -> str:
    """The address of a page that says what was done."""
    return f"{path}?{DONE}={what}"


def done_sentence(request: Request, browser: BrowserSession, row: RequestRow, view: RequestDetailOut) -> str | None:
    """What the page says was done just now, if a button led here and it is so."""
    sentence, is_so = SENTENCES.get(notice(request, owner_of(browser), DONE), ("", None))
    return gettext(sentence) if is_so is not None and is_so(row, view) else None
