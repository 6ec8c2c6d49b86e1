"""Files of what services decide on: sick leave, withdrawals, coverage, panels, dependants a court protects."""

import asyncio
import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.kernel.actor import System
from app.registry import service
from tests.conftest import Database
from tests.registry.factories import (
    ANA,
    BEA,
    COVERAGE,
    PANELS,
    SICK_LEAVE,
    UNKNOWN_PERSON,
    WITHDRAWALS,
    a_unit,
    bring,
    counts,
    rows,
    value,
)
from tests.registry.files import DEPENDANTS, PEOPLE, PERIODS, person, write
from tests.waiting import SLEEPING, until_a_session_waits

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


async def ana_and_bea(db: Database, folder: Path) -> str:
    """Two people of room 1, morning; returns their unit's CLUES."""
    clues = await a_unit(db)
    await bring(write(folder / "people.csv", PEOPLE, person(1, clues=clues), person(2, clues=clues)))
    return clues


def reasons(path: Path) -> list[tuple[int, str, str]]:
    """Line, field and the English reason of each rejected row, which has one in Spanish too."""
    with path.with_suffix(".rejects").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert all(row["reason_es"] and row["reason_es"] != row["reason_en"] for row in found)
    return sorted((int(row["line"]), row["field"], row["reason_en"]) for row in found)


async def only_rejects(path: Path, header: str, bad: Sequence[tuple[str, str, str]]) -> None:
    """Every row is refused, for this field and with a reason in which these words are."""
    report = await bring(write(path, header, *[row for row, _field, _words in bad]))
    found = reasons(path)
    assert [(line, field) for line, field, _reason in found] == [
        (line, field) for line, (_row, field, _words) in enumerate(bad, start=2)
    ]
    for (_line, _field, reason), (row, _same, words) in zip(found, bad, strict=True):
        assert words in reason, row
    assert counts(report) == (len(bad), 0, 0, 0, len(bad))


async def test_each_kind_arrives_twice_changes_nothing_and_a_new_file_only_what_differs(
    db: Database, tmp_path: Path
) -> None:
    clues = await ana_and_bea(db, tmp_path)
    other = await a_unit(db)
    files = {
        "sick_leave": (SICK_LEAVE, f'{ANA},"AB1",illness,2025-01-01,7,600.5', f"{BEA},AB1,maternity,2025-01-01,84,1"),
        "withdrawal": (WITHDRAWALS, f"{ANA},2025-01-01,52", f"{BEA},2025-01-01,0"),
        "panel": (PANELS, f"{clues},M,1,2400", f"{clues},V,1,2400"),
        "coverage": (COVERAGE, f"{clues},06300", f"{other},06300"),
    }
    for table, lines in files.items():
        path = write(tmp_path / f"{table}.csv", *lines)
        assert counts(await bring(path)) == (2, 2, 0, 0, 0), table
        versions = f"SELECT xmin::text, t::text FROM {table} t ORDER BY 2"
        before = await rows(db, versions)
        assert counts(await bring(path)) == (2, 0, 0, 2, 0), table
        assert await rows(db, versions) == before
    wages = "SELECT days, daily_wage FROM sick_leave WHERE folio = 'AB1' ORDER BY 1"
    assert await rows(db, wages) == [(7, Decimal("600.50")), (84, Decimal(1))]
    served = await rows(db, "SELECT u.clues, c.postal_code FROM coverage c JOIN unit u ON u.id = c.unit_id")
    assert sorted(served) == sorted([(clues, "06300"), (other, "06300")])
    newer = {
        "sick_leave": (SICK_LEAVE, f"{ANA},AB1,work-risk,2025-01-01,7,600.50", f"{BEA},AB1,maternity,2025-01-01,84,1"),
        "withdrawal": (WITHDRAWALS, f"{ANA},2025-01-01,053", f"{BEA},2025-01-01,0"),
        "panel": (PANELS, f"{clues},M,1,2500", f"{clues},V,001,2400"),
    }
    for table, lines in newer.items():
        assert counts(await bring(write(tmp_path / f"{table}.csv", *lines))) == (2, 0, 1, 1, 0), table
    assert await rows(db, "SELECT kind FROM sick_leave ORDER BY 1") == [("maternity",), ("work-risk",)]
    assert await rows(db, "SELECT weeks FROM withdrawal ORDER BY 1") == [(0,), (53,)]
    assert await rows(db, "SELECT shift, capacity, assigned FROM panel ORDER BY 1") == [("M", 2500, 2), ("V", 2400, 0)]


