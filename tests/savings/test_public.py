"""What everybody sees of a metric: people are counted once, opinions by who gave them, and empty groups don't tell."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.kernel.actor import Anyone
from app.savings.rules.plan import Question
from app.savings.service import metrics
from app.savings.service.metrics import Row
from tests.appointments import make as places
from tests.savings import make
from tests.savings.make import Happening

LAST = Question(date(2025, 1, 1), date(2025, 12, 31))
BEFORE = -365 * 24 * 60


async def seen(session: AsyncSession, metric: str, *by: str, **filters: Any) -> dict[tuple[Any, ...], Row]:
    """Rows by their keys, and the total with none, as anyone sees them."""
    table = await metrics.table(session, Anyone(), metric, replace(LAST, by=by, **filters))
    return {row.keys: row for row in table.rows if by} | {(): table.total}


def errands(who: list[UUID], *, minutes: float = 0, **more: Any) -> list[Happening]:
    return [s for n, one in enumerate(who) for s in make.request(one, minutes=BEFORE + minutes + n / 10, **more)]


def crowd(count: int) -> list[UUID]:
    return [ids.new_id() for _person in range(count)]


@pytest.mark.parametrize(("people", "is_hidden"), [(6, True), (10, False)])
async def test_people_with_several_errands_count_once(session: AsyncSession, people: int, is_hidden: bool) -> None:
    """Of two services and two months, but the same people: twenty-four errands of six are still few."""
    who = crowd(people)
    await make.happen(
        session,
        *errands(who, service="weeks"),
        *errands(who, service="vigencia"),
        *errands(who, service="weeks", minutes=60 * 24 * 40),
        *errands(who, service="vigencia", minutes=60 * 24 * 40),
    )
    assert (await seen(session, "completion"))[()].suppressed is is_hidden
    assert all(row.suppressed is is_hidden for row in (await seen(session, "completion", "channel")).values())


async def test_nobody_in_particular_is_not_many(session: AsyncSession) -> None:
    """Visits of people who never came in: nobody knows of how many."""
    left = [Happening("visit.left", BEFORE + n, ids.new_id(), channel="web", actor="system") for n in range(30)]
    await make.happen(session, *left)
    assert (await seen(session, "completion"))[()].suppressed


async def test_opinions_are_counted_by_who_gave_one(session: AsyncSession) -> None:
    """Thirty errands, three opinions: their mean is of three."""
    who, answered = crowd(30), 0
    steps = []
    for number, one in enumerate(who):
        subject = ids.new_id()
        steps += make.request(one, minutes=BEFORE + number / 10, subject=subject)
        if answered < 3:
            answered += 1
            said = {"satisfaction": 4, "would_have_gone": True}
            steps.append(Happening("request.feedback-given", BEFORE + 60, subject, one, payload=said))
    await make.happen(session, *steps)
    assert not (await seen(session, "completion"))[()].suppressed
    assert (await seen(session, "satisfaction"))[()].suppressed
    assert (await seen(session, "would-have-gone"))[()].suppressed


async def test_few_visits_in_person_are_hidden(session: AsyncSession) -> None:
    busy, quiet = await places.unit(session), await places.unit(session)
    many = [step for n in range(40) for step in make.ticket(busy.id, minutes=BEFORE + n)]
    few = [step for n in range(4) for step in make.ticket(quiet.id, minutes=BEFORE + n)]
    await make.happen(session, *many, *few)
    by_unit = await seen(session, "wait", "unit")
    assert all(by_unit[str(unit.id),].suppressed for unit in (busy, quiet)), "the other one would tell"
    assert by_unit[()].n == 44
    assert (await seen(session, "wait", unit=quiet.id))[()].suppressed
    assert (await seen(session, "take-up", "unit"))[str(quiet.id),].suppressed


async def test_an_empty_group_is_listed_as_hidden_where_its_absence_would_tell(session: AsyncSession) -> None:
    """One service in one state only: what its total says is in that state, and the other service's six would follow."""
    capital, jalisco = await places.unit(session), await places.unit(session)
    jalisco.state_code = "JC"
    await session.flush()
    await make.happen(
        session,
        *errands(crowd(6), service="weeks", unit=capital.id),
        *errands(crowd(60), service="weeks", unit=jalisco.id),
        *errands(crowd(50), service="vigencia", unit=capital.id),
    )
    rows = await seen(session, "completion", "service", "state")
    assert rows["vigencia", "JC"] == Row(("vigencia", "JC"), None, None, None, None, suppressed=True)
    assert all(row.suppressed for keys, row in rows.items() if keys)
    assert rows[()].n == 116
    by_service = await seen(session, "completion", "service")
    assert {keys: row.n for keys, row in by_service.items()} == {("weeks",): 66, ("vigencia",): 50, (): 116}
    assert not any(row.suppressed for row in by_service.values())
    alone = await seen(session, "completion", "state", services=("vigencia",))
    assert {keys: row.suppressed for keys, row in alone.items()} == {("DF",): True, ("JC",): True, (): False}
