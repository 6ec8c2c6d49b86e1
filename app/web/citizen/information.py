"""The front page (C1) and the pages that only say something (C24)."""

from fastapi import APIRouter, Request, Response

from app.identity.access import AnyoneWeb, VisitWeb
from app.web.rendering import show

router = APIRouter()


@router.get("/")
async def front_page(request: Request, visit: VisitWeb, _actor: AnyoneWeb) -> Response:
    """C1: two big tasks, a folio to follow, help by telephone."""
    return show(request, visit, "citizen/home.html", private=False)


@router.get("/ayuda")
async def help_page(request: Request, visit: VisitWeb, _actor: AnyoneWeb) -> Response:
    """The questions people ring about."""
    return show(request, visit, "citizen/help.html", back="/", private=False)


@router.get("/privacidad")
async def privacy_page(request: Request, visit: VisitWeb, _actor: AnyoneWeb) -> Response:
    """What is kept, for how long, and what isn't done."""
    return show(request, visit, "citizen/privacy.html", back="/", private=False)


@router.get("/accesibilidad")
async def accessibility_page(request: Request, visit: VisitWeb, _actor: AnyoneWeb) -> Response:
    """What was done so that everybody can use it, and what is not yet known."""
    return show(request, visit, "citizen/accessibility.html", back="/", private=False)


@router.get("/sin-conexion")
async def offline_page(request: Request, visit: VisitWeb, _actor: AnyoneWeb) -> Response:
    """What to do without a connection."""
    return show(request, visit, "citizen/offline.html", back="/", private=False)
