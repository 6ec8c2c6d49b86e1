"""Every page of the portal. Those of the way to an appointment come before `/citas/{folio}`, which would take them."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.web import development, static_files
from app.web.citizen import appointment, choosing, confirming, entrance, information, me, times
from app.web.staff import desk, entry, messages, parked

router = APIRouter()
for part in (
    static_files.router,
    information.router,
    entrance.router,
    choosing.router,
    times.router,
    confirming.router,
    appointment.router,
    appointment.following,
    me.router,
    entry.router,
    desk.router,
    messages.router,
    parked.router,
    development.router,
):
    router.routes.extend(part.routes)
for route in router.routes:
    if isinstance(route, APIRoute):
        route.include_in_schema = False