async def test_the_funds_file_corrects_what_staff_recorded_that_day(db: Database, tmp_path: Path) -> None:
    await ana_and_bea(db, tmp_path)
    person_id: UUID = await value(f"SELECT id FROM person WHERE curp = '{ANA}'")
    async with db.transaction() as session:
        await service.record_withdrawal(session, System("test"), person_id, on_date=date(2025, 3, 1), weeks=70)
    path = write(tmp_path / "fund.csv", WITHDRAWALS, f"{ANA},2025-03-01,71")
    assert counts(await bring(path)) == (1, 0, 1, 0, 0)
    assert await rows(db, "SELECT person_id, on_date, weeks FROM withdrawal") == [(person_id, date(2025, 3, 1), 71)]


async def test_optional_columns_about_sick_leave_and_casual_work(db: Database, tmp_path: Path) -> None:
    await ana_and_bea(db, tmp_path)
    leave = f"{ANA},A1,illness,2025-01-01,7,1"
    stored = "SELECT relation, has_opinion FROM sick_leave"
    for more, line, expected in (
        (",relation,medical_opinion", f"{leave},subsequent,yes", ("subsequent", True)),
        ("", leave, ("subsequent", True)),  # a file without the columns leaves them
        (",relation", f"{leave},", (None, True)),
        (",medical_opinion", f"{leave},no", (None, False)),
    ):
        await bring(write(tmp_path / "leave.csv", SICK_LEAVE + more, line))
        assert await rows(db, stored) == [expected], more
    bad = [(f"{leave},later", "relation", "initial, subsequent or relapse")]
    await only_rejects(tmp_path / "leave.csv", SICK_LEAVE + ",relation", bad)
    work = f"{ANA},E9,100,2024-01-01,2024-02-01"
    kinds = "SELECT scheme, is_casual FROM affiliation WHERE employer = 'E9'"
    for more, line, kind in (
        (",casual", f"{work},yes", ("work", True)),
        (",scheme", f"{work},modality-40", ("modality-40", True)),
        (",casual,scheme", f"{work},no,", ("work", False)),
        ("", work, ("work", False)),
    ):
        await bring(write(tmp_path / "work.csv", PERIODS + more, line))
        assert await rows(db, kinds) == [kind], more


