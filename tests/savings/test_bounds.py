"""An answer holds only so much, and its cells are text to a spreadsheet."""

from datetime import date

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import System
from app.kernel.problems import Invalid
from app.savings.api.responses import table_csv
from app.savings.queries.cells import GroupTotals
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.parameters import Baseline, Place
from app.savings.rules.tables import Row, Table
from app.savings.service import estimates, metrics
from tests.savings import factories

YEAR = MetricQuery(date(2025, 1, 1), date(2025, 12, 31))


def test_no_cell_is_a_formula() -> None:
    rows = tuple(Row((key, day), -1.5, None, None, 3) for key, day in [("=1+1", date(2025, 1, 1)), ("@x", date.min)])
    table = Table(YEAR, "refusal-reasons", "times", ("reason", "month"), rows, Row((), -3.0, None, None, 6))
    lines = table_csv(table).splitlines()
    assert lines[1] == "refusal-reasons,times,'=1+1,2025-01-01,-1.5,,,3,false,false"
    assert lines[2].startswith("refusal-reasons,times,'@x,0001-01-01,-1.5")


def test_more_groups_than_anyone_reads_are_refused() -> None:
    baseline = Baseline(1, factories.parameters(), {})
    for count, is_refused in [(3, False), (estimates.MAX_GROUPS + 1, True)]:
        sums = dict.fromkeys(estimates.READ, np.ones(count))
        parts = GroupTotals([(f"group-{n}",) for n in range(count)], ["weeks"] * count, [""] * count, sums)
        asked = (YEAR, baseline, parts, {"": Place("")}, estimates.ModelOptions(draws=10))
        if is_refused:
            with pytest.raises(Invalid):
                estimates.compute(*asked)
        else:
            assert len(estimates.compute(*asked).groups) == count


async def test_more_rows_than_a_page_can_want_are_refused(session: AsyncSession) -> None:
    fill = (
        "INSERT INTO saving_reason_cell SELECT '2025-03-01', 'DF', 'weeks', 'r' || n, 1 FROM generate_series(1, :n) n"
    )
    asked = MetricQuery(YEAR.since, YEAR.until, group_by=("reason",))
    await session.execute(text(fill), {"n": metrics.MAX_ROWS + 1})
    with pytest.raises(Invalid):
        await metrics.table(session, System("test"), "refusal-reasons", asked)
