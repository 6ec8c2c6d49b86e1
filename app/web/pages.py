"""Every page of the portal. Those of the way to an appointment come before `/citas/{folio}`, which would take them;
those of a request, by its folio, before those of a service, by its name."""

from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.web import answer_pages, development, static_files
from app.web.assisted import serve
from app.web.citizen import (
    access_history,
    account,
    account_closing,
    appointment,
    attachments,
    booking_choices,
    booking_review,
    booking_times,
    consents,
    drafts,
    first_time,
    information,
    information_request,
    law,
    me,
    number,
    request_status,
    services,
    sign_in,
    submitted,
    verification,
)
from app.web.data import baseline, dashboard, method, parameter_pages, public
from app.web.staff import (
    access_log,
    assignment,
    assisted,
    bulk,
    case,
    case_document,
    dead_letters,
    decisions,
    desk,
    documents,
    held_certificates,
    messages,
    people,
    personnel,
    queue,
    search,
    setup,
    stopped,
    unaddressed,
    visits,
)
from app.web.staff import sign_in as staff_sign_in

router = APIRouter()
for part in (
    static_files.router,
    information.router,
    law.router,
    verification.router,
    sign_in.router,
    first_time.router,
    booking_choices.router,
    booking_times.router,
    booking_review.router,
    appointment.router,
    appointment.following,
    me.router,
    number.router,
    access_history.router,
    account_closing.router,
    account.router,
    consents.router,
    drafts.router,
    attachments.router,
    submitted.router,
    information_request.router,
    request_status.router,
    services.router,
    answer_pages.router,
    staff_sign_in.router,
    queue.router,
    stopped.router,
    bulk.router,
    search.router,
    visits.router,
    documents.router,
    case.router,
    case_document.router,
    assignment.router,
    decisions.router,
    people.router,
    personnel.router,
    access_log.router,
    setup.router,
    desk.router,
    assisted.router,
    held_certificates.router,
    messages.router,
    unaddressed.router,
    dead_letters.router,
    public.router,
    method.router,
    dashboard.router,
    baseline.router,
    parameter_pages.router,
    development.router,
):
    router.routes.extend(part.routes)
for part in (
    booking_choices.router,
    booking_times.router,
    booking_review.router,
    appointment.router,
    drafts.router,
    attachments.router,
    submitted.router,
    information_request.router,
    request_status.router,
    services.router,
):
    router.routes.extend(serve(part.routes).routes)
for route in router.routes:
    if isinstance(route, APIRoute):
        route.include_in_schema = False
