"""Files of the insured: read however they were written, every bad row answered, nothing twice, nothing half-done."""

import asyncio
import csv
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel import ids
from tests.conftest import Database
from tests.forked import launch
from tests.registry.factories import a_unit, bring, counts, value
from tests.registry.files import DEPENDANTS, PEOPLE, PERIODS, curp, nss, person, write
from tests.waiting import until

REGISTER = text(
    "INSERT INTO person (id, curp, given_names, first_surname, birth_on, sex)"
    " VALUES (:id, :curp, 'Ana', 'Núñez', '1990-05-17', 'M')"
)

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


def rejected(path: Path) -> list[tuple[int, str]]:
    """Line and field of each rejected row; each has its reason in both languages."""
    with path.with_suffix(".rejects").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["reason_es"] and row["reason_en"] for row in rows)
    return sorted((int(row["line"]), row["field"]) for row in rows)


@pytest.mark.parametrize(
    ("encoding", "ending", "delimiter"),
    [
        ("utf-8", "\n", ","),
        ("utf-8-sig", "\r\n", ","),
        ("latin-1", "\n", ";"),
        ("cp1252", "\r\n", "|"),
        ("utf-8", "\n", "\t"),
    ],
)
async def test_it_reads_however_it_was_written(
    db: Database, tmp_path: Path, encoding: str, ending: str, delimiter: str
) -> None:
    clues = await a_unit(db)
    rows = [line.replace(",", delimiter) for line in (PEOPLE, person(1, clues=clues), person(2))]
    report = await bring(write(tmp_path / "people.csv", *rows, encoding=encoding, ending=ending))
    assert counts(report) == (2, 2, 0, 0, 0)
    assert await value("SELECT string_agg(DISTINCT first_surname, ' ') FROM person") == "Núñez"
    assert await value("SELECT count(*) FROM person WHERE unit_id IS NOT NULL AND room = 1 AND shift = 'M'") == 1
    assert await value("SELECT DISTINCT phone FROM person") == "+525512345678"


async def test_columns_in_any_order_quotes_and_line_ends_inside_them(db: Database, tmp_path: Path) -> None:
    header = ["given_names", "curp"] + [name for name in PEOPLE.split(",") if name not in {"given_names", "curp"}]
    lines = [",".join(header)]
    for number in (1, 2):
        values = dict(zip(PEOPLE.split(","), person(number).split(","), strict=True))
        values["second_surname"] = '"Peña, ""la"" Grande"'
        lines.append(",".join(values[name] for name in header))
    lines.insert(2, '"two\nlines"' + lines[2][lines[2].index(",") :])
    lines[3] = lines[3].replace("Ana María", "")
    path = write(tmp_path / "people.csv", *lines)
    report = await bring(path)
    assert counts(report) == (3, 1, 0, 0, 2)
    assert await value("SELECT second_surname FROM person") == 'Peña, "la" Grande'
    # The name with a line end inside ends on line 4; the empty one is on line 5.
    assert rejected(path) == [(4, "given_names"), (5, "given_names")]


async def test_each_bad_row_is_written_out_with_its_line_and_field(db: Database, tmp_path: Path) -> None:
    clues = await a_unit(db)
    bad = {
        "curp": person(10, curp=curp(10)[:-1] + ("0" if curp(10)[-1] != "0" else "1")),
        "nss": person(11, nss="12345678901"),
        "given_names": person(12, given_names=""),
        "birth_on": person(13, birth_on="1990-02-30"),
        "sex": person(14, sex="F"),
        "room": person(15, clues=clues, room="uno"),
        "shift": person(16, clues=clues, shift="T"),
        "postal_code": person(19, postal_code="630"),
        "language": person(20, language="fr"),
        "clues": person(21, clues="DFIMS999999"),
        "": person(22) + ",more",
    }
    path = write(tmp_path / "people.csv", PEOPLE, person(1), *bad.values(), person(2))
    report = await bring(path)
    assert counts(report) == (len(bad) + 2, 2, 0, 0, len(bad))
    assert rejected(path) == list(enumerate(bad, start=3))


async def test_a_room_needs_its_unit_and_a_number_is_of_one_person(db: Database, tmp_path: Path) -> None:
    path = write(
        tmp_path / "people.csv",
        *(PEOPLE, person(1), person(2, room="3"), person(1), person(3, nss=nss(1)), person(4, second_surname="a\x01b")),
    )
    report = await bring(path)
    assert counts(report) == (5, 1, 0, 0, 4)
    assert rejected(path) == [(3, "room"), (4, "curp"), (5, "nss"), (6, "second_surname")]
    other = write(tmp_path / "other.csv", PEOPLE, person(5, nss=nss(1)))
    assert counts(await bring(other)) == (1, 0, 0, 0, 1)


