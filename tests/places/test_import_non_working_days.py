"""The agency's calendar of terms: a file is whole for the years that it names."""

import csv
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from app.kernel import db as kernel_db
from app.kernel.tabular.report import ImportReport
from app.places.importers.non_working_days import import_non_working_days
from app.places.models import NonWorkingDays
from app.places.queries import days_out_of_terms
from tests.conftest import Database

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)
HEAD = "starts_on,ends_on,name,source\n"
HOLY_WEEK = "2027-03-25,2027-03-26,Semana Santa,Acuerdo ACDO (DOF 2026-12-01)\n"
CHRISTMAS = "2027-12-20,2028-01-03,Vacaciones generales,Acuerdo ACDO (DOF 2026-12-01)\n"


async def bring(folder: Path, text: str) -> ImportReport:
    path = folder / "days.csv"
    path.write_text(text, encoding="utf-8")
    return await import_non_working_days(path, rejects=folder / "rejects.csv")


async def stored() -> list[tuple[date, date]]:
    async with kernel_db.reading() as session:
        rows = await session.scalars(select(NonWorkingDays).order_by(NonWorkingDays.starts_on))
        return [(row.starts_on, row.ends_on) for row in rows]


async def test_days_are_added_changed_and_removed_by_year(db: Database, tmp_path: Path) -> None:
    report = await bring(tmp_path, HEAD + HOLY_WEEK + CHRISTMAS)
    assert (report.read, report.added, report.changed, report.same) == (2, 2, 0, 0)
    again = await bring(tmp_path, HEAD + HOLY_WEEK + CHRISTMAS)
    assert (again.added, again.changed, again.same) == (0, 0, 2)
    other_year = await bring(tmp_path, HEAD + "2028-04-13,2028-04-14,Semana Santa,Acuerdo\n")
    assert (other_year.added, other_year.changed) == (1, 0)
    longer = await bring(tmp_path, HEAD + HOLY_WEEK.replace("2027-03-26", "2027-04-02"))
    assert (longer.changed, longer.added) == (2, 0), "one changed, and one of that year removed"
    assert await stored() == [
        (date(2027, 3, 25), date(2027, 4, 2)),
        (date(2028, 4, 13), date(2028, 4, 14)),
    ]


async def test_terms_leave_them_out_with_those_of_the_law(db: Database, tmp_path: Path) -> None:
    await bring(tmp_path, HEAD + HOLY_WEEK)
    async with kernel_db.reading() as session:
        found = await days_out_of_terms(session, date(2027, 3, 20), date(2027, 5, 6))
    assert sorted(found) == [date(2027, 3, 25), date(2027, 3, 26), date(2027, 5, 1), date(2027, 5, 5)]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("25/03/2027,2027-03-26,Semana Santa,Acuerdo\n", "starts_on"),
        ("2027-03-26,2027-03-25,Semana Santa,Acuerdo\n", "ends_on"),
        ("2027-03-01,2027-06-01,Semana Santa,Acuerdo\n", "ends_on"),
        ("2027-03-25,2027-03-26,,Acuerdo\n", "name"),
        ("2027-03-25,2027-03-26,Semana Santa,\n", "source"),
        (HOLY_WEEK + HOLY_WEEK, "starts_on"),
        ("25/03/2027,=1,,\n", "starts_on ends_on name source"),
    ],
)
async def test_one_wrong_row_and_nothing_is_imported(db: Database, tmp_path: Path, row: str, field: str) -> None:
    with pytest.raises(RuntimeError, match="nothing was imported"):
        await bring(tmp_path, HEAD + CHRISTMAS + row)
    assert await stored() == []
    with (tmp_path / "rejects.csv").open(encoding="utf-8") as file:
        assert [line["field"] for line in csv.DictReader(file)] == field.split()


async def test_a_quotation_mark_never_closed_takes_no_rows_with_it(db: Database, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"line 2 .*never closed"):
        await bring(tmp_path, HEAD + '2027-03-25,2027-03-26,Semana Santa,"Acuerdo\n' + CHRISTMAS)
    assert await stored() == []


async def test_a_file_short_of_a_column_is_refused(db: Database, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="columns missing: source"):
        await bring(tmp_path, "starts_on,ends_on,name\n2027-03-25,2027-03-26,Semana Santa\n")
