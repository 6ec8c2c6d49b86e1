"""The CLUES catalogue: real rows, whatever the file's year, encoding and order; every mended field said."""

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select, text

from app.kernel import db as kernel_db
from app.kernel.tabular.report import ImportReport
from app.places.importers.units import import_units
from app.places.models import Room, Shift, Unit
from tests.conftest import Database
from tests.places.factories import DATA, said, units, write

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

LAYOUT_2025, HOSPITALS = DATA / "clues-2025-layout.csv", DATA / "clues-hospitals-cdmx.csv"

REAL_IMSS_HOSPITALS = 21

Rows = list[list[str]]


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


async def bring(path: Path, tmp_path: Path, institution: str = "IMSS") -> ImportReport:
    return await import_units(path, institution=institution, rejects=tmp_path / "rejects.csv")


async def snapshot() -> Any:
    question = "SELECT string_agg(u::text, '|' ORDER BY clues) FROM unit u"
    async with kernel_db.reading() as session:
        return await session.scalar(text(question))


def without_marks(unit: Unit) -> tuple[Any, ...]:
    return tuple(
        getattr(unit, column.key) for column in Unit.__mapper__.columns if column.key not in {"id", "imported_at"}
    )


async def test_real_rows_of_the_2025_layout(db: Database, tmp_path: Path) -> None:
    report = await bring(LAYOUT_2025, tmp_path)
    assert (report.read, report.added, report.skipped, report.rejected) == (15, 14, 1, 0)
    found = await units()
    joya = found["DFIMS000266"]
    assert (joya.name, joya.kind, joya.postal_code, joya.level) == ("UMF 3 LA JOYA", "umf", "07890", 1)
    assert (joya.state, joya.municipality, joya.timezone) == (
        "CIUDAD DE MÉXICO",
        "GUSTAVO A. MADERO",
        "America/Mexico_City",
    )
    raza = found["DFIMS000020"]
    assert (raza.kind, raza.latitude, raza.longitude) == ("hospital", 19.4662, -99.1442)
    assert joya.address == "ORIENTE 91 S/N, COLONIA LA JOYA"
    assert all(unit.is_operating for unit in found.values())


async def test_real_hospitals_of_the_2018_catalogue_with_their_dirt(db: Database, tmp_path: Path) -> None:
    report = await bring(HOSPITALS, tmp_path)
    assert (report.added, report.rejected) == (REAL_IMSS_HOSPITALS, 0)
    assert report.read == report.added + report.skipped + report.rejected
    assert {kind for _line, kind, _field in said(tmp_path)} == {"noted"}
    for unit in (await units()).values():
        assert unit.kind == "hospital"
        assert unit.postal_code is None or unit.postal_code[:2] <= "16"
        assert unit.latitude is None or 19 < unit.latitude < 20
        assert unit.longitude is None or -100 < unit.longitude < -98


async def test_rooms_and_shifts_of_a_new_unit(db: Database, tmp_path: Path) -> None:
    await bring(LAYOUT_2025, tmp_path)
    async with kernel_db.reading() as session:
        of = select(Room.kind).join(Unit).where(Unit.clues == "DFIMS000266")
        kinds = (await session.scalars(of.order_by(Room.number))).all()
        shifts = (await session.scalars(select(Shift.code).join(Unit).where(Unit.clues == "DFIMS000266"))).all()
        hospital = (await session.scalars(select(Room.kind).join(Unit).where(Unit.clues == "DFIMS000020"))).all()
    assert kinds == ["consulting"] * 4 + ["dental", "preventive", "window"]
    assert sorted(shifts) == ["M", "V"]
    assert set(hospital) == {"specialist"}


async def test_a_second_run_changes_nothing_and_keeps_what_the_agency_changed(db: Database, tmp_path: Path) -> None:
    await bring(LAYOUT_2025, tmp_path)
    async with db.transaction() as session:
        await session.execute(text("UPDATE room SET name = 'Consultorio azul' WHERE number = 1"))
    before = await snapshot()
    report = await bring(LAYOUT_2025, tmp_path)
    assert (report.added, report.changed, report.same) == (0, 0, 14)
    assert await snapshot() == before
    rows = rows_of(LAYOUT_2025)
    rows[2][rows[0].index("NOMBRE DE LA UNIDAD")] = "UMF 3 LA JOYA NUEVA"
    report = await bring(write(tmp_path / "new.csv", rows), tmp_path)
    assert (report.added, report.changed, report.same) == (0, 1, 13)
    assert (await units())["DFIMS000266"].name == "UMF 3 LA JOYA NUEVA"
    async with kernel_db.reading() as session:
        assert await session.scalar(text("SELECT DISTINCT name FROM room WHERE number = 1")) == "Consultorio azul"


