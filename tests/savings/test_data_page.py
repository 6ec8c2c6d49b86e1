"""Every example of `docs/data.md` runs as it is written there, and says what the portal says; that of R where there is
Rscript."""

import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.db import reading, transaction
from app.savings.export.files import Span
from app.savings.export.package import export
from app.savings.rules.metric_query import MetricQuery
from app.savings.service import estimates
from tests.conftest import clone, drop
from tests.savings.doc_examples import examples, run
from tests.savings.filled import fill

RSCRIPT = shutil.which("Rscript")
NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
async def exported(worker_name: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """A portal with a quarter's sums in it, and the folder its full export lies in."""
    url = clone(f"data_{worker_name}")
    kernel_db.configure(url.render_as_string(hide_password=False))
    place = tmp_path_factory.mktemp("data")
    async with transaction() as session:
        await fill(session)
    async with reading() as session:
        await export(session, place / "export", Span(version=1, is_public=False, today=NOW.date()), NOW)
    yield place
    await kernel_db.disconnect()
    drop(url)


def test_there_are_examples_of_each_language() -> None:
    assert [len(examples(language)) for language in ("sql", "python", "r")] == [4, 2, 1]


@pytest.mark.parametrize("statement", examples("sql"))
async def test_statements_run_as_the_reader(exported: Path, statement: str) -> None:
    async with reading() as session:
        await session.execute(text("SET LOCAL ROLE ventanilla_reader"))
        rows = (await session.execute(text(statement.strip().removesuffix(";")))).all()
    assert rows


@pytest.mark.parametrize("code", examples("python"))
def test_python_leaves_no_result_half_read(code: str) -> None:
    """DuckDB 2 refuses the next statement of a connection then."""
    assert not re.search(r"fetch(one|many)", code)


async def test_python_reads_the_files(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(exported)
    rows = run(examples("python")[0])["completion"].fetchall()
    async with reading() as session:
        statement = examples("sql")[0].strip().removesuffix(";")
        expected = [tuple(row) for row in (await session.execute(text(statement))).all()]
    assert [(month, service) for month, service, _share in rows] == [row[:2] for row in expected]
    assert [share for *_keys, share in rows] == pytest.approx([row[2] for row in expected])


async def test_python_works_out_the_portals_own_result(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(exported)
    found = run(examples("python")[1])
    async with reading() as session:
        query = MetricQuery(date(2026, 1, 1), date(2026, 3, 31), services=("weeks",))
        hours = (await estimates.estimate_savings(session, query)).total.hours
    assert (found["low"], found["median"], found["high"]) == pytest.approx((hours.low, hours.median, hours.high))
    assert hours.median > 100


if RSCRIPT is not None:  # elsewhere its example isn't run, as the page says

    @pytest.mark.parametrize("code", examples("r"))
    def test_r_reads_the_files(exported: Path, code: str) -> None:
        ran = subprocess.run([str(RSCRIPT), "-e", code], cwd=exported, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        assert "completion" in ran.stdout


async def test_the_files_know_what_duckdb_makes_of_them(exported: Path) -> None:
    """Dates are dates and sums are whole numbers, in both kinds of file."""
    for kind, read in (("csv", "read_csv"), ("parquet", "read_parquet")):
        types = duckdb.sql(f"SELECT typeof(month), typeof(people) FROM {read}('{exported}/export/cells.{kind}')")
        assert types.fetchone() == ("DATE", "BIGINT")
