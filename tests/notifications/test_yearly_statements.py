"""Who asked is notified in January of the statement of the year before: once, and without its figures."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import text

from app.kernel.actor import Citizen
from app.notifications import jobs, yearly_statements
from app.notifications.yearly_statements import year_due
from tests.conftest import Database
from tests.notifications.factories import words
from tests.notifications.mailbox import Mailbox, work
from tests.notifications.reminding import Case, case


@pytest.mark.parametrize(
    ("today", "year"),
    [
        (date(2027, 1, 9), None),
        (date(2027, 1, 10), 2026),
        (date(2027, 1, 31), 2026),
        (date(2027, 2, 1), None),
        (date(2026, 12, 31), None),
    ],
)
def test_the_time_of_year(today: date, year: int | None) -> None:
    assert year_due(today) == year


async def subscribe(here: Case, *, is_wanted: bool = True) -> None:
    async with here.db.transaction() as session:
        await yearly_statements.choose(session, Citizen(here.ana.id), is_wanted=is_wanted)


@pytest.mark.parametrize("db", ["psycopg"], indirect=True)
async def test_one_message_a_year_whatever_runs_twice(db: Database, mailbox: Mailbox) -> None:
    assert jobs.notify_about_statements is not None
    here = await case(db)
    await subscribe(here)
    async with db.transaction() as session:
        await session.execute(text("UPDATE statement_subscription SET notified_year = 2025"))
    due = date(2027, 1, 12)
    counts = await asyncio.gather(*(yearly_statements.notify_due(due) for _ in range(4)))
    assert sum(counts) == 1
    assert await yearly_statements.notify_due(date(2027, 1, 13)) == 0
    assert await yearly_statements.notify_due(date(2028, 1, 13)) == 1
    await work(until_messages=3)
    about = [mail for mail in mailbox.got if mail["Subject"].startswith("Su resumen")]
    got = sorted((mail["Subject"], mail["To"]) for mail in about)
    assert got == [(f"Su resumen de {year} está listo", "ana@ejemplo.mx") for year in (2026, 2027)]
    assert all("/mi/ahorro?anio=202" in words(mail) for mail in about)


async def test_who_subscribes_late_waits_for_the_year_that_is_not_over(db: Database) -> None:
    here = await case(db)
    await subscribe(here)
    async with db.transaction() as session:
        over = await session.scalar(text("SELECT notified_year FROM statement_subscription"))
    assert await yearly_statements.notify_due(date(over + 1, 1, 20)) == 0
    await subscribe(here, is_wanted=False)
    assert await yearly_statements.notify_due(date(over + 2, 1, 20)) == 0
