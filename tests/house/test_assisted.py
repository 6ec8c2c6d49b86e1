"""The pages on which staff act for a person are the citizens' own: the same handlers, behind one guard, and no more of
them than the booking and the requests."""

from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.identity.dependencies import ASSISTED
from app.main import create_app
from app.registry import view_recording
from app.web import assisted
from app.web.assisted import PERSON, serve
from app.web.assisted_paths import FLOWS, PREFIX
from tests.house.routes import LOW, calls, declared

SERVED = f"{PREFIX}/{{{PERSON}}}"
OF_ANYONE = {"GET /tramites", "GET /tramites/{service_id}"}
"""The catalogue."""
OF_THE_PERSON_ALONE = {
    "GET /citas/{folio}/eventos",
    "GET /citas/{folio}/tarjeta",
    "GET /tramites/{folio:folio}/eventos",
    "POST /citas/{folio}/opinion",
    "POST /tramites/{folio:folio}/opinion",
    "GET /tramites/{folio:folio}/revision",
    "POST /tramites/{folio:folio}/revision",
}
PAGE_OF = {"feedback": "opinion", "appeal": "revision"}
"""What the API gives the person alone, by the last part of its path, and the page that does the same."""


def served(routes: Iterable[BaseRoute]) -> list[APIRoute]:
    return [route for route in routes if isinstance(route, APIRoute) and route.path.startswith(SERVED)]


def names(routes: Iterable[APIRoute]) -> set[str]:
    return {f"{method} {route.path.removeprefix(SERVED)}" for route in routes for method in route.methods or ()}


def test_each_is_a_page_of_citizens_at_the_low_level_with_the_same_handler() -> None:
    routes = create_app().routes
    found = served(routes)
    pages = {one for one in declared(LOW) if one.partition(" ")[2].startswith(FLOWS)}
    assert names(found) == (pages | OF_ANYONE) - OF_THE_PERSON_ALONE
    handlers = {
        (route.path, tuple(sorted(route.methods or ()))): route.endpoint
        for route in routes
        if isinstance(route, APIRoute)
    }
    for route in found:
        own = route.path.removeprefix(SERVED), tuple(sorted(route.methods or ()))
        assert handlers[own] is route.endpoint


def test_what_the_api_gives_the_person_alone_no_page_gives_staff() -> None:
    routes = [route for route in create_app().routes if isinstance(route, APIRoute)]
    alone = {
        route.path.rpartition("/")[2]
        for route in routes
        if route.path.startswith(("/api/v1/requests/{", "/api/v1/appointments/{"))
        and "POST" in (route.methods or ())
        and route.openapi_extra is not ASSISTED
    }
    assert alone >= set(PAGE_OF)
    ends = {name.rpartition("/")[2] for name in names(served(routes))}
    assert not ends & set(PAGE_OF.values())


def test_each_asks_for_the_assistance_first_and_records_the_view() -> None:
    for route in served(create_app().routes):
        first = [inner.call for inner in route.dependant.dependencies[:2]]
        assert first == [view_recording._record_after_response, assisted._assisted], route.path


def test_what_is_copied_without_the_guard_is_noticed() -> None:
    router = APIRouter()

    @router.get("/citas/nueva")
    async def new_page() -> None:
        return None

    (copy,) = serve(router.routes).routes
    assert isinstance(copy, APIRoute)
    assert assisted._assisted in set(calls(copy.dependant))