async def test_bad_rows_about_people_are_written_out_with_their_reason(db: Database, tmp_path: Path) -> None:
    await ana_and_bea(db, tmp_path)
    leave = f"{ANA},A1,illness,2025-01-01"
    bad_leave = [
        (f"{ANA[:-1]}X,A1,illness,2025-01-01,7,1", "curp", "Invalid CURP"),
        (f"{UNKNOWN_PERSON},A1,illness,2025-01-01,7,1", "curp", "no person"),
        (f"{ANA},,illness,2025-01-01,7,1", "folio", "A folio has"),
        (f"{ANA},A 1,illness,2025-01-01,7,1", "folio", "A folio has"),
        (f"{ANA},'; DROP TABLE person--,illness,2025-01-01,7,1", "folio", "A folio has"),
        (f"{ANA},=cmd|calc,illness,2025-01-01,7,1", "folio", "A folio has"),
        (f"{ANA},{'A' * 31},illness,2025-01-01,7,1", "folio", "A folio has"),
        (f"{ANA},A1,enfermedad,2025-01-01,7,1", "kind", "illness, work-risk or maternity"),
        (f"{ANA},A1,illness,2025-02-29,7,1", "starts_on", "YYYY-MM-DD"),
        *((f"{leave},{days},1", "days", "1 to 364") for days in ("0", "365", "", "-1", "7.5", "٧", "9" * 5000)),
        *((f"{leave},7,{wage}", "daily_wage", "number") for wage in ("", "-1", "1e9", "NaN", "123456789")),
        (f"{leave},7,1\0", "", "NUL"),
        (f"{leave},7", "", "header's columns"),
    ]
    await only_rejects(tmp_path / "leave.csv", SICK_LEAVE, bad_leave)
    bad_withdrawals = [
        (f"{ANA}A,2025-01-01,52", "curp", "Invalid CURP"),
        (f"{UNKNOWN_PERSON},2025-01-01,52", "curp", "no person"),
        (f"{ANA},01/02/2025,52", "on_date", "YYYY-MM-DD"),
        *((f"{ANA},2025-01-01,{weeks}", "weeks", "0 to 9999") for weeks in ("", "-1", "10000", "5.5")),
    ]
    await only_rejects(tmp_path / "fund.csv", WITHDRAWALS, bad_withdrawals)
    path = write(tmp_path / "leave.csv", SICK_LEAVE, f"{leave},7,1", f"{leave},8,2")
    assert counts(await bring(path)) == (2, 1, 0, 0, 1)
    assert reasons(path) == [(3, "folio", "That folio of the same person came before in this file.")]
    path = write(tmp_path / "fund.csv", WITHDRAWALS, f"{ANA},2025-01-01,52", f"{ANA},2025-01-01,53")
    assert counts(await bring(path)) == (2, 1, 0, 0, 1)
    assert reasons(path) == [
        (3, "on_date", "A withdrawal of the same person on the same day came before in this file.")
    ]


async def test_bad_rows_about_units_are_written_out_with_their_reason(db: Database, tmp_path: Path) -> None:
    clues = await a_unit(db)
    bad_coverage = [
        (",06300", "clues", "missing"),
        ("DFIMS999999,06300", "clues", "no unit"),
        *((f"{clues},{code}", "postal_code", "5 digits") for code in ("6300", "", "0630O", "063000", "٠٦٣٠٠")),
    ]
    await only_rejects(tmp_path / "coverage.csv", COVERAGE, bad_coverage)
    bad_panels = [
        ("DFIMS999999,M,1,10,0", "clues", "no unit"),
        ("DFIMS999999,M,1,10,", "clues", "no unit"),
        (f"{clues},T,1,10,0", "shift", "M, V or N"),
        (f"{clues},,1,10,0", "shift", "M, V or N"),
        *((f"{clues},M,{room},10,0", "room", "1 to 999") for room in ("0", "1000", "uno", "")),
        *((f"{clues},M,1,{most},0", "capacity", "0 to 99999") for most in ("", "-1", "100000", "2400.0")),
        (f"{clues},M,1,10,x", "assigned", "0 to 99999"),
        (f"{clues},M,1,10,11", "capacity", "lower than the number of people"),
    ]
    await only_rejects(tmp_path / "panels.csv", f"{PANELS},assigned", bad_panels)
    path = write(tmp_path / "coverage.csv", COVERAGE, f"{clues},06300", f"{clues},06300")
    assert counts(await bring(path)) == (2, 1, 0, 0, 1)
    assert reasons(path) == [(3, "postal_code", "That postal code of the same unit came before in this file.")]
    path = write(tmp_path / "panels.csv", PANELS, f"{clues},M,1,10", f"{clues},M,01,20")
    assert counts(await bring(path)) == (2, 1, 0, 0, 1)
    assert reasons(path) == [(3, "room", "That room and shift of the same unit came before in this file.")]


