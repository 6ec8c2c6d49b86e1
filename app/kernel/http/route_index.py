"""Routes by the section of their path. The framework compares a path with every route there is, one by one: with some
400 of them that takes a sixth of the processor time of a hot request.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

API = ("api", "v1")
FOUND = "ventanilla.route"
"""Key of the scope under which the route that matched is passed from `matches` to `handle`."""


class RouteIndex(BaseRoute):
    """Stands before all routes and finds the one of a path among those of its section; finds what the framework would.

    A path that no route of its section matches is left to the routes that follow.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        sections = {section(path) for route in routes if (path := getattr(route, "path", None)) is not None}
        self._routes = {name: [route for route in routes if _may_match(route, name)] for name in sections}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        partial: tuple[Match, Scope] = (Match.NONE, {})
        for route in self._routes.get(section(scope["path"]), ()):
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                return match, {**child_scope, FOUND: route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**child_scope, FOUND: route}
        return partial

    def methods_at(self, scope: Scope) -> set[str]:
        """Every method of a path; none where there is no route."""
        return methods_at(self._routes.get(section(scope["path"]), ()), scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope.pop(FOUND).handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """Addresses are those of the routes that follow."""
        raise NoMatchFound(name, path_params)


def methods_at(routes: Iterable[BaseRoute], scope: Scope) -> set[str]:
    """Every method of a path, over all its routes: the framework lists those of the first one only. Of `/devices/pair`
    and `/devices/{device_id}`, which match the same path, the former's alone."""
    found = [route for route in routes if route.matches(scope)[0] is not Match.NONE and hasattr(route, "methods")]
    fewest = min((route.path.count("{") for route in found if hasattr(route, "path")), default=0)
    return {
        method
        for route in found
        if getattr(route, "path", "").count("{") == fewest
        for method in getattr(route, "methods", None) or ()
    }


def section(path: str) -> str:
    """Return the first segment of a path; of the API's, the one after its version."""
    segments = path.split("/", 4)[1:]
    if len(segments) > len(API) and (segments[0], segments[1]) == API:
        return "/".join((*API, segments[2]))
    return segments[0] if segments else ""


def _may_match(route: BaseRoute, name: str) -> bool:
    """Whether the route matches paths of this section; one that has no path, or a parameter there, may match any."""
    path = getattr(route, "path", None)
    return path is None or "{" in section(path) or section(path) == name
