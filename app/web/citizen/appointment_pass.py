"""The pass of an appointment: what reception asks for, on one page that can be printed, or saved in the browser and
shown without a network."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.appointments.queries.own import own_appointment
from app.kernel import clock
from app.kernel.http.parameters import Tx
from app.kernel.parsing import strip_bidi_controls
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import own_person
from app.registry.view_recording import RECORDS_VIEWS
from app.web import labels
from app.web.browser import BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.appointment import Folio, qr_of
from app.web.passes import has_pass, pass_headers
from app.web.rendering import HALF_OF_DAY, prefix_of, redirect, show, whole_path, whom

router = APIRouter(dependencies=[RECORDS_VIEWS])


@router.get("/citas/{folio}/tarjeta")
async def pass_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """Who, what, when and where, with the code that reception scans. Its bytes are the same for the page and for what
    the browser saves: it has no token of the session and no form. An appointment that is over, cancelled or affected
    has none: its own page says so. Any other address of it, such as a folio in small letters, leads to the one that a
    browser saves it under."""
    own = await own_appointment(tx, actor, folio)
    now = clock.now()
    if not has_pass(own, now):
        return redirect(request, browser, f"/citas/{own.folio}")
    path = f"/citas/{own.folio}/tarjeta"
    if request.scope["state"]["asked"] != prefix_of(request) + whole_path(request, path):
        return redirect(request, browser, path)
    record_views(actor, ViewContext.APPOINTMENT, {own.person_id: own.unit_id})
    person = await own_person(tx, actor, own.person_id)
    name = whom(browser, person)
    answer = show(
        request, browser, "citizen/pass.html", own=own, name=name, qr=qr_of(own.folio), back=f"/citas/{own.folio}"
    )
    when = f"{labels.day_of(own.start_at, own.timezone)}, {labels.hour_of(own.start_at, own.timezone)}"
    given = [person.given_names] if browser.is_sure else []
    title = " · ".join([*given, labels.service_name(own.service), when])
    answer.headers.update(pass_headers(own, HALF_OF_DAY.sub("\N{NO-BREAK SPACE}", strip_bidi_controls(title)), now))
    return answer
