"""A transaction and a visit are on the day of their unit's clock, in the same week and month, wherever that unit is."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.savings.rules.metric_query import MetricQuery
from tests.appointments.factories import unit
from tests.savings import factories
from tests.savings.factories import START, Happening, ask

NIGHT = datetime(2026, 6, 1, 6, 30, tzinfo=UTC)
"""23:30 of Sunday 31 May in Tijuana; 00:30 of Monday 1 June in central Mexico; 01:30 in Cancún."""
MINUTES = (NIGHT - START).total_seconds() / 60
MAY, JUNE = MetricQuery(date(2026, 5, 1), date(2026, 5, 31)), MetricQuery(date(2026, 6, 1), date(2026, 6, 30))


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Tijuana", date(2026, 5, 31)), ("America/Cancun", date(2026, 6, 1))]
)
async def test_transactions_and_tickets_of_one_night_are_on_one_local_day(
    session: AsyncSession, zone: str, day: date
) -> None:
    where = (await unit(session, timezone=zone)).id
    await factories.happen(session, *factories.request(ids.new_id(), minutes=MINUTES, lasts=1, unit=where))
    await factories.happen(session, *factories.ticket(where, minutes=MINUTES))
    periods = await session.execute(
        text("SELECT period_type, period FROM saving_cell WHERE geography = 'S' AND segment = ''")
    )
    first = day.replace(day=1)
    monday = date(2026, 5, 25) if day.month == 5 else date(2026, 6, 1)
    assert dict(tuple(row) for row in periods) == {"D": day, "W": monday, "M": first}
    assert set((await session.scalars(text("SELECT period FROM saving_ticket_cell"))).all()) == {first}
    month, other = (MAY, JUNE) if day.month == 5 else (JUNE, MAY)
    for metric in ("completion", "wait", "take-up"):
        assert (await ask(session, metric, month))[()].n, metric
        assert not (await ask(session, metric, other))[()].n, metric


async def test_a_decision_in_the_last_local_hour_of_the_day_it_was_due_is_not_late(session: AsyncSession) -> None:
    where, subject = (await unit(session, timezone="America/Tijuana")).id, ids.new_id()
    asked = factories.request(ids.new_id(), minutes=MINUTES - 600, unit=where, subject=subject, outcome=None)
    due: dict[str, Any] = {"folio": "Q", "due_on": "2026-05-31"}
    asked[1] = Happening(**{**vars(asked[1]), "payload": due})
    said = {"folio": "Q", "outcome": "approved", "reasons": [], "straight_through": False}
    decided = Happening("request.decided", MINUTES, subject, asked[0].person, unit=where, actor="staff", payload=said)
    await factories.happen(session, *asked, decided)
    reported = (await ask(session, "late", MAY))[()]
    assert (reported.value, reported.n) == (0.0, 1)
