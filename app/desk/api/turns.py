"""What everyone may know of waiting: a turn, for who holds its code; and how good the forecasts were."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.desk.queries import forecasts
from app.desk.queries.turns import turn_by_code
from app.desk.schemas.forecasts import AccuracyOut, ForecastAccuracyOut, ForecastOut, TurnOut, UnitAccuracyOut
from app.desk.service.forecasts import forecast_of
from app.identity.dependencies import AnonymousApi
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import Read
from app.kernel.problems import NotFound

router = APIRouter(prefix="/api/v1", tags=["desk"])


@router.get(
    "/turns/{code}",
    operation_id="get_turn",
    summary="A turn of today, by the code on its slip",
    responses=problem_responses(NotFound),
)
async def get_turn(_actor: AnonymousApi, read: Read, code: Annotated[str, Path(max_length=64)]) -> TurnOut:
    """No name and no service: the code is unguessable, but a slip may be lost. Ask again every 20 seconds."""
    turn = await turn_by_code(read, code)
    made = await forecast_of(read, turn.waiting) if turn.waiting is not None else None
    return TurnOut(
        number=turn.number,
        unit_name=turn.unit_name,
        timezone=turn.timezone,
        status=turn.status.value,
        place=turn.place,
        forecast=ForecastOut.model_validate(made) if made is not None else None,
        counter=turn.counter,
        counter_kind=turn.counter_kind,
        called_at=turn.called_at,
        left_because=turn.left_because,
    )


@router.get("/desk/forecast-accuracy", operation_id="get_forecast_accuracy", summary="How good forecasts of waits were")
async def get_forecast_accuracy(_actor: AnonymousApi, read: Read) -> ForecastAccuracyOut:
    """Of the last 90 days; 80 % of the waits should be in their range."""
    since = forecasts.public_since()
    units = await forecasts.accuracy_by_unit(read, since)
    return ForecastAccuracyOut(
        since=since,
        total=AccuracyOut.model_validate(forecasts.together(units)),
        units=[UnitAccuracyOut.model_validate(one) for one in units],
    )