def as_workbook(path: Path, rows: Rows) -> Path:
    """As a spreadsheet keeps it: numbers where a cell looks like one, so that postal codes lose their zero."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    book.save(path)
    return path


@pytest.mark.parametrize("how", ["xlsx", "latin-1", "semicolons", "other order", "names of 2018"])
async def test_the_same_units_however_the_file_is_written(db: Database, tmp_path: Path, how: str) -> None:
    await bring(LAYOUT_2025, tmp_path)
    expected = {clues: without_marks(unit) for clues, unit in (await units()).items()}
    async with db.transaction() as session:
        await session.execute(text("TRUNCATE unit CASCADE"))
    rows = rows_of(LAYOUT_2025)
    if how == "xlsx":
        path = as_workbook(tmp_path / "clues.xlsx", rows)
    elif how == "latin-1":
        path = write(tmp_path / "clues.csv", rows, encoding="latin-1")
    elif how == "semicolons":
        path = write(tmp_path / "clues.csv", rows, delimiter=";")
    elif how == "other order":
        path = write(tmp_path / "clues.csv", [row[::-1] for row in rows])
    else:
        names = {"ENTIDAD": "NOMBRE DE LA ENTIDAD", "MUNICIPIO": "Nombre del Municipio", "CLUES": " clues "}
        rows[0] = [names.get(name, name) for name in rows[0]]
        path = write(tmp_path / "clues.csv", rows)
    await bring(path, tmp_path)
    assert {clues: without_marks(unit) for clues, unit in (await units()).items()} == expected


MENDED: dict[str, list[tuple[str, Any, str | None]]] = {
    "CODIGO POSTAL": [
        ("7890", "07890", None),
        ("7890.0", "07890", None),
        ("99999", None, "CODIGO POSTAL"),
        ("64000", None, "CODIGO POSTAL"),
        ("no sé", None, "CODIGO POSTAL"),
    ],
    "LATITUD|LONGITUD": [
        ("19.5|-99.1", (19.5, -99.1), None),
        ("19.5|99.1", (19.5, -99.1), "LONGITUD"),
        ("-99.1|19.5", (19.5, -99.1), "LATITUD LONGITUD"),
        ("19.5,123|-99.1", (19.5, -99.1), "LATITUD LONGITUD"),
        ("0|0", (None, None), "LATITUD LONGITUD"),
        ("48.85|2.35", (None, None), "LATITUD LONGITUD"),
        ("norte|oeste", (None, None), "LATITUD LONGITUD"),
    ],
}


@pytest.mark.parametrize(
    ("columns", "cells", "kept", "noted"),
    [(columns, *case) for columns, cases in MENDED.items() for case in cases],
)
async def test_what_spreadsheets_did_is_mended_or_left_empty_and_said(
    db: Database, tmp_path: Path, columns: str, cells: str, kept: Any, noted: str | None
) -> None:
    rows = rows_of(LAYOUT_2025)[:3]
    for name, cell in zip(columns.split("|"), cells.split("|"), strict=True):
        rows[2][rows[0].index(name)] = cell
    await bring(write(tmp_path / "clues.csv", rows), tmp_path)
    unit = (await units())["DFIMS000266"]
    found = unit.postal_code if columns == "CODIGO POSTAL" else (unit.latitude, unit.longitude)
    assert found == kept
    about_columns = [field for line, _kind, field in said(tmp_path) if line == 3 and "CONSULTORIOS" not in field]
    assert about_columns == ([noted] if noted else [])


async def test_rows_that_can_not_be_taken(db: Database, tmp_path: Path) -> None:
    rows = rows_of(LAYOUT_2025)[:6]
    header = rows[0]
    rows[2][header.index("CLUES")] = "DFIMS26"
    rows[3][header.index("CLUES")] = "DFIST000085"
    rows[4][header.index("NOMBRE DE LA UNIDAD")] = ""
    rows.append(list(rows[5]))
    rows.append(["DFIMS000271"])
    report = await bring(write(tmp_path / "clues.csv", rows), tmp_path)
    assert (report.read, report.added, report.rejected) == (7, 1, 4)
    rejected = [(line, field) for line, kind, field in said(tmp_path) if kind == "rejected"]
    assert rejected == [(3, "CLUES"), (4, "CLUES"), (5, "NOMBRE DE LA UNIDAD"), (7, "CLUES")]


async def test_imss_bienestar_is_another_institution(db: Database, tmp_path: Path) -> None:
    rows = rows_of(LAYOUT_2025)[:2]
    rows[1][0], rows[1][1] = "DFIMB000011", "IMSS-BIENESTAR"
    with pytest.raises(RuntimeError, match=r"no row is of the institution IMSS: the file has IMSS-BIENESTAR\."):
        await bring(write(tmp_path / "clues.csv", rows), tmp_path)
    assert await units() == {}


@pytest.mark.parametrize("content", ["", "a,b,c\n1,2,3\n", "CLUES,ENTIDAD\nDFIMS000266,CDMX\n"])
async def test_another_file_gets_the_columns_it_lacks(db: Database, tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(content)
    with pytest.raises(RuntimeError, match=r"NOMBRE DE LA UNIDAD|empty"):
        await bring(path, tmp_path)
    assert await units() == {}


async def test_time_zones_by_state_and_municipality(db: Database, tmp_path: Path) -> None:
    places = {
        ("BC", "TIJUANA"): "America/Tijuana",
        ("SR", "HERMOSILLO"): "America/Hermosillo",
        ("QR", "BENITO JUÁREZ"): "America/Cancun",
        ("CH", "JUÁREZ"): "America/Ciudad_Juarez",
        ("CH", "CHIHUAHUA"): "America/Chihuahua",
        ("NT", "BAHÍA DE BANDERAS"): "America/Bahia_Banderas",
        ("NT", "TEPIC"): "America/Mazatlan",
        ("TS", "REYNOSA"): "America/Matamoros",
        ("TS", "TAMPICO"): "America/Mexico_City",
    }
    rows = rows_of(LAYOUT_2025)[:3]
    header, pattern = rows[0], rows[2]
    made = [header]
    for number, (state, municipality) in enumerate(places):
        row = list(pattern)
        row[0] = f"{state}IMS{number:06d}"
        row[header.index("MUNICIPIO")] = municipality
        made.append(row)
    await bring(write(tmp_path / "clues.csv", made), tmp_path)
    found = await units()
    assert [found[f"{state}IMS{n:06d}"].timezone for n, (state, _m) in enumerate(places)] == list(places.values())
