"""Problems as pages: what happened, what to do, a reference to give by telephone, and a way out. A user who is signed
in stays so on them: with their name, and the sections of a citizen or of staff."""

import asyncio
import re
from urllib.parse import quote

import structlog
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.identity.dependencies import address_of
from app.identity.device_class import device_of
from app.identity.problems import AssuranceRequired, EarlierSession
from app.identity.service.sessions import find_session
from app.kernel.db import reading
from app.kernel.i18n import N_, gettext, language
from app.kernel.problems import NotFound, Problem
from app.web.browser import BrowserSession, SignInRequired, cookie_name
from app.web.effects import owner_of
from app.web.folios import FolioConvertor
from app.web.form_problems import AboutTyped
from app.web.form_recovery import sent_before, store_sent
from app.web.notices import signed
from app.web.rendering import ENDED_NOTICE, RESTORED, STORED_NOTICE, prefix_of, render
from app.web.staff.header import Header, header_of

log = structlog.get_logger(__name__)

SERVER_ERROR = 500
FOLIO = re.compile(f"/{FolioConvertor.regex}(/|$)")
MAX_SECONDS = 1
"""How long a page of a problem waits for the database, which may be what failed."""
LOOKUPS = asyncio.Semaphore(4)
"""Problems that look up their reader at a time: refusing callers who ask too often costs the database little. Beyond
these, their pages have no name."""


def _with_stored(request: Request, problem: SignInRequired, page: str) -> str:
    """The sign-in page, which says that what was typed is stored, or that a button did nothing."""
    prefix = prefix_of(request)
    path = problem.location.partition("?")[0].removeprefix(prefix)
    what = STORED_NOTICE if RESTORED in page else ENDED_NOTICE
    return prefix + signed(owner_of(None), f"{path}?next={quote(page)}&{what}")


async def render_problem(request: Request, problem: Problem) -> Response:
    """The page of a problem; for a page that needs a sign-in, a redirect to it."""
    if isinstance(problem, SignInRequired) and not problem.stores_form:
        return RedirectResponse(problem.location, 303)
    if isinstance(problem, SignInRequired | EarlierSession):
        first = await sent_before(request)
        if first is not None:
            return first
        page = await store_sent(request)
        if isinstance(problem, SignInRequired):
            return RedirectResponse(_with_stored(request, problem, page) if page else problem.location, 303)
        if page:
            return RedirectResponse(prefix_of(request) + page, 303)
    browser, header = await _reader(request)
    request.scope["state"]["header"] = header
    is_staff = header is not None or (browser is None and request.scope["path"].startswith("/ventanilla"))
    way_out, text = ("/ventanilla" if is_staff else "/"), gettext(N_("Volver al inicio"))
    if isinstance(problem, AssuranceRequired):
        here = request.scope["path"] if request.method == "GET" else ""
        way_out, text = f"/mi/confirmar?next={quote(here)}", gettext(N_("Confirmar quién soy"))
    if isinstance(problem, AboutTyped):
        problem = problem.bare(is_page_shown=False)
        page = str(request.scope["state"].get("page", ""))
        way_out, text = (page, gettext(N_("Volver a la página"))) if page else (way_out, text)
    if type(problem) is NotFound and FOLIO.search(request.scope["path"]):
        problem = NotFound(next_step=N_("Revise el folio o vuelva al inicio."))
    page = render(
        request,
        "problem.html",
        browser=browser,
        csrf=browser.csrf if browser else "",
        problem=problem,
        is_staff=is_staff,
        reference=request.scope["state"].get("request_id") if problem.status >= SERVER_ERROR else None,
        way_out=way_out,
        way_out_text=text,
    )
    answer = HTMLResponse(page, problem.status, headers={"Content-Language": language()})
    answer.headers.update(problem.headers)
    return answer


async def _reader(request: Request) -> tuple[BrowserSession | None, Header | None]:
    """Who is signed in, as the database says now: the transaction of the request was rolled back. None where it can't
    be read in time."""
    token = request.cookies.get(cookie_name(), "")
    if not token or LOOKUPS.locked():
        return None, None
    try:
        async with LOOKUPS, asyncio.timeout(MAX_SECONDS), reading() as session:
            row = await find_session(session, token)
            if row is None or not (row.person_id or row.staff_id):
                return None, None
            header = await header_of(session, row.staff_id) if row.staff_id else None
            return BrowserSession(row, address_of(request), device_of(request.headers)), header
    except Exception as error:  # noqa: BLE001 # whatever fails again here, the problem is shown
        log.warning("reader_of_problem_unknown", error=type(error).__name__)
        return None, None
