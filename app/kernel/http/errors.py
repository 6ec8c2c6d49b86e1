"""Exception handlers: problem+json for API clients, a page for browsers."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.kernel import metrics
from app.kernel.db_errors import problem_of
from app.kernel.http.context import RenderProblem
from app.kernel.http.cors import allow_header
from app.kernel.http.middleware import RetryRequest, should_retry
from app.kernel.http.programs import is_for_programs
from app.kernel.http.responses import AlreadyAnswered
from app.kernel.http.route_index import methods_at
from app.kernel.i18n import language
from app.kernel.problems import (
    BadRequest,
    FieldError,
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    Unauthorized,
)
from app.kernel.schemas import message_of

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
PATH_CHARACTERS = "/:@!$&'()*+,;=~-._"
"""They need no encoding in a path (RFC 3986, 3.3): `instance` is a URI reference (RFC 9457, 3.1.5)."""
MOST_FIELDS = 50
"""Maximum field errors in a response: a body may have a hundred thousand, and the response would be five times as
large."""
LONGEST_FIELD = 100
"""Unknown fields have whatever name the client chose."""
BY_STATUS: dict[int, type[Problem]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
}


def wants_page(request: Request) -> bool:
    """Return whether the client is a browser."""
    return "text/html" in request.headers.get("accept", "") and not is_for_programs(request.url.path)


def problem_json(request: Request, problem: Problem) -> Response:
    """Return the problem as RFC 9457 JSON, with its headers."""
    metrics.PROBLEMS.labels(problem.slug).inc()
    body = problem.body(instance=quote(request.url.path, safe=PATH_CHARACTERS))
    headers = {"Content-Language": language(), **problem.headers}
    if problem.status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="ventanilla"')
    return Response(json.dumps(body, ensure_ascii=False), problem.status, headers=headers, media_type=MEDIA_TYPE)


def renderer(render_page: RenderProblem | None, standards: Mapping[str, RenderProblem] | None = None) -> RenderProblem:
    """Return a function that renders problems: as a page for browsers, as JSON otherwise. `standards`: the beginnings
    of addresses under which a problem has a form of its own."""

    async def render(request: Request, problem: Problem) -> Response:
        for prefix, render_own in (standards or {}).items():
            if request.url.path.startswith(prefix):
                metrics.PROBLEMS.labels(problem.slug).inc()
                return await render_own(request, problem)
        if render_page is None or not wants_page(request):
            return problem_json(request, problem)
        metrics.PROBLEMS.labels(problem.slug).inc()
        return await render_page(request, problem)

    return render


def install(app: FastAPI, render: RenderProblem) -> None:
    """Install handlers for the exceptions that routes and the database raise."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return await render(request, error)

    async def on_repeated(_request: Request, error: Exception) -> Response:
        assert isinstance(error, AlreadyAnswered)
        return error.answer

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return await render(request, _of_validation(request, error.errors()))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return await render(request, _of_http(request, error))

    async def on_database(request: Request, error: Exception) -> Response:
        if should_retry(request.scope["state"], error):
            raise RetryRequest from error
        problem = problem_of(error)
        if problem is None:
            raise error
        log.warning("database_error", problem=problem.slug, exc_info=problem.status >= 500)
        return await render(request, problem)

    async def on_bad_answer(_request: Request, error: Exception) -> Response:
        raise error

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(AlreadyAnswered, on_repeated)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(ResponseValidationError, on_bad_answer)
    app.add_exception_handler(HTTPException, on_http)
    for kind in (DBAPIError, PoolTimeout, ConnectionError, TimeoutError):
        app.add_exception_handler(kind, on_database)


def _of_http(request: Request, error: HTTPException) -> Problem:
    if error.status_code == MethodNotAllowed.status:
        return MethodNotAllowed(headers={"Allow": allow_header(methods_at(request.app.router.routes, request.scope))})
    return from_http(error)


def _of_validation(request: Request, errors: Any) -> Problem:
    is_page = not is_for_programs(request.scope["path"])
    if is_page and any(one["loc"][:1] == ("path",) for one in errors):  # no page has such an address
        return NotFound()
    return invalid(errors)


def invalid(errors: Any) -> Problem:
    """Return the problem for validation errors, with a message for each field."""
    named = errors[:MOST_FIELDS]
    if any(error["type"] == "json_invalid" for error in named):
        return BadRequest()
    fields = [FieldError(_where(error["loc"]), message_of(error), error["type"]) for error in named]
    return Invalid(fields=fields)


def _where(location: tuple[int | str, ...]) -> str:
    parts = location[1:] if location and location[0] in {"body", "query", "path"} else location
    return ".".join(str(part) for part in parts)[:LONGEST_FIELD] or "body"


def from_http(error: HTTPException) -> Problem:
    """Return the problem for an HTTPException of the framework, such as an unknown route."""
    kind = BY_STATUS.get(error.status_code)
    if kind is not None:
        return kind(headers=error.headers)
    problem = BadRequest(headers=error.headers)
    problem.status = error.status_code  # type: ignore[misc] # 406, 415 keep the status the framework chose
    return problem
