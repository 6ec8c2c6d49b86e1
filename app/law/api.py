"""Public API of the figures of law."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.identity.dependencies import AnonymousApi
from app.kernel import clock
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import Read
from app.law.current import refresh
from app.law.definitions import definitions
from app.law.problems import FigureNotDefined
from app.law.schemas import FigureHistoryOut, FigureOut, figure_out, row_out
from app.places.rules import DEFAULT_ZONE

router = APIRouter(prefix="/api/v1/law-figures", tags=["law"])

Day = Annotated[date | None, Query(description="The day they are in force; today if none.", examples=["2026-12-31"])]
FigureName = Annotated[str, Path(max_length=60, examples=["uma"])]


@router.get("", operation_id="list_law_figures", summary="Figures of law in force on a day")
async def list_law_figures(_actor: AnonymousApi, read: Read, day: Day = None) -> list[FigureOut]:
    """All of them, each with the row in force that day; `in_force` is null where there is none, and then no amount that
    needs it is given."""
    law, on_day = await refresh(read), day or clock.today(DEFAULT_ZONE)
    return [figure_out(name, one, law.find(name, on_day)) for name, one in definitions().items()]


@router.get(
    "/{name}",
    operation_id="get_law_figure",
    summary="A figure of law of every day",
    responses=problem_responses(FigureNotDefined),
)
async def get_law_figure(_actor: AnonymousApi, read: Read, name: FigureName) -> FigureHistoryOut:
    """Its rows by first day, past and to come, with their sources."""
    definition = definitions().get(name)
    if definition is None:
        raise FigureNotDefined
    law = await refresh(read)
    today = figure_out(name, definition, law.find(name, clock.today(DEFAULT_ZONE)))
    return FigureHistoryOut(**today.model_dump(), rows=[row_out(one, definition) for one in law.of(name)])
