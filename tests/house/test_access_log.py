"""Every route that staff may use shows personal data and records who saw it, or is written down here as showing none.

Personal data is anything about a person beyond a folio, a service and a deadline: a name, a number, a contact, what
they asked for, a document, an appointment, even by the person's id alone.
"""

import re
from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import text
from starlette.routing import BaseRoute

from app.clients.dependencies import SCOPED
from app.identity import dependencies
from app.interop.fhir.dependencies import appointment_reader
from app.main import create_app
from app.web import assisted, browser, watching
from tests.house.access_walk import walk
from tests.house.access_walker import shown_by, start
from tests.house.routes import calls, declared
from tests.house.source import APP, content, files, name_of
from tests.requests.conftest import Scene

STAFF = {
    dependencies._staff_api,
    dependencies._staff_token,
    browser._staff_web,
    watching.watching_staff,
    dependencies._low_person_api,
    dependencies._served_citizen_api,
    dependencies._low_person_token,
    dependencies._person_api,
    *SCOPED,
    appointment_reader,
}
# The recording itself, and what is used by routes that have the dependency.
RECORDING = {
    "app/registry/access_log.py",
    "app/audit/service.py",
    "app/requests/presenters.py",
    "app/requests/api/responses.py",
    "app/web/staff/counter_view.py",
}
SHOWING_NONE = """
    BOTH WAYS: what the caller sent comes back, or nothing does
    DELETE /api/v1/holds/{hold_id}
    DELETE /api/v1/draw-registrations/{registration_id}
    DELETE /api/v1/wait-list/{entry_id}
    POST /api/v1/wait-offers/{offer_id}/decline
    DELETE /api/v1/requests/{folio}
    DELETE /api/v1/requests/{folio}/documents/{document_id}
    POST /api/v1/assistances/{assistance_id}/code
    POST /api/v1/assistances/{assistance_id}/end
    POST /api/v1/appointments/{folio}/offer/calls
    POST /api/v1/holds
    POST /api/v1/requests/{folio}/documents
    POST /api/v1/messages/{message_id}/resolve
    POST /api/v1/messages/{message_id}/retry
    POST /api/v1/referrals
    POST /api/v1/requests/{folio}/messages
    POST /api/v1/sign-out
    POST /api/v1/staff/withdrawals
    POST /api/v1/unaddressed-notices/{notice_id}/resolve
    POST /api/v1/work/{folio}/assign
    POST /api/v1/work/{folio}/heartbeat
    POST /api/v1/work/{folio}/release
    POST /api/v1/work/{folio}/resolve-message
    POST /api/v1/work/{folio}/transfer
    POST /api/v1/work/{folio}/visit
    POST /ventanilla/accesos
    POST /ventanilla/agenda/conflictos/{entry_id}
    POST /ventanilla/agenda/numeros
    POST /ventanilla/agenda/pendientes
    POST /ventanilla/avisos/grupo
    POST /ventanilla/avisos/{message_id}/avisado
    POST /ventanilla/avisos/{message_id}/reintentar
    POST /ventanilla/por-avisar/{notice_id}

    FOLIOS, services and deadlines; numbers of what waits
    GET /api/v1/desk/counter
    GET /api/v1/desk/units/{unit_id}/counters
    POST /api/v1/desk/counter
    POST /api/v1/desk/counter/calls
    POST /api/v1/desk/counter/close
    POST /api/v1/desk/counter/pause
    POST /api/v1/desk/counter/resume
    POST /api/v1/desk/units/{unit_id}/check-ins
    POST /api/v1/desk/units/{unit_id}/number-ranges
    POST /api/v1/desk/units/{unit_id}/offline-entries
    POST /api/v1/desk/units/{unit_id}/offline-entries/{entry_id}/resolve
    POST /api/v1/desk/units/{unit_id}/tickets
    GET /api/v1/desk/units/{unit_id}/queues
    PATCH /api/v1/desk/units/{unit_id}/queues/{service}
    GET /ventanilla/jefatura/filas
    GET /ventanilla/jefatura/filas/{unit_id}
    POST /ventanilla/jefatura/filas/{unit_id}/{service}
    GET /api/v1/work/counts
    GET /ventanilla
    GET /ventanilla/cola/novedades
    POST /api/v1/work/assign
    POST /api/v1/work/claim

    STREAMS that say that something changed, and not what: see `tests/faults/test_live_pages.py`
    GET /ventanilla/cola/eventos

    LEADS to the page of whom it finds
    POST /ventanilla/asistida

    EMPTY FORMS
    GET /ventanilla/codigo
    POST /ventanilla/buscar
    GET /ventanilla/recepcion/unidad
    POST /ventanilla/recepcion
    POST /ventanilla/recepcion/turno/{ticket_id}/correccion
    POST /ventanilla/recepcion/turno/{ticket_id}/persona

    SCHEDULES and days off
    DELETE /api/v1/holidays/{holiday_id}
    DELETE /api/v1/schedule-exceptions/{exception_id}
    DELETE /api/v1/schedules/{schedule_id}
    GET /api/v1/holidays
    GET /api/v1/schedule-exceptions
    GET /api/v1/schedule-exceptions/{exception_id}
    GET /api/v1/schedules
    GET /api/v1/schedules/{schedule_id}
    GET /api/v1/desk/units/{unit_id}/overview
    GET /api/v1/desk/units/{unit_id}/rates
    GET /ventanilla/jefatura
    GET /ventanilla/jefatura/agendas
    GET /ventanilla/jefatura/agendas/nueva
    GET /ventanilla/jefatura/agendas/{schedule_id}
    GET /ventanilla/jefatura/cierres
    POST /ventanilla/jefatura/agendas/nueva
    POST /ventanilla/jefatura/agendas/nueva/vista
    GET /ventanilla/jefatura/indicadores
    POST /ventanilla/jefatura/cierres/{closure_id}/abrir
    POST /api/v1/schedules

    TEXTS of messages, with sample data
    GET /api/v1/message-texts
    GET /api/v1/message-texts/{template_id}
    GET /api/v1/message-texts/{template_id}/versions
    GET /ventanilla/textos
    GET /ventanilla/textos/{template_id}
    GET /ventanilla/textos/{template_id}/versiones
    POST /api/v1/message-texts/{template_id}/preview
    POST /api/v1/message-texts/{template_id}/restore
    POST /api/v1/message-texts/{template_id}/test
    POST /ventanilla/textos/{template_id}
    POST /ventanilla/textos/{template_id}/prueba
    POST /ventanilla/textos/{template_id}/restaurar
    POST /ventanilla/textos/{template_id}/vista-previa
    PUT /api/v1/message-texts/{template_id}

    STAFF accounts, and work that stopped, by its number
    GET /ventanilla/pendientes
    GET /ventanilla/personal
    GET /ventanilla/personal/nuevo
    GET /ventanilla/personal/{staff_id}
    POST /ventanilla/pendientes/grupo
    POST /ventanilla/pendientes/{kind}/{key}/descartar
    POST /ventanilla/pendientes/{kind}/{key}/reintentar
    POST /ventanilla/personal/buscar
    POST /ventanilla/personal/nuevo
    POST /ventanilla/personal/{staff_id}/desactivar
    POST /ventanilla/personal/{staff_id}/puesto
    POST /ventanilla/personal/{staff_id}/reactivar
    POST /ventanilla/personal/{staff_id}/restablecer

    DEVICES: kiosks and boards
    DELETE /api/v1/devices/{device_id}
    GET /api/v1/devices
    GET /ventanilla/aparatos
    POST /api/v1/devices
    POST /api/v1/devices/{device_id}/codes
    POST /ventanilla/aparatos
    POST /ventanilla/aparatos/{device_id}/baja
    POST /ventanilla/aparatos/{device_id}/codigo

    CLIENTS and personal tokens: systems, and staff by user name
    DELETE /api/v1/clients/{client_id}/credentials/{credential_id}
    DELETE /api/v1/personal-tokens/{token_id}
    GET /api/v1/clients
    GET /api/v1/clients/{client_id}
    GET /api/v1/clients/{client_id}/credentials
    GET /api/v1/personal-tokens
    GET /ventanilla/permisos
    GET /ventanilla/programas
    GET /ventanilla/programas/nuevo
    GET /ventanilla/programas/{client_id}
    GET /ventanilla/programas/{client_id}/cambiar
    POST /api/v1/clients
    POST /api/v1/clients/{client_id}/keys
    POST /api/v1/clients/{client_id}/revoke
    POST /api/v1/clients/{client_id}/secrets
    POST /ventanilla/permisos
    POST /ventanilla/permisos/{token_id}/revocar
    POST /ventanilla/programas/nuevo
    POST /ventanilla/programas/permisos/{token_id}/revocar
    POST /ventanilla/programas/{client_id}/baja
    POST /ventanilla/programas/{client_id}/cambiar
    POST /ventanilla/programas/{client_id}/credenciales/{credential_id}/revocar
    POST /ventanilla/programas/{client_id}/llave
    POST /ventanilla/programas/{client_id}/secreto
    PUT /api/v1/clients/{client_id}

    WEBHOOKS: systems, and what they were sent, by number
    GET /api/v1/webhooks
    GET /api/v1/webhooks/{webhook_id}
    GET /api/v1/webhooks/{webhook_id}/attempts
    GET /ventanilla/webhooks
    GET /ventanilla/webhooks/nuevo
    GET /ventanilla/webhooks/{webhook_id}
    GET /ventanilla/webhooks/{webhook_id}/cambiar
    POST /api/v1/webhooks
    POST /api/v1/webhooks/{webhook_id}/disable
    POST /api/v1/webhooks/{webhook_id}/enable
    POST /api/v1/webhooks/{webhook_id}/replay
    POST /api/v1/webhooks/{webhook_id}/retry
    POST /api/v1/webhooks/{webhook_id}/secret
    POST /api/v1/webhooks/{webhook_id}/test
    POST /ventanilla/webhooks/nuevo
    POST /ventanilla/webhooks/{webhook_id}/activar
    POST /ventanilla/webhooks/{webhook_id}/cambiar
    POST /ventanilla/webhooks/{webhook_id}/desactivar
    POST /ventanilla/webhooks/{webhook_id}/prueba
    POST /ventanilla/webhooks/{webhook_id}/reenviar
    POST /ventanilla/webhooks/{webhook_id}/reintentar
    POST /ventanilla/webhooks/{webhook_id}/secreto
    PUT /api/v1/webhooks/{webhook_id}

    THE WAIT LIST of a unit: sums, and offers by id
    GET /api/v1/units/{unit_id}/releases/fairness
    GET /api/v1/units/{unit_id}/wait-list/fairness
    GET /api/v1/units/{unit_id}/wait-list/offers
    GET /ventanilla/jefatura/lista-de-espera
    GET /ventanilla/jefatura/lista-de-espera.csv
    GET /ventanilla/jefatura/reparto

    SUMS: the measurement has nobody's data
    DELETE /api/v1/baselines/{version}
    DELETE /api/v1/baselines/{version}/parameters/{key}
    GET /api/v1/baselines
    GET /api/v1/baselines/{version}
    GET /api/v1/baselines/{version}/changes
    GET /api/v1/baselines/{version}/parameters
    GET /api/v1/exports
    GET /api/v1/exports/{table}
    GET /api/v1/metrics/{metric}
    GET /api/v1/savings
    GET /datos/linea-base
    GET /datos/linea-base/{version}
    GET /datos/linea-base/{version}/cifra
    GET /datos/linea-base/{version}/cifras.csv
    GET /datos/linea-base/{version}/descartar
    GET /datos/linea-base/{version}/publicar
    GET /datos/tablero
    GET /datos/tablero/atencion
    GET /datos/tablero/graficas/{name}.csv
    GET /datos/tablero/graficas/{name}.json
    POST /api/v1/baselines
    POST /api/v1/baselines/measure
    POST /api/v1/baselines/{version}/publish
    POST /api/v1/savings/reports
    POST /datos/linea-base
    POST /datos/linea-base/medir
    POST /datos/linea-base/{version}/archivo
    POST /datos/linea-base/{version}/cifra
    POST /datos/linea-base/{version}/cifra/quitar
    POST /datos/linea-base/{version}/descartar
    POST /datos/linea-base/{version}/publicar
    PUT /api/v1/baselines/{version}/parameters
    PUT /api/v1/baselines/{version}/parameters/{key}
"""


