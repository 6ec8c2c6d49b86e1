"""Problems as OperationOutcome: a code of FHIR's list for each, its own in `details`, and what to do in words."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.interop.fhir import systems
from app.kernel.i18n import gettext, language
from app.kernel.problems import Problem

MEDIA_TYPE = "application/fhir+json"
BY_STATUS = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    408: "timeout",
    409: "business-rule",
    410: "timeout",
    412: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "invalid",
    428: "required",
    429: "throttled",
    500: "exception",
    503: "transient",
}
BY_SLUG = {
    # IHE ITI-116: a time that can't be had any more is fatal to the operation, and not found.
    "slot-taken": "not-found",
    "hold-expired": "timeout",
    "hold-conflict": "conflict",
    "token-expired": "expired",
    "search-not-supported": "not-supported",
    "search-too-broad": "too-costly",
    "change-not-supported": "not-supported",
    "resource-unreadable": "structure",
    "key-reused": "duplicate",
    "already-booked": "business-rule",
}
FATAL = {"slot-taken"}
"""Of which IHE asks for this severity."""


def outcome_of(problem: Problem) -> dict[str, Any]:
    """The outcome that a problem is, in the current language."""
    severity = "fatal" if problem.slug in FATAL else "error"
    code = BY_SLUG.get(problem.slug) or BY_STATUS.get(problem.status, "processing")
    details: dict[str, Any] = {
        "coding": [{"system": systems.own("CodeSystem/problem"), "code": problem.slug}],
        "text": problem.heading(),
    }
    words = " ".join(part for part in (problem.text(), problem.advice()) if part)
    first: dict[str, Any] = {"severity": severity, "code": code, "details": details}
    if words:
        first["diagnostics"] = words
    issues = [first]
    for wrong in problem.fields:
        one = {"severity": "error", "code": code, "details": details | {"text": gettext(wrong.message)}}
        issues.append(one | {"expression": [wrong.field]})
    issues += [_alternative(one) for one in problem.extra.get("alternatives", [])]
    if "reference" in problem.extra:
        issues.append(_information(str(problem.extra["reference"])))
    return {"resourceType": "OperationOutcome", "issue": issues}


def _information(text: str) -> dict[str, Any]:
    return {"severity": "information", "code": "informational", "diagnostics": text}


def _alternative(one: dict[str, Any]) -> dict[str, Any]:
    """A free time near the one that can't be had; `slot`: its id, where it is known."""
    issue = _information(f"{one['start_at']}, {one['room']}")
    if "slot" in one:
        value = {"reference": f"Slot/{one['slot']}", "display": one["start_at"]}
        issue["extension"] = [{"url": systems.own("StructureDefinition/alternative"), "valueReference": value}]
    return issue


def warning(text: str, code: str = "not-supported") -> dict[str, Any]:
    """An outcome that goes with what was found."""
    issue = {"severity": "warning", "code": code, "diagnostics": text}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


async def render_problem(_request: Request, problem: Problem) -> Response:
    """The response that a problem is under the addresses of FHIR."""
    headers = {"Content-Language": language(), **problem.headers}
    if problem.status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="ventanilla"')
    if "ETag" in headers:
        headers["ETag"] = f"W/{headers['ETag'].removeprefix('W/')}"
    body = json.dumps(outcome_of(problem), ensure_ascii=False, separators=(",", ":"))
    return Response(body, problem.status, headers=headers, media_type=MEDIA_TYPE)
