"""The two forms of an answer: XML, and JSON made from the same by the Spark convention, where a list has no name."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from xml.etree import ElementTree

from starlette.requests import Request
from starlette.responses import Response

from app.kernel.i18n import language
from app.kernel.problems import Problem

Format = Literal["xml", "json"]
MEDIA_TYPES: Mapping[Format, str] = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What each of a list is called in XML."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
STATUSES = {401: 403, 422: 400, 428: 400}
"""Open311 has 403 for a missing or wrong key, and 400 for what can't be read or isn't valid."""


def answer(
    root: str, content: Any, form: Format, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The response with this content. `root`: the name of its root element in XML."""
    body = _json(content) if form == "json" else _xml(root, content)
    given = {"Content-Language": language(), **(headers or {}), "Content-Type": MEDIA_TYPES[form]}
    return Response(body, status, headers=given)


def public(root: str, content: Any, form: Format) -> Response:
    """The same of what anyone may read, to be kept for a while."""
    return answer(root, content, form, headers={"Cache-Control": "public, max-age=300", "Vary": "Accept-Language"})


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _xml(root: str, content: Any) -> bytes:
    made: bytes = ElementTree.tostring(_element(root, content), encoding="utf-8", xml_declaration=True)
    return made


def _element(name: str, content: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(content, Mapping):
        element.extend(_element(key, value) for key, value in content.items())
    elif isinstance(content, Sequence) and not isinstance(content, str):
        element.extend(_element(ITEMS[name], one) for one in content)
    elif content is not None:
        text = str(content).lower() if isinstance(content, bool) else str(content)
        element.text = _NOT_XML.sub("", text)
    return element


def errors_of(problem: Problem) -> list[dict[str, Any]]:
    """The errors that a problem is: one for each field, or else one, for its reader."""
    code = STATUSES.get(problem.status, problem.status)
    wrong = problem.body().get("fields", [])
    if wrong:
        return [{"code": code, "description": f"{one['field']}: {one['message']}"} for one in wrong]
    folio = problem.extra.get("folio")
    return [{"code": code, "description": problem.sentence() + (f" ({folio})" if folio else "")}]


async def render_problem(request: Request, problem: Problem) -> Response:
    """The response that a problem is under the addresses of Open311."""
    form: Format = "json" if request.url.path.endswith(".json") else "xml"
    errors = errors_of(problem)
    return answer("errors", errors, form, STATUSES.get(problem.status, problem.status), problem.headers)
