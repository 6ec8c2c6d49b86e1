"""What pages take from a browser: forms, parsed within limits, and paths, which must lead to this host."""

from urllib.parse import quote

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


# Characters that need no encoding in a path (RFC 3986, 3.3), and `%`, since most paths here are encoded already.
SAFE_CHARACTERS = "/:@!$&'()*+,;=~%-._"
LONGEST = 200


def own_path(path: str) -> str:
    """The path as an address of this host, whatever it was decoded to.

    A browser reads `//host/x` and `/\\host/x` as another host (WHATWG URL, 4.4): slashes and backslashes at the start
    become one slash, and what isn't a character of a path is percent-encoded.
    """
    bare, mark, query = path.partition("?")
    encoded = quote(bare.lstrip("/\\"), safe=SAFE_CHARACTERS + "#")
    return "/" + encoded + mark + quote(query, safe=SAFE_CHARACTERS + "?#")


def local_path(text: str) -> str:
    """Return a client-supplied return path if it is a safe same-origin path, else an empty string."""
    is_path = text.startswith("/") and not text.startswith("//") and len(text) <= LONGEST
    return text if is_path and text.isprintable() and "\\" not in text and ":" not in text else ""
