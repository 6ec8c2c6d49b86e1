"""Metrics tell what the sums say, by what they are asked, each with its interval."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.kernel.actor import Anonymous
from app.kernel.problems import Invalid, Unauthorized
from app.savings.problems import MetricUnknown, PriceIndexUnknown
from app.savings.rules.metrics import METRICS
from app.savings.rules.tables import Row
from app.savings.service import metrics
from app.savings.service.estimates import ModelOptions
from tests.appointments import factories as places
from tests.savings import factories
from tests.savings.factories import ANALYST, MARCH, YEAR, Happening, ask, many


def opinions(satisfaction: Iterable[int], would_have_visited: Iterable[bool]) -> list[Happening]:
    """People who had their request decided and said how it was."""
    steps: list[Happening] = []
    for number, (points, gone) in enumerate(zip(satisfaction, would_have_visited, strict=True)):
        person, subject = ids.new_id(), ids.new_id()
        steps += factories.request(person, minutes=number, subject=subject)
        said = {"satisfaction": points, "would_have_visited": gone}
        steps.append(Happening("request.feedback-given", number + 9, subject, person, payload=said))
    return steps


def interval(row: Row) -> tuple[float, float, float]:
    """Low, value and high of a row that has them."""
    assert None not in (row.low, row.value, row.high)
    return row.low or 0.0, row.value or 0.0, row.high or 0.0


async def test_completion_is_a_share_with_its_interval(session: AsyncSession) -> None:
    await factories.happen(session, *many(6), *many(2, outcome="denied"), *many(4, service="nss-find"))
    reported = await ask(session, "completion", MARCH, "service")
    assert reported["weeks",].value == 0.75
    assert reported["weeks",].n == 8
    assert (reported["nss-find",].value, reported["nss-find",].high) == (1.0, 1.0)
    assert reported[()].value == pytest.approx(10 / 12)
    for row in reported.values():
        low, value, high = interval(row)
        assert 0 < low < value <= high <= 1


async def test_time_to_decide_is_a_mean(session: AsyncSession) -> None:
    """Half of the time passes before handing in: decided after 2, 4 and 6 hours."""
    await factories.happen(
        session, *(step for hours in (2, 4, 6) for step in factories.request(ids.new_id(), lasts=hours * 120))
    )
    total = (await ask(session, "time-to-decide"))[()]
    assert (total.value, total.n) == (4.0, 3)
    low, _value, high = interval(total)
    assert low == pytest.approx(4 - 1.6449 * 2 / 3**0.5, abs=1e-3)
    assert high - 4 == pytest.approx(4 - low)
    assert (await ask(session, "late"))[()].value == 0


async def test_opinions(session: AsyncSession) -> None:
    await factories.happen(session, *opinions([5, 4, 3, 4], [True, True, True, False]))
    assert (await ask(session, "satisfaction"))[()].value == 4.0
    reported = (await ask(session, "would-have-visited", MARCH, "channel"))["web",]
    assert (reported.value, reported.n) == (0.75, 4)


async def test_no_show_counts_appointments(session: AsyncSession) -> None:
    unit = await places.unit(session)
    steps = []
    for number, kind in enumerate(["attended", "attended", "attended", "missed"]):
        person, booked = ids.new_id(), ids.new_id()
        shared: dict[str, Any] = {"subject": booked, "person": person, "service": "dental", "unit": unit.id}
        steps.append(Happening("appointment.booked", number, payload={"folio": "C"}, **shared))
        if kind == "missed":
            steps.append(Happening("appointment.missed", number + 60, actor="staff", channel="desk", **shared))
        else:
            shared |= {"subject": ids.new_id(), "appointment": booked, "unit": unit.id}
            steps += factories.ticket(shared.pop("unit"), minutes=number + 60, **shared)
    await factories.happen(session, *steps)
    total = (await ask(session, "no-show"))[()]
    assert (total.value, total.n) == (0.25, 4)


async def test_waits_by_hour_of_one_unit(session: AsyncSession) -> None:
    """A Monday: two come at ten and wait 20 and 40 minutes, one at eleven and gives up after 30."""
    unit, other = await places.unit(session), await places.unit(session)
    await factories.happen(
        session,
        *factories.ticket(unit.id, wait=20, attention=5),
        *factories.ticket(unit.id, minutes=10, wait=40, attention=15),
        *factories.ticket(unit.id, minutes=61, wait=30, attention=None),
        *factories.ticket(other.id, wait=90),
    )
    here = replace(MARCH, unit=unit.id)
    reported = await ask(session, "wait", here, "weekday", "hour")
    assert (reported[1, 10].value, reported[1, 10].n) == (30.0, 2)
    assert reported[()].n == 2
    assert (await ask(session, "attention", here))[()].value == 10.0
    assert (await ask(session, "gave-up", here, "hour"))[11,].value == 1.0
    assert (await ask(session, "wait"))[()].value == 50.0
    assert (await ask(session, "wait", replace(MARCH, states=("DF",)), "region"))[()].n == 3
    with pytest.raises(Invalid):
        await ask(session, "wait", MARCH, "hour")


async def test_take_up_counts_visits_without_appointment_and_not_those_with_one(session: AsyncSession) -> None:
    unit = await places.unit(session)
    walk_ins = [step for _number in range(3) for step in factories.ticket(unit.id)]
    checked_in = factories.ticket(unit.id, person=ids.new_id(), appointment=ids.new_id())
    await factories.happen(
        session, *many(5, unit=unit.id), *many(2, channel="desk", unit=unit.id), *walk_ins, *checked_in
    )
    reported = await ask(session, "take-up", MARCH, "state", "service")
    assert (reported["DF", "weeks"].value, reported["DF", "weeks"].n) == (0.5, 10)


async def test_cost_follows_the_mix_of_channels(session: AsyncSession) -> None:
    await factories.baseline(session)
    await factories.happen(session, *many(3), *many(1, channel="desk"))
    total = (await ask(session, "cost-per-transaction"))[()]
    of_2025 = (3 * 0.45 + 9.1) / 4 * 19.24
    assert total.value == pytest.approx(of_2025 * 145 / 140)  # in pesos of the newest year of the index
    assert total.low == pytest.approx(total.value)


async def test_cost_is_in_pesos_of_the_year_asked_for(session: AsyncSession) -> None:
    await factories.baseline(session)
    await factories.happen(session, *many(1, channel="desk"))
    for year, worth in ((2024, 135 / 140), (2025, 1.0), (2026, 145 / 140)):
        answer = await metrics.table(session, ANALYST, "cost-per-transaction", MARCH, ModelOptions(year=year))
        assert answer.year == year
        assert answer.total.value == pytest.approx(9.1 * 19.24 * worth)
    with pytest.raises(PriceIndexUnknown):
        await metrics.table(session, ANALYST, "cost-per-transaction", MARCH, ModelOptions(year=1999))


async def test_reasons_of_refusals_are_shares_of_all_reasons_given(session: AsyncSession) -> None:
    await factories.happen(
        session, *many(3, outcome="denied", reasons=["no-weeks"]), *many(1, outcome="denied", reasons=["no-rights"])
    )
    reported = await ask(session, "refusal-shares", MARCH, "service", "reason")
    assert reported["weeks", "no-weeks"].value == 0.75
    assert (await ask(session, "refusal-reasons", MARCH, "reason"))["no-weeks",].value == 3
    with pytest.raises(Unauthorized):
        await metrics.table(session, Anonymous(), "refusal-reasons", MARCH)


async def test_places_within_places(session: AsyncSession) -> None:
    """Units of a state, states of a region, and the region of a state: whatever is asked with whatever."""
    unit = await places.unit(session)
    await factories.happen(session, *many(2, unit=unit.id), *many(3))
    here = replace(MARCH, states=("DF",))
    region = next(keys[0] for keys in await ask(session, "completion", here, "region") if keys)
    crossed: list[tuple[str, dict[str, Any]]] = [
        ("unit", {"states": ("DF",)}),
        ("unit", {"regions": (region,)}),
        ("state", {"unit": unit.id}),
    ]
    for group_by, filters in crossed:
        reported = await ask(session, "completion", replace(MARCH, **filters), group_by)
        assert reported[()].n == 2, (group_by, filters)
    assert (await ask(session, "completion", replace(MARCH, regions=(region,)), "state"))["DF",].n == 2
    assert (await ask(session, "wait", replace(MARCH, regions=(region,)), "state"))[()].n == 0
    days = replace(here, unit=unit.id, until=date(2026, 3, 20))
    assert (await ask(session, "completion", days, "region"))[region,].n == 2


@pytest.mark.parametrize("metric", METRICS)
async def test_every_metric_answers_when_nothing_has_happened(session: AsyncSession, metric: str) -> None:
    await factories.baseline(session)
    for group_by in ((), ("month",), ("state", "service"), ("year", "region")):
        table = await metrics.table(session, ANALYST, metric, replace(YEAR, group_by=group_by))
        assert (table.columns, table.unit, table.total.n) == (group_by, METRICS[metric].unit, 0)
        assert table.rows == (() if group_by else (table.total,))


@pytest.mark.parametrize("metric", METRICS)
async def test_every_metric_answers_by_everything_it_says(session: AsyncSession, metric: str) -> None:
    unit = await places.unit(session)
    await factories.baseline(session)
    await factories.happen(session, *many(2, unit=unit.id), *factories.ticket(unit.id))
    for name in METRICS[metric].groups:
        where = replace(MARCH, unit=unit.id) if name in {"weekday", "hour"} else MARCH
        assert await ask(session, metric, where, name)


@pytest.mark.parametrize(
    ("metric", "change", "field"),
    [
        ("wait", {"until": date(2026, 3, 30)}, "since"),
        ("take-up", {"channels": ("web",)}, "channel"),
        ("wait", {"segment": "sex"}, "segment"),
        ("refusal-reasons", {"unit": ids.new_id()}, "unit"),
        ("take-up", {"group_by": ("channel",)}, "group_by"),
        ("wait", {"group_by": ("region", "state")}, "group_by"),
        ("third-next-available", {"until": date(2026, 2, 1)}, "until"),
    ],
)
async def test_what_a_metric_is_not_grouped_by(
    session: AsyncSession, metric: str, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await metrics.table(session, ANALYST, metric, replace(MARCH, **change))
    assert [wrong.field for wrong in refused.value.fields] == [field]


async def test_an_unknown_metric(session: AsyncSession) -> None:
    with pytest.raises(MetricUnknown):
        await ask(session, "happiness")
