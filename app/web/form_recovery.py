"""Form recovery: what was typed into a page whose session had ended is stored, and restored on that page after signing
in.

It is encrypted, belongs to the user the page was shown to (never to another user of the same browser), and lasts an
hour. To restore it, the form is shown again: `FormRecovery` sends what was stored through the form's own route, marked
so that it has no effect, and every route shows what was typed.
"""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.requests import empty_receive
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.identity.service.sessions import find_session
from app.identity.service.stored_forms import SubmittedForm, find_form, read_tag, store_form
from app.kernel.db import reading, separate_tx
from app.kernel.http.pages import local_path, readable_form
from app.web.browser import SAFE_METHODS, cookie_name
from app.web.effects import FOR_FIELD, OWN_FIELDS, answered_before, owner_of_session
from app.web.forms import PAGE_FIELD
from app.web.rendering import ENDED, RESTORED, STORED

if TYPE_CHECKING:
    from app.identity.models import WebSession

CSRF_FIELD = "csrf"
LONGEST_QUERY = 500
"""Letters: ours are shorter. A longer one is left out, as if the action had none."""


def _has_form(request: Request) -> bool:
    """Return whether its body was read: that of an upload without a session isn't."""
    return request.method not in SAFE_METHODS and request.receive is not empty_receive


async def sent_before(request: Request) -> Response | None:
    """Where the form of this request led when it was sent first: that may have ended the session, as closing an account
    does."""
    if not _has_form(request):
        return None
    async with separate_tx() as session:
        return await answered_before(request, session)


async def store_sent(request: Request) -> str:
    """Store the form of a request without a session; return the page that restores it, or that says that nothing was
    done if it was a button only, or nothing."""
    if not _has_form(request):
        return ""
    form = await readable_form(request)
    if form is None:
        return ""
    owner, page = read_tag(str(form.get(FOR_FIELD, ""))), local_path(str(form.get(PAGE_FIELD, "")))
    if owner is None or not page:
        return ""
    fields = {
        name: [value for value in form.getlist(name) if isinstance(value, str)]
        for name in form
        if name not in OWN_FIELDS or name == PAGE_FIELD
    }
    mark = ENDED if fields.keys() <= {PAGE_FIELD} else RESTORED  # only a button: nothing was typed or is promised
    async with separate_tx() as session:
        is_stored = await store_form(session, owner, page, SubmittedForm(_address(request), fields))
    return f"{page}{'&' if '?' in page else '?'}{mark}" if is_stored else ""


def _address(request: Request) -> str:
    """Where a form was sent to, with the query of its action: that may name the unit, or the document, it is about."""
    query = request.url.query
    return str(request.scope["path"]) + (f"?{query}" if query and len(query) <= LONGEST_QUERY else "")


class FormRecovery:
    """A page asked for with `guardado=1` is shown with what its reader had typed there, if that is still stored; with
    `guardado=0`, it says that a button did nothing, until it is pressed again."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asks = scope["type"] == "http" and scope["method"] == "GET" and STORED.encode() in scope["query_string"]
        found = await _stored(scope) if asks else None
        if found is None:
            await self.app(scope, receive, send)
            return
        row, typed = found
        body = urlencode({**typed.fields, CSRF_FIELD: [row.csrf]}, doseq=True).encode()
        await self.app(_as_sent(scope, typed.path, len(body)), _reading(body, receive), send)


async def _stored(scope: Scope) -> tuple[WebSession, SubmittedForm] | None:
    cookies = SimpleCookie(Headers(scope=scope).get("cookie", ""))
    token = cookies[cookie_name()].value if cookie_name() in cookies else ""
    query = scope["query_string"].decode("latin-1")
    for mark in (RESTORED, ENDED):
        query = query.replace(f"&{mark}", "").replace(mark, "")
    page = scope["path"] + (f"?{query}" if query else "")
    async with reading() as session:
        row = await find_session(session, token) if token else None
        typed = await find_form(session, owner_of_session(row), page) if row is not None else None
    return (row, typed) if row is not None and typed is not None else None


def _as_sent(scope: Scope, address: str, length: int) -> Scope:
    path, _sign, query = address.partition("?")
    ours = {b"content-type", b"content-length", b"sec-fetch-site", b"origin"}
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in ours]
    headers += [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", str(length).encode()),
        (b"sec-fetch-site", b"same-origin"),
    ]
    at = {"path": path, "raw_path": path.encode(), "query_string": query.encode("latin-1", "replace")}
    return {**scope, **at, "method": "POST", "headers": headers, "state": scope["state"] | {"is_restored": True}}


def _reading(body: bytes, receive: Receive) -> Receive:
    is_read = False

    async def give() -> Message:
        nonlocal is_read
        if is_read:
            return await receive()
        is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give
