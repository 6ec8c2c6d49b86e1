"""Sums by week, completed with the days around them; a person counts once a week."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.savings.rules.metric_query import MetricQuery
from tests.appointments.factories import person, unit
from tests.savings import factories
from tests.savings.factories import TABLES, Happening, ask, everything


async def test_weeks_are_computed_from_weeks_and_at_the_ends_from_days(session: AsyncSession) -> None:
    """From a Wednesday to a Thursday: the same as its days added up by the Monday before them."""
    span = MetricQuery(date(2026, 3, 4), date(2026, 4, 9))
    for number in range(60):
        outcome = "denied" if number % 4 == 0 else "approved"
        await factories.happen(session, *factories.request(ids.new_id(), minutes=number * 950, outcome=outcome))
    by_day = await ask(session, "completion", span, "day")
    by_week = await ask(session, "completion", span, "week")
    added: dict[tuple[Any, ...], int] = {}
    for keys, row in by_day.items():
        monday = tuple(day - timedelta(days=day.weekday()) for day in keys)
        added[monday] = added.get(monday, 0) + (row.n or 0)
    assert {keys: row.n for keys, row in by_week.items()} == added
    assert len(added) > 5
    assert by_week[()].value == by_day[()].value


async def test_who_moves_two_appointments_is_one_person_whatever_the_batches(session: AsyncSession) -> None:
    """Moves count as one service, whatever the appointments are for; another time the same week changes nothing."""
    who, where = (await person(session)).id, (await unit(session)).id
    said: dict[str, Any] = {"person": who, "unit": where, "payload": {"folio": "C"}}
    kinds = ("family-medicine", "dental", "preventive", "dental")
    moves = [Happening("appointment.moved", n * 900, ids.new_id(), service=kinds[n], **said) for n in range(4)]
    written = await factories.write(session, moves)
    await factories.deliver(session, written)
    at_once = await everything(session)
    people = text(
        "SELECT sum(people) FROM saving_cell WHERE period_type = :period_type AND geography = 'R' AND segment = ''"
    )
    assert [await session.scalar(people, {"period_type": period_type}) for period_type in "WM"] == [1, 1]
    for order in (written, written[::-1]):
        await session.execute(text(f"TRUNCATE {', '.join(TABLES)}"))
        for one in order:
            await factories.deliver(session, [one])
        assert await everything(session) == at_once
