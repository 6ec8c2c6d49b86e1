"""Files that people really send: corrected identifiers, crossed numbers, one name, pasted numbers, odd encodings."""

import csv
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.tabular.encodings import UnknownEncoding, encoding_of
from app.kernel.tabular.report import ImportReport
from app.registry.contact import normal_email, normal_phone
from app.registry.importers import cleaning
from app.registry.importers.pipeline import import_insured
from app.registry.queries import person_by_curp
from tests.appointments import factories
from tests.conftest import Database
from tests.examples import examples
from tests.registry.files import PEOPLE, curp, nss, person, write

CASES = Path(__file__).parent / "cases"
on_psycopg = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


async def bring(path: Path, folder: Path, encoding: str | None = None) -> ImportReport:
    return await import_insured(path, rejects=folder / "rejects.csv", encoding=encoding)


def notes(folder: Path, kind: str = "rejected") -> list[tuple[int, str]]:
    path = folder / "rejects.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [(int(row["line"]), row["field"]) for row in csv.DictReader(file) if row["kind"] == kind]


async def one(question: str, **values: Any) -> Any:
    async with kernel_db.reading() as session:
        return await session.scalar(text(question), values)


async def unit(db: Database, clues: str = "DFIMS900009") -> None:
    async with db.transaction() as session:
        (await factories.unit(session)).clues = clues


@on_psycopg
async def test_a_corrected_curp_replaces_the_earlier_one_and_both_find_the_person(db: Database, tmp_path: Path) -> None:
    await unit(db)
    await bring(CASES / "03-person-first.csv", tmp_path)
    before: UUID = await one("SELECT id FROM person")
    blind = await bring(CASES / "03-person-corrected-curp.csv", tmp_path)
    assert (blind.rejected, notes(tmp_path)) == (1, [(2, "nss")])
    header, row = (CASES / "03-person-corrected-curp.csv").read_text(encoding="utf-8").split()
    path = write(tmp_path / "renamed.csv", header + ",previous_curp", row + ",XOLE880312MDFPRL08")
    for added, changed, same in ((0, 1, 0), (0, 0, 1)):
        report = await bring(path, tmp_path)
        assert (report.added, report.changed, report.same, report.rejected) == (added, changed, same, 0)
    assert await one("SELECT id FROM person WHERE curp = 'XOLE880312MMCPRL03'") == before
    async with kernel_db.reading() as session:
        for known in ("XOLE880312MMCPRL03", "XOLE880312MDFPRL08"):
            found = await person_by_curp(session, known)
            assert found is not None
            assert found.id == before
    again = await bring(CASES / "03-person-first.csv", tmp_path)
    assert (again.added, again.rejected, notes(tmp_path)) == (0, 1, [(2, "curp")])


@on_psycopg
async def test_an_account_follows_a_corrected_curp(db: Database, tmp_path: Path) -> None:
    await bring(write(tmp_path / "people.csv", PEOPLE, person(1)), tmp_path)
    async with db.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO account (person_id, curp, email, created_at, language)"
                " SELECT id, curp, 'ana@ejemplo.mx', now(), 'es' FROM person"
            )
        )
        await session.execute(
            text(
                "INSERT INTO mandate (grantor_id, id, delegate_curp, services, starts_on, ends_on, granted_at, channel)"
                " VALUES (gen_random_uuid(), gen_random_uuid(), :curp, '{weeks}', '2026-01-01', '2026-12-31',"
                " now(), 'web')"
            ),
            {"curp": curp(1)},
        )
    renamed = write(tmp_path / "renamed.csv", PEOPLE + ",previous_curp", person(2, nss=nss(1)) + f",{curp(1)}")
    assert (await bring(renamed, tmp_path)).changed == 1
    assert await one("SELECT curp FROM account") == curp(2)
    assert await one("SELECT delegate_curp FROM mandate") == curp(2)


