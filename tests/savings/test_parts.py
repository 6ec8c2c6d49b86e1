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
from app.savings import queries
from app.savings.queries import Parts
from app.savings.rules.figures import Baseline, Place
from app.savings.rules.model import TOLD
from app.savings.rules.plan import Question, plan
from app.savings.service import reporting
from app.savings.service.reporting import Terms
from tests.appointments.make import person, unit
from tests.savings import make

pytestmark = pytest.mark.slow

SPAN = Question(date(2026, 3, 4), date(2026, 5, 12))
BY: tuple[tuple[str, ...], ...] = (
    *((), ("day",), ("week",), ("month",), ("quarter",), ("year",), ("service",), ("state",), ("channel", "region")),
    ("week", "state", "service"),
)


async def some_weeks(session: AsyncSession) -> UUID:
    """Requests of three people at a unit and of nobody known elsewhere, over ten weeks; returns the unit."""
    where = (await unit(session)).id
    people = [(await person(session)).id for _ in range(3)]
    for number in range(30):
        kind: dict[str, Any] = {
            "service": ("weeks", "pension")[number % 2],
            "channel": ("web", "api", "desk")[number % 3],
        }
        who, here = (people[number % 3], where) if number % 5 else (ids.new_id(), None)
        await make.happen(session, *make.request(who, minutes=number * 3_300, unit=here, **kind))
    return where


def added(rows: Iterable[tuple[tuple[Any, ...], Iterable[float]]]) -> dict[tuple[Any, ...], list[float]]:
    """Rows of the same keys added up."""
    found: dict[tuple[Any, ...], list[float]] = {}
    for keys, values in rows:
        found[keys] = [a + b for a, b in zip(found.get(keys, [0] * len(reporting.READ)), values, strict=True)]
    return found


@pytest.mark.parametrize("by", BY)
async def test_parts_add_up_to_the_rows(session: AsyncSession, by: tuple[str, ...]) -> None:
    where = await some_weeks(session)
    for asked in (replace(SPAN, by=by), replace(SPAN, by=by, unit=where), replace(SPAN, by=by, services=("weeks",))):
        rows = await queries.sums(session, asked, plan(asked), reporting.READ, features=True)
        parts = await queries.parts(session, asked, plan(asked), reporting.READ)
        columns = zip(*(parts.sums[name] for name in reporting.READ), strict=True)
        keys = ((*key, s, p) for key, s, p in zip(parts.keys, parts.services, parts.places, strict=True))
        expected = added(((*row.keys, row.service, row.place), row.sums.values()) for row in rows)
        assert added(zip(keys, columns, strict=True)) == expected
        assert sum(values[reporting.READ.index("online")] for values in expected.values()) > 5


async def test_where_nothing_happened_there_are_no_parts(session: AsyncSession) -> None:
    asked = replace(SPAN, by=("week",))
    parts = await queries.parts(session, asked, plan(asked), reporting.READ)
    assert (parts.keys, parts.services, parts.places) == ([], [], [])


def test_what_isnt_told_changes_nothing_of_what_is() -> None:
    generator, count = np.random.default_rng(7), 12
    sums = {name: generator.integers(0, 900, count).astype(float) for name in reporting.READ}
    groups = [(f"g{n % 4}",) for n in range(count)]
    parts = Parts(groups, ["weeks", "pension", "complaint"] * 4, ["", "OC"] * 6, sums)
    baseline = Baseline(1, make.figures(spread=0.4), {})
    places = {"": Place(""), "OC": Place("OC")}
    whole = reporting.answer(SPAN, baseline, parts, places, Terms(draws=300))
    for name in TOLD:
        alone = reporting.answer(SPAN, baseline, parts, places, Terms(draws=300), told=(name,))
        assert [group.told for group in alone.groups] == [{name: group.told[name]} for group in whole.groups]
        assert alone.total.told == {name: whole.total.told[name]}
    assert len(whole.groups) == 4
    assert whole.total.counted == sums["counted"].sum()


def test_a_process_multiplies_with_one_thread() -> None:
    """However many cores there are; a request would wait for threads that wait for their turn."""
    program = "import app, os, numpy as np; a = np.ones((600, 600)); a @ a; print(len(os.listdir('/proc/self/task')))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "1"
