"""Deprecation of routes and members of the API: declared once, beside the route or the member; shown in the OpenAPI
document, and in the headers of responses (RFC 9745, RFC 8594). The policy is in docs/api.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel.http.programs import DOCUMENTATION

NOTICE = timedelta(days=365)
"""The shortest time from the announcement until the removal."""
MEMBER = "x-deprecation"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when something is deprecated, when it may be removed, and what to use instead: a path of the API, or the
    name of another member."""

    since: date
    sunset: date
    successor: str = ""

    def __post_init__(self) -> None:
        if self.sunset - self.since < NOTICE:
            raise ValueError(f"programs have {NOTICE.days} days from {self.since}: the sunset is too early")

    def schema(self) -> dict[str, Any]:
        """Return what the document says of it: for `openapi_extra=` of a route, `json_schema_extra=` of a member."""
        stated = {"since": self.since.isoformat(), "sunset": self.sunset.isoformat()}
        return {"deprecated": True, MEMBER: stated | ({"successor": self.successor} if self.successor else {})}


def deprecation_of(stated: object) -> Deprecation | None:
    """Return the deprecation that a part of the document, or the extra of a route or member, states."""
    found = stated.get(MEMBER) if isinstance(stated, Mapping) else None
    if found is None:
        return None
    return Deprecation(
        date.fromisoformat(found["since"]), date.fromisoformat(found["sunset"]), found.get("successor", "")
    )


def install_deprecations(app: FastAPI) -> None:
    """Let each route send the headers of what it declares. Other routes aren't touched."""
    for route in app.router.routes:
        if not isinstance(route, APIRoute) or isinstance(route.app, _WithHeaders):
            continue  # a route is part of every application of the process
        if headers := headers_of(route):
            route.app = _WithHeaders(route.app, headers)


def headers_of(route: APIRoute) -> list[tuple[str, str]]:
    """Return the headers of a route's responses. Of a deprecated route: since when, until when, its successor and its
    documentation. Of one that takes or returns a deprecated member, the documentation only: the other headers would
    say that the route as a whole ends."""
    documented = f'<{DOCUMENTATION}#{route.operation_id}>; rel="deprecation"; type="text/html"'
    own = deprecation_of(route.openapi_extra)
    if own is None:
        return [("Link", documented)] if any(_deprecated_members(route)) else []
    headers = [
        ("Deprecation", f"@{int(_midnight(own.since).timestamp())}"),
        ("Sunset", format_datetime(_midnight(own.sunset), usegmt=True)),
        ("Link", documented),
    ]
    return [*headers, ("Link", f'<{own.successor}>; rel="successor-version"')] if own.successor else headers


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _deprecated_members(route: APIRoute) -> Iterator[Deprecation]:
    """Those of its parameters, and of the models that it takes and returns, at any depth."""
    dependants = [route.dependant]
    seen: set[type[BaseModel]] = set()
    for dependant in dependants:
        dependants.extend(dependant.dependencies)
        for field in (*dependant.query_params, *dependant.header_params, *dependant.body_params):
            yield from _stated(field.field_info.json_schema_extra)
            yield from _in_models(field.field_info.annotation, seen)
    yield from _in_models(route.response_model, seen)
    for field in route.response_fields.values():
        yield from _in_models(field.field_info.annotation, seen)


def _in_models(annotation: Any, seen: set[type[BaseModel]]) -> Iterator[Deprecation]:
    for part in get_args(annotation):
        yield from _in_models(part, seen)
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)) or annotation in seen:
        return
    seen.add(annotation)
    for field in annotation.model_fields.values():
        yield from _stated(field.json_schema_extra)
        yield from _in_models(field.annotation, seen)


def _stated(extra: object) -> Iterator[Deprecation]:
    if (found := deprecation_of(extra)) is not None:
        yield found


class _WithHeaders:
    """Adds headers to every response of a route, its refusals included. A `Link` of the route stays beside them."""

    def __init__(self, app: ASGIApp, headers: list[tuple[str, str]]) -> None:
        self.app = app
        self.raw = [(name.lower().encode(), value.encode()) for name, value in headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *self.raw]}
            await send(message)

        await self.app(scope, receive, send_marked)
