"""Postal codes: the layouts of GeoNames and SEPOMEX, and code,lat,lng."""

import csv
import gzip
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.tabular.report import ImportReport
from app.places.importers.postal import import_postal_codes
from tests.conftest import Database

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

GEONAMES = (
    "MX\t06300\tBuenavista\tCiudad de México\t09\tCuauhtémoc\t015\t\t\t19.4466\t-99.1533\t\n"
    "MX\t06300\tGuerrero\tCiudad de México\t09\tCuauhtémoc\t015\t\t\t19.4466\t-99.1533\t\n"
    "MX\t01000\tSan Ángel\tCiudad de México\t09\tÁlvaro Obregón\t010\t\t\t19.3443\t-99.2006\t\n"
)
SEPOMEX = (
    "El Catálogo Nacional de Códigos Postales, es elaborado por Correos de México\r\n"
    "d_codigo|d_asenta|d_tipo_asenta|D_mnpio|d_estado|d_ciudad\r\n"
    "06300|Buenavista|Colonia|Cuauhtémoc|Ciudad de México|Ciudad de México\r\n"
    "64000|Monterrey Centro|Colonia|Monterrey|Nuevo León|Monterrey\r\n"
)
SIMPLE = "postal_code,lat,lng\n06300,19.44,-99.15\n1000,19.34,-99.2\n"


async def bring(path: Path) -> ImportReport:
    return await import_postal_codes(path, rejects=path.with_name("rejects.csv"))


async def codes() -> dict[str, tuple[Any, ...]]:
    async with kernel_db.reading() as session:
        rows = await session.execute(
            text("SELECT code, latitude, longitude, state, municipality, settlement FROM postal_code")
        )
        return {row[0]: tuple(row[1:]) for row in rows}


async def test_geonames(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "MX.txt"
    path.write_text(GEONAMES)
    report = await bring(path)
    assert (report.read, report.added) == (3, 2)
    assert (await codes())["06300"] == (19.4466, -99.1533, "Ciudad de México", "Cuauhtémoc", "Buenavista")


async def test_sepomex_after_points_keeps_the_points(db: Database, tmp_path: Path) -> None:
    simple = tmp_path / "points.csv.gz"
    simple.write_bytes(gzip.compress(SIMPLE.encode()))
    assert (await bring(simple)).added == 2
    sepomex = tmp_path / "CPdescarga.txt"
    sepomex.write_bytes(SEPOMEX.encode("latin-1"))
    report = await bring(sepomex)
    assert (report.read, report.added, report.changed) == (2, 1, 1)
    found = await codes()
    assert found["06300"] == (19.44, -99.15, "Ciudad de México", "Cuauhtémoc", "Buenavista")
    assert found["64000"] == (None, None, "Nuevo León", "Monterrey", "Monterrey Centro")
    assert found["01000"] == (19.34, -99.2, None, None, None)


@pytest.mark.parametrize("content", [GEONAMES, SEPOMEX, SIMPLE])
async def test_a_second_run_changes_nothing(db: Database, tmp_path: Path, content: str) -> None:
    path = tmp_path / "codes.txt"
    path.write_text(content)
    first = await bring(path)
    before = await codes()
    second = await bring(path)
    assert (second.added, second.changed, second.same) == (0, 0, first.added)
    assert await codes() == before


async def test_bad_rows_are_written_out(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("postal_code,lat,lng\nabc,19,-99\n06300\n\n06300,48.8,2.3\n999,19,-99\n")
    report = await bring(path)
    assert (report.read, report.added, report.rejected) == (5, 1, 3)
    with path.with_name("rejects.csv").open(newline="") as file:
        said = [(row["line"], row["kind"]) for row in csv.DictReader(file)]
    assert said == [("2", "rejected"), ("3", "rejected"), ("5", "noted"), ("6", "rejected")]
    assert (await codes())["06300"][:2] == (None, None)


async def test_another_file_gets_the_list_of_known_layouts(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("name,age\nAna,33\n")
    with pytest.raises(RuntimeError, match="GeoNames"):
        await bring(path)
