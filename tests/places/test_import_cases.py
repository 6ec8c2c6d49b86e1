"""Catalogues that are short of columns, name municipalities in other ways, or bring hospitals with family medicine."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.appointments.service.default_schedules import count_units_without_default, units_without_schedules
from app.kernel import db as kernel_db
from app.kernel.tabular.report import ImportReport
from app.places.importers.municipalities import MUNICIPALITIES
from app.places.importers.units import import_units
from app.places.importers.zones import BY_MUNICIPALITY, municipality_of, zone_of
from app.places.models import Room, Unit
from tests.conftest import Database
from tests.places.factories import DATA, said, units, write

CASES = Path(__file__).parent / "cases"
HEADER = [
    "CLUES",
    "CLAVE DE LA INSTITUCION",
    "NOMBRE DE LA ENTIDAD",
    "NOMBRE DEL MUNICIPIO",
    "NOMBRE DE LA UNIDAD",
    "ESTATUS DE OPERACION",
]
on_psycopg = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


def row(number: int, name: str, *, state: str = "DF", entity: str = "CIUDAD DE MEXICO", town: str = "") -> list[str]:
    return [f"{state}IMS{number:06d}", "IMSS", entity, town, name, "EN OPERACION"]


async def bring(path: Path, folder: Path) -> ImportReport:
    return await import_units(path, rejects=folder / "rejects.csv")


@on_psycopg
async def test_columns_that_a_file_lacks_leave_what_is_known(db: Database, tmp_path: Path) -> None:
    full = [
        *HEADER,
        *("CODIGO POSTAL", "LATITUD", "LONGITUD", "OBSERVACIONES DE LA DIRECCION", "TELEFONO", "NOMBRE DE TIPOLOGIA"),
    ]
    clinic = row(900003, "UMF 3 La Paz", state="BS", entity="BAJA CALIFORNIA SUR", town="LA PAZ")
    first = [full, [*clinic, "23000", "24.1", "-110.3", "Calle 5", "6121234567", "UNIDAD DE MEDICINA FAMILIAR"]]
    await bring(write(tmp_path / "full.csv", first), tmp_path)
    report = await bring(CASES / "08-unit-out-of-operation.csv", tmp_path)
    assert report.changed == 1
    unit = (await units())["BSIMS900003"]
    assert unit.is_operating is False
    assert (unit.postal_code, unit.latitude, unit.longitude) == ("23000", 24.1, -110.3)
    assert (unit.address, unit.phone, unit.kind) == ("Calle 5", "6121234567", "umf")


@on_psycopg
async def test_municipalities_by_other_names_and_ambiguous_ones(db: Database, tmp_path: Path) -> None:
    report = await bring(CASES / "18-municipalities.csv", tmp_path)
    assert (report.added, report.rejected) == (11, 0)
    zones = {clues[-3:]: unit.timezone.removeprefix("America/") for clues, unit in (await units()).items()}
    assert zones == {
        "101": "Matamoros",
        "103": "Mexico_City",
        "105": "Ciudad_Juarez",
        "107": "Ciudad_Juarez",
        "109": "Bahia_Banderas",
        "111": "Matamoros",
        "113": "Tijuana",
        "115": "Hermosillo",
        "117": "Cancun",
        "119": "Chihuahua",
        "121": "Tijuana",
    }
    assert [(line, field) for line, _kind, field in said(tmp_path) if field.startswith("NOMBRE")] == [
        (3, "NOMBRE DEL MUNICIPIO"),
        (11, "NOMBRE DEL MUNICIPIO"),
        (12, "NOMBRE DE LA ENTIDAD"),
    ]
    assert (await units())["BCIMS990121"].state == "BAJA CALIFORNIA"  # the note says that the CLUES's was taken


@on_psycopg
async def test_a_zone_that_is_known_stays_when_a_later_file_does_not_tell_it(db: Database, tmp_path: Path) -> None:
    known = row(1, "UMF 1", state="CH", entity="CHIHUAHUA", town="JUAREZ")
    await bring(write(tmp_path / "a.csv", [HEADER, known]), tmp_path)
    await bring(write(tmp_path / "b.csv", [HEADER, [*known[:3], "XUAREZ", *known[4:]]]), tmp_path)
    assert (await units())["CHIMS000001"].timezone == "America/Ciudad_Juarez"


@on_psycopg
async def test_of_a_known_unit_nothing_is_assumed(db: Database, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [HEADER, row(1, "UMF 1", town="CUAUHTEMOC")])
    await bring(path, tmp_path)
    assert [field for _line, _kind, field in said(tmp_path)] == ["TOTAL DE CONSULTORIOS"]
    assert (await bring(path, tmp_path)).notes == 0


@on_psycopg
@pytest.mark.parametrize("entity", ["", "PUEBLA"])
async def test_a_state_that_is_not_the_keys_is_put_right(db: Database, tmp_path: Path, entity: str) -> None:
    await bring(write(tmp_path / "a.csv", [HEADER, row(1, "UMF 1", entity=entity, town="CUAUHTEMOC")]), tmp_path)
    assert (await units())["DFIMS000001"].state == "CIUDAD DE MEXICO"
    assert "NOMBRE DE LA ENTIDAD" in [field for _line, _kind, field in said(tmp_path)]


@on_psycopg
async def test_a_key_of_no_state_is_refused(db: Database, tmp_path: Path) -> None:
    report = await bring(write(tmp_path / "a.csv", [HEADER, row(1, "UMF 1", state="ZZ"), row(2, "UMF 2")]), tmp_path)
    assert (report.added, report.rejected) == (1, 1)


@on_psycopg
@pytest.mark.parametrize(
    ("name", "typology", "has_family_medicine"),
    [
        ("HGZMF 8 SAN ANGEL", "HOSPITAL GENERAL DE ZONA", True),
        ("HGZMF26 CONDESA", "HOSPITAL GENERAL DE ZONA", True),
        ("HGSMF 12", "HOSPITAL GENERAL DE SUBZONA", True),
        ("HGRMF 1", "", True),
        ("HOSPITAL GENERAL DE ZONA CON MEDICINA FAMILIAR 24", "", True),
        ("HGZ 32 VILLA COAPA", "HOSPITAL GENERAL DE ZONA CON UNIDAD DE MEDICINA FAMILIAR", True),
        ("HGZ C/MED. FAM. 3", "HOSPITAL GENERAL DE ZONA", True),
        ("HGZ 32 VILLA COAPA", "HOSPITAL GENERAL DE ZONA", False),
        ("HGO 4 SAN ANGEL", "HOSPITAL DE GINECO-OBSTETRICIA", False),
        ("HG CM LA RAZA", "HOSPITAL GENERAL", False),
    ],
)
async def test_hospitals_with_family_medicine_can_be_booked(
    db: Database, tmp_path: Path, name: str, typology: str, *, has_family_medicine: bool
) -> None:
    header = [*HEADER, "NOMBRE DE TIPOLOGIA", "TOTAL DE CONSULTORIOS"]
    await bring(write(tmp_path / "a.csv", [header, [*row(1, name), typology, "30"]]), tmp_path)
    assert (await units())["DFIMS000001"].kind == "hospital"
    async with kernel_db.reading() as session:
        kinds = dict((await session.execute(select(Room.kind, func.count()).group_by(Room.kind))).all())
        bookable = await units_without_schedules(session)
    assert kinds.get("consulting", 0) == (10 if has_family_medicine else 0)
    assert kinds["specialist"] == (20 if has_family_medicine else 30)
    assert len(bookable) == has_family_medicine


@on_psycopg
async def test_real_hospitals_with_family_medicine(db: Database, tmp_path: Path) -> None:
    await bring(DATA / "clues-hospitals-cdmx.csv", tmp_path)
    async with kernel_db.reading() as session:
        of = select(Unit.name).join(Room).where(Room.kind == "consulting").distinct().order_by(Unit.name)
        names = (await session.scalars(of)).all()
    assert names == ["HGZMF 29 S. JUAN ARAGON", "HGZMF 8 SAN ANGEL", "HGZMF26 CONDESA"]


@on_psycopg
async def test_why_a_unit_has_no_default_schedule_is_explained(db: Database, tmp_path: Path) -> None:
    rows = [HEADER, row(1, "UMF 1"), row(2, "HGZ 2"), [*row(3, "UMF 3")[:5], "FUERA DE OPERACION"]]
    await bring(write(tmp_path / "a.csv", rows), tmp_path)
    async with kernel_db.reading() as session:
        left_out = await count_units_without_default(session)
        assert (left_out.scheduled, left_out.not_operating, left_out.without_rooms) == (0, 1, 1)
        assert len(await units_without_schedules(session)) == 1


@on_psycopg
async def test_a_row_in_another_encoding_is_refused(db: Database, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [HEADER, row(1, "UMF Peña"), row(2, "UMF Núñez")])
    path.write_bytes(path.read_bytes() + ",".join(row(3, "UMF Ibáñez")).encode("latin-1") + b"\n")
    report = await bring(path, tmp_path)
    assert (report.added, report.rejected) == (2, 1)
    assert await kernel_names() == "UMF Núñez, UMF Peña"


async def kernel_names() -> str:
    async with kernel_db.reading() as session:
        return str(await session.scalar(text("SELECT string_agg(name, ', ' ORDER BY name) FROM unit")))


def test_every_municipality_is_known_by_its_own_name() -> None:
    for state, names in MUNICIPALITIES.items():
        for name in names:
            assert municipality_of(state, name) is not None, (state, name)
            assert zone_of(state, name) is not None
    listed = {(state, municipality_of(state, name)) for state, names in MUNICIPALITIES.items() for name in names}
    assert {(state, municipality_of(state, name)) for state, name in BY_MUNICIPALITY} <= listed


@pytest.mark.parametrize(
    ("state", "typed", "name"),
    [
        ("TS", "G. DIAZ ORDAZ", "GUSTAVO DIAZ ORDAZ"),
        ("TS", "H. Matamoros", "MATAMOROS"),
        ("CH", "HGO. DEL PARRAL", "HIDALGO DEL PARRAL"),
        ("CL", "Cd. Acuña", "ACUNA"),
        ("TS", "nuevo-laredo", "NUEVO LAREDO"),
        ("CL", "PIEDRASNEGRAS", None),
        ("CH", "", None),
    ],
)
def test_a_municipality_by_another_name(state: str, typed: str, name: str | None) -> None:
    assert municipality_of(state, typed) == name
