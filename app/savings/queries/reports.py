"""Published reports."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings.models import SavingReport
from app.savings.problems import ReportUnknown


async def report_of(session: AsyncSession, report_id: UUID) -> SavingReport:
    """A report as it was published.

    Raises:
        ReportUnknown: there is none.
    """
    found = await session.get(SavingReport, report_id)
    if found is None:
        raise ReportUnknown
    return found


async def list_reports(session: AsyncSession, *, limit: int, after: UUID | None = None) -> Sequence[SavingReport]:
    """Reports, newest first, after the given one."""
    chosen = select(SavingReport).order_by(SavingReport.id.desc()).limit(limit)
    if after is not None:
        chosen = chosen.where(SavingReport.id < after)
    return (await session.scalars(chosen)).all()