async def test_people_assigned_stay_are_counted_or_follow_the_file(db: Database, tmp_path: Path) -> None:
    clues = await ana_and_bea(db, tmp_path)
    saved = "SELECT capacity, assigned FROM panel WHERE shift = 'M' AND room = 1"
    path = tmp_path / "panels.csv"
    too_small = [(f"{clues},M,1,1", "capacity", "lower than the number of people")]
    await only_rejects(path, PANELS, too_small)  # the registry has two people in a room that is new here
    assert counts(await bring(write(path, f"{PANELS},assigned", f"{clues},M,1,9,"))) == (1, 1, 0, 0, 0)
    assert await rows(db, saved) == [(9, 2)]
    assert counts(await bring(write(path, f"{PANELS},assigned", f"{clues},M,1,9,7"))) == (1, 0, 1, 0, 0)
    assert counts(await bring(write(path, PANELS, f"{clues},M,1,8"))) == (1, 0, 1, 0, 0)
    assert await rows(db, saved) == [(8, 7)]
    await only_rejects(path, PANELS, [(f"{clues},M,1,6", "capacity", "lower than the number of people")])
    await only_rejects(path, f"{PANELS},assigned", [(f"{clues},M,1,6,", "capacity", "lower than")])
    assert counts(await bring(write(path, f"{PANELS},assigned", f"{clues},M,1,6,6"))) == (1, 0, 1, 0, 0)
    assert await rows(db, saved) == [(6, 6)]


async def test_a_person_assigned_meanwhile_is_counted(db: Database, tmp_path: Path) -> None:
    clues = await ana_and_bea(db, tmp_path)
    await bring(write(tmp_path / "panels.csv", PANELS, f"{clues},V,1,5", f"{clues},V,2,4"))
    (ana,), (unit,) = (
        *(await rows(db, "SELECT min(id::text)::uuid FROM person")),
        *(await rows(db, "SELECT id FROM unit")),
    )
    path = write(tmp_path / "panels.csv", PANELS, f"{clues},V,1,0", f"{clues},V,2,0")
    async with db.transaction() as session:
        place = await service.assign_unit(
            session, System("test"), UUID(str(ana)), unit_id=UUID(str(unit)), shift="V", postal_code="06300"
        )
        importing = asyncio.create_task(bring(path))
        await until_a_session_waits(db)
    assert place.room == 1
    assert counts(await importing) == (2, 0, 1, 0, 1)
    assert await rows(db, "SELECT capacity, assigned FROM panel ORDER BY room") == [(5, 1), (0, 0)]


async def test_a_protected_registration_is_marked_only_by_files_with_the_column(db: Database, tmp_path: Path) -> None:
    await ana_and_bea(db, tmp_path)
    row, path = f"{ANA},{BEA},child,2021-01-01,", tmp_path / "dependants.csv"
    marks = "SELECT is_protected FROM dependant"
    steps = [
        ((DEPENDANTS, row), (1, 1, 0, 0, 0), False),
        ((f"{DEPENDANTS},protected", f"{row},no"), (1, 0, 0, 1, 0), False),
        ((f"{DEPENDANTS},protected", f"{row},yes"), (1, 0, 1, 0, 0), True),
        ((f"{DEPENDANTS},protected", f"{row},yes"), (1, 0, 0, 1, 0), True),
        ((DEPENDANTS, row), (1, 0, 0, 1, 0), True),
        ((DEPENDANTS, f"{row}2030-01-01"), (1, 0, 1, 0, 0), True),
        ((f"{DEPENDANTS},protected", f"{row}2030-01-01,sí"), (1, 0, 0, 0, 1), True),
        ((f"{DEPENDANTS},protected", f"{row}2030-01-01,"), (1, 0, 1, 0, 0), False),
    ]
    for lines, expected, mark in steps:
        assert counts(await bring(write(path, *lines))) == expected, lines
        assert await value(marks) is mark, lines
    await bring(write(path, f"protected,{DEPENDANTS}", f"yes,{BEA},{ANA},parent,2021-01-01,"))
    assert await value("SELECT is_protected FROM dependant WHERE kinship = 'parent'") is True


