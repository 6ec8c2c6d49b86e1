"""The form of a POST, and what makes a repetition of it the same."""

from urllib.parse import parse_qsl, urlencode

from fastapi import Request

from app.interop.open311.problems import FormNotSupported
from app.kernel.idempotency import fingerprint
from app.kernel.problems import BadRequest

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 100


async def form_of(request: Request) -> list[tuple[str, str]]:
    """The fields of the form.

    Raises:
        FormNotSupported: it is none, or one with files. BadRequest: it can't be read.
    """
    kind = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if kind != FORM:
        raise FormNotSupported
    try:
        body = (await request.body()).decode()
        return parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadRequest from error


async def fingerprint_of(request: Request) -> bytes:
    """By method, path and form, but for the key: a repetition may come with a renewed one."""
    rest = [(name, value) for name, value in await form_of(request) if name != "api_key"]
    return fingerprint(request.method, request.scope["path"], urlencode(rest).encode())
