"""The page assets: names that change with the content, cached for ever by browsers, sent precompressed."""

from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse

from app.kernel.problems import NotFound
from app.web.browser import AnonymousWeb
from app.web.portal_worker import ADDRESS
from app.web.rendering import STATIC, static_path
from app.web.settings import page_settings

router = APIRouter()

NAME = r"^[a-z]+-[0-9a-f]{12}\.[a-z]+$"
TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".js": "text/javascript"}
WORKERS = ("worker-", "kioskworker-")
"""The scripts that may answer for pages of a browser: the day sheet's, which sees sign-ins and sign-outs, and that of
kiosks, in both languages."""
FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/static/{name}", include_in_schema=False)
async def asset(request: Request, name: Annotated[str, Path(pattern=NAME)]) -> Response:
    """An asset of the pages. No one needs to be signed in to read it."""
    file = STATIC / name
    if not file.is_file() or file.suffix not in TYPES:
        raise NotFound
    headers = {"Cache-Control": FOR_EVER}
    if name.startswith(WORKERS):
        headers["Service-Worker-Allowed"] = "/"
    return _answer(request, file, headers)


@router.get(ADDRESS)
async def worker(request: Request, _actor: AnonymousWeb) -> Response:
    """The portal's service worker; where it was turned off, the one that ends it in each browser. Browsers ask each
    time whether it has changed."""
    name = "portalworker.js" if page_settings().service_worker else "portalend.js"
    file = STATIC / static_path(name).rpartition("/")[2]
    tag = f'W/"{file.stem.rpartition("-")[2]}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return _answer(request, file, headers)


def _answer(request: Request, file: FilePath, headers: dict[str, str]) -> Response:
    headers["Vary"] = "Accept-Encoding"
    encoding, chosen = _encoded(file, request.headers.get("accept-encoding", ""))
    if encoding:
        headers["Content-Encoding"] = encoding
    return FileResponse(chosen, media_type=TYPES[file.suffix], headers=headers)


def _encoded(file: FilePath, accepted: str) -> tuple[str, FilePath]:
    offered = {part.split(";")[0].strip() for part in accepted.split(",")}
    for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
        compressed = file.with_name(file.name + suffix)
        if encoding in offered and compressed.is_file():
            return encoding, compressed
    return "", file
