"""What everyone sees of a metric: computed from blocks of ten people or more, released once, and never changed."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.kernel.actor import Anonymous
from app.savings.queries.released import released_sums
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.metrics import FAMILIES
from app.savings.rules.tables import Row
from app.savings.service import metrics, public_release
from tests.appointments import factories as places
from tests.savings import factories
from tests.savings.factories import Happening, ask

pytestmark = pytest.mark.slow

LAST = MetricQuery(date(2025, 1, 1), date(2025, 12, 31))
BEFORE = -365 * 24 * 60


async def seen(session: AsyncSession, metric: str, *group_by: str, **filters: Any) -> dict[tuple[Any, ...], Row]:
    """Rows by their keys, and the total with none, as anyone sees them."""
    table = await metrics.table(session, Anonymous(), metric, replace(LAST, group_by=group_by, **filters))
    return {row.keys: row for row in table.rows if group_by} | {(): table.total}


def transactions(who: list[UUID], *, minutes: float = 0, **more: Any) -> list[Happening]:
    return [s for n, one in enumerate(who) for s in factories.request(one, minutes=BEFORE + minutes + n / 10, **more)]


def crowd(count: int) -> list[UUID]:
    return [ids.new_id() for _person in range(count)]


@pytest.mark.parametrize(("people", "is_hidden"), [(6, True), (10, False)])
async def test_people_with_several_transactions_count_once(session: AsyncSession, people: int, is_hidden: bool) -> None:
    """Of two services and two months, but the same people: twenty-four transactions of six are still few."""
    who = crowd(people)
    for minutes in (0, 60 * 24 * 40):
        await factories.happen(session, *transactions(who, service="weeks", minutes=minutes))
        await factories.happen(session, *transactions(who, service="vigencia", minutes=minutes))
    await factories.release(session)
    assert (await seen(session, "completion"))[()].suppressed is is_hidden
    assert (await ask(session, "completion", LAST))[()].n == 4 * people


async def test_no_one_in_particular_is_not_many(session: AsyncSession) -> None:
    """Visits of people who never came in: no one knows of how many."""
    left = [Happening("session.abandoned", BEFORE + n, ids.new_id(), channel="web", actor="system") for n in range(30)]
    await factories.happen(session, *left)
    await factories.release(session)
    assert (await seen(session, "completion"))[()].suppressed


async def test_opinions_are_counted_by_who_gave_one(session: AsyncSession) -> None:
    """Thirty opinions of three people: their mean is of three."""
    steps = []
    few = crowd(3)
    for number in range(30):
        who, subject = few[number % 3], ids.new_id()
        steps += factories.request(who, minutes=BEFORE + number * 200, subject=subject)
        said = {"satisfaction": 4, "would_have_visited": True}
        steps.append(Happening("request.feedback-given", BEFORE + number * 200 + 60, subject, who, payload=said))
    await factories.happen(session, *steps, *transactions(crowd(30)))
    await factories.release(session)
    assert (await seen(session, "completion"))[()].n == 60
    assert (await seen(session, "satisfaction"))[()].suppressed
    assert (await seen(session, "would-have-visited"))[()].suppressed


async def test_a_share_has_no_small_cell_in_its_numerator_nor_in_the_rest(session: AsyncSession) -> None:
    """Three of forty were refused: the share would say so."""
    await factories.happen(session, *transactions(crowd(37)), *transactions(crowd(3), outcome="refused"))
    await factories.release(session)
    assert (await seen(session, "completion"))[()].suppressed
    assert (await seen(session, "savings"))[()].suppressed


async def test_small_cells_of_a_kind_are_merged_with_others_of_it(session: AsyncSession) -> None:
    """Six of one certificate and thirty of another are thirty-six certificates; a procedure stands by itself."""
    await factories.happen(
        session, *transactions(crowd(6), service="weeks"), *transactions(crowd(30), service="vigencia")
    )
    await factories.happen(session, *transactions(crowd(20), service="pension"))
    await factories.release(session)
    rows = await seen(session, "completion", "service")
    assert {keys: (row.n, row.partial) for keys, row in rows.items()} == {
        ("*",): (36, False),
        ("pension",): (20, True),
        (): (56, False),
    }
    assert (await seen(session, "completion", services=("weeks",)))[()].suppressed


async def test_small_cells_of_a_state_are_merged_with_others_of_the_region(session: AsyncSession) -> None:
    """The region minus its other states would say how many there were."""
    states = [await places.unit(session) for _ in range(3)]
    for one, code in zip(states, ("DF", "MC", "JC"), strict=True):
        one.state_code = code
    await session.flush()
    for one, count in zip(states, (40, 6, 30), strict=True):
        await factories.happen(session, *transactions(crowd(count), unit=one.id))
    await factories.release(session)
    by_state = await seen(session, "completion", "state")
    assert {keys[0]: row.n for keys, row in by_state.items() if keys} == {"JC": 30, "*": 46}
    by_region = await seen(session, "completion", "region")
    assert sorted(row.n or 0 for keys, row in by_region.items() if keys) == [30, 46]
    assert (await seen(session, "completion", states=("MC",)))[()].suppressed


async def test_units_have_waits_and_nothing_else(session: AsyncSession) -> None:
    busy, quiet = await places.unit(session), await places.unit(session)
    many = [step for n in range(40) for step in factories.ticket(busy.id, minutes=BEFORE + n)]
    few = [step for n in range(4) for step in factories.ticket(quiet.id, minutes=BEFORE + n)]
    await factories.happen(session, *many, *few)
    await factories.release(session)
    by_unit = await seen(session, "wait", "unit")
    assert {keys: row.n for keys, row in by_unit.items() if keys} == {("*",): 40}, "the other one would tell"
    assert by_unit[()].n == 40, "of forty-four: how many exactly would tell who weren't attended"
    assert by_unit[()].value == pytest.approx(30)
    assert (await seen(session, "wait", unit=quiet.id))[()].suppressed


async def test_a_month_stays_as_it_was_released(session: AsyncSession) -> None:
    """What comes late is in the agency's figures; the public's don't move, so that two answers have no difference."""
    await factories.happen(session, *transactions(crowd(20)))
    await factories.release(session)
    before = await seen(session, "completion", "month")
    await factories.happen(session, *transactions(crowd(1), outcome="refused"))
    await factories.release(session)
    assert await seen(session, "completion", "month") == before
    assert (await ask(session, "completion", LAST))[()].n == 21


