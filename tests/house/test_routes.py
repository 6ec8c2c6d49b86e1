"""Every route says who may call it: a typed actor in its signature, or a place on the list of those open to all."""

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.api_document.schemas import resolve
from app.clients.dependencies import SCOPED
from app.identity import dependencies
from app.interop.fhir.dependencies import appointment_reader
from app.main import create_app
from app.web import browser, watching
from tests.house.routes import calls

# These ask for no one at all: health for the operator, and files of the theme.
PUBLIC = {"/health/live", "/health/ready", "/metrics", "/static/{name}"}
WHO = {
    dependencies._citizen_api,
    dependencies._low_citizen_api,
    dependencies._served_citizen_api,
    dependencies._low_person_api,
    dependencies._low_person_token,
    browser._low_citizen_web,
    dependencies._staff_api,
    dependencies._staff_token,
    dependencies._person_api,
    dependencies.anonymous_of,
    browser._citizen_web,
    browser._staff_web,
    watching.watching_citizen,
    watching.watching_staff,
    browser._anonymous_web,
    browser._browser_session,
    browser._kiosk_web,
    dependencies._device_api,
    dependencies._kiosk_api,
    *SCOPED,
    appointment_reader,
}


def without_actor(routes: list[BaseRoute]) -> set[str]:
    """Paths whose handler asks for no one."""
    return {route.path for route in routes if isinstance(route, APIRoute) and not WHO & set(calls(route.dependant))}


@pytest.fixture(scope="module")
def routes() -> list[BaseRoute]:
    return create_app().routes


def test_every_route_says_who_may_call_it(routes: list[BaseRoute]) -> None:
    assert len([route for route in routes if isinstance(route, APIRoute)]) > 60
    assert without_actor(routes) == PUBLIC


def test_a_route_without_actor_is_noticed() -> None:
    app = create_app()

    @app.get("/nobody-asked")
    async def no_route() -> dict[str, str]:
        return {}

    assert without_actor(app.routes) == PUBLIC | {"/nobody-asked"}


def test_a_route_whose_own_statement_looks_the_token_up_is_written_down_here(routes: list[BaseRoute]) -> None:
    """Each has a test that a revoked token is refused: `test_a_revoked_token_holds_and_books_nothing` of the API and of
    FHIR."""
    unchecked = {
        route.path
        for route in routes
        if isinstance(route, APIRoute) and dependencies._low_person_token in calls(route.dependant)
    }
    own = {"/fhir/r4/Appointment", "/fhir/r4/Appointment/$hold", "/fhir/r4/Appointment/$book"}
    assert unchecked == {"/api/v1/holds", "/api/v1/appointments"} | own


def test_every_api_operation_has_a_name_a_summary_and_its_problems() -> None:
    document = create_app().openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation.get("summary"), f"{method} {path}"
            assert operation["operationId"].replace("_", "").islower(), f"{method} {path}"
            answers = operation["responses"]
            assert {"429", "500", "503"} <= set(answers), f"{method} {path}"
            for status, answer in answers.items():
                if int(status) >= 400:
                    assert "application/problem+json" in resolve(document, answer)["content"], (
                        f"{method} {path} {status}"
                    )