async def test_children_have_a_situation_from_sixteen_on(db: Database, tmp_path: Path) -> None:
    """ANA and BEA were born on 1990-05-17. Without the columns the age on the first day says what is possible."""
    await ana_and_bea(db, tmp_path)
    path, about = tmp_path / "dependants.csv", f"{DEPENDANTS},situation,studies_until"
    row = f"{ANA},{BEA},child"
    stored = "SELECT situation, studies_until::text FROM dependant"
    for first, presumed in (("2006-05-16", None), ("2006-05-17", "studies"), ("2015-05-17", "disability")):
        await rows(db, "DELETE FROM dependant RETURNING 1")
        await bring(write(path, DEPENDANTS, f"{row},{first},"))
        assert await rows(db, stored) == [(presumed, None)], first
    for values, expected in (
        (("2015-05-17,,studies,2015-01-31"), [("studies", "2015-01-31")]),
        (("2015-05-17,,disability,"), [("disability", None)]),
    ):
        assert counts(await bring(write(path, about, f"{row},{values}")))[2] == 1, values
        assert await rows(db, stored) == expected
    assert counts(await bring(write(path, DEPENDANTS, f"{row},2015-05-17,2030-01-01")))[2] == 1
    assert await rows(db, stored) == [("disability", None)]
    assert counts(await bring(write(path, DEPENDANTS, f"{ANA},{BEA},spouse,2015-05-17,")))[2] == 1
    assert await rows(db, stored) == [(None, None)]
    for bad in (
        (f"{row},2006-05-17,,,", "situation", "registered for studies or a disability"),
        (f"{row},2006-05-16,,holidays,", "situation", "studies or disability"),
        (f"{ANA},{BEA},spouse,2006-05-16,,studies,", "situation", "of children only"),
        (f"{row},2006-05-16,,disability,2030-01-01", "studies_until", "who study only"),
    ):
        await only_rejects(path, about, [bad])
    marked = write(path, f"{about},protected", f"{row},2006-05-17,,studies,,yes")
    assert counts(await bring(marked))[4] == 0
    assert await rows(db, "SELECT situation, is_protected FROM dependant") == [("studies", True)]


async def test_pensions_are_merged_and_their_end_replaces(db: Database, tmp_path: Path) -> None:
    await ana_and_bea(db, tmp_path)
    header, path = "curp,pension,starts_on,ends_on", tmp_path / "pensions.csv"
    for row, expected in (
        (f"{ANA},widowhood,2020-01-01,", (1, 1, 0, 0, 0)),
        (f"{ANA},widowhood,2020-01-01,", (1, 0, 0, 1, 0)),
        (f"{ANA},widowhood,2020-01-01,2026-01-31", (1, 0, 1, 0, 0)),
    ):
        assert counts(await bring(write(path, header, row))) == expected, row
    assert await rows(db, "SELECT kind, ends_on::text FROM pension") == [("widowhood", "2026-01-31")]
    await only_rejects(
        path,
        header,
        [
            (f"{ANA},widowhood,2020-01-01,2019-01-31", "ends_on", "before the first"),
            (f"{ANA},lottery,2020-01-01,", "pension", "old-age, advanced-age"),
            (f"{UNKNOWN_PERSON},old-age,2020-01-01,", "curp", "no person"),
        ],
    )


