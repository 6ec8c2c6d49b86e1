"""PATCH by JSON Merge Patch (RFC 7396): what is left out stays as it is, and null removes. Sent as `application/json`,
it means the same."""

from typing import Annotated, Any

from fastapi import Depends, Request

from app.kernel.problems import MediaTypeUnsupported

MERGE_PATCH = "application/merge-patch+json"
TAKEN = (MERGE_PATCH, "application/json")
ACCEPT_PATCH = {"Accept-Patch": ", ".join(TAKEN)}


async def _require_taken(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in TAKEN:
        raise MediaTypeUnsupported(headers=ACCEPT_PATCH)


MergePatch = Annotated[None, Depends(_require_taken)]
"""A parameter of every PATCH, after its actor: another kind of patch is refused, not misread."""


def patch_body(schema: str) -> dict[str, Any]:
    """Return the `openapi_extra=` of a PATCH whose body is this schema."""
    return {"requestBody": {"content": {MERGE_PATCH: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}}