async def test_the_database_keeps_what_was_released(session: AsyncSession) -> None:
    await factories.happen(session, *transactions(crowd(20)))
    await factories.release(session)
    for table in ("saving_release", "saving_released_block"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET period = period"):
            with pytest.raises(IntegrityError, match="final"):
                async with session.begin_nested():
                    await session.execute(text(statement))


async def test_a_month_is_released_when_it_has_settled_and_a_request_when_it_is_over(session: AsyncSession) -> None:
    """Begun on the last day of a month and decided in the next one: it is in the next one alone."""
    who = crowd(15)
    opened = [s for one in who for s in factories.request(one, minutes=BEFORE, subject=one, outcome=None)]
    await factories.happen(session, *opened, *transactions(crowd(12), service="vigencia"))
    assert await public_release.due(session, date(2025, 4, 5)) == []
    settled = {family.id for family, _month in await public_release.due(session, date(2025, 4, 6))}
    assert settled == {*FAMILIES} - {"no-show"}
    await factories.release(session, date(2025, 4, 6))
    decided = [factories.request(one, minutes=BEFORE + 60 * 24 * 30, subject=one)[-1] for one in who]
    await factories.happen(session, *decided)
    await factories.release(session, date(2025, 7, 1))
    rows = await seen(session, "completion", "month")
    assert {keys[0]: row.n for keys, row in rows.items() if keys and row.n} == {
        date(2025, 3, 1): 12,
        date(2025, 4, 1): 15,
    }


async def test_what_is_not_published_yet_is_said_to_be_missing(session: AsyncSession) -> None:
    await factories.happen(session, *transactions(crowd(20)), *transactions(crowd(20), minutes=60 * 24 * 40))
    await factories.release(session, date(2025, 4, 20))
    rows = await seen(session, "completion", "month")
    assert rows[date(2025, 3, 1),].n == 20
    assert rows[date(2025, 4, 1),].suppressed
    assert (rows[()].n, rows[()].partial) == (20, True)


async def test_every_dimension_holds_the_same_observations(session: AsyncSession) -> None:
    where = [(await places.unit(session)).id for _ in range(2)]
    for n in range(3):
        await factories.happen(
            session, *transactions(crowd(23), unit=where[n % 2], service=("weeks", "pension", "vigencia")[n])
        )
    await factories.release(session)
    family = FAMILIES["completion"]
    for dimension in family.dimensions:
        (row,) = await released_sums(session, LAST, family, dimension)
        assert row.sums == {"completed": 69, "started": 69}, dimension


async def test_a_service_is_published_for_the_country_where_its_places_are_not(session: AsyncSession) -> None:
    """Seven people in each of two states: neither state is shown, the country's fourteen are. Of a service of three
    nothing is shown by itself, nor does it follow from what is."""
    for state in ("OC", "NL"):
        unit = await places.unit(session)
        unit.state_code = state
        await session.flush()
        await factories.happen(session, *transactions(crowd(7), service="weeks", unit=unit.id))
    await factories.happen(session, *transactions(crowd(12), service="vigencia"))
    await factories.happen(
        session, *transactions(crowd(20), service="pension"), *transactions(crowd(3), service="clinic-change")
    )
    await factories.release(session)
    fine = (
        (await session.execute(text("SELECT * FROM analytics.released WHERE family = 'completion'"))).mappings().all()
    )
    whole = (
        (await session.execute(text("SELECT * FROM analytics.released_services WHERE family = 'completion'")))
        .mappings()
        .all()
    )
    assert not [row for row in fine if row["service"] == "weeks" and row["state"] in {"OC", "NL"}]
    started = {(row["kind"], row["service"]): row["amount"] for row in whole if row["measure"] == "started"}
    assert all(amount == 0 or amount >= 10 for amount in started.values())
    assert started["certificate", "weeks"] == 14
    assert {service for _kind, service in started} == {"weeks", "pension", "*"}, "the three with those of another"
    assert sum(started.values()) == 49
    # Every dimension of `released` adds up to the same, so no two tables can be subtracted from each other.
    for dimension in {row["dimension"] for row in fine}:
        added: dict[tuple[Any, ...], int] = {}
        for row in fine:
            if row["dimension"] == dimension:
                key = (row["month"], row["kind"], row["service"], row["measure"])
                added[key] = added.get(key, 0) + row["amount"]
        assert added == {(r["month"], r["kind"], r["service"], r["measure"]): r["amount"] for r in whole}, dimension
