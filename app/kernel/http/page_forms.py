"""The body of a page's form, within limits."""

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from app.kernel.problems import BadRequest

MAX_FIELDS, MAX_FILES = 120, 20
PLAIN = "application/x-www-form-urlencoded"


async def page_form(request: Request) -> FormData:
    """Read the form; again, it is the one that was read.

    Raises:
        BadRequest: it has more fields than any page.
    """
    is_plain = request.headers.get("content-type", "").startswith(PLAIN)
    # Before they are parsed: a million empty fields would hold everybody up for a second.
    if is_plain and (await request.body()).count(b"&") >= MAX_FIELDS:
        raise BadRequest
    return await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS)


async def readable_form(request: Request) -> FormData | None:
    """The form of a request that is refused already: None when it can't be read."""
    try:
        return await page_form(request)
    except (BadRequest, HTTPException):
        return None
