"""The web application: every package's routes behind the middleware."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import structlog
from fastapi import APIRouter, FastAPI
from sqlalchemy.exc import SQLAlchemyError

from app import __version__
from app.api_document.document import install_document
from app.catalog.challenges import challenges
from app.catalog.loader import load_services
from app.identity.service.staff import require_no_demo_staff
from app.interop.fhir.outcomes import render_problem as render_outcome
from app.interop.fhir.systems import PATH as FHIR
from app.kernel import db, log
from app.kernel.http import deprecation, errors, health
from app.kernel.http.context import RequestContext
from app.kernel.http.cors import Cors, OptionsMethod
from app.kernel.http.limits import BodyLimit
from app.kernel.http.middleware import CallerLimit, Compression, HeadMethod, RateLimit, SecurityHeaders
from app.kernel.http.openapi_route import openapi_route
from app.kernel.http.proxies import ProxyCheck, warn_at_start
from app.kernel.http.route_index import RouteIndex
from app.kernel.origins import parse_origins
from app.kernel.rate_limit_rules import parse_networks
from app.kernel.settings import get_settings
from app.law import current as law
from app.settings import PortalSettings, portal_settings, unknown_settings_text
from app.web import pages
from app.web.answer_pages import AnswerPages
from app.web.browser import PUBLIC_UPLOADS, authenticate_uploader, known_caller, takes_file
from app.web.errors import render_problem
from app.web.form_recovery import FormRecovery

logger = structlog.get_logger(__name__)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Open the database for the lifetime of the process."""
    gc.freeze()  # what is loaded by now stays for good: the collector need not look at it again
    warn_at_start(get_settings())
    for sentence in unknown_settings_text(os.environ):
        logger.warning("unknown_setting", meaning=sentence)
    if db.is_configured():
        yield  # the database was opened by a test or command, which closes it
        return
    db.configure()
    stop = asyncio.Event()
    figures = asyncio.create_task(law.watch(stop))
    try:
        await _require_no_demo_staff()
        yield
    finally:
        stop.set()
        await figures
        await db.disconnect()


async def _require_no_demo_staff() -> None:
    """Refuse to start with active demonstration staff; tolerates an unavailable database."""
    if not get_settings().is_production:
        return
    try:
        async with db.reading() as session:
            await require_no_demo_staff(session)
    except (SQLAlchemyError, OSError):
        logger.warning("database_unavailable_at_start")


def _routers() -> list[APIRouter]:
    """Return every package's JSON routes, discovered by its `api.py`, then the pages."""
    packages = sorted(
        path.name for path in Path(__file__).parent.iterdir() if (path / "api.py").exists() or (path / "api").is_dir()
    )
    routers: list[APIRouter] = [import_module(f"app.{package}.api").router for package in packages]
    return [*routers, pages.router]


def create_app(settings: PortalSettings | None = None) -> FastAPI:
    """Create the ASGI application."""
    settings = settings or portal_settings()
    challenges()
    load_services()  # an issue in a service file stops the startup, with its line
    log.configure_logging(settings.log_level, settings.log_format)
    app = FastAPI(
        title="Ventanilla",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,  # `openapi_route` answers it, with a validator
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # our own middleware counts and logs requests
    )
    render = errors.renderer(render_problem, {f"{FHIR}/": render_outcome})
    errors.install(app, render)
    # Flat: nested routers are searched level by level, on every request.
    for router in (health.router, *_routers()):
        app.router.routes.extend(router.routes)
    app.router.routes.append(openapi_route(app))
    index = RouteIndex(app.router.routes)
    app.router.routes.insert(0, index)
    install_document(app)
    deprecation.install_deprecations(app)
    # The last one added is the outermost.
    app.add_middleware(FormRecovery)
    app.add_middleware(AnswerPages)
    app.add_middleware(Compression, minimum_size=1200)
    app.add_middleware(
        BodyLimit,
        render=render,
        max_bytes=settings.max_body_bytes,
        max_upload_bytes=settings.max_upload_bytes,
        uploads_at_once=settings.uploads_at_once,
        authenticate=authenticate_uploader,
        takes_file=takes_file,
        public_uploads=PUBLIC_UPLOADS,
    )
    app.add_middleware(
        RateLimit,
        render=render,
        per_minute=settings.request_limit_per_minute,
        networks=parse_networks(settings.known_networks),
        caller=known_caller,
    )
    app.add_middleware(CallerLimit)
    app.add_middleware(OptionsMethod, render=render, methods_at=index.methods_at)
    app.add_middleware(SecurityHeaders, https=settings.secure_cookies)
    app.add_middleware(HeadMethod)
    app.add_middleware(RequestContext, render=render)
    app.add_middleware(Cors, origins=parse_origins(settings.api_origins))
    app.add_middleware(ProxyCheck)
    return app
