"""The OpenAPI 3.1 document: every route lists the problems it may return, with an example of each."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.kernel.problems import Forbidden, Invalid, Problem, TooLarge, TooManyRequests, Unavailable, Unexpected

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details. `next_step` says what to do; `fields` points at what to correct. Other "
    "members are the problem's own.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "next_step": {"type": "string"},
        "instance": {"type": "string"},
        "reference": {"type": "string"},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}
ANY_ROUTE: tuple[type[Problem], ...] = (Invalid, TooManyRequests, TooLarge, Unexpected, Unavailable)


VERSION_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events. Each says that there is another version: ask for it.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'id: 1780000000-5f1c3a9e0b7d2c44\ndata: {"version": "0b1f6ad2c94e7780"}\n\n',
            }
        },
    }
}
"""The `responses=` of a stream that says no more than that something changed."""


def problem_responses(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return a route's `responses=`: the problems it may return, by status, each with its documentation."""
    by_status: defaultdict[int, list[type[Problem]]] = defaultdict(list)
    for kind in kinds:
        by_status[kind.status].append(kind)
    return {status: _response(group) for status, group in by_status.items()}


def _response(kinds: Iterable[type[Problem]]) -> dict[str, Any]:
    ordered = list(dict.fromkeys(kinds))
    return {
        "description": " / ".join((kind.__doc__ or kind.slug).strip().splitlines()[0] for kind in ordered),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {kind.slug: {"value": _example(kind)} for kind in ordered},
            }
        },
    }


def _example(kind: type[Problem]) -> dict[str, Any]:
    members = {"type": f"/problems/{kind.slug}", "title": kind.title, "status": kind.status}
    return members | ({"detail": kind.detail} if kind.detail else {})


def install_openapi(app: FastAPI) -> None:
    """Install a document with the Problem schema and the problems that any route may return."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                openapi_version="3.1.0",
            )
            _complete(made)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign] # the framework's own documented way


def _complete(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM_SCHEMA
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    anywhere = problem_responses(*ANY_ROUTE)
    for operations in document.get("paths", {}).values():
        for operation in operations.values():
            answers = operation["responses"]
            if "422" in answers and "application/problem+json" not in answers["422"].get("content", {}):
                answers.pop("422")
            if operation.get("security"):  # a valid token without permission
                answers.setdefault("403", problem_responses(Forbidden)[403])
            for status, answer in anywhere.items():
                answers.setdefault(str(status), answer)