@on_psycopg
async def test_a_previous_curp_that_cannot_be_is_refused(db: Database, tmp_path: Path) -> None:
    await bring(write(tmp_path / "people.csv", PEOPLE, person(1), person(2)), tmp_path)
    rows = [
        person(3, nss="") + f",{curp(9)}",  # no one has it
        person(2) + f",{curp(1)}",  # both are known
        person(4) + ",",  # none given
        person(5, nss="") + f",{curp(9)}",  # given twice
    ]
    report = await bring(write(tmp_path / "renamed.csv", PEOPLE + ",previous_curp", *rows), tmp_path)
    assert (report.added, report.rejected) == (1, 3)
    assert sorted(notes(tmp_path)) == [(2, "previous_curp"), (3, "previous_curp"), (5, "previous_curp")]


@on_psycopg
async def test_crossed_numbers_are_put_right(db: Database, tmp_path: Path) -> None:
    await bring(CASES / "03-nss-crossed.csv", tmp_path)
    report = await bring(CASES / "03-nss-put-right.csv", tmp_path)
    assert (report.changed, report.rejected) == (2, 0)
    assert await one("SELECT nss FROM person WHERE curp = 'SWAN900101MDFPBC09'") == "92889000623"
    assert (await bring(CASES / "03-nss-put-right.csv", tmp_path)).same == 2


@on_psycopg
async def test_a_number_is_free_when_its_owner_loses_it_in_the_same_file(db: Database, tmp_path: Path) -> None:
    await bring(write(tmp_path / "a.csv", PEOPLE, person(1), person(2), person(3)), tmp_path)
    around = [person(1, nss=nss(2)), person(2, nss=nss(3)), person(3, nss=nss(1))]
    assert (await bring(write(tmp_path / "b.csv", PEOPLE, *around), tmp_path)).changed == 3
    # The owner's row is refused, so the number isn't free after all.
    path = write(tmp_path / "c.csv", PEOPLE, person(1, nss=nss(9), clues="DFIMS999999"), person(4, nss=nss(2)))
    report = await bring(path, tmp_path)
    assert (report.rejected, sorted(notes(tmp_path))) == (2, [(2, "clues"), (3, "nss")])


@on_psycopg
async def test_one_name_is_enough(db: Database, tmp_path: Path) -> None:
    await unit(db)
    report = await bring(CASES / "42-one-name.csv", tmp_path)
    assert (report.added, report.rejected) == (5, 0)
    async with kernel_db.reading() as session:
        found = await person_by_curp(session, "XXSU850102MNEXXK08")
        assert found is not None
        assert (found.full_name, found.first_surname) == ("Sukarno", "")


@on_psycopg
async def test_pasted_numbers(db: Database, tmp_path: Path) -> None:
    await unit(db)
    report = await bring(CASES / "40-pasted-numbers.csv", tmp_path)
    assert (report.added, notes(tmp_path)) == (2, [(3, "curp")])
    assert (
        await one("SELECT string_agg(curp, ' ' ORDER BY curp) FROM person") == "NBZA910101MDFPRN06 XOLE880312MDFPRL08"
    )
    assert await one("SELECT phone FROM person WHERE phone IS NOT NULL") == "+525512345678"


@on_psycopg
async def test_birth_and_sex_are_those_of_the_curp(db: Database, tmp_path: Path) -> None:
    rows = [person(1, birth_on="1990-05-18"), person(2, sex="H"), person(3, birth_on="2090-05-17"), person(4)]
    report = await bring(write(tmp_path / "people.csv", PEOPLE, *rows), tmp_path)
    assert (report.added, notes(tmp_path)) == (1, [(2, "curp"), (3, "curp"), (4, "curp")])


@on_psycopg
async def test_a_contact_that_cannot_be_is_noted_and_the_person_taken(db: Database, tmp_path: Path) -> None:
    report = await bring(CASES / "39-contacts.csv", tmp_path)
    assert (report.added, report.rejected, report.notes) == (4, 0, 3)
    assert notes(tmp_path, "noted") == [(3, "email"), (4, "email"), (5, "email")]
    assert await one("SELECT string_agg(email, ' ') FROM person") == "ana.uno@ejemplo.mx"


