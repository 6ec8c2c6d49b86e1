"""The model's sums come as columns, put together from pieces: they are those that come as rows."""

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.savings.queries import cells
from app.savings.queries.cells import GroupTotals
from app.savings.rules.metric_query import MetricQuery, plan
from app.savings.rules.model import QUANTITIES
from app.savings.rules.parameters import Baseline, Place
from app.savings.service import estimates
from app.savings.service.estimates import ModelOptions
from tests.appointments.factories import person, unit
from tests.savings import factories

pytestmark = pytest.mark.slow

SPAN = MetricQuery(date(2026, 3, 4), date(2026, 5, 12))
BY: tuple[tuple[str, ...], ...] = (
    *((), ("day",), ("week",), ("month",), ("quarter",), ("year",), ("service",), ("state",), ("channel", "region")),
    ("week", "state", "service"),
)


async def some_weeks(session: AsyncSession) -> UUID:
    """Requests of three people at a unit and of no one known elsewhere, over ten weeks; returns the unit."""
    where = (await unit(session)).id
    people = [(await person(session)).id for _ in range(3)]
    for number in range(30):
        kind: dict[str, Any] = {
            "service": ("weeks", "pension")[number % 2],
            "channel": ("web", "api", "desk")[number % 3],
        }
        who, here = (people[number % 3], where) if number % 5 else (ids.new_id(), None)
        await factories.happen(session, *factories.request(who, minutes=number * 3_300, unit=here, **kind))
    return where


def added(rows: Iterable[tuple[tuple[Any, ...], Iterable[float]]]) -> dict[tuple[Any, ...], list[float]]:
    """Rows of the same keys added up."""
    found: dict[tuple[Any, ...], list[float]] = {}
    for keys, values in rows:
        found[keys] = [a + b for a, b in zip(found.get(keys, [0] * len(estimates.READ)), values, strict=True)]
    return found


@pytest.mark.parametrize("group_by", BY)
async def test_parts_add_up_to_the_rows(session: AsyncSession, group_by: tuple[str, ...]) -> None:
    where = await some_weeks(session)
    for asked in (
        replace(SPAN, group_by=group_by),
        replace(SPAN, group_by=group_by, unit=where),
        replace(SPAN, group_by=group_by, services=("weeks",)),
    ):
        rows = await cells.sums(session, asked, plan(asked), estimates.READ, features=True)
        parts = await cells.group_totals(session, asked, plan(asked), estimates.READ)
        columns = zip(*(parts.sums[name] for name in estimates.READ), strict=True)
        keys = ((*key, s, p) for key, s, p in zip(parts.keys, parts.services, parts.places, strict=True))
        expected = added(((*row.keys, row.service, row.place), row.sums.values()) for row in rows)
        assert added(zip(keys, columns, strict=True)) == expected
        assert sum(values[estimates.READ.index("online")] for values in expected.values()) > 5


async def test_where_nothing_happened_there_are_no_parts(session: AsyncSession) -> None:
    asked = replace(SPAN, group_by=("week",))
    parts = await cells.group_totals(session, asked, plan(asked), estimates.READ)
    assert (parts.keys, parts.services, parts.places) == ([], [], [])


def test_what_is_suppressed_changes_nothing_of_what_is_published() -> None:
    generator, count = np.random.default_rng(7), 12
    sums = {name: generator.integers(0, 900, count).astype(float) for name in estimates.READ}
    groups = [(f"g{n % 4}",) for n in range(count)]
    parts = GroupTotals(groups, ["weeks", "pension", "complaint"] * 4, ["", "OC"] * 6, sums)
    baseline = Baseline(1, factories.parameters(spread=0.4), {})
    places = {"": Place(""), "OC": Place("OC")}
    whole = estimates.compute(SPAN, baseline, parts, places, ModelOptions(draws=300))
    for name in QUANTITIES:
        alone = estimates.compute(SPAN, baseline, parts, places, ModelOptions(draws=300), quantities=(name,))
        assert [group.quantities for group in alone.groups] == [
            {name: group.quantities[name]} for group in whole.groups
        ]
        assert alone.total.quantities == {name: whole.total.quantities[name]}
    assert len(whole.groups) == 4
    assert whole.total.counted == sums["counted"].sum()


def test_a_process_multiplies_with_one_thread() -> None:
    """However many cores there are; a request would wait for threads that wait for their turn."""
    program = "import app, os, numpy as np; a = np.ones((600, 600)); a @ a; print(len(os.listdir('/proc/self/task')))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "1"
