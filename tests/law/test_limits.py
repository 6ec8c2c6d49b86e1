"""What a figure of law can be, and what happens with a row that no rule could use."""

from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.catalog.loader import load_services
from app.kernel import clock
from app.kernel.i18n import use_language
from app.law import current
from app.law.definitions import Definition, definitions, shipped
from app.law.limits import OF_UNIT
from app.law.problems import FigureImpossible
from app.places.rules import DEFAULT_ZONE
from app.registry.dependant_coverage import is_covered_sql
from app.registry.rights import conservation_on
from tests.conftest import Database
from tests.law.factories import put, row

TODAY = clock.today(DEFAULT_ZONE)
NUMBERS = [name for name, one in definitions().items() if not one.is_table]
STANDING = [name for name, one in definitions().items() if one.permanent]
WRITE = text("UPDATE law_figure SET amount = :amount WHERE name = :name")


async def write(db: Database, name: str, amount: str) -> None:
    """As an earlier program did, or a hand."""
    async with db.transaction() as session:
        await session.execute(WRITE, {"name": name, "amount": Decimal(amount)})
    async with db.transaction() as session:
        await current.refresh(session)


@pytest.mark.parametrize("name", NUMBERS)
def test_every_figure_has_limits_and_those_of_the_file_are_within(name: str) -> None:
    limits = definitions()[name].limits
    wrong = [Decimal(-1), Decimal(9_999_999), Decimal("NaN"), limits.most + 1]
    wrong += [limits.least - 1, *([limits.least + Decimal("0.5")] if limits.is_whole else [])]
    assert [value for value in wrong if limits.violation(value) is None] == []
    assert [value for value in (limits.least, limits.most) if limits.violation(value) and not limits.choices] == []
    assert limits.violation(((0, Decimal(1)),)) == "number"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("unemployment-days", "46.5", "is a whole number, from 1 to 366, and 46.5 was given"),
        ("modality-40-years-to-ask", "5.5", "whole number, from 0 to 50"),
        ("pension-age-old", "65.5", "whole number"),
        ("nursery-until-years", "3.5", "whole number"),
        ("nursery-from-days", "0.5", "whole number"),
        ("child-until", "15.5", "whole number"),
        ("conservation-weeks", "9999999", "goes from 1 to 520, and 9999999 was given"),
        ("student-until", "99999", "goes from 1 to 40"),
        ("pension-age-old", "99999", "goes from 40 to 100"),
        ("nursery-until-years", "99999", "goes from 1 to 12"),
        ("unemployment-years-between", "99999", "goes from 1 to 50"),
        ("sick-leave-illness-first-day", "0", "goes from 1 to 30"),
        ("sick-leave-risk-first-day", "0", "goes from 1 to 30"),
        ("sick-leave-illness-percent", "101", "goes from 1 to 100"),
        ("uma", "0", "goes from 1 to 100,000"),
        ("concurrent-wages", "7", "one of these: 0, the greatest is taken; 1, they are added. What was given is 7"),
        ("concurrent-wages", "0.5", "one of these"),
        ("conservation-1973-part", "0", "goes from 1 to 100"),
        ("child-until", "200", "goes from 1 to 30"),
    ],
)
async def test_an_impossible_value_is_refused_with_its_limits(db: Database, name: str, value: str, said: str) -> None:
    with pytest.raises(FigureImpossible) as refused:
        await put(db, name, row(value, date(2027, 1, 1), date(2027, 12, 31) if name == "uma" else None))
    with use_language("en"):
        assert f"The figure «{name}»" in refused.value.text()
        assert said in refused.value.text()
    async with db.transaction() as session:
        assert set((await current.refresh(session)).figures) == set(shipped().figures)


async def test_a_row_of_a_table_has_the_limits_of_its_unit(db: Database) -> None:
    given = row(None, date(2026, 3, 1), table=[(0, Decimal(9200)), (20, Decimal(0))])
    with pytest.raises(FigureImpossible):
        await put(db, "family-insurance-fees", given)


@pytest.mark.parametrize(
    "change",
    [
        {"unit": "choice"},
        {"limits": {"least": 9, "most": 8}},
        {"limits": {"most": 1}},
        {"limits": {"least": 3}},
        {"unit": "day-number", "rows": "0"},
        {"rows": "1.5"},
    ],
)
def test_a_file_with_a_value_outside_of_its_limits_is_refused(change: dict[str, object]) -> None:
    words = {"es": "Una cifra", "en": "A figure"}
    given = {"text": words, "subject": "family", "unit": "days", "basis": words} | change
    value = change.get("rows", "2")
    given["rows"] = [{"from": date(2020, 1, 1), "value": value, "source": "A source", "certainty": "confirmed"}]
    with pytest.raises(ValidationError, match=r"limits|choices|least is above"):
        Definition.model_validate(given)