def staff_routes(routes: Iterable[BaseRoute]) -> set[str]:
    """The routes that staff may use, by what their signature asks for."""
    found = set()
    for route in routes:
        # What staff see while they act for a person is recorded before each of those pages: see `test_assisted`.
        asked = set(calls(route.dependant)) if isinstance(route, APIRoute) else set()
        if isinstance(route, APIRoute) and STAFF & asked and assisted._assisted not in asked:
            found |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
    return found


async def test_every_route_that_shows_personal_data_to_staff_records_it(
    working_days: None, app: FastAPI, scene: Scene
) -> None:
    used, without = set(), []
    here = await start(app, scene)
    async for route, context in walk(here):
        used.add(route)
        async with scene.db.transaction() as session:
            removed = await session.execute(
                text("DELETE FROM personal_data_view WHERE person_id = :ana RETURNING contexts"), {"ana": scene.ana.id}
            )
            seen = [one for contexts in removed.scalars() for one in contexts]
            await session.execute(text("DELETE FROM personal_data_view"))
        if context not in seen:
            without.append((route, context.value, seen))
    assert without == []
    shown = staff_routes(app.routes) - declared(SHOWING_NONE)
    assert shown - used == set(), "a route that nobody has looked at: walk through it, or declare that it shows none"
    assert used - shown == set()
    ana = scene.ana
    for method, path in sorted(route.split() for route in declared(SHOWING_NONE)):
        if method == "GET" and "{" not in path and not path.endswith("/eventos"):
            answer = await shown_by(here, path)
            for text_of_hers in (ana.curp, ana.full_name, ana.first_surname, str(ana.id)):
                assert text_of_hers not in answer, f"{path} shows personal data"


def test_who_names_people_says_so_among_the_dependencies() -> None:
    """Without it a citizen's own view works, and that of who acts for another fails."""
    for path in files(APP):
        source = content(path)
        if re.search(r"\brecord_views\(", source) and name_of(path) not in RECORDING:
            assert re.search(r"dependencies=\[RECORDS_VIEWS\b", source), path


def test_what_is_declared_is_there() -> None:
    assert declared(SHOWING_NONE) - staff_routes(create_app().routes) == set()


def test_a_new_route_for_staff_that_declares_nothing_is_noticed() -> None:
    app = create_app()

    @app.get("/ventanilla/nueva")
    async def new_page(_actor: browser.StaffWeb) -> dict[str, str]:
        return {}

    assert "GET /ventanilla/nueva" in staff_routes(app.routes) - declared(SHOWING_NONE)
