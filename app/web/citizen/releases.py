"""How seats are released: the published rule."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.web.browser import AnonymousWeb, BrowserSessionWeb
from app.web.rendering import show

router = APIRouter()


@router.get("/reparto")
async def rules_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """In waves or by draw, and how each seat's wave is found. Anyone may read it."""
    return show(request, browser, "citizen/release_rules.html", back="/", private=False)
