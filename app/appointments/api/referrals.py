"""Referrals: who may book a specialist, and at which unit."""

from fastapi import APIRouter, Request, Response

from app.appointments.schemas import ReferralIn, ReferralOut
from app.appointments.service import referrals
from app.identity.dependencies import StaffApi
from app.identity.permissions import Action, require
from app.identity.problems import WrongRole
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Tx
from app.kernel.http.responses import idempotent_model
from app.kernel.problems import Invalid, KeyReused, NotFound, Unauthorized

router = APIRouter(prefix="/api/v1", tags=["schedules"])


@router.post(
    "/referrals",
    operation_id="issue_referral",
    status_code=201,
    summary="Refer a person to a specialist",
    response_model=ReferralOut,
    responses=problem_responses(Unauthorized, NotFound, WrongRole, Invalid, KeyReused),
)
async def issue_referral(actor: StaffApi, tx: Tx, body: ReferralIn, key: IdempotencyKey, request: Request) -> Response:
    """The person, of a unit of the actor's, may book that specialist at that unit between those days."""
    require(actor, Action.REFER_PEOPLE)

    async def issue() -> ReferralOut:
        return ReferralOut.model_validate(await referrals.issue_referral(tx, actor, **body.model_dump()))

    return await idempotent_model(tx, actor, key, request, issue, 201)
