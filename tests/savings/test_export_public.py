"""What is published of few people: nothing, nor anything it could be worked out from."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel.db import reading, transaction
from app.savings.export.package import export
from app.savings.export.public import Count, _sizes, withheld
from app.savings.export.reading import Span
from app.savings.export.tables import EXPORTED
from app.savings.rules.draws import Floats
from app.savings.rules.suppression import ALL, FEWEST, hidden
from tests.conftest import Database
from tests.savings.filled import fill

NOW = datetime(2026, 5, 2, 12, tzinfo=UTC)
PUBLIC = Span(version=1, is_public=True, today=NOW.date())
MONTHS = tuple(date(2026, month, 1) for month in (1, 2, 3))
STATES = ("DF", "JC", "NL")
SERVICES = ("weeks", "pension", "nursery")
Key = tuple[date, str, str]
EVERY: list[Key] = list(product(MONTHS, STATES, SERVICES))
FEW = """UPDATE saving_cell SET people = 2 WHERE level = 'S' AND place = 'NL' AND service = 'pension'
    AND period = DATE '2026-02-01'"""
PAIRS = ((0, 1), (0, 2), (1, 2))

few = st.integers(0, 14)
many = st.integers(0, 60)
tables = st.lists(st.one_of(few, many, many), min_size=27, max_size=27)


def filled_table(numbers: list[int]) -> dict[Key, int]:
    return {key: count for key, count in zip(EVERY, numbers, strict=True) if count}


def added(cell: tuple[object, object], pair: tuple[int, int]) -> list[Key]:
    """What a sum of two qualities adds up."""
    return [key for key in EVERY if all(k is ALL or key[at] == k for at, k in zip(pair, cell, strict=True))]


def sums_of(people: dict[Key, int], *, shown: bool) -> Iterator[list[Key]]:
    """The sums of two qualities, wholes too, that the metrics show; or those of few, which they hide."""
    for pair in PAIRS:
        sizes = _sizes(people, pair, 1)
        away = hidden(sizes)
        yield from (added(cell, pair) for cell in sizes if (cell not in away if shown else sizes[cell] < FEWEST))


# Numbers from which a sum the metrics hide followed, before what they hide was withheld too.
@example([59, 1, 36, 25, 39, 1, 14, 1, 2, 30, 20, 32, 25, 0, 54, 5, 47, 8, 60, 0, 0, 0, 0, 4, 54, 59, 5])
@settings(max_examples=60, deadline=None)
@given(tables)
def test_nothing_of_few_follows_from_what_is_published(numbers: list[int]) -> None:
    """Neither a month of a block, nor a sum that the metrics hide: from shown sums and published months together."""
    people = filled_table(numbers)
    gone = withheld({key: Count(count, count) for key, count in people.items()}, 1)
    unknown = [key for key in EVERY if key[1:] in gone]
    few = [key for key, count in people.items() if count < FEWEST]
    assert set(few) <= set(unknown)
    column = {key: number for number, key in enumerate(unknown)}

    def row(keys: list[Key]) -> Floats:
        made = np.zeros(len(unknown))
        made[[column[key] for key in keys if key in column]] = 1
        return made

    shown = np.array([np.zeros(len(unknown)), *(row(keys) for keys in sums_of(people, shown=True))])
    rank = np.linalg.matrix_rank(shown) if unknown else 0
    for secret in [*([key] for key in few), *sums_of(people, shown=False)]:
        assert np.linalg.matrix_rank(np.vstack([shown, row(secret)])) == rank + 1, f"{secret} can be worked out"


def test_enough_people_everywhere_withholds_nothing() -> None:
    people = {key: Count(10, 10) for key in EVERY}
    assert withheld(people, 1) == frozenset()


def test_a_sum_told_of_few_is_enough_to_withhold() -> None:
    people = {key: Count(500, 500) for key in EVERY}
    people[MONTHS[0], "DF", "weeks"] = Count(500, 9)
    gone = withheld(people, 1)
    assert ("DF", "weeks") in gone
    assert len(gone) == 4


async def test_the_public_files_tell_of_nobody_alone(db: Database, tmp_path: Path) -> None:
    async with transaction() as session:
        await fill(session)
        await session.execute(text(FEW))
    async with reading() as session:
        await export(session, tmp_path / "out", PUBLIC, NOW)
    at = tmp_path / "out"
    package = json.loads((at / "datapackage.json").read_text(encoding="utf-8"))
    assert {one["name"] for one in package["resources"] if one["format"] == "csv"} == {
        *("cells", "segments", "tickets", "withheld", "access", "figures", "regions", "kinds"),
    }
    assert set(package["resources"][0]["schema"]["fields"][0]) >= {"name", "type", "title", "description", "source"}
    for name, column in (("cells", "people"), ("segments", "people"), ("tickets", "tickets")):
        least, rows = duckdb.sql(f"SELECT min({column}), count(*) FROM '{at / name}.parquet'").fetchone() or (0, 0)
        assert (least >= FEWEST, rows > 0) == (True, True), name
    (away,) = duckdb.sql(f"SELECT count(*) FROM '{at}/withheld.parquet' WHERE \"table\" = 'cells'").fetchone() or (0,)
    assert away >= 4
    (there,) = duckdb.sql(f"SELECT count(*) FROM '{at}/cells.parquet'").fetchone() or (0,)
    assert there == 3 * (4 * 3 - away)
    both = duckdb.sql(
        f"SELECT count(*) FROM '{at}/cells.parquet' c JOIN '{at}/withheld.parquet' w ON w.\"table\" = 'cells'"
        " AND (w.state, w.service) = (c.state, c.service)"
    ).fetchone()
    assert both == (0,)


async def test_a_month_that_has_not_ended_is_not_public(db: Database, tmp_path: Path) -> None:
    async with transaction() as session:
        await fill(session)
    async with reading() as session:
        span = Span(version=1, is_public=True, today=date(2026, 3, 20))
        await export(session, tmp_path / "out", span, NOW)
    months = duckdb.sql(f"SELECT DISTINCT month FROM '{tmp_path}/out/cells.parquet' ORDER BY 1").fetchall()
    assert months == [(date(2026, 1, 1),), (date(2026, 2, 1),)]


def test_public_columns_are_some_of_all() -> None:
    for name, table in PUBLIC.tables().items():
        if name != "withheld":
            assert set(table.fields) <= set(EXPORTED[name].fields)
