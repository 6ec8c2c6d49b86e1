"""Versions of the baseline and their parameters."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.appointments.labels import SERVICES, SPECIALTIES
from app.catalog.loader import load_services
from app.savings.models import Baseline as BaselineRow
from app.savings.models import ParameterRow
from app.savings.problems import BaselineUnknown
from app.savings.rules.parameters import Baseline, Parameter

Db = AsyncConnection | AsyncSession
_COLUMNS = [column for column in ParameterRow.__table__.columns if column.name != "version"]


def kinds_of_services() -> dict[str, str]:
    """Of which kind of transaction each service is: as its file says; appointments are a kind, changes of one
    another."""
    kinds = {service.id: service.baseline for service in load_services().values()}
    kinds |= dict.fromkeys([*SERVICES, *(f"specialist-{name}" for name in SPECIALTIES)], "appointment")
    return kinds | dict.fromkeys(("appointment-move", "appointment-cancel"), "appointment-change")


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


async def baseline_of(session: AsyncSession, version: int) -> Baseline:
    """A version with its parameters at hand.

    Raises:
        BaselineUnknown: there is no such version.
    """
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
