"""Figures of law for tests that run on any day."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.actor import System
from app.law.definitions import Row, shipped
from app.law.models import LawFigure
from app.law.service import set_figure
from app.places.rules import DEFAULT_ZONE
from tests.conftest import Database

YEARLY = ("uma", "minimum-wage", "modality-40-rate")


def row(value: str | None, valid_from: date, valid_to: date | None = None, **about: Any) -> Row:
    given = {"source": "A source of this test", "certainty": "confirmed", "value": value and Decimal(value)} | about
    return Row(valid_from=valid_from, valid_to=valid_to, **given)


async def put(db: Database, name: str, *rows: Row) -> None:
    for one in rows:
        async with db.transaction() as session:
            await set_figure(session, System("test"), name, one)


async def delete_rows(db: Database, name: str) -> None:
    """Leave no figure of this name in force on any day."""
    async with db.transaction() as session:
        await session.execute(delete(LawFigure).where(LawFigure.name == name))


async def cover_today(session: AsyncSession) -> None:
    """Once the file's last UMA, minimum wage or rate has ended: those go on."""
    today = clock.today(DEFAULT_ZONE)
    for name in YEARLY:
        if shipped().find(name, today) is None:
            last = shipped().of(name)[-1]
            assert isinstance(last.value, Decimal)
            await set_figure(session, System("test"), name, row(str(last.value), last.valid_from))