@on_psycopg
async def test_names_lose_what_cannot_be_seen_and_nothing_else(db: Database, tmp_path: Path) -> None:
    await unit(db)
    report = await bring(CASES / "46-letters-of-other-languages.csv", tmp_path)
    assert report.rejected == 0
    assert await one("SELECT given_names FROM person WHERE curp = 'ZWBA860108MDFZWX01'") == "Teresa"
    assert await one("SELECT first_surname FROM person WHERE curp = 'TZBA860102HYNCHT06'") == "Ch\u02bcen"
    assert (await bring(CASES / "46-letters-of-other-languages.csv", tmp_path)).same == report.read


@on_psycopg
async def test_one_row_in_another_encoding_spoils_no_name(db: Database, tmp_path: Path) -> None:
    await bring(CASES / "44-utf8-good.csv", tmp_path)
    report = await bring(CASES / "44-utf8-one-latin1-row.csv", tmp_path)
    assert (report.same, report.changed, report.rejected, notes(tmp_path)) == (5, 0, 1, [(7, "")])
    assert r"L\xe1ra" in (tmp_path / "rejects.csv").read_text(encoding="utf-8")
    assert await one("SELECT DISTINCT first_surname FROM person") == "Muñoz"


@on_psycopg
async def test_unicode_text_of_a_spreadsheet(db: Database, tmp_path: Path) -> None:
    report = await bring(CASES / "44-utf16-excel-unicode-text.csv", tmp_path)
    assert (report.added, report.rejected) == (3, 0)
    assert await one("SELECT DISTINCT given_names FROM person") == "Íñigo"
    bare = (CASES / "44-utf16-excel-unicode-text.csv").read_bytes()[2:]
    (tmp_path / "bare.csv").write_bytes(bare)
    assert (await bring(tmp_path / "bare.csv", tmp_path)).same == 3


@on_psycopg
async def test_an_undetermined_encoding_is_asked_for(db: Database, tmp_path: Path) -> None:
    path = CASES / "44-latin1-0x81-0x9d.csv"
    with pytest.raises(UnknownEncoding, match="--encoding"):
        await bring(path, tmp_path)
    assert await one("SELECT count(*) FROM person") == 0
    said = await bring(path, tmp_path, "cp1252")
    assert (said.added, said.rejected) == (1, 2)
    with pytest.raises(UnknownEncoding, match="there is no encoding"):
        await bring(path, tmp_path, "latin-99")


TEXT = "curp,given_names\nX,José Muñoz Peña\nY,Andrés Ibáñez\nZ,María Güemes\n"


@pytest.mark.parametrize(("written", "read"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252")])
def test_the_encoding_of_a_file(written: str, read: str) -> None:
    raw = TEXT.encode(written)
    assert encoding_of(raw, raw.splitlines(keepends=True)) == read


@pytest.mark.parametrize("written", ["cp850", "cp437", "mac-roman"])
def test_what_would_spoil_names_is_not_guessed(written: str) -> None:
    raw = TEXT.encode(written)
    with pytest.raises(UnknownEncoding):
        encoding_of(raw, raw.splitlines(keepends=True))


WORD = st.text("abcxyz019", min_size=1, max_size=20)


@examples(50)
@given(words=st.lists(WORD, min_size=2, max_size=5), signs=st.lists(st.sampled_from("._-"), min_size=3, max_size=3))
def test_plain_addresses_are_in_their_normal_form(words: list[str], signs: list[str]) -> None:
    value = "".join(f"{word}{sign}" for word, sign in zip(words, signs, strict=False))[:-1] + f"@{words[-1]}.com.mx"
    if cleaning.PLAIN_EMAIL.fullmatch(value):
        assert normal_email(value) == value


@given(value=st.from_regex(r"\A[1-9][0-9]{9}\Z"))
def test_plain_numbers_are_in_their_normal_form(value: str) -> None:
    assert normal_phone(value) == f"+52{value}"
