"""For officers: a visit to the window as a step of a request."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.appointments import problems as appointment_problems
from app.appointments.service import Once
from app.desk import service
from app.desk.schemas import VisitIn, VisitOut
from app.desk.service import WindowTime
from app.identity.access import StaffApi
from app.kernel.db import Tx
from app.kernel.http.openapi import problem_responses
from app.kernel.idempotency import IdempotencyKey, request_fingerprint
from app.kernel.problems import Invalid, KeyReused, NotFound, Unauthorized
from app.requests import problems
from app.requests.api.answers import made_once

router = APIRouter(prefix="/api/v1/work", tags=["work"])

Folio = Annotated[str, Path(max_length=20)]


@router.post(
    "/{folio}/visit",
    operation_id="book_visit",
    status_code=201,
    summary="Book a window appointment as a step of a request",
    response_model=VisitOut,
    responses=problem_responses(
        Unauthorized,
        NotFound,
        KeyReused,
        Invalid,
        problems.NotHeld,
        problems.WrongState,
        appointment_problems.SlotTaken,
        appointment_problems.AlreadyBooked,
        appointment_problems.TooSoon,
        appointment_problems.TooFar,
        appointment_problems.DailyLimit,
    ),
)
async def book_visit(
    actor: StaffApi, tx: Tx, folio: Folio, body: VisitIn, key: IdempotencyKey, request: Request
) -> Response:
    """Appointment and request change together; the request's clock stands still until the visit."""
    mark = await request_fingerprint(request)

    async def make() -> Response:
        at = WindowTime(body.unit_id, body.room, body.start_at)
        row, made = await service.book_visit(tx, actor, folio, at, body.message, Once(key, mark))
        out = VisitOut(
            request_folio=row.folio,
            appointment_folio=made.folio,
            unit_name=made.unit_name,
            room=made.room,
            start_at=made.start_at,
            timezone=made.timezone,
        )
        return Response(out.model_dump_json(), 201, media_type="application/json")

    return await made_once(tx, actor, key, request, make)
