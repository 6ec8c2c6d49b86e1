"""Correct a schedule after a preview: what changes, whom it hits, and where each would go."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems
from app.appointments.api.desk import CHANGE, PATTERN, STAFF, require_correction
from app.appointments.api.shift_closures import hits_of
from app.appointments.release_schemas import HitDrawOut, MovedReleaseOut
from app.appointments.schemas import RebookingOut, ScheduleCorrection
from app.appointments.service import schedules, shift_closures
from app.appointments.service.schedules import Changed
from app.appointments.settings import booking_settings
from app.identity.dependencies import StaffApi
from app.kernel.actor import Staff
from app.kernel.etags import versions_of
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, IfMatch, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1/schedules/{schedule_id}", tags=["schedules"], dependencies=[RECORDS_VIEWS])
REFUSALS = (*STAFF, *PATTERN, *CHANGE, problems.ScheduleEnded)


class SchedulePreviewOut(BaseModel):
    """Seats that a correction removes and adds, the appointments it has no time for any more, with the time that is
    held for each person, the folios of those that stand again, the releases that were published and move, and the draws
    that lose seats."""

    digest: str
    removed_seats: int
    generated_seats: int
    hits: list[RebookingOut]
    reinstated: list[str]
    moved: list[MovedReleaseOut]
    draws: list[HitDrawOut]


def _digest(done: Changed) -> str:
    return shift_closures.digest_of_change(done)


async def _out(session: AsyncSession, actor: Staff, unit_id: UUID, done: Changed) -> SchedulePreviewOut:
    return SchedulePreviewOut(
        digest=_digest(done),
        removed_seats=done.removed,
        generated_seats=done.made,
        hits=await hits_of(session, actor, unit_id, done.offers),
        reinstated=sorted(one.folio for one in done.reinstated),
        moved=[MovedReleaseOut.model_validate(one) for one in done.moved],
        draws=[HitDrawOut.of(one) for one in done.draws],
    )


async def _changes(session: AsyncSession, actor: Staff, schedule_id: UUID, body: ScheduleCorrection) -> dict[str, Any]:
    changes = body.model_dump(exclude_unset=True)
    require_correction(await schedules.own_schedule(session, actor, schedule_id), changes)
    return changes


@router.post(
    "/preview",
    operation_id="preview_schedule_correction",
    summary="What correcting a schedule changes, and whom it hits",
    responses=problem_responses(*REFUSALS),
)
async def preview_schedule_correction(
    actor: StaffApi, tx: Tx, schedule_id: UUID, body: ScheduleCorrection, if_match: IfMatch = None
) -> SchedulePreviewOut:
    """Nothing is changed. Its `digest` makes the correction do just what this shows."""
    changes = await _changes(tx, actor, schedule_id, body)
    horizon = booking_settings().horizon_days
    done = await shift_closures.preview_correction(
        tx, actor, schedule_id, changes, version=versions_of(if_match), horizon_days=horizon
    )
    return await _out(tx, actor, done.schedule.unit_id, done)


@router.post(
    "/corrections",
    operation_id="correct_schedule_as_shown",
    summary="Correct a schedule as its preview showed",
    response_model=SchedulePreviewOut,
    responses=problem_responses(*REFUSALS, problems.PreviewOutdated),
)
async def correct_schedule_as_shown(
    actor: StaffApi,
    tx: Tx,
    schedule_id: UUID,
    body: ScheduleCorrection,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
    digest: Annotated[str | None, Query(max_length=64, description="That of the preview.")] = None,
) -> Response:
    """As PATCH, and another time is held for each person whom it hits."""
    version = versions_of(if_match)
    horizon = booking_settings().horizon_days

    async def make() -> Response:
        changes = await _changes(tx, actor, schedule_id, body)
        done = await schedules.correct_schedule(
            tx, actor, schedule_id, changes, version=version, horizon_days=horizon, offers_times=True
        )
        shift_closures.require_shown(digest, _digest(done))
        return json_response(await _out(tx, actor, done.schedule.unit_id, done), 200, version=done.schedule.version)

    return await idempotent_response(tx, actor, key, request, make)
