"""Headers of requests and responses, from what a route takes and returns."""

from collections.abc import Collection
from typing import Any

from app.kernel.http.openapi import SENDS
from app.kernel.problems import all_problems

Operation = dict[str, Any]
TEXT = {"type": "string"}
NUMBER = {"type": "integer", "minimum": 0}

HEADERS: dict[str, dict[str, Any]] = {
    "Accept-Patch": {
        "description": "What a PATCH takes (RFC 5789).",
        "schema": TEXT,
        "required": True,
        "example": "application/merge-patch+json, application/json",
    },
    "Cache-Control": {
        "description": "For how long any cache may keep it.",
        "schema": TEXT,
        "example": "public, max-age=300",
    },
    "ETag": {
        "description": "The version: for If-Match of a change, or If-None-Match of a read.",
        "schema": TEXT,
        "example": '"3"',
    },
    "Idempotency-Replayed": {
        "description": "In the answer to a repeated Idempotency-Key: nothing was done again.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Link": {
        "description": "The next page, where there is one (RFC 8288).",
        "schema": TEXT,
        "example": '</api/v1/appointments?limit=20&cursor=WyIyMDI2Il0>; rel="next"',
    },
    "Location": {
        "description": "The address of what was made.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Preference-Applied": {
        "description": "With `Prefer: return=minimal`.",
        "schema": {"type": "string", "enum": ["return=minimal"]},
    },
    "RateLimit": {
        "description": "What is left of the quotas, and for how many seconds; absent where there is no limit.",
        "schema": TEXT,
        "example": '"default";r=298;t=41',
    },
    "RateLimit-Policy": {
        "description": "The quotas: of the address, and of a client's program.",
        "schema": TEXT,
        "example": '"default";q=300;w=60',
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": NUMBER, "required": True, "example": 5},
    "Total-Count": {"description": "With the first page: how many rows the list has.", "schema": NUMBER, "example": 42},
    "WWW-Authenticate": {
        "description": "How to authenticate (RFC 9110).",
        "schema": TEXT,
        "required": True,
        "example": 'Bearer realm="ventanilla"',
    },
    "X-Request-Id": {
        "description": "The id of the request in the logs: the client's own, or a new one.",
        "schema": TEXT,
        "required": True,
        "example": "01980a5e-7c1b-7d3e-9a52-4f6e8b0c1d2f",
    },
}
SCOPE_NAMED = {
    "description": "`insufficient_scope` with the scope that the token lacks (RFC 6750).",
    "schema": TEXT,
    "example": 'Bearer error="insufficient_scope", scope="metrics.read"',
}
OF_ALL = ("X-Request-Id", "RateLimit", "RateLimit-Policy")
OF_STATUS = {
    "401": ("WWW-Authenticate",),
    "412": ("ETag",),
    "415": ("Accept-Patch",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}


def component_name(header: str) -> str:
    """The name of a header among the components."""
    return header.replace("-", "")


def references(*names: str) -> dict[str, Any]:
    """Headers of a response, as references."""
    return {name: {"$ref": f"#/components/headers/{component_name(name)}"} for name in sorted(set(names))}


def of_refused_scope(operation: Operation) -> dict[str, Any]:
    """The header that says which scope a token lacks, where an operation takes tokens with scopes."""
    takes_scopes = any("client" in one for one in operation["security"])
    return {"WWW-Authenticate": {"$ref": "#/components/headers/ScopeNamed"}} if takes_scopes else {}


def of_problems(slugs: Collection[str], known: Collection[str]) -> dict[str, Any]:
    """The headers that some of the problems of a response send, beside those known of it."""
    names = {name for kind in all_problems() if kind.slug in slugs for name in kind.sent_headers}
    return {name: HEADERS[name] | {"required": False} for name in sorted(names - set(known))}


def components() -> dict[str, Any]:
    """The headers, for the components of the document."""
    return {component_name(name): one for name, one in HEADERS.items()} | {"ScopeNamed": SCOPE_NAMED}


def taken(operation: Operation) -> set[str]:
    """Names of the headers and of the query parameters that an operation takes."""
    return {one["name"] for one in operation.get("parameters", ())}


def sent(
    operation: Operation, status: str, schema: dict[str, Any], declared: list[str], *, has_address: bool = False
) -> list[str]:
    """The headers of a response.

    Args:
        schema: of its body, without references.
        declared: what the route says beside (`sends`).
        has_address: what it makes can be read at an address below.
    """
    names = [*OF_ALL, *OF_STATUS.get(status, ())]
    if status >= "400":
        return names
    given = taken(operation)
    if "Idempotency-Key" in given:
        names.append("Idempotency-Replayed")
    if "cursor" in given and status == "200":
        names.append("Link")
    if status == "201" and has_address:
        names.append("Location")
    if "Prefer" in given:
        names += ["Preference-Applied", "ETag"]
    is_read_again = "304" in operation["responses"]
    if is_read_again or "version" in schema.get("properties", {}) or "If-Match" in given:
        names.append("ETag")
    return names + [name for name in declared if name != "Location" or status == "201"]


def require_if_match(operation: Operation) -> None:
    """Declare If-Match as required where it is taken: without it, the answer is 428."""
    for one in operation.get("parameters", ()):
        if one["name"] == "If-Match":
            one["required"] = True
            one["example"] = '"3"'


def pop_declared(operation: Operation) -> list[str]:
    """Take what `sends` declares out of an operation."""
    names: list[str] = operation.pop(SENDS, [])
    return names
