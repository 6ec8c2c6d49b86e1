"""Search over every request of the actor's units: one box for folio, CURP, NSS or a name, or the beginning of one."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from app.catalog.loader import load_services
from app.identity.permissions import Action, require
from app.kernel import ids
from app.kernel.crypto import decrypt, encrypt
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.problems import Problem
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries import search
from app.requests.queries.search import Found
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.forms import WholeForm
from app.web.rendering import redirect, show
from app.web.staff.header import HEADER
from app.web.staff.list_query import ListQuery

router = APIRouter(prefix="/ventanilla/buscar", dependencies=[RECORDS_VIEWS, HEADER])

PAGE, KIND = "/ventanilla/buscar", "searches"
LONGEST = 120


@router.get("")
async def search_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """The box; with the number of a stored search, what it finds now. The address has no names."""
    require(actor, Action.WORK_REQUESTS)
    asked = ListQuery(request)
    b = asked.parsed("b", str)
    q = stored_search(browser, KIND, b) if b else None
    asked.done()
    if q is None:
        return _page(request, browser, "", [], None, is_expired=bool(b))
    found, problem = [], None
    try:
        async with savepoint(tx):
            found = await search.search(tx, actor, q)
    except Problem as refused:
        problem = refused
    record_views(actor, ViewContext.SEARCH, {row.person_id: row.unit_id for row in found})
    return _page(request, browser, q, found, problem)


@router.post("")
async def searched(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, form: WholeForm) -> Response:
    """By folio, CURP, NSS or name, with or without accents. Sent as a form, and stored: no personal data in an address,
    which histories and logs store."""
    require(actor, Action.WORK_REQUESTS)
    q = form.get("q")[:LONGEST].replace("\x00", "")
    query = urlencode({"b": store_search(browser, KIND, q)}) if q else ""
    return redirect(request, browser, f"{PAGE}?{query}" if query else PAGE)


def _page(
    request: Request,
    browser: BrowserSession,
    q: str,
    found: list[Found],
    problem: Problem | None,
    *,
    is_expired: bool = False,
) -> Response:
    return show(
        request,
        browser,
        "staff/search.html",
        status=problem.status if problem else 200,
        problem=problem,
        q=q,
        found=found,
        is_expired=is_expired,
        services=load_services(),
        back="/ventanilla",
    )


PURPOSE = "staff search"
MAX_STORED = 10
TOKEN_BYTES = 9


def store_search(browser: BrowserSession, kind: str, words: str) -> str:
    """Store what was searched for on this kind of page, in place of the oldest; returns its number for the address."""
    number = ids.new_secret(TOKEN_BYTES)
    stored = list(browser.answers.get(kind, []))[-(MAX_STORED - 1) :]
    browser.remember(**{kind: [*stored, [number, encrypt(PURPOSE, words).decode()]]})
    return number


def stored_search(browser: BrowserSession, kind: str, number: str) -> str | None:
    """What was searched for; None when it isn't stored (any more) with this session."""
    for stored, words in browser.answers.get(kind, []):
        if stored == number:
            try:
                return decrypt(PURPOSE, words.encode())
            except ValueError:  # encrypted with a key that is no more
                return None
    return None
