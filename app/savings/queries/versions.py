"""Versions of the parameters, who changed what of them (read from the event log), and the reports made with them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import StaffMember
from app.kernel.events import EventRow
from app.savings.events import BaselinePublished, DraftDiscarded, ParameterChanged
from app.savings.models import Baseline as BaselineRow
from app.savings.models import ParameterRow, SavingReport
from app.savings.problems import BaselineUnknown, ReportUnknown
from app.savings.rules.parameters import Baseline, Parameter
from app.savings.transactions import kinds_of_services

_COLUMNS = [column for column in ParameterRow.__table__.columns if column.name != "version"]


async def newest_version(session: AsyncSession) -> int:
    """The newest published version.

    Raises:
        BaselineUnknown: none is published.
    """
    found = await session.scalar(select(func.max(BaselineRow.version)).where(BaselineRow.published_at.is_not(None)))
    if found is None:
        raise BaselineUnknown
    return int(found)


async def list_baselines(session: AsyncSession) -> Sequence[BaselineRow]:
    """Every version, newest first."""
    return (await session.scalars(select(BaselineRow).order_by(BaselineRow.version.desc()))).all()


async def draft_of(session: AsyncSession) -> BaselineRow | None:
    """The version that is being worked on, if there is one."""
    found: BaselineRow | None = await session.scalar(select(BaselineRow).where(BaselineRow.published_at.is_(None)))
    return found


async def parameters_of(session: AsyncSession, version: int) -> list[Parameter]:
    """The rows of a version, by key, scope and place."""
    statement = select(*_COLUMNS).where(ParameterRow.version == version)
    rows = (
        await session.execute(statement.order_by(ParameterRow.key, ParameterRow.scope, ParameterRow.place))
    ).mappings()
    return [Parameter(**row) for row in rows]


# A published version never changes, so it is read once a process; the time of publication distinguishes databases.
_PUBLISHED: dict[tuple[int, str], Baseline] = {}


async def baseline_of(session: AsyncSession, version: int | None) -> Baseline:
    """A version with its parameters at hand; None is the newest.

    Raises:
        BaselineUnknown: there is no such version, or none is published.
    """
    if version is None:
        version = await newest_version(session)
    row = await session.get(BaselineRow, version)
    if row is None:
        raise BaselineUnknown
    stamp = row.published_at.isoformat() if row.published_at else None
    cached = _PUBLISHED.get((version, stamp)) if stamp else None
    if cached is not None:
        return cached
    made = Baseline(version, await parameters_of(session, version), kinds_of_services(), stamp=stamp)
    if stamp:
        _PUBLISHED[version, stamp] = made
    return made


async def mark_of(session: AsyncSession, version: int) -> str:
    """Return the version tag of a version's parameters."""
    return mark(await parameters_of(session, version))


def mark(parameters: Sequence[Parameter]) -> str:
    """Return the version tag of parameters, as `mark_of` does."""
    return hashlib.sha256(repr(parameters).encode()).hexdigest()[:20]


MAX_SHOWN = 200
What = Literal["changed", "published", "discarded"]
DONE: dict[str, What] = {
    ParameterChanged.type: "changed",
    BaselinePublished.type: "published",
    DraftDiscarded.type: "discarded",
}


def subject_of(version: int) -> UUID:
    """What events of a version are about: its number as an id. Other ids begin with their time: none is as small."""
    return UUID(int=version)


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a version; `parameter` is empty unless parameters were changed, `*` when all were. `who` is None
    for the portal itself."""

    at: datetime
    who: str | None
    what: What
    parameter: str
    before: str
    after: str


async def history_of(session: AsyncSession, version: int) -> Sequence[Change]:
    """What happened to a version, newest first; the last changes of very many."""
    statement = (
        select(EventRow.at, StaffMember.full_name, EventRow.type, EventRow.payload)
        .outerjoin(StaffMember, StaffMember.id == EventRow.actor_id)
        .where(EventRow.subject_id == subject_of(version), EventRow.type.in_(DONE))
        .order_by(EventRow.id.desc())
        .limit(MAX_SHOWN)
    )
    rows = (await session.execute(statement)).all()
    return [
        Change(at, who, DONE[type_], *(values.get(name, "") for name in ("parameter", "before", "after")))
        for at, who, type_, values in rows
    ]


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
