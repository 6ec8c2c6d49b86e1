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
from app.interop.fhir.dependencies import appointment_reader
from app.main import create_app
from app.web import assisted, browser, watching
from tests.house.routes import LOW, calls, declared

AT_LOW = {
    dependencies._low_citizen_api,
    dependencies._served_citizen_api,
    dependencies._low_person_api,
    dependencies._low_person_token,
    browser._low_citizen_web,
    watching.watching_citizen,
    appointment_reader,
}
AT_FULL = {dependencies._citizen_api, dependencies._person_api, browser._citizen_web}

FULL = """
    DELETE /api/v1/mandates/{mandate_id}
    GET /api/v1/mandates
    GET /api/v1/me/accesses
    GET /api/v1/me/assistances
    GET /api/v1/me/family
    GET /api/v1/me/savings
    GET /api/v1/me/statement-subscription
    GET /mi/accesos
    GET /mi/ahorro
    GET /mi/ahorro/{transaction_id}
    GET /mi/datos.json
    GET /mi/permisos
    POST /api/v1/mandates
    POST /mi/ahorro/aviso
    POST /mi/ahorro/{transaction_id}
    POST /mi/permisos
    PUT /api/v1/me/savings/{transaction_id}/correction
    PUT /api/v1/me/statement-subscription
    POST /mi/permisos/{mandate_id}/quitar
"""


def used_at(routes: Iterable[BaseRoute], level: str) -> set[str]:
    """The routes for citizens at a level, by what their signature asks for."""
    found = set()
    for route in routes:
        if not isinstance(route, APIRoute):
            continue
        asked = set(calls(route.dependant))
        # A copy for staff who act for the person is at the level of what it copies: see `test_assisted`.
        if not asked & (AT_LOW | AT_FULL) or assisted._assisted in asked:
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
