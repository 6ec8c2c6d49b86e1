"""The index finds the route that the framework's own search finds, for every path and method."""

import re

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from app.kernel.http.route_index import FOUND, RouteIndex, section
from app.main import create_app

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ODD = ("/", "/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/requests", "/nobody", "/api/v1/nobody", "//x", "")


@pytest.fixture(scope="module")
def routes() -> list[BaseRoute]:
    return create_app().router.routes


def first_by_framework(routes: list[BaseRoute], scope: Scope) -> tuple[Match, BaseRoute | None]:
    """The first that matches whole, else the first that matches but for the method."""
    partial = None
    for route in routes:
        match = route.matches(scope)[0]
        if match is Match.FULL:
            return match, route
        if match is Match.PARTIAL and partial is None:
            partial = route
    return (Match.PARTIAL, partial) if partial is not None else (Match.NONE, None)


def test_every_path_and_method_finds_what_the_framework_finds(routes: list[BaseRoute]) -> None:
    index, rest = routes[0], routes[1:]
    assert isinstance(index, RouteIndex)
    paths = {getattr(route, "path", "/") for route in rest}
    assert len(paths) > 200
    tried = {re.sub(r"\{[^}]+\}", "x", path) for path in paths} | paths | set(ODD)
    for path in sorted(tried):
        scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": [], "root_path": ""}
        of_path = [route for route in rest if route.matches(scope)[0] is not Match.NONE]
        for method in METHODS:
            scope["method"] = method
            match, child = index.matches(scope)
            assert (match, child.get(FOUND)) == first_by_framework(of_path, scope), (method, path)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", ""),
        ("", ""),
        ("/mi/solicitudes/x", "mi"),
        ("/api/v1/work/claim", "api/v1/work"),
        ("/api/v1", "api"),
        ("/api/v2/work", "api"),
    ],
)
def test_sections(path: str, name: str) -> None:
    assert section(path) == name


def test_a_route_that_begins_with_a_parameter_is_found_in_every_section() -> None:
    routes: list[BaseRoute] = [Route("/{name}/x", PlainTextResponse("x")), Route("/fixed/y", PlainTextResponse("y"))]
    scope: Scope = {"type": "http", "method": "GET", "path": "/fixed/x", "headers": [], "root_path": ""}
    match, child = RouteIndex(routes).matches(scope)
    assert (match, child[FOUND]) == (Match.FULL, routes[0])


async def test_a_route_added_later_is_found(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/api/v1/work/added-later")
    async def added() -> dict[str, bool]:
        return {"added": True}

    assert (await client.get("/api/v1/work/added-later")).json() == {"added": True}