@pytest.mark.parametrize("quoted", ["", '"'])
async def test_rows_with_nul_are_refused_and_the_others_taken(db: Database, tmp_path: Path, quoted: str) -> None:
    # The database stores no NUL: one that got through would fail the whole file.
    names = ("curp", "nss", "birth_on", "email", "second_surname")
    whole = {"curp": curp(1), "nss": nss(1), "birth_on": "1990-05-17", "email": "a@b.mx", "second_surname": "Peña"}
    rows = [person(number, **{name: f"{whole[name]}\0"}) for number, name in enumerate(names, start=1)]
    path = write(tmp_path / "people.csv", PEOPLE, *rows, person(9, given_names=f"{quoted}Ana{quoted}"))
    assert counts(await bring(path)) == (6, 1, 0, 0, 5)
    assert rejected(path) == [(line, "") for line in range(2, 7)]


async def test_a_quotation_mark_never_closed_is_said_with_its_line(db: Database, tmp_path: Path) -> None:
    rows = [person(number, email="ana@ejemplo.mx") for number in range(2, 999)] * 2
    path = write(tmp_path / "people.csv", PEOPLE, person(1), person(2, given_names='"Ana'), *rows)
    csv.field_size_limit(sys.maxsize)  # as a library does that was imported
    with pytest.raises(RuntimeError, match=r"line 3 .*never closed"):
        await bring(path)
    assert await value("SELECT count(*) FROM person") == 0


async def test_in_a_short_file_it_refuses_its_own_row_only(db: Database, tmp_path: Path) -> None:
    """To the end of the file all would be one row, and those after it would be lost with it."""
    rows = [person(number) for number in range(3, 8)]
    wrong = (person(2, given_names='"Ana'), person(9, given_names='"Bea'))
    path = write(
        tmp_path / "people.csv", PEOPLE, person(1), wrong[0], *rows, person(8, second_surname='"Díaz"'), wrong[1]
    )
    assert counts(await bring(path)) == (9, 7, 0, 0, 2)
    assert [line for line, _field in rejected(path)] == [3, 10]
    reasons = path.with_suffix(".rejects").read_text(encoding="utf-8")
    assert reasons.count("¿una comilla sin cerrar?") == 2, "the last row's, too"


async def test_a_second_run_changes_nothing_and_a_new_file_only_what_differs(db: Database, tmp_path: Path) -> None:
    clues = await a_unit(db)
    rows = [person(number, clues=clues) for number in range(1, 6)]
    path = write(tmp_path / "people.csv", PEOPLE, *rows)
    assert counts(await bring(path)) == (5, 5, 0, 0, 0)
    before = await value("SELECT string_agg(concat(xmin, id), ',' ORDER BY id) FROM person")
    assert counts(await bring(path)) == (5, 0, 0, 5, 0)
    assert not path.with_suffix(".rejects").exists()
    assert await value("SELECT string_agg(concat(xmin, id), ',' ORDER BY id) FROM person") == before
    write(path, PEOPLE, *rows[:4], person(5, clues=clues, email="ana@ejemplo.mx"), person(6))
    assert counts(await bring(path)) == (6, 1, 1, 4, 0)


async def test_periods_and_dependants(db: Database, tmp_path: Path) -> None:
    await bring(write(tmp_path / "people.csv", PEOPLE, *[person(number) for number in (1, 2)]))
    ana, bea, no_one = curp(1), curp(2), curp(9)
    periods = write(
        tmp_path / "periods.csv",
        *(PERIODS, f"{ana},A1,315.04,2020-01-01,", f"{ana},A1,,2019-01-01,2018-01-01", f"{no_one},A1,,2020-01-01,"),
        *(f"{bea},B2,1.5,2021-01-01,2022-01-01", f"{bea},B2,1.5,2021-01-01,2023-01-01", f"{bea},,1,2021-01-01,"),
    )
    assert counts(await bring(periods)) == (6, 2, 0, 0, 4)
    assert rejected(periods) == [(3, "ends_on"), (4, "curp"), (6, "curp"), (7, "employer")]
    assert counts(await bring(periods)) == (6, 0, 0, 2, 4)
    dependants = write(
        tmp_path / "dependants.csv",
        *(DEPENDANTS, f"{ana},{bea},child,2021-01-01,", f"{ana},{ana},child,2021-01-01,"),
        *(f"{ana},{bea},cousin,2021-01-01,", f"{no_one},{bea},child,2021-01-01,"),
    )
    assert counts(await bring(dependants)) == (4, 1, 0, 0, 3)
    assert rejected(dependants) == [(3, "curp"), (4, "kinship"), (5, "holder_curp")]
    assert counts(await bring(dependants)) == (4, 0, 0, 1, 3)


