"""What routes declare for the OpenAPI document: the problems they may return, with an example of each, and headers. It
is completed by `app.api_document`."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from app.kernel.problems import Problem

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details. `code` is the machine-readable reason; `next_step` says what to do; "
    "`fields` points at what to correct. Other members are the problem's own.",
    "required": ["type", "code", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "`/problems/` and the code: a page."},
        "code": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "description": "Stable; texts may change."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "next_step": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference", "description": "The path of the request."},
        "reference": {"type": "string", "description": "Of an internal error: its id in the logs."},
        "rule": {"type": "string", "description": "The rule that refused an appointment."},
        "alternatives": {
            "type": "array",
            "description": "The free times nearest to the one that can't be had.",
            "items": {
                "type": "object",
                "required": ["start_at", "room"],
                "properties": {
                    "start_at": {"type": "string", "format": "date-time"},
                    "room": {"type": "integer"},
                },
            },
        },
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "title": "ProblemField",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "description": "Its path, with dots."},
                    "code": {
                        "type": "string",
                        "pattern": "^[a-z][a-z0-9_]*$",
                        "description": "Why it isn't accepted; stable.",
                    },
                    "message": {"type": "string", "description": "The same in words."},
                },
            },
        },
    },
    "additionalProperties": True,
}
_PLACE = re.compile(r"%\(\w+\)s")
SENDS = "x-sends"
"""Where `sends` puts the names until the document is completed."""


def sends(*names: str) -> dict[str, Any]:
    """For `openapi_extra=`: headers of a route's success that don't follow from what it takes and returns."""
    return {SENDS: list(names)}


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
        "description": " / ".join(summary_of(kind) for kind in ordered),
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {kind.slug: {"value": _example(kind)} for kind in ordered},
            }
        },
    }


def summary_of(kind: type[Problem]) -> str:
    """The first paragraph of a problem's docstring: when it is returned."""
    return " ".join((kind.__doc__ or kind.slug).strip().partition("\n\n")[0].split())


def _example(kind: type[Problem]) -> dict[str, Any]:
    members = {"type": f"/problems/{kind.slug}", "code": kind.slug, "title": kind.title, "status": kind.status}
    texts = {"detail": kind.detail, "next_step": kind.next_step}
    return members | {name: _PLACE.sub("…", text) for name, text in texts.items() if text}
