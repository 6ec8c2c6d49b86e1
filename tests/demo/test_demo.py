"""The demonstration: synthetic people that every check takes, the same for the same seed, everywhere in the country."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from stdnum import luhn
from stdnum.mx import curp as stdnum_curp

from app.demo.load import load_demo, load_demo_once
from app.demo.people import write_people
from app.kernel import clock
from app.kernel import db as kernel_db
from app.kernel.settings import forget_settings
from app.registry.queries import rights_of
from tests.conftest import Database


def test_the_same_seed_makes_the_same_people_and_another_others(tmp_path: Path) -> None:
    texts = []
    for name, seed in (("one", 7), ("same", 7), ("other", 8)):
        folder = tmp_path / name
        folder.mkdir()
        files = write_people(folder, 500, seed)
        texts.append([path.read_bytes() for path in (files.people, files.periods, files.dependants)])
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_every_curp_and_number_is_valid_and_of_one_person(tmp_path: Path) -> None:
    with write_people(tmp_path, 20_000, 3).people.open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    assert len(people) == 20_000
    wrong = [person["curp"] for person in people if not stdnum_curp.is_valid(person["curp"])]
    assert wrong == []
    numbers = [person["nss"] for person in people if person["nss"]]
    assert all(len(number) == 11 and luhn.is_valid(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert len({person["curp"] for person in people}) > 19_990
    for person in people:
        assert stdnum_curp.get_birth_date(person["curp"]).isoformat() == person["birth_on"]


@pytest.fixture
def few_days(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VENTANILLA_HORIZON_DAYS", "4")
    forget_settings()
    yield
    monkeypatch.undo()
    forget_settings()


async def ask(question: str) -> list[tuple[Any, ...]]:
    async with kernel_db.reading() as session:
        return [tuple(row) for row in await session.execute(text(question))]


COUNTS = """SELECT (SELECT count(*) FROM unit), (SELECT count(*) FROM person), (SELECT count(*) FROM seat),
    (SELECT count(*) FROM account), (SELECT count(*) FROM staff), (SELECT count(*) FROM event)"""


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_it_covers_the_country_and_a_second_time_changes_nothing(db: Database, few_days: None) -> None:
    report = await load_demo(people=300, history_days=0)
    assert report.people == 300
    asked = "SELECT count(*) FROM request WHERE service = 'dependant-add' AND answers->>'asked_by' = 'relative'"
    assert await ask(asked) == [(1,)]
    ((states, zones),) = await ask("SELECT count(DISTINCT state_code), count(DISTINCT timezone) FROM unit")
    assert states == 32
    assert zones >= 4
    assert await ask("SELECT count(*) FROM unit u WHERE NOT EXISTS (SELECT 1 FROM seat s WHERE s.unit_id = u.id)") == [
        (0,)
    ]
    assert any("analista" in line for line in report.accounts)
    kinds = "SELECT DISTINCT c.is_rural FROM person p JOIN postal_code c ON c.code = p.postal_code"
    assert sorted(await ask(kinds)) == [(False,), (True,)]

    # A demonstration of before there was a history: the next start adds it, and leaves the rest.
    url = db.url.render_as_string(hide_password=False)
    without = await ask(COUNTS)
    assert await load_demo_once(url, people=300) == report.accounts
    kernel_db.configure(url, driver="psycopg")
    before = await ask(COUNTS)
    assert before[0][:-1] == without[0][:-1]
    assert before[0][-1] > without[0][-1] + 4_000
    again = await load_demo(people=300)
    assert await ask(COUNTS) == before
    assert again.accounts == report.accounts
    await everyone_shown_may_book(report.accounts)
    await someone_shown_sees_waves_and_draws(report.accounts)
    assert await load_demo_once(url, people=300) == report.accounts
    kernel_db.configure(url, driver="psycopg")
    assert await ask(COUNTS) == before


async def everyone_shown_may_book(lines: list[str]) -> None:
    shown = [curp for line in lines for curp in re.findall(r"CURP (\w{18})", line)]
    assert len(shown) >= 4
    for curp in shown:
        async with kernel_db.reading() as session:
            (person_id,) = (await session.execute(text("SELECT id FROM person WHERE curp = :c"), {"c": curp})).one()
            assert (await rights_of(session, person_id, clock.now().date())).is_in_force, curp


async def someone_shown_sees_waves_and_draws(lines: list[str]) -> None:
    shown = [curp for line in lines if line.startswith("Citizen") for curp in re.findall(r"CURP (\w{18})", line)]
    asked = """SELECT DISTINCT jsonb_object_keys(s.release) FROM schedule s JOIN person p ON p.unit_id = s.unit_id
        WHERE p.curp = ANY(:shown) AND s.release IS NOT NULL"""
    async with kernel_db.reading() as session:
        kinds = (await session.scalars(text(asked), {"shown": shown})).all()
    assert sorted(kinds) == ["draw", "waves"]


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_it_refuses_a_database_with_real_data(db: Database) -> None:
    from tests.appointments import factories

    async with db.transaction() as session:
        await factories.unit(session)
    assert await load_demo_once(db.url.render_as_string(hide_password=False), people=10) == []
    kernel_db.configure(db.url.render_as_string(hide_password=False), driver="psycopg")
    assert await ask("SELECT count(*) FROM unit") == [(1,)]
