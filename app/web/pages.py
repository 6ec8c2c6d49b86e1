"""Every page of the portal. Those of the way to an appointment come before `/citas/{folio}`, which would take them;
those of a request, by its folio, before those of a service, by its name."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.web import development, static_files
from app.web.citizen import (
    accesses,
    account,
    answering,
    appointment,
    choosing,
    closing,
    confirming,
    consents,
    entrance,
    first_time,
    following,
    information,
    law,
    me,
    number,
    requesting,
    services,
    times,
    verifying,
)
from app.web.data import baseline, dashboard, method, public, rows
from app.web.staff import (
    access_log,
    case,
    decisions,
    desk,
    entry,
    handover,
    held,
    many,
    messages,
    papers,
    parked,
    people,
    personnel,
    queue,
    search,
    setup,
    stopped,
    unaddressed,
    visits,
)

router = APIRouter()
for part in (
    static_files.router,
    information.router,
    law.router,
    verifying.router,
    entrance.router,
    first_time.router,
    choosing.router,
    times.router,
    confirming.router,
    appointment.router,
    appointment.following,
    me.router,
    number.router,
    accesses.router,
    closing.router,
    account.router,
    consents.router,
    requesting.router,
    answering.router,
    following.router,
    services.router,
    entry.router,
    queue.router,
    stopped.router,
    many.router,
    search.router,
    visits.router,
    papers.router,
    case.router,
    handover.router,
    decisions.router,
    people.router,
    personnel.router,
    access_log.router,
    setup.router,
    desk.router,
    held.router,
    messages.router,
    unaddressed.router,
    parked.router,
    public.router,
    method.router,
    dashboard.router,
    baseline.router,
    rows.router,
    development.router,
):
    router.routes.extend(part.routes)
for route in router.routes:
    if isinstance(route, APIRoute):
        route.include_in_schema = False
