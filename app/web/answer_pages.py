"""A page that answers a form of who is signed in has an address of its own: the POST leads there, whatever it says, so
that the browser's Back and reload find a page and not the question whether to send the form again.

The page is stored as it was, encrypted, for who sent the form, for an hour or until they sign out. When a form of the
same page has had its effect, what answered it before is deleted: Back then leads to the page as things are now. A page
shown while staff act for a person is shown again only while they still do.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import structlog
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.identity.service.assistance import open_assistance
from app.identity.service.stored_forms import find_form, store_response
from app.kernel.actor import Citizen, Staff
from app.kernel.db import separate_tx
from app.kernel.db_errors import DATABASE_ERRORS
from app.kernel.http.pages import local_path
from app.kernel.http.parameters import Tx
from app.kernel.parsing import whole_number
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS, recorded_views
from app.web.assisted_paths import ASSISTED, home_of
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb, StaffWeb
from app.web.effects import READER, owner_of
from app.web.rendering import keep_cookie, prefix_of, redirect

log = structlog.get_logger(__name__)
OWN_PREFIX, RESPONSE_PREFIX = "/respuesta/", "/ventanilla/respuesta/"
"""Of citizens and of staff."""
router = APIRouter(dependencies=[RECORDS_VIEWS])

FROM_FIELD = "de"
MAX_PAGE_LENGTH = 2_000
SERVER_ERROR = 500
STORED_HEADERS = ("content-type", "content-language")


class AnswerPages:
    """Redirects a form that is answered by a page to the page's own address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body: list[bytes] = []

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(scope, message):
                start = message
            elif start is None:
                await send(message)
            else:
                body.append(message.get("body", b""))
                if not message.get("more_body", False):
                    await _lead(scope, start, b"".join(body), send)

        await self.app(scope, receive, hold)


def _is_page(scope: Scope, start: Message) -> bool:
    content_type = MutableHeaders(raw=start["headers"]).get("content-type", "")
    has_reader = READER in scope["state"]
    return has_reader and start["status"] < SERVER_ERROR and content_type.startswith("text/html")


async def _lead(scope: Scope, start: Message, body: bytes, send: Send) -> None:
    """To the address of the page; the page itself where it can't be stored."""
    request = Request(scope)
    owner, is_sure, page = scope["state"][READER]
    headers = MutableHeaders(raw=list(start["headers"]))
    fields = {
        "status": [str(start["status"])],
        "page": [base64.b64encode(zlib.compress(body)).decode()],
        "views": [f"{name} {person} {unit or ''}" for name, person, unit in recorded_views(request)],
    } | {name: [headers[name]] for name in STORED_HEADERS if name in headers}
    if is_sure:
        fields["sure"] = ["yes"]
    assisted = scope["state"].get(ASSISTED)
    if assisted is not None:
        fields["assisted" if assisted.identity else "unchecked"] = [str(assisted.person_id)]
    try:
        async with separate_tx() as session:
            number = await store_response(session, owner, page[:MAX_PAGE_LENGTH], fields)
    except DATABASE_ERRORS as error:
        log.warning("answer_not_stored", error=type(error).__name__)
        number = ""
    if number:
        prefix = RESPONSE_PREFIX if owner.startswith("staff:") else OWN_PREFIX
        where = prefix_of(request) + prefix + number + (f"?{urlencode({FROM_FIELD: page})}" if page else "")
        for name in ("content-length", *STORED_HEADERS):
            del headers[name]
        headers["location"], headers["content-length"] = where, "0"
        start, body = {**start, "status": 303, "headers": headers.raw}, b""
    await send(start)
    await send({"type": "http.response.body", "body": body})


Number = Annotated[str, Path(max_length=40)]
From = Annotated[str, Query(alias=FROM_FIELD, max_length=MAX_PAGE_LENGTH)]


@router.get(OWN_PREFIX + "{number}")
async def own_answer_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, number: Number, page: From = ""
) -> Response:
    """The page as it answered the form; when it is stored no more, or what was shown needs another level of assurance,
    the page that the form was on, as it is now."""
    stored = await find_form(tx, owner_of(browser), number)
    if stored is None or ("sure" in stored.fields and not browser.is_sure):
        return redirect(request, browser, local_path(page) or "/mi")
    return _stored_page(browser, actor, stored.fields)


@router.get(RESPONSE_PREFIX + "{number}")
async def answer_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, number: Number, page: From = ""
) -> Response:
    """The same for staff."""
    stored = await find_form(tx, owner_of(browser), number)
    if stored is None:
        return redirect(request, browser, local_path(page) or "/ventanilla")
    for name in ("assisted", "unchecked"):
        for person in stored.fields.get(name, ()):  # what was shown while they were attended ends with it
            row = await open_assistance(tx, actor, UUID(person), lock=False)
            if row is None or (name == "assisted" and row.identity is None):
                return redirect(request, browser, home_of(UUID(person)))
    return _stored_page(browser, actor, stored.fields)


def _stored_page(browser: BrowserSession, actor: Staff | Citizen, fields: Mapping[str, Sequence[str]]) -> Response:
    for view in fields["views"]:
        name, person_id, unit_id = view.split(" ")
        record_views(actor, ViewContext(name), {UUID(person_id): UUID(unit_id) if unit_id else None})
    body = zlib.decompress(base64.b64decode(fields["page"][0]))
    answer = HTMLResponse(body, whole_number(fields["status"][0]))
    for name in STORED_HEADERS:
        if name in fields:
            answer.headers[name] = fields[name][0]
    keep_cookie(answer, browser)
    return answer
