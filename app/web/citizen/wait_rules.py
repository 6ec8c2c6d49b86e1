"""The published rule of the wait list: in which order freed times are offered."""

from fastapi import APIRouter, Request, Response

from app.web.browser import AnonymousWeb, BrowserSessionWeb
from app.web.rendering import show

router = APIRouter()


@router.get("/lista-de-espera")
async def rules_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """Anyone may read it."""
    return show(request, browser, "citizen/wait_rules.html", back="/", private=False)
