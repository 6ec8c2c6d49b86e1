"""Files of the agency for the tests of the registry."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.tabular.report import ImportReport
from app.registry.importers.pipeline import import_insured
from tests.appointments import factories
from tests.conftest import Database
from tests.registry.files import curp


async def bring(path: Path) -> ImportReport:
    return await import_insured(path, rejects=path.with_suffix(".rejects"))


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.read, report.added, report.changed, report.same, report.rejected


async def value(question: str) -> Any:
    async with kernel_db.reading() as session:
        return await session.scalar(text(question))


async def a_unit(db: Database) -> str:
    async with db.transaction() as session:
        return (await factories.unit(session)).clues


SICK_LEAVE = "curp,folio,kind,starts_on,days,daily_wage"


WITHDRAWALS = "curp,on_date,weeks"


COVERAGE = "clues,postal_code"


PANELS = "clues,shift,room,capacity"


ANA, BEA, UNKNOWN_PERSON = curp(1), curp(2), curp(9)


async def rows(db: Database, question: str) -> list[tuple[object, ...]]:
    async with db.transaction() as session:
        return [tuple(row) for row in await session.execute(text(question))]
