"""The front page and the pages that only say something."""

import re

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from app.identity.settings import identity_settings
from app.kernel.i18n import DEFAULT, LANGUAGES, gettext
from app.kernel.problems import NotFound, all_problems
from app.kernel.settings import get_settings
from app.registry.settings import access_log_settings
from app.web.browser import AnonymousWeb, BrowserSessionWeb
from app.web.rendering import show

router = APIRouter()
PRIVATE = ("/api/", "/citas/", "/desarrollo", "/entrar", "/folio/", "/mi", "/tramites/R-", "/ventanilla")
"""Where addresses begin that are of no use to anyone but a person signed in."""
BLANK = re.compile(r"%\(\w+\)[sd]")


@router.get("/")
async def front_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """Two big tasks, a folio to follow, help by telephone."""
    return show(request, browser, "citizen/home.html", private=False)


@router.get("/robots.txt")
async def robots(_actor: AnonymousWeb) -> Response:
    """What search engines may read: the public pages; nothing of a demonstration, whose people are synthetic."""
    languages = ["", *(f"/{code}" for code in LANGUAGES if code != DEFAULT)]
    closed = [prefix + path for path in PRIVATE for prefix in languages] if get_settings().is_production else ["/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/ayuda")
async def help_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """The questions people ring about."""
    return show(request, browser, "citizen/help.html", back="/", private=False)


@router.get("/privacidad")
async def privacy_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """Who answers for the data, what they are for, how long they stay, and the rights over them."""
    years, minutes = access_log_settings().access_log_years, identity_settings().code_minutes
    return show(request, browser, "citizen/privacy.html", years=years, code_minutes=minutes, back="/", private=False)


@router.get("/accesibilidad")
async def accessibility_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """Accessibility statement: what was done, and what is not yet known."""
    return show(request, browser, "citizen/accessibility.html", back="/", private=False)


@router.get("/sin-conexion")
async def offline_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """What to do without a connection."""
    return show(request, browser, "citizen/offline.html", back="/", private=False)


@router.get("/tarjetas")
async def passes_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """The passes that are saved in this browser, which only its worker knows."""
    return show(request, browser, "citizen/passes.html", back="/mi")


@router.get("/problems/{slug}")
async def problem_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, slug: str) -> Response:
    """What a problem's `type` leads to (RFC 9457, 3.1.1): what it means and what to do."""
    kind = next((kind for kind in all_problems() if kind.slug == slug), None)
    if kind is None:
        raise NotFound
    texts = [BLANK.sub("…", gettext(text)) for text in (kind.detail, kind.next_step) if text]
    return show(request, browser, "citizen/problem_type.html", back="/", private=False, kind=kind, texts=texts)
