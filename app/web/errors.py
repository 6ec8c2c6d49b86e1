"""Problems as pages: what happened, what to do, a reference to give by telephone, and a way out."""

import re
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from app.identity.problems import AssuranceRequired, EarlierSession
from app.kernel.i18n import N_, gettext
from app.kernel.problems import NotFound, Problem
from app.web.browser import SignInRequired
from app.web.folios import FolioConvertor
from app.web.form_recovery import sent_before, store_sent
from app.web.rendering import prefix_of, show

SERVER_ERROR = 500
FOLIO = re.compile(f"/{FolioConvertor.regex}(/|$)")


async def render_problem(request: Request, problem: Problem) -> Response:
    """The page of a problem; for a page that needs a sign-in, a redirect to it."""
    if isinstance(problem, SignInRequired | EarlierSession):
        first = await sent_before(request)
        if first is not None:
            return first
        page = await store_sent(request)
        if isinstance(problem, SignInRequired):
            sign_in_path = problem.location.partition("?")[0]
            return RedirectResponse(f"{sign_in_path}?next={quote(page)}" if page else problem.location, 303)
        if page:
            return RedirectResponse(prefix_of(request) + page, 303)
    staff = request.scope["path"].startswith("/ventanilla")
    way_out, text = ("/ventanilla" if staff else "/"), gettext(N_("Volver al inicio"))
    if isinstance(problem, AssuranceRequired):
        here = request.scope["path"] if request.method == "GET" else ""
        way_out, text = f"/mi/confirmar?next={quote(here)}", gettext(N_("Confirmar quién soy"))
    if type(problem) is NotFound and FOLIO.search(request.scope["path"]):
        problem = NotFound(next_step=N_("Revise el folio o vuelva al inicio."))
    answer = show(
        request,
        None,
        "problem.html",
        status=problem.status,
        problem=problem,
        reference=request.scope["state"].get("request_id") if problem.status >= SERVER_ERROR else None,
        way_out=way_out,
        way_out_text=text,
    )
    for name, value in problem.headers.items():
        answer.headers[name] = value
    return answer
