"""Ranges are calibrated each night by the waits of the days before: at the unit, for the service, for all."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.models import DeskForecast, ForecastReach
from app.desk.queries.lines import Waiting, reach_of
from app.desk.queries.turns import turn_by_code
from app.desk.rules.calibration import AS_SIMULATED, Scored, calibrated, needed_reach, scored, shrunk_reach
from app.desk.rules.forecast import Forecast, SimulatedRange
from app.desk.service import counters, forecasts
from app.desk.service.counters import Seat
from app.kernel import clock
from tests.desk.factories import SERVICE, Clinic, clinic, walk_in

SIMULATED = SimulatedRange(4.5, 10.2, 19.7)
OTHER = "dental"
_numbers = count()


async def scored_waits(
    session: AsyncSession, here: Clinic, waits: Sequence[float], *, service: str = SERVICE, days: int = 1
) -> None:
    """Tickets of a day that went by, whose waits were forecast and came."""
    for waited in waits:
        given = await walk_in(session, here, service)
        day = clock.today(here.unit.timezone) - timedelta(days=days)
        await session.execute(
            text(
                "UPDATE desk_ticket SET on_date = :day, number = :number, status = 'done', called_at = :now,"
                " ended_at = :now WHERE id = :id"
            ),
            {"day": day, "number": 500 + next(_numbers), "now": clock.now(), "id": given.id},
        )
        await session.execute(text("DELETE FROM desk_forecast WHERE ticket_id = :id"), {"id": given.id})
        row = DeskForecast(unit_id=given.unit_id, ticket_id=given.id, made_at=clock.now() - timedelta(days=days))
        row.low, row.median, row.high = 4, 10, 20
        row.simulated_low, row.simulated_median, row.simulated_high = SIMULATED.low, SIMULATED.median, SIMULATED.high
        row.called_at, row.waited, row.is_inside = clock.now(), waited, 4 <= waited <= 20
        session.add(row)
    await session.flush()


def levels_of(*groups: Sequence[float]) -> list[Scored]:
    return [scored([needed_reach(SIMULATED, waited) for waited in waits]) for waits in groups]


async def test_the_scores_of_the_days_before_are_counted_at_each_level(session: AsyncSession) -> None:
    here, there = await clinic(session), await clinic(session)
    mine, theirs, dental = [1.0, 8.5, 12.0, 31.0, 55.2], [9.0, 40.0], [3.0, 22.5, 22.5]
    await scored_waits(session, here, mine)
    await scored_waits(session, there, theirs, days=forecasts.DAYS)
    await scored_waits(session, here, dental, service=OTHER, days=3)
    await scored_waits(session, here, [200.0], days=0)  # today is not over: no forecast looks ahead
    await scored_waits(session, here, [200.0], days=forecasts.DAYS + 1)
    for _ in range(2):
        await forecasts.calibrate_forecasts(session)
        rows = await session.scalars(select(ForecastReach).order_by(ForecastReach.level, ForecastReach.n))
        found = [(row.level, row.service, row.place, Scored(row.n, row.below, row.above)) for row in rows]
        both = [*mine, *theirs]
        everywhere, family, own, far, teeth = levels_of([*both, *dental], both, mine, theirs, dental)
        assert [(level, service, place) for level, service, place, _scored in found] == [
            (1, "", ""),
            (2, OTHER, ""),
            (2, SERVICE, ""),
            (3, SERVICE, str(there.unit.id)),
            (3, OTHER, str(here.unit.id)),
            (3, SERVICE, str(here.unit.id)),
        ]
        for (*_names, counted), expected in zip(found, [everywhere, teeth, family, far, teeth, own], strict=True):
            assert counted.n == expected.n
            assert (counted.below, counted.above) == pytest.approx((expected.below, expected.above))
    reach = await reach_of(session, here.unit.id, SERVICE)
    assert (reach.below, reach.above) == pytest.approx(_pair([everywhere, family, own]))
    reach = await reach_of(session, there.unit.id, OTHER)
    assert (reach.below, reach.above) == pytest.approx(_pair([everywhere, teeth])), "none of its own yet"


def _pair(levels: list[Scored]) -> tuple[float, float]:
    reach = shrunk_reach(levels)
    return reach.below, reach.above


async def test_tickets_turns_and_boards_have_the_calibrated_range(session: AsyncSession) -> None:
    here = await clinic(session)
    await counters.open_counter(session, here.desk, Seat(here.unit.id, 1), [SERVICE, OTHER])
    for _ in range(6):
        before = await walk_in(session, here)
    (board,) = await forecasts.forecasts_of_unit(session, here.unit.id)
    await scored_waits(session, here, [60.0] * 40)
    await forecasts.calibrate_forecasts(session)
    reach = await reach_of(session, here.unit.id, SERVICE)
    assert reach.above > 1.5 > AS_SIMULATED.above > reach.below
    after = await walk_in(session, here)
    assert before.forecast is not None
    assert after.forecast is not None
    row = await session.get_one(DeskForecast, (after.unit_id, after.id), populate_existing=True)
    simulated = SimulatedRange(row.simulated_low, row.simulated_median, row.simulated_high)
    assert after.forecast == calibrated(simulated, reach) == Forecast(row.low, row.median, row.high)
    assert _reach(after.forecast) > 1.5 * _reach(before.forecast)
    seen = await turn_by_code(session, after.code)
    assert isinstance(seen.waiting, Waiting)
    shown = await forecasts.forecast_of(session, seen.waiting)
    assert shown is not None
    assert _reach(shown) > 1.5 * _reach(before.forecast)
    with time_machine.travel(clock.now() + forecasts.HOLDS_FOR):
        (on_board,) = await forecasts.forecasts_of_unit(session, here.unit.id)
    assert _reach(on_board.forecast) > 1.5 * _reach(board.forecast)


def _reach(made: Forecast) -> int:
    return made.high - made.median
