"""Feedback: two questions after booking, moving or cancelling."""

from fastapi import APIRouter, Request, Response

from app.appointments import problems
from app.appointments.api.booking import WHO, Folio
from app.appointments.schemas import AppointmentFeedbackIn
from app.appointments.service import feedback
from app.identity.dependencies import LowCitizenApi
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Tx
from app.kernel.http.responses import idempotent_response
from app.kernel.problems import KeyReused

router = APIRouter(prefix="/api/v1", tags=["appointments"])


@router.post(
    "/appointments/{folio}/feedback",
    operation_id="give_appointment_feedback",
    status_code=204,
    summary="Two questions at the end",
    responses=problem_responses(*WHO, problems.FeedbackClosed, KeyReused),
)
async def give_feedback(
    actor: LowCitizenApi, tx: Tx, folio: Folio, body: AppointmentFeedbackIn, key: IdempotencyKey, request: Request
) -> Response:
    """Optional. Until 30 days after the last change of the appointment; of several answers the last counts."""

    async def make() -> Response:
        await feedback.give_feedback(
            tx, actor, folio, would_have_visited=body.would_have_visited, satisfaction=body.satisfaction
        )
        return Response(status_code=204)

    return await idempotent_response(tx, actor, key, request, make)
