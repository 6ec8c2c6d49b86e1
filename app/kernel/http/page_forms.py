"""The body of a page's form, within limits."""

from fastapi import Request
from starlette.datastructures import FormData

MAX_FIELDS, MAX_FILES = 120, 20


async def page_form(request: Request) -> FormData:
    """Read the form; again, it is the one that was read."""
    return await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS)
