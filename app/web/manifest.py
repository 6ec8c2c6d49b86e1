"""The web app manifest: what a phone needs to put the portal among its apps. One for each language, of the same app."""

import json
from typing import Any

from fastapi import APIRouter, Request, Response

from app.kernel.i18n import N_, gettext, language
from app.places.settings import agency_settings
from app.web.browser import AnonymousWeb
from app.web.rendering import prefix_of, static_path

router = APIRouter()

THEME, BACKGROUND = "#13322b", "#ffffff"
ICONS = (("iconsmall.png", 192, "any"), ("iconlarge.png", 512, "any"), ("iconmaskable.png", 512, "maskable"))
SHORTCUTS = (
    ("/citas", N_("Pedir una cita")),
    ("/mi", N_("Mi cuenta")),
    ("/tramites", N_("Hacer un trámite")),
)


def manifest_for(prefix: str) -> dict[str, Any]:
    """The manifest in the language of the request, whose pages begin with `prefix`. Both languages are one app, and
    both are within it: `id` and `scope` are the same."""
    name = agency_settings().agency_name
    return {
        "id": "/",
        "name": name,
        "short_name": name,
        "description": gettext(N_("Citas y trámites de seguridad social en línea")),
        "lang": "es-MX" if language() == "es" else language(),
        "dir": "ltr",
        "start_url": prefix or "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME,
        "background_color": BACKGROUND,
        "categories": ["government", "medical"],
        "icons": [
            {"src": static_path(file), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for file, size, purpose in ICONS
        ],
        "shortcuts": [{"name": gettext(text), "url": prefix + path} for path, text in SHORTCUTS],
    }


@router.get("/manifest.webmanifest")
async def manifest(request: Request, _actor: AnonymousWeb) -> Response:
    """Anyone may read it; it names no one."""
    text = json.dumps(manifest_for(prefix_of(request)), ensure_ascii=False)
    headers = {"Cache-Control": "public, max-age=3600", "Content-Language": language()}
    return Response(text, media_type="application/manifest+json", headers=headers)
