"""Parse page forms, within limits."""

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from app.kernel.problems import BadRequest

MAX_FIELDS, MAX_FILES = 120, 20
PLAIN = "application/x-www-form-urlencoded"


async def page_form(request: Request) -> FormData:
    """Return the parsed form of a request; cached after the first call.

    Raises:
        BadRequest: it has more fields than any page.
    """
    is_plain = request.headers.get("content-type", "").startswith(PLAIN)
    # Checked before parsing: a million empty fields would block the process for a second.
    if is_plain and (await request.body()).count(b"&") >= MAX_FIELDS:
        raise BadRequest
    return await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS)


async def readable_form(request: Request) -> FormData | None:
    """Return the form of a rejected request; None if it can't be parsed."""
    try:
        return await page_form(request)
    except (BadRequest, HTTPException):
        return None
