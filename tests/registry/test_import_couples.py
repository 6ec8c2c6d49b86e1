"""One spouse or partner at a time, in files as well: the row that names a second is rejected, the file is not."""

import csv
from pathlib import Path

import pytest

from app.registry.importers.layouts.family import ONE_COUPLE
from app.registry.importers.pipeline import import_insured
from tests.conftest import Database
from tests.registry.files import DEPENDANTS, PEOPLE, curp, person, write

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)
ANA, BEA, EVA, IDA = (curp(number) for number in range(1, 5))


async def bring(folder: Path, *rows: str) -> tuple[int, int, list[tuple[str, str]]]:
    """How many rows were added and changed, and those rejected, by what was wrong."""
    rejects = folder / "rejects.csv"
    rejects.unlink(missing_ok=True)
    report = await import_insured(write(folder / "dependants.csv", DEPENDANTS, *rows), rejects=rejects)
    if not rejects.exists():
        return report.added, report.changed, []
    with rejects.open(encoding="utf-8", newline="") as file:
        return report.added, report.changed, [(row["line"], row["reason_es"]) for row in csv.DictReader(file)]


@pytest.fixture
async def folder(db: Database, tmp_path: Path) -> Path:
    await import_insured(
        write(tmp_path / "people.csv", PEOPLE, *(person(number) for number in range(1, 5))),
        rejects=tmp_path / "rejects.csv",
    )
    return tmp_path


async def test_of_two_in_a_file_the_first_is_taken(folder: Path) -> None:
    rows = (f"{ANA},{BEA},spouse,2020-01-01,", f"{ANA},{EVA},partner,2024-01-01,", f"{ANA},{IDA},child,2024-01-01,")
    assert await bring(folder, *rows) == (2, 0, [("3", ONE_COUPLE.es)])


async def test_the_second_is_rejected_beside_what_the_registry_has(folder: Path) -> None:
    assert await bring(folder, f"{ANA},{BEA},spouse,2020-01-01,2024-05-06") == (1, 0, [])
    assert await bring(folder, f"{ANA},{EVA},civil-union,2024-05-06,") == (0, 0, [("2", ONE_COUPLE.es)])
    assert await bring(folder, f"{ANA},{EVA},civil-union,2024-05-07,") == (1, 0, [])
    assert await bring(folder, f"{EVA},{BEA},spouse,2020-01-01,") == (1, 0, []), "with another holder"


async def test_a_file_ends_one_and_begins_the_next(folder: Path) -> None:
    await bring(folder, f"{ANA},{BEA},spouse,2020-01-01,")
    rows = (f"{ANA},{EVA},spouse,2024-05-07,", f"{ANA},{BEA},spouse,2020-01-01,2024-05-06")
    assert await bring(folder, *rows) == (1, 1, [])
    assert await bring(folder, *rows) == (0, 0, []), "and again changes nothing"
