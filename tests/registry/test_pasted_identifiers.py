"""Files whose identifiers were pasted, and whose cells were made safe for a spreadsheet."""

from pathlib import Path

import pytest

from tests.conftest import Database
from tests.registry.factories import ANA, BEA, COVERAGE, PANELS, SICK_LEAVE, WITHDRAWALS, a_unit, bring, counts, rows
from tests.registry.files import DEPENDANTS, PEOPLE, person, write

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


def pasted(identifier: str) -> str:
    """As people copy it: small letters, spaces and dashes of several kinds, wide digits."""
    wide = {ord(digit): 0xFF10 + number for number, digit in enumerate("0123456789")}
    whole = identifier.lower()
    return f"\u00a0{whole[:4]} {whole[4:6].translate(wide)}-{whole[6:8]}\u2013{whole[8:]}\u200b"


async def test_identifiers_are_read_as_on_pages_in_every_file(db: Database, tmp_path: Path) -> None:
    clues = await a_unit(db)
    row = person(1, clues=pasted(clues), curp=pasted(ANA), sex="m", shift=" m", language="ES", birth_on="１990-05-17 ")
    people = write(tmp_path / "people.csv", PEOPLE, row, person(2, clues=clues))
    assert counts(await bring(people)) == (2, 2, 0, 0, 0)
    files = {
        "affiliation": (
            "curp,employer,daily_wage,starts_on,ends_on",
            f"{pasted(ANA)},A1,６00.50,2025-01-01,",
        ),
        "dependant": (DEPENDANTS, f"{pasted(ANA)},{pasted(BEA)}, Partner,2025-01-01,"),
        "sick_leave": (SICK_LEAVE, f"{pasted(ANA)},AB1 ,Illness,2025-01-01,7,600.5"),
        "withdrawal": (WITHDRAWALS, f"{pasted(ANA)},2025-01-01,５2"),
        "panel": (PANELS, f"{pasted(clues)},m,１,2400"),
        "coverage": (COVERAGE, f"{pasted(clues)},06 300"),
    }
    for table, lines in files.items():
        path = write(tmp_path / f"{table}.csv", *lines)
        report = await bring(path)
        assert counts(report) == (1, 1, 0, 0, 0), (table, report)
    assert await rows(db, "SELECT count(*) FROM person WHERE curp = upper(curp) AND length(curp) = 18") == [(2,)]


async def test_a_cell_made_safe_for_a_spreadsheet_is_read_as_it_was(db: Database, tmp_path: Path) -> None:
    await a_unit(db)
    row = person(1, given_names="Ana", phone="'+525512345678", first_surname="'-Núñez")
    assert counts(await bring(write(tmp_path / "people.csv", PEOPLE, row, person(2)))) == (2, 2, 0, 0, 0)
    found = await rows(db, f"SELECT phone, first_surname FROM person WHERE curp = '{ANA}'")
    assert found == [("+525512345678", "-Núñez")]
