"""The examples of `docs/data.md` on the demonstration's own export say what the portal says of the demonstration.

Its version 2 has measured figures by region beside assumed ones, shares from a survey, and both versions in one file.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.demo.history.calibration import catch_up_with_history
from app.demo.history.generator import write_history
from app.kernel import clock
from app.kernel.db import reading
from app.places.rules import DEFAULT_ZONE
from app.savings.export.files import Span
from app.savings.export.package import export
from app.savings.queries import versions
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.uncertainty import Interval
from app.savings.service import estimates
from app.savings.service.estimates import ModelOptions
from tests.conftest import Database
from tests.demo.factories import people_of_two_units
from tests.savings.doc_examples import examples, run

WHOLE = MetricQuery(date(2020, 1, 1), date(2029, 12, 31), group_by=("service",))
ASKED = 'SERVICE, VERSION, DRAWS, SEED = "weeks", None'


async def hours(version: int | None) -> Mapping[Any, Interval]:
    async with reading() as session:
        answer = await estimates.estimate_savings(session, WHOLE, ModelOptions(version=version))
        total = await estimates.estimate_savings(session, replace(WHOLE, group_by=()), ModelOptions(version=version))
    return {row.keys[0]: row.hours for row in answer.groups} | {"": total.total.hours}


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_the_page_says_of_the_demonstration_what_the_portal_says(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people_of_two_units(db, 320)
    async with db.transaction() as session:
        await write_history(session)
    await catch_up_with_history(is_new=True)
    async with reading() as session:
        span = Span(version=2, is_public=False, today=clock.today(DEFAULT_ZONE))
        await export(session, tmp_path / "export", span, clock.now())
        rows = await versions.parameters_of(session, 2)
        for statement in examples("sql"):
            assert (await session.execute(text(statement.strip().removesuffix(";")))).all()
    assert {row.distribution for row in rows} == {"beta", "normal", "pert", "fixed"}
    assert {row.place for row in rows if row.confidence == "measured"} > {""}

    monkeypatch.chdir(tmp_path)
    code = examples("python")[1]
    assert ASKED in code
    reported = await hours(2)
    low, high = 0.0, 0.0
    for service in [service for service in reported if service]:
        found = run(code.replace(ASKED, f"SERVICE, VERSION, DRAWS, SEED = {service!r}, None"))
        expected = reported[service]
        assert (found["low"], found["median"], found["high"]) == pytest.approx(
            (expected.low, expected.median, expected.high)
        ), service
        low, high = low + found["low"], high + found["high"]
    assert low < reported[""].median < high