def test_a_unit_has_limits_within_which_dates_can_be_counted() -> None:
    for unit, years in (("weeks", 52), ("months", 12), ("years", 1)):
        assert OF_UNIT[unit].most / years <= 120  # type: ignore[index] # the names of three units


@pytest.mark.parametrize(
    "change",
    ["valid_from = DATE '9999-12-31'", "valid_from = DATE '1900-01-01'", "source = '      '", "amount = 10000001"],
)
async def test_the_database_refuses_what_no_law_has(db: Database, change: str) -> None:
    with pytest.raises(IntegrityError, match="ck_law_figure"):
        async with db.transaction() as session:
            await session.execute(text(f"UPDATE law_figure SET valid_to = NULL, {change} WHERE name = 'child-until'"))


UNUSABLE = ["46.5", "0.5", "9999999", "99999"]


@pytest.mark.parametrize("amount", UNUSABLE)
async def test_no_page_fails_over_figures_that_no_rule_can_use(
    db: Database, client: httpx.AsyncClient, amount: str
) -> None:
    for name in STANDING:
        if definitions()[name].limits.violation(Decimal(amount)):
            await write(db, name, amount)
    pages = ["/cifras-de-ley", "/en/cifras-de-ley", "/tramites", *(f"/tramites/{one}" for one in load_services())]
    pages += ["/api/v1/law-figures", "/api/v1/law-figures/child-until", "/api/v1/services"]
    answers = {path: (await client.get(path)).status_code for path in pages}
    assert {path: status for path, status in answers.items() if status != 200} == {}
    figures = {one["name"]: one["in_force"] for one in (await client.get("/api/v1/law-figures")).json()}
    assert figures["child-until"] is figures["unemployment-days"] is None


@pytest.mark.parametrize("amount", UNUSABLE)
async def test_rights_take_the_last_figure_that_can_be_used(db: Database, amount: str) -> None:
    async with db.transaction() as session:
        await session.execute(
            text("UPDATE law_figure SET valid_to = :eve WHERE name = 'conservation-weeks'"),
            {"eve": TODAY - timedelta(days=10)},
        )
        await session.execute(
            text(
                "INSERT INTO law_figure (name, valid_from, amount, source, certainty, origin, changed_at)"
                " VALUES ('conservation-weeks', :day, :amount, 'by hand', 'confirmed', 'agency', now())"
            ),
            {"day": TODAY - timedelta(days=9), "amount": Decimal(amount)},
        )
    await write(db, "student-until", amount)
    async with db.transaction() as session:
        law = await current.refresh(session)
        await session.execute(select(text(is_covered_sql("d", f"DATE '{TODAY}'"))).select_from(text("dependant d")))
    assert law.find("conservation-weeks", TODAY) is None, "no decision rests on it"
    assert conservation_on(TODAY).weeks == 8, "the row before"
    assert current.count_on("student-until", TODAY) == 25, "the file's, where no row can be used"
    async with db.transaction() as session:
        sql = current.count_on_sql("student-until", f"DATE '{TODAY}'")
        assert await session.scalar(text(f"SELECT {sql}")) == 25
        sql = current.count_on_sql("conservation-weeks", f"DATE '{TODAY}'")
        assert await session.scalar(text(f"SELECT {sql}")) == 8


async def test_an_administrator_sets_right_what_was_unusable(db: Database) -> None:
    await write(db, "child-until", "16.5")
    await put(db, "child-until", row("16", date(1997, 7, 1)))
    async with db.transaction() as session:
        assert (await current.refresh(session)).number("child-until", TODAY) == 16


@pytest.mark.parametrize("table", ["{}", '[[0, "x"]]', '[[5, "1"]]', '[[0, "-1"]]', "[]", "7", '[[0, "NaN"]]'])
async def test_a_table_that_is_none_is_left_out(db: Database, client: httpx.AsyncClient, table: str) -> None:
    async with db.transaction() as session:
        change = text("UPDATE law_figure SET amounts = CAST(:table AS jsonb) WHERE name = 'family-insurance-fees'")
        await session.execute(change, {"table": table})
    assert (await client.get("/api/v1/law-figures/family-insurance-fees")).json()["rows"] == []
