"""The export: what the tables say, described so that others' tools agree; whole or not there at all."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import frictionless
import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.db import reading
from app.savings.export.files import Span, pieces, spooled
from app.savings.export.package import FolderExists, Written, export
from app.savings.export.tables import EXPORTED, VIEWS
from tests.conftest import clone, drop
from tests.savings.filled import fill

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
FULL = Span(version=1, is_public=False, today=NOW.date())
PUBLIC = Span(version=1, is_public=True, today=NOW.date())
UNIT = """INSERT INTO unit (id, clues, name, kind, institution, state_code, state, municipality, timezone, is_operating,
    imported_at) VALUES ('00000000-0000-7000-8000-000000000001', 'DFIMS000001', 'UMF 1', 'umf', 'IMSS', 'DF', 'CDMX',
    'Centro', 'America/Mexico_City', true, now())"""
READINGS = """INSERT INTO saving_access_reading SELECT id, 'weeks', DATE '1990-01-01' + k, k % 30
    FROM unit, generate_series(1, :rows) k"""


async def exported(folder: Path, span: Span) -> Written:
    async with reading() as session:
        return await export(session, folder, span, NOW)


@pytest.fixture(scope="module")
async def filled(worker_name: str) -> AsyncIterator[None]:
    """A database with a year's sums in it, which no one here changes."""
    url = clone(f"export_{worker_name}")
    kernel_db.configure(url.render_as_string(hide_password=False))
    async with kernel_db.transaction() as session:
        await fill(session)
    yield
    await kernel_db.disconnect()
    drop(url)


async def test_files_hold_what_the_tables_hold(filled: None, tmp_path: Path) -> None:
    written = await exported(tmp_path / "out", FULL)
    assert set(written.rows) == set(EXPORTED)
    assert written.rows["cells"] == 3 * 4 * 3 * 2
    for name in EXPORTED.keys() & VIEWS.keys():
        table = EXPORTED[name]
        numbers = [field.name for field in table.fields if field.type in {"integer", "number"} and not field.is_key]
        asked = ", ".join(["count(*)", *(f"coalesce(sum(CAST({number} AS float8)), 0)" for number in numbers)])
        where = " WHERE version = 1" if name == "parameters" else ""
        async with reading() as session:
            expected = tuple((await session.execute(text(f"SELECT {asked} FROM analytics.{name}{where}"))).one())
        for kind, read in (("csv", "read_csv"), ("parquet", "read_parquet")):
            path = tmp_path / "out" / f"{name}.{kind}"
            found = duckdb.sql(f"SELECT {asked} FROM {read}('{path}')").fetchone()
            assert found == pytest.approx(expected), (name, kind)


@pytest.mark.parametrize("span", [FULL, PUBLIC], ids=["full", "public"])
async def test_others_find_it_valid(filled: None, tmp_path: Path, span: Span) -> None:
    await exported(tmp_path / "out", span)
    report = frictionless.validate(str(tmp_path / "out" / "datapackage.json"))
    assert report.flatten(["name", "type", "note"]) == []
    assert {task.name for task in report.tasks} >= set(span.tables())
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert (package["parameters_version"], package["small_cells_suppressed"]) == (1, span.is_public)
    assert all(field["description"] for one in package["resources"] for field in one["schema"]["fields"])
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "datapackage.json",
        *(one["path"] for one in package["resources"]),
    }


async def test_a_changed_file_is_noticed(filled: None, tmp_path: Path) -> None:
    await exported(tmp_path / "out", FULL)
    file = tmp_path / "out" / "regions.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("noroeste", "noreste"), encoding="utf-8")
    assert not frictionless.validate(str(tmp_path / "out" / "datapackage.json")).valid


async def test_an_empty_text_differs_from_null(filled: None, tmp_path: Path) -> None:
    await exported(tmp_path / "out", FULL)
    lines = (tmp_path / "out" / "cells.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith('"month","state","service","channel","transactions"')
    assert lines[1].startswith('2026-01-01,"","family-medicine","api",')
    assert ",fixed,".replace("fixed", '"fixed"') in (tmp_path / "out" / "parameters.csv").read_text(encoding="utf-8")


async def test_only_the_months_asked_for(filled: None, tmp_path: Path) -> None:
    span = Span(date(2026, 2, 1), date(2026, 2, 28), version=1, is_public=False, today=NOW.date())
    await exported(tmp_path / "out", span)
    months = duckdb.sql(f"SELECT DISTINCT month FROM '{tmp_path / 'out' / 'cells.parquet'}'").fetchall()
    assert months == [(date(2026, 2, 1),)]


async def test_nothing_is_overwritten(filled: None, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(FolderExists):
        await exported(tmp_path / "out", FULL)
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine.txt"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, asyncio.CancelledError, OSError])
async def test_interrupted_it_leaves_nothing(filled: None, tmp_path: Path, stop: type[BaseException]) -> None:
    def progress(table: str, _rows: int) -> None:
        if table == "segments":
            assert len(list(tmp_path.rglob("*.csv"))) > 1
            raise stop

    with pytest.raises(stop):
        async with reading() as session:
            await export(session, tmp_path / "out", FULL, NOW, progress)
    assert list(tmp_path.iterdir()) == []


async def test_memory_does_not_grow_with_the_rows(filled: None) -> None:
    """The peak of four pages is that of two."""

    async def peak(rows: int) -> int:
        async with kernel_db.database().sessions() as session:
            await session.execute(text(UNIT))
            await session.execute(text(READINGS), {"rows": rows})
            tracemalloc.start()
            size = 0
            for piece in pieces(await spooled(session, "access", FULL, "csv")):
                size += len(piece)
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert size > rows * 20
            return found

    assert await peak(40_000) < 1.3 * await peak(20_000)