@pytest.mark.parametrize("content", ["", "name,age\nAna,33\n", PEOPLE.replace("curp,", "") + "\n"])
async def test_another_kind_of_file_gets_what_it_lacks(db: Database, tmp_path: Path, content: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(content)
    with pytest.raises(RuntimeError, match="lacks the columns" if content else "the file is empty"):
        await bring(path)
    assert await value("SELECT count(*) FROM person") == 0


STUCK = """
import asyncio, pathlib, sys, time
from app.kernel import db
from app.registry.importers.pipeline import import_insured

def stay(*_step):
    print("staging", flush=True)
    time.sleep(60)

db.configure(sys.argv[1], driver="psycopg")
path = pathlib.Path(sys.argv[2])
asyncio.run(import_insured(path, rejects=path.with_suffix(".rejects"), progress=stay))
"""


@pytest.mark.faults
async def test_killed_half_way_nothing_was_done_and_the_next_run_does_all(db: Database, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", PEOPLE, *[person(number) for number in range(1000)])
    url = db.url.render_as_string(hide_password=False)
    log = tmp_path / "log"
    process = launch([sys.executable, "-c", STUCK, url, str(path)], os.environ, log)
    try:
        until(lambda: log.read_text() == "staging\n", "it stages nothing")
    finally:
        process.kill()
        process.wait()
    assert await value("SELECT count(*) FROM person") == 0
    assert counts(await bring(path)) == (1000, 1000, 0, 0, 0)


async def test_a_rejected_value_is_as_it_stood_in_the_file(db: Database, tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://evil.example","x")'
    path = tmp_path / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(PEOPLE.split(","))
        for place, column in enumerate(("curp", "sex", "language", "email")):
            row = person(place + 1).split(",")
            row[PEOPLE.split(",").index(column)] = formula
            writer.writerow(row)
    report = await bring(path)
    assert (report.rejected, report.notes) == (3, 4)
    with path.with_suffix(".rejects").open(encoding="utf-8", newline="") as file:
        assert [row["value"] for row in csv.DictReader(file)] == [f"'{formula}"] * 4


async def test_each_wrong_field_of_a_row_is_named(db: Database, tmp_path: Path) -> None:
    rows = [person(1, sex="Q", language="fr", phone="x"), person(2, postal_code="1"), person(3)]
    path = write(tmp_path / "people.csv", PEOPLE, *rows)
    report = await bring(path)
    assert (counts(report), report.notes, report.further) == ((3, 1, 0, 0, 2), 3, 1)
    assert rejected(path) == [(2, "language"), (2, "sex"), (3, "postal_code")]


async def test_who_stays_the_same_is_not_even_locked(db: Database, tmp_path: Path) -> None:
    await bring(write(tmp_path / "people.csv", PEOPLE, person(1), person(2)))
    report = await bring(write(tmp_path / "next.csv", PEOPLE, person(1), person(2, given_names="Luz")))
    assert counts(report) == (2, 0, 1, 1, 0)
    assert await value(f"SELECT xmax::text FROM person WHERE curp = '{curp(1)}'") == "0"


async def test_who_is_registered_by_others_meanwhile_is_changed(db: Database, tmp_path: Path) -> None:
    path = write(tmp_path / "people.csv", PEOPLE, person(1), person(2))
    async with kernel_db.database().separate_sessions() as other:
        await other.execute(REGISTER, {"id": ids.new_id(), "curp": curp(1)})
        importing = asyncio.create_task(bring(path))
        async with asyncio.timeout(20):
            while not await value("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"):
                await asyncio.sleep(0.02)
        await other.commit()
    assert counts(await importing) == (2, 1, 1, 0, 0)
    assert await value("SELECT count(DISTINCT given_names) FROM person WHERE given_names = 'Ana María'") == 1