async def test_payments_are_merged_by_line_and_month(db: Database, tmp_path: Path) -> None:
    await ana_and_bea(db, tmp_path)
    family, continuation = "1" * 20, "2" * 20
    await execute(
        db,
        "INSERT INTO voluntary_enrolment (person_id, scheme, starts_on, fee, payment_line)"
        f" SELECT id, 'family-health', DATE '2026-12-01', 1, '{family}' FROM person WHERE curp = '{ANA}'",
        "INSERT INTO voluntary_enrolment (person_id, scheme, starts_on, fee, payment_line)"
        f" SELECT id, 'modality-40', DATE '2026-11-29', 1, '{continuation}' FROM person WHERE curp = '{BEA}'",
    )
    header, path = "payment_line,paid_on,month", tmp_path / "payments.csv"
    paid = [f"{family},2026-11-20,", f"{continuation},2026-11-29,", f"{continuation},2026-12-05,2026-12-31"]
    assert counts(await bring(write(path, header, *paid))) == (3, 3, 0, 0, 0)
    assert counts(await bring(write(path, header, *paid))) == (3, 0, 0, 3, 0)
    assert counts(await bring(write(path, header, f"{family},2026-11-21,"))) == (1, 0, 1, 0, 0)
    stored = "SELECT scheme, month::text, paid_on::text FROM voluntary_payment ORDER BY scheme, month"
    assert await rows(db, stored) == [
        ("family-health", "2026-12-01", "2026-11-21"),
        ("modality-40", "2026-11-01", "2026-11-29"),
        ("modality-40", "2026-12-01", "2026-12-05"),
    ]
    for bad in (
        (f"{'3' * 20},2026-11-20,", "payment_line", "no enrolment"),
        ("123,2026-11-20,", "payment_line", "20 digits"),
        (f"{continuation},2026-11-20,2026-10-31", "month", "isn't of that insurance"),
        (f"{family},2026-11-20,2027-01-01", "month", "isn't of that insurance"),
        (f"{family},soon,", "paid_on", "date"),
    ):
        await only_rejects(path, header, [bad])
    twice = write(path, header, f"{continuation},2027-01-05,2027-01-01", f"{continuation},2027-01-06,2027-01-31")
    assert counts(await bring(twice)) == (2, 1, 0, 0, 1)


async def test_periods_have_a_scheme_where_the_file_says_so(db: Database, tmp_path: Path) -> None:
    await ana_and_bea(db, tmp_path)
    header, path = "curp,employer,daily_wage,starts_on,ends_on", tmp_path / "periods.csv"
    row, stored = f"{ANA},M40,500.00,2025-01-01,2025-12-31", "SELECT scheme FROM affiliation"
    for lines, expected, scheme in (
        ((header, row), (1, 1, 0, 0, 0), "work"),
        ((f"{header},scheme", f"{row},modality-40"), (1, 0, 1, 0, 0), "modality-40"),
        ((header, row), (1, 0, 0, 1, 0), "modality-40"),
        ((f"{header},scheme", f"{row},"), (1, 0, 1, 0, 0), "work"),
    ):
        assert counts(await bring(write(path, *lines))) == expected, lines
        assert await value(stored) == scheme
    await only_rejects(path, f"{header},scheme", [(f"{row},hobby", "scheme", "modality-40")])


@pytest.mark.faults
async def test_cut_off_half_way_nothing_was_done_and_the_next_run_does_all(db: Database, tmp_path: Path) -> None:
    clues = await ana_and_bea(db, tmp_path)
    files = {
        "sick_leave": [SICK_LEAVE, *[f"{ANA},A{n},illness,2025-01-01,7,1" for n in range(5)]],
        "withdrawal": [WITHDRAWALS, *[f"{ANA},200{n}-01-01,7" for n in range(5)]],
        "coverage": [COVERAGE, *[f"{clues},0630{n}" for n in range(5)]],
        "panel": [PANELS, *[f"{clues},V,{n},7" for n in range(1, 6)]],
    }
    stall = (
        "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF nextval(''step'') = 3 THEN"
        " PERFORM pg_sleep(60); END IF; RETURN new; END'"
    )
    await execute(db, stall)
    for table, lines in files.items():
        path = write(tmp_path / f"{table}.csv", *lines)
        trigger = f"CREATE TRIGGER stall BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION stall()"
        await execute(db, "DROP SEQUENCE IF EXISTS step", "CREATE SEQUENCE step", trigger)
        importing = asyncio.create_task(bring(path))
        await until_a_session_waits(db, SLEEPING)
        await rows(db, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {SLEEPING}")
        with pytest.raises(OperationalError):
            await importing
        assert await value(f"SELECT count(*) FROM {table}") == 0, table
        await execute(db, f"DROP TRIGGER stall ON {table}")
        assert counts(await bring(path)) == (5, 5, 0, 0, 0), table


async def execute(db: Database, *statements: str) -> None:
    async with db.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))
