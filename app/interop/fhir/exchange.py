"""What every FHIR route takes and gives: the format, a resource in the body, a search, a version."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request, Response

from app.interop.fhir.capabilities import RESOURCES
from app.interop.fhir.outcomes import MEDIA_TYPE
from app.interop.fhir.problems import FormatNotAcceptable, FormatNotSupported, ResourceUnreadable
from app.interop.fhir.search import Search, parse_search
from app.kernel.etags import Versions, versions_of
from app.kernel.i18n import language

JSON_TYPES = frozenset({"json", "application/json", "text/json", MEDIA_TYPE})
ANY_TYPES = frozenset({"*/*", "application/*"})
JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"
FORM = "application/x-www-form-urlencoded"


async def _negotiate(request: Request) -> None:
    """Refuse who asks for another format.

    Raises:
        FormatNotAcceptable: none of what is asked for is JSON.
    """
    named = request.query_params.get("_format")
    if named is not None:
        if media_type(named.replace(" ", "+")) not in JSON_TYPES:
            raise FormatNotAcceptable
        return
    accepted = [media_type(one) for one in request.headers.get("accept", "*/*").split(",")]
    if not any(one in JSON_TYPES or one in ANY_TYPES or one in (JSON_PATCH, "") for one in accepted):
        raise FormatNotAcceptable


NEGOTIATED = Depends(_negotiate)
"""For `dependencies=` of every FHIR router."""


def media_type(text: str) -> str:
    """A media type without its parameters."""
    return text.partition(";")[0].strip().lower()


def answer(
    resource: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None, *, minimal: bool = False
) -> Response:
    """The response that a resource is: with its version as a weak ETag, where it has one. `minimal`: without it."""
    given = {"Content-Language": language()} | dict(headers or {})
    version = resource.get("meta", {}).get("versionId")
    if version is not None:
        given["ETag"] = f'W/"{version}"'
    body = b"" if minimal else json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, headers=given, media_type=MEDIA_TYPE)


def wants_minimal(request: Request) -> bool:
    """Whether the client prefers no body (R4, 3.1.0.1.6)."""
    return "return=minimal" in _preferences(request)


def _preferences(request: Request) -> set[str]:
    sent = ",".join(request.headers.getlist("prefer"))
    return {one.strip().lower().replace('"', "") for one in sent.replace(";", ",").split(",")}


async def read_resource(request: Request, kind: str) -> dict[str, Any]:
    """The resource of this kind in the body.

    Raises:
        FormatNotSupported: it isn't JSON. ResourceUnreadable: it is another.
    """
    if media_type(request.headers.get("content-type", MEDIA_TYPE)) not in JSON_TYPES:
        raise FormatNotSupported
    found = await read_json(request, kind)
    if not isinstance(found, dict) or found.get("resourceType") != kind:
        raise ResourceUnreadable(kind=kind)
    return found


async def read_json(request: Request, kind: str) -> Any:
    """The JSON of the body.

    Raises:
        ResourceUnreadable: it is none.
    """
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise ResourceUnreadable(kind=kind) from error


async def search_of(request: Request, kind: str) -> tuple[Search, list[tuple[str, str]]]:
    """What a request searches of this kind, and all that it sent: in the address, and in the form of `_search`.

    Raises:
        SearchNotSupported, Invalid: as `parse_search`.
    """
    items = request.query_params.multi_items()
    if request.method == "POST":
        if media_type(request.headers.get("content-type", FORM)) != FORM:
            raise FormatNotSupported
        try:
            items = [*items, *parse_qsl((await request.body()).decode(), max_num_fields=200)]
        except ValueError as error:
            raise ResourceUnreadable(kind=kind) from error
    strict = "handling=strict" in _preferences(request)
    return parse_search(items, RESOURCES[kind].searchable, strict=strict), items


def weak_versions(if_match: str | None) -> Versions:
    """The versions that an If-Match header accepts; FHIR's tags are weak, and compare by their number.

    Raises:
        PreconditionRequired: none was sent.
    """
    return versions_of(if_match.replace('W/"', '"') if if_match is not None else None)


def read_version(if_match: str | None, named: str | None) -> Versions:
    """The version on which a change was made: that of If-Match, or else the one that the resource or patch names.

    Raises:
        PreconditionRequired: neither says.
    """
    if if_match is None:
        return weak_versions(f'"{named}"' if named is not None else None)
    return weak_versions(if_match)


def version_in(resource: Any) -> str | None:
    """The version that a resource, or a merge patch, says it was made on."""
    meta = resource.get("meta") if isinstance(resource, Mapping) else None
    version = meta.get("versionId") if isinstance(meta, Mapping) else None
    return version if isinstance(version, str) else None
