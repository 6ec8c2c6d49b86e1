"""Versions of the figures: one draft at a time, changed row by row or by a file, published for good."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.access import require_role
from app.kernel import clock
from app.kernel.actor import Actor, Role, Staff, System
from app.kernel.db_errors import translate_errors
from app.kernel.facts import record
from app.kernel.problems import FieldError, NotFound
from app.savings import queries
from app.savings.events import BaselinePublished, DraftDiscarded, ParameterChanged
from app.savings.models import Baseline as BaselineRow
from app.savings.models import Parameter
from app.savings.problems import BaselineImmutable, BaselineUnknown, DraftExists, ParametersInvalid
from app.savings.queries.history import subject_of
from app.savings.rules.figures import Figure, problems_of
from app.savings.words import FAULTS

ANALYSTS = (Role.ANALYST, Role.ADMIN)
ERRORS_SHOWN = 50


async def start_draft(session: AsyncSession, actor: Staff | System, note: str) -> BaselineRow:
    """A new version, with the rows of the newest published one to begin with.

    Raises:
        WrongRole; DraftExists: there is a draft already.
    """
    _require_analyst(actor)
    if await queries.draft_of(session) is not None:
        raise DraftExists
    newest = await session.scalar(select(func.max(BaselineRow.version)))
    made = BaselineRow(version=(newest or 0) + 1, note=note, created_at=clock.now(), created_by=actor.id)
    session.add(made)
    with translate_errors():
        await session.flush()
    if newest is not None:
        await _write(session, made.version, await queries.figures_of(session, newest))
    return made


async def put_figure(session: AsyncSession, actor: Staff, version: int, figure: Figure) -> Figure:
    """Write a row of the draft, new or in place of the one of the same key, scope and place.

    Raises:
        WrongRole; BaselineUnknown; BaselineImmutable; ParametersInvalid: it can't be used; says why.
    """
    _require_analyst(actor)
    await _draft(session, version)
    _require_sound([figure])
    key = (version, figure.key, figure.scope, figure.place)
    before = await session.get(Parameter, key)
    said = _said(before)
    if before is not None:
        await session.delete(before)
        await session.flush()
    await _write(session, version, [figure])
    await _record_change(session, actor, version, figure.id, said, _said(figure))
    return figure


async def drop_figure(session: AsyncSession, actor: Staff, version: int, key: str, scope: str, place: str) -> None:
    """Take a row of the draft away: a wider one counts then.

    Raises:
        WrongRole; BaselineUnknown; BaselineImmutable; NotFound: there is no such row.
    """
    _require_analyst(actor)
    await _draft(session, version)
    row = await session.get(Parameter, (version, key, scope, place))
    if row is None:
        raise NotFound
    await session.delete(row)
    await session.flush()
    await _record_change(session, actor, version, f"{key}|{scope}|{place}", _said(row), "")


async def replace_figures(session: AsyncSession, actor: Staff | System, version: int, figures: list[Figure]) -> int:
    """The draft's rows are these from now on; all or none. Returns how many.

    Raises:
        WrongRole; BaselineUnknown; BaselineImmutable; ParametersInvalid: rows that can't be used, or one given twice.
    """
    _require_analyst(actor)
    await _draft(session, version)
    _require_sound(figures)
    await session.execute(delete(Parameter).where(Parameter.version == version))
    await _write(session, version, figures)
    await _record_change(session, actor, version, "*", "", f"{len(figures)} rows")
    return len(figures)


async def publish(session: AsyncSession, actor: Staff | System, version: int) -> BaselineRow:
    """In force from now on; never changed again.

    Raises:
        WrongRole; BaselineUnknown; BaselineImmutable: it was published before.
    """
    _require_analyst(actor)
    row = await _draft(session, version)
    row.published_at, row.published_by = clock.now(), actor.id
    await session.flush()
    await record(session, actor, BaselinePublished(subject_id=subject_of(version), version=version))
    return row


async def discard(session: AsyncSession, actor: Staff, version: int) -> None:
    """Throw the draft away with its rows. What was done to it stays in the log; the next draft takes its number.

    Raises:
        WrongRole; BaselineUnknown; BaselineImmutable: it was published.
    """
    _require_analyst(actor)
    row = await _draft(session, version)
    await session.execute(delete(Parameter).where(Parameter.version == version))
    await session.delete(row)
    await session.flush()
    await record(session, actor, DraftDiscarded(subject_id=subject_of(version), version=version))


def _require_analyst(actor: Staff | System) -> None:
    if isinstance(actor, Staff):
        require_role(actor, ANALYSTS)


async def _draft(session: AsyncSession, version: int) -> BaselineRow:
    row = await session.get(BaselineRow, version, with_for_update=True)
    if row is None:
        raise BaselineUnknown
    if row.published_at is not None:
        raise BaselineImmutable
    return row


def _require_sound(figures: Iterable[Figure]) -> None:
    wrong: list[FieldError] = []
    seen: set[str] = set()
    for number, figure in enumerate(figures, start=1):
        faults = problems_of(figure)
        if figure.id in seen:
            faults = [*faults, ("key", "twice")]
        seen.add(figure.id)
        wrong += [FieldError(f"{number}.{field}", FAULTS[code]) for field, code in faults]
    if wrong:
        raise ParametersInvalid(fields=wrong[:ERRORS_SHOWN])


async def _write(session: AsyncSession, version: int, figures: Iterable[Figure]) -> None:
    session.add_all([Parameter(version=version, **asdict(figure)) for figure in figures])
    await session.flush()


def _said(figure: Figure | Parameter | None) -> str:
    if figure is None:
        return ""
    ends = f"{figure.low}/{figure.value}/{figure.high}"
    return f"{figure.distribution} {ends} {figure.unit} {figure.price_year or ''}".strip()


async def _record_change(
    session: AsyncSession, actor: Actor, version: int, figure_id: str, before: str, after: str
) -> UUID:
    fact = ParameterChanged(
        subject_id=subject_of(version), version=version, figure=figure_id, before=before, after=after
    )
    return await record(session, actor, fact)


def merged(figures: Iterable[Figure], newer: Iterable[Figure]) -> list[Figure]:
    """Rows with newer ones in place of those of the same name, in order."""
    rows = {figure.id: figure for figure in figures}
    rows |= {figure.id: replace(figure) for figure in newer}
    return [rows[name] for name in sorted(rows)]


async def seed(session: AsyncSession, figures: list[Figure]) -> int | None:
    """Version 1, published, where there is none yet; returns it, or None."""
    if await session.scalar(select(func.count()).select_from(BaselineRow)):
        return None
    seeder = System("seed")
    made = await start_draft(session, seeder, "Cifras iniciales")
    await replace_figures(session, seeder, made.version, figures)
    await publish(session, seeder, made.version)
    return made.version
