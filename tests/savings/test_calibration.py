"""Measuring takes the place of an assumption only with what it is about: the transaction that the portal spares."""

import statistics
from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.kernel.actor import System
from app.savings.queries import versions
from app.savings.rules.parameters import Parameter
from app.savings.rules.uncertainty import SumsDisagree, standard_error, variance
from app.savings.service import baselines, calibration
from tests.appointments import factories as places
from tests.savings import factories
from tests.savings.factories import Happening

ACTOR = System("test")
SPAN = (date(2026, 3, 1), date(2026, 4, 30))


async def measured(session: AsyncSession) -> Mapping[tuple[str, str, str], Parameter]:
    done = await calibration.measure(session, ACTOR, *SPAN)
    rows = await versions.parameters_of(session, done.version)
    return {(row.key, row.scope, row.place): row for row in rows if row.confidence == "measured"}


def visits(unit: UUID, count: int, *, service: str, wait: float, booked: bool = False) -> list[Happening]:
    return [
        step
        for n in range(count)
        for step in factories.ticket(
            unit, minutes=n, wait=wait + n % 3, service=service, appointment=ids.new_id() if booked else None
        )
    ]


async def test_waits_are_those_of_people_without_an_appointment(session: AsyncSession) -> None:
    where = (await places.unit(session)).id
    await factories.happen(session, *visits(where, 40, service="weeks", wait=60))
    await factories.happen(session, *visits(where, 80, service="weeks", wait=5, booked=True))
    found = await measured(session)
    row = found["wait_minutes", "weeks", str(where)]
    assert row.sample == 40
    assert row.value == pytest.approx(statistics.fmean(60 + n % 3 for n in range(40)))
    assert {place for key, _scope, place in found if key == "wait_minutes"} >= {"DF", str(where)}


@pytest.mark.parametrize("service", ["family-medicine", "specialist-cardiology", "window", "dental"])
async def test_the_queue_and_the_reception_of_appointments_stay_as_assumed(session: AsyncSession, service: str) -> None:
    """A ticket measures the consultation, which is on neither side, and the wait of who had an appointment already."""
    where = (await places.unit(session)).id
    await factories.happen(session, *visits(where, 60, service=service, wait=12))
    await factories.happen(session, *visits(where, 60, service=service, wait=12, booked=True))
    assert not [key for key in await measured(session) if key[0] in calibration.AT_A_DESK]


async def test_what_was_measured_wrongly_before_gives_way_to_the_assumption(session: AsyncSession) -> None:
    draft = await baselines.start_draft(session, ACTOR, "test")
    wrong = calibration.mean_parameter(
        "wait_minutes", "family-medicine", "", "Turnos de ventanilla", 40, 24_000, 15_000_000
    )
    rows = baselines.merged(await versions.parameters_of(session, draft.version), [wrong])
    await baselines.replace_parameters(session, ACTOR, draft.version, rows)
    assert ("wait_minutes", "family-medicine", "") not in await measured(session)


async def test_time_online_of_an_appointment_is_uncertain(session: AsyncSession) -> None:
    """Held, then booked: one transaction, whose time is that of both; its square is of the sum."""
    where, seconds = (await places.unit(session)).id, []
    for n in range(40):
        hold, who = ids.new_id(), (await places.person(session)).id
        spent = 30 + 7 * (n % 11)
        seconds.append(spent + 20)
        held = Happening("seat.held", n, hold, who, "family-medicine", where, spent)
        said = {"folio": "C", "hold_id": str(hold)}
        booked = Happening("appointment.booked", n + 1, ids.new_id(), who, "family-medicine", where, 20, payload=said)
        await factories.happen(session, *((held, booked) if n % 2 else (booked,)))
        if n % 2 == 0:
            await factories.happen(session, held)
    row = (await measured(session))["online_minutes", "family-medicine", ""]
    assert row.sample == 40
    assert row.value == pytest.approx(statistics.fmean(seconds) / 60)
    assert row.high == pytest.approx(statistics.stdev(seconds) / 40**0.5 / 60)


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=50))
def test_the_variance_from_sums_is_that_of_the_observations(values: list[int]) -> None:
    n, total, squares = len(values), sum(values), sum(v * v for v in values)
    assert variance(n, total, squares) == pytest.approx(statistics.variance(values))
    assert standard_error(n, total, squares) == pytest.approx(statistics.stdev(values) / n**0.5)


def test_squares_of_other_observations_are_not_taken_for_certainty() -> None:
    """Two parts of 30 and 20 seconds in each of ten transactions, squared part by part: too small to be theirs."""
    with pytest.raises(SumsDisagree):
        variance(10, 500, 10 * (30**2 + 20**2))


async def test_no_cell_has_squares_that_are_too_small(session: AsyncSession) -> None:
    where, who = (await places.unit(session)).id, (await places.person(session)).id
    hold = ids.new_id()
    held = Happening("seat.held", 0, hold, who, "family-medicine", where, 30)
    said = {"folio": "C", "hold_id": str(hold)}
    booked = Happening(
        "appointment.booked", 60 * 24 * 40, ids.new_id(), who, "family-medicine", where, 20, payload=said
    )
    await factories.happen(session, held, booked)
    cells = text("SELECT observed, seconds, seconds_sq FROM saving_cell WHERE seconds > 0")
    assert {tuple(row) for row in (await session.execute(cells)).all()} == {(1, 50, 2_500)}
