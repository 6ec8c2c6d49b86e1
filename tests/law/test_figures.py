"""Figures of law in the database, changed by an administrator, and read by anyone."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from app.kernel import clock
from app.kernel.events import EventRow
from app.kernel.i18n import use_language
from app.kernel.problems import Problem
from app.law import current
from app.law.definitions import Row, definitions, shipped
from app.law.models import LawFigure
from app.law.problems import FigureNotDefined, FigureOverlaps, FigureWrongKind
from app.law.rows import format_amount
from app.law.service import Difference, law_differences, publish_figures
from app.places.rules import DEFAULT_ZONE
from tests.conftest import Database
from tests.law.factories import put, row

TODAY = clock.today(DEFAULT_ZONE)
DAY = timedelta(days=1)


async def stored(db: Database, name: str) -> list[tuple[date, date | None, Decimal | None, str]]:
    async with db.transaction() as session:
        found = select(LawFigure).where(LawFigure.name == name).order_by(LawFigure.valid_from)
        return [(one.valid_from, one.valid_to, one.amount, one.origin) for one in await session.scalars(found)]


async def test_a_database_begins_with_the_figures_of_the_file(db: Database) -> None:
    async with db.transaction() as session:
        assert await law_differences(session) == []
        assert await publish_figures(session) == 0
        assert set((await current.refresh(session)).figures) == set(shipped().figures)


async def test_a_new_version_of_the_file_enters_and_the_agency_s_figures_stay(db: Database) -> None:
    await put(db, "uma", row("121.90", date(2027, 2, 1), date(2028, 1, 31)))
    async with db.transaction() as session:
        await session.execute(delete(LawFigure).where(LawFigure.name == "minimum-wage"))
        await session.execute(text("UPDATE law_figure SET amount = 9 WHERE name = 'month-days'"))
    async with db.transaction() as session:
        assert await law_differences(session) == [
            Difference("minimum-wage", "new"),
            Difference("month-days", "changed"),
            Difference("uma", "of the agency"),
        ]
        assert await publish_figures(session) == 2
        assert await law_differences(session) == [Difference("uma", "of the agency")]
    assert (await stored(db, "uma"))[-1] == (date(2027, 2, 1), date(2028, 1, 31), Decimal("121.90"), "agency")


async def test_the_row_before_ends_on_the_eve_and_the_change_is_an_event(db: Database) -> None:
    await put(db, "modality-40-years-to-ask", row("6", date(2028, 1, 1)))
    assert await stored(db, "modality-40-years-to-ask") == [
        (date(1997, 7, 1), date(2027, 12, 31), Decimal(5), "agency"),
        (date(2028, 1, 1), None, Decimal(6), "agency"),
    ]
    async with db.transaction() as session:
        (event,) = (await session.scalars(select(EventRow).where(EventRow.type == "law-figure.changed"))).all()
    assert (event.payload["name"], event.payload["before"], event.payload["after"]) == (
        "modality-40-years-to-ask",
        "5",
        "6",
    )
    await put(db, "modality-40-years-to-ask", row("7", date(2028, 1, 1)))
    assert [one[2] for one in await stored(db, "modality-40-years-to-ask")] == [5, 7], "the same day corrects"


@pytest.mark.parametrize(
    ("name", "given", "problem"),
    [
        ("moon", row("1", TODAY), FigureNotDefined),
        ("uma", row(None, TODAY, table=[(0, Decimal(1))]), FigureWrongKind),
        ("family-insurance-fees", row("9000", TODAY), FigureWrongKind),
        (
            "modality-40-rate",
            row("15", date(2026, 6, 1)),
            FigureOverlaps,
        ),  # without an end, over the rows of later years
        ("child-until", row("15", date(2020, 1, 1), date(2020, 12, 31)), FigureOverlaps),  # a gap from 2021 on
        ("uma", row("120", date(2026, 5, 1), date(2026, 6, 30)), FigureOverlaps),  # the row goes on until January
        ("modality-40-years-to-ask", row("6", date(2028, 1, 1), date(2028, 12, 31)), FigureOverlaps),  # without an end
    ],
)
async def test_what_does_not_fit_changes_nothing(db: Database, name: str, given: Row, problem: type[Exception]) -> None:
    before = await stored(db, name)
    with pytest.raises(problem):
        await put(db, name, given)
    assert await stored(db, name) == before


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("uma", row(None, TODAY, table=[(0, Decimal(1))]), "«uma» is a number, not a table by age"),
        ("family-insurance-fees", row("9000", TODAY), "is a table by age, not a number"),
        ("modality-40-rate", row("15", date(2026, 6, 1)), "a row in force from Friday, January 1, 2027 ("),
        ("child-until", row("15", date(2020, 1, 1), date(2020, 12, 31)), "on Friday, January 1, 2021 there would be"),
        ("uma", row("120", date(2026, 5, 1), date(2026, 6, 30)), "on Wednesday, July 1, 2026 there would be none"),
    ],
)
async def test_the_refusal_names_the_kind_the_row_or_the_day(db: Database, name: str, given: Row, said: str) -> None:
    with use_language("en"), pytest.raises(Problem) as refused:
        await put(db, name, given)
    with use_language("en"):
        assert said.casefold() in refused.value.text().casefold()


def test_money_is_shown_with_two_decimals_at_least() -> None:
    for amount, seen in (("121.9", "121.90"), ("9000", "9000.00"), ("1.2345", "1.2345")):
        assert format_amount(Decimal(amount), "pesos-a-day") == seen
    assert format_amount(((0, Decimal(9200)),), "pesos-a-year") == "0:9200.00"
    assert format_amount(Decimal("5.0"), "years") == "5"


@pytest.mark.parametrize(
    "wrong",
    [
        {"valid_to": date(2020, 1, 1)},
        {"value": None},
        {"table": [(0, Decimal(1))]},
        {"value": Decimal(-1)},
        {"source": ""},
        {"certainty": "sure"},
    ],
)
def test_a_row_that_is_not_whole_is_no_row(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"valid_from": TODAY, "value": Decimal(1), "source": "A source", "certainty": "confirmed"}
    Row(**given)
    with pytest.raises(ValueError, match=r"Row|row"):
        Row(**(given | wrong))


@pytest.mark.parametrize("ages", [[5], [0, 30, 20], [0, 20, 20]])
def test_a_table_has_one_row_for_every_age(ages: list[int]) -> None:
    with pytest.raises(ValueError, match="rise from 0"):
        row(None, TODAY, table=[(age, Decimal(1)) for age in ages])


async def test_the_database_refuses_two_figures_on_one_day(db: Database) -> None:
    twice = text(
        "INSERT INTO law_figure (name, valid_from, amount, source, certainty, origin, changed_at)"
        " VALUES ('uma', '2026-06-01', 1, 'twice', 'confirmed', 'agency', now())"
    )
    with pytest.raises(IntegrityError, match="ex_law_figure_one_a_day"):
        async with db.transaction() as session:
            await session.execute(twice)


async def test_anyone_reads_them(db: Database, client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/law-figures?day=2026-12-31", headers={"Accept-Language": "en"})).json()
    by_name = {one["name"]: one for one in found}
    assert set(by_name) == set(definitions())
    assert by_name["uma"]["in_force"]["value"] == "117.31"
    assert (by_name["uma"]["in_force"]["valid_from"], by_name["uma"]["in_force"]["valid_to"]) == (
        "2026-02-01",
        "2027-01-31",
    )
    assert by_name["family-insurance-fees"]["in_force"] is None
    assert by_name["month-days"]["in_force"]["certainty"] == "doubtful"
    early = (await client.get("/api/v1/law-figures?day=2025-12-31")).json()
    fees = next(one for one in early if one["name"] == "family-insurance-fees")["in_force"]["table"]
    assert fees[0] == {"from_age": 0, "amount": "8900"}
    history = (await client.get("/api/v1/law-figures/pension-weeks")).json()["rows"]
    assert [one["value"] for one in history][-2:] == ["975", "1000"]
    assert (await client.get("/api/v1/law-figures/moon")).json()["type"] == "/problems/figure-not-defined"
    assert (await client.get("/api/v1/law-figures?day=tomorrow")).status_code == 422


def text_of(page: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"<[^>]+>", " ", page.split("<dl", 1)[1].rsplit("</dl>", 1)[0])


async def test_the_page_shows_days_sources_and_doubts(db: Database, client: httpx.AsyncClient) -> None:
    page = (await client.get("/cifras-de-ley")).text
    assert "Hoy no hay una vigente: el importe lo da la agencia." in page, "the fees of 2026"
    assert page.count("En duda") >= 7
    assert "$117.31 al día" in page
    assert "del 1 de febrero de 2026 al 31 de enero de 2027" in page
    assert "Ley del Seguro Social, art. 109" in page
    assert "Reforma DOF 16-12-2020, transitorio cuarto" in page
    assert "LSS, art. 109 (DOF 21-12-1995); no se cuentan las prórrogas" in page
    assert [word for word in ("press", " and ", "Reform DOF", "was not read") if word in text_of(page)] == []
    english = (await client.get("/en/cifras-de-ley")).text
    assert "Reform DOF 2020-12-16, fourth transitory article" in english
    assert [word for word in ("prensa", "no se leyó", "transitorio") if word in text_of(english)] == []
    assert "In doubt" in english
    assert "In force" not in english


async def test_the_page_says_choices_and_parts_in_words_by_subject(db: Database, client: httpx.AsyncClient) -> None:
    page = (await client.get("/cifras-de-ley")).text
    assert re.search(r"Salario de quien tuvo varios empleos a la vez.{0,200}se suman<br>", page, re.DOTALL)
    assert "una cuarta parte (1/4)" in page
    links = re.findall(r'href="#(sobre-[a-z0-9-]+)"', page)
    assert links == re.findall(r'<h2 [^>]*id="(sobre-[a-z0-9-]+)"', page)
    assert len(links) == len(set(links)) == 9
    assert page.count('govuk-summary-list__row" id=') == len(definitions()), "each figure once"
    english = (await client.get("/en/cifras-de-ley")).text
    assert "they are added" in english
    assert "a quarter (1/4)" in english
    row_now = (await client.get("/api/v1/law-figures/concurrent-wages")).json()["in_force"]
    assert (row_now["value"], row_now["meaning"]) == ("1", "se suman")


async def test_the_sources_are_in_the_language_asked_for(db: Database, client: httpx.AsyncClient) -> None:
    for code, source in (("es", "INEGI, valor de 2026 (prensa, enero de 2026)"), ("en", "INEGI, value of 2026 (press")):
        found = await client.get("/api/v1/law-figures/uma", headers={"Accept-Language": code})
        assert source in str(found.json()["rows"])
    await put(db, "uma", row("121.90", date(2027, 2, 1), source="DOF 09-01-2027, aviso"))
    rows = (await client.get("/api/v1/law-figures/uma", headers={"Accept-Language": "en"})).json()["rows"]
    assert rows[-1]["source"] == "DOF 09-01-2027, aviso", "what the agency recorded is as it wrote it"


async def test_texts_take_the_figure_in_force(db: Database, client: httpx.AsyncClient) -> None:
    page = (await client.get("/tramites/unemployment")).text
    assert "Quien lleva 46 días o más sin trabajo" in page
    assert "{law:" not in page
    await put(db, "unemployment-days", row("60", TODAY - DAY))
    async with db.transaction() as session:
        await current.refresh(session)
    page = (await client.get("/tramites/unemployment")).text
    assert "Quien lleva 60 días o más sin trabajo" in page
    assert "Lleva al menos 60 días sin trabajo" in page
    detail = (await client.get("/api/v1/services/unemployment", headers={"Accept-Language": "en"})).json()
    assert "at least 60 days" in str(detail["rules"])


async def test_a_service_shows_the_figures_it_uses(db: Database, client: httpx.AsyncClient) -> None:
    page = (await client.get("/tramites/family-health")).text
    assert "hoy no hay una vigente; el importe se lo da la agencia" in page
    page = (await client.get("/tramites/modality-40")).text
    assert "14.438 %" in page
    assert "En duda" in page, "a month of 30.4 days"
    page = (await client.get("/tramites/sick-leave")).text
    assert "Semanas inmediatamente anteriores a una enfermedad: 4 semanas" in page
