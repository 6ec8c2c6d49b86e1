"""Every route for citizens says at which level of assurance it may be used: a new one is written down here.

At the low level someone may be there who only knows a person's data (all on a payslip). Before a route goes to LOW,
make sure that it shows nothing that the registry holds, and write what it is for.
"""

from collections.abc import Iterable

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.catalog.loader import load_services
from app.identity import dependencies
from app.main import create_app
from app.web import browser
from tests.house.test_routes import calls

AT_LOW = {dependencies._low_citizen_api, dependencies._low_person_api, browser._low_citizen_web}
AT_FULL = {dependencies._citizen_api, dependencies._person_api, browser._citizen_web}

LOW = """
    APPOINTMENTS: book, move and cancel those of one's own
    DELETE /api/v1/holds/{hold_id}
    GET /api/v1/appointments
    GET /api/v1/appointments/{folio}
    GET /api/v1/appointments/{folio}/calendar.ics
    GET /api/v1/availability
    GET /api/v1/availability/{day}
    GET /citas/clinica
    GET /citas/dia
    GET /citas/hora
    GET /citas/listo
    GET /citas/motivo
    GET /citas/quien
    GET /citas/revisar
    GET /citas/{folio}
    GET /citas/{folio}/cancelar
    GET /citas/{folio}/cita.ics
    POST /api/v1/appointments
    POST /api/v1/appointments/{folio}/cancel
    POST /api/v1/appointments/{folio}/feedback
    POST /api/v1/appointments/{folio}/move
    POST /api/v1/holds
    POST /citas/clinica
    POST /citas/dia
    POST /citas/hora
    POST /citas/motivo
    POST /citas/quien
    POST /citas/revisar
    POST /citas/{folio}/cancelar
    POST /citas/{folio}/mover
    POST /citas/{folio}/opinion

    REQUESTS: of the services at the low level, which `own_request` and `standing_of` look at;
    of documents only the refusal of who declared who they are (`require_level`)
    DELETE /api/v1/requests/{folio}
    DELETE /api/v1/requests/{folio}/documents/{document_id}
    GET /api/v1/requests
    GET /api/v1/requests/{folio}
    GET /api/v1/requests/{folio}/certificate
    GET /api/v1/requests/{folio}/documents/{document_id}
    GET /tramites/{folio:folio}
    GET /tramites/{folio:folio}/constancia
    GET /tramites/{folio:folio}/documentos
    GET /tramites/{folio:folio}/documentos/{document_id}
    GET /tramites/{folio:folio}/listo
    GET /tramites/{folio:folio}/paso/{number}
    GET /tramites/{folio:folio}/paso/{number}/unidades
    GET /tramites/{folio:folio}/responder
    GET /tramites/{folio:folio}/responder/unidades
    GET /tramites/{folio:folio}/retirar
    GET /tramites/{folio:folio}/revisar
    GET /tramites/{folio:folio}/revision
    GET /tramites/{service_id}/quien
    PATCH /api/v1/requests/{folio}
    POST /api/v1/requests
    POST /api/v1/requests/{folio}/answer
    POST /api/v1/requests/{folio}/appeal
    POST /api/v1/requests/{folio}/documents
    POST /api/v1/requests/{folio}/feedback
    POST /api/v1/requests/{folio}/messages
    POST /api/v1/requests/{folio}/submit
    POST /api/v1/requests/{folio}/withdraw
    POST /tramites/{folio:folio}/descartar
    POST /tramites/{folio:folio}/documentos
    POST /tramites/{folio:folio}/documentos/{document_id}/quitar
    POST /tramites/{folio:folio}/mensajes
    POST /tramites/{folio:folio}/opinion
    POST /tramites/{folio:folio}/paso/{number}
    POST /tramites/{folio:folio}/paso/{number}/unidades
    POST /tramites/{folio:folio}/responder/documentos
    POST /tramites/{folio:folio}/responder/unidades
    POST /tramites/{folio:folio}/retirar
    POST /tramites/{folio:folio}/revisar
    POST /tramites/{folio:folio}/revision
    POST /tramites/{service_id}/quien

    THE ACCOUNT: what is one's own of it, and the way to the full level
    GET /api/v1/me
    GET /mi
    GET /mi/borrar
    GET /mi/confirmar
    GET /mi/contacto
    GET /mi/contacto/codigo
    GET /mi/numero
    POST /api/v1/me/contact-changes
    POST /api/v1/me/nss-reminders
    PUT /api/v1/me/contact
    POST /api/v1/sign-out
    POST /mi/borrar
    POST /mi/confirmar
    POST /mi/contacto
    POST /mi/contacto/codigo
    POST /mi/numero
    POST /mi/idioma
"""
FULL = """
    DELETE /api/v1/mandates/{mandate_id}
    GET /api/v1/mandates
    GET /api/v1/me/accesses
    GET /api/v1/me/family
    GET /mi/accesos
    GET /mi/datos.json
    GET /mi/permisos
    POST /api/v1/mandates
    POST /mi/permisos
    POST /mi/permisos/{mandate_id}/quitar
"""
METHODS = ("DELETE ", "GET ", "PATCH ", "POST ", "PUT ")


def declared(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip().startswith(METHODS)}


def used_at(routes: Iterable[BaseRoute], level: str) -> set[str]:
    """The routes for citizens at a level, by what their signature asks for."""
    found = set()
    for route in routes:
        if not isinstance(route, APIRoute):
            continue
        asked = set(calls(route.dependant))
        if not asked & (AT_LOW | AT_FULL):
            continue
        if (level == "full") == bool(asked & AT_FULL):
            found |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
    return found


@pytest.mark.parametrize(("level", "text"), [("low", LOW), ("full", FULL)])
def test_every_route_for_citizens_has_declared_its_level(level: str, text: str) -> None:
    assert used_at(create_app().routes, level) == declared(text)


def test_a_new_route_that_declares_nothing_is_noticed() -> None:
    app = create_app()

    @app.get("/mi/nueva")
    async def new_page(_actor: browser.LowCitizenWeb) -> dict[str, str]:
        return {}

    assert used_at(app.routes, "low") - declared(LOW) == {"GET /mi/nueva"}


def test_the_services_at_the_low_level_are_these() -> None:
    assert {service.id for service in load_services().values() if service.assurance == "low"} == {
        "complaint",
        "nss-assign",
    }
