"""Versions of the parameters: one draft at a time, changed row by row or by a file, published for good."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.kernel import clock
from app.kernel.actor import Actor, Staff, System
from app.kernel.db_errors import translate_errors
from app.kernel.etags import require_match
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, NotFound
from app.savings.events import BaselinePublished, DraftDiscarded, ParameterChanged
from app.savings.models import Baseline, ParameterRow
from app.savings.models import Baseline as BaselineRow
from app.savings.problems import VALIDATION_MESSAGES, BaselineImmutable, BaselineUnknown, DraftExists, ParametersInvalid
from app.savings.queries import versions
from app.savings.queries.versions import subject_of
from app.savings.rules.parameters import Parameter, validate_parameter

ERRORS_SHOWN = 50


async def start_draft(session: AsyncSession, actor: Staff | System, note: str) -> BaselineRow:
    """A new version, with the rows of the newest published one to begin with.

    Raises:
        WrongRole; DraftExists: there is a draft already.
    """
    _require_analyst(actor)
    if await versions.draft_of(session) is not None:
        raise DraftExists
    newest = await session.scalar(select(func.max(BaselineRow.version)))
    made = BaselineRow(version=(newest or 0) + 1, note=note, created_at=clock.now(), created_by=actor.id)
    session.add(made)
    with translate_errors():
        await session.flush()
    if newest is not None:
        await _write(session, made.version, await versions.parameters_of(session, newest))
    return made


async def put_parameter(session: AsyncSession, actor: Staff, version: int, parameter: Parameter) -> Parameter:
    """Write a row of the draft, new or in place of the one of the same key, scope and place.

    Raises:
        WrongRole; BaselineUnknown; BaselineImmutable; ParametersInvalid: it can't be used; says why.
    """
    _require_analyst(actor)
    await _draft(session, version)
    _require_sound([parameter])
    key = (version, parameter.key, parameter.scope, parameter.place)
    before = await session.get(ParameterRow, key)
    old_text = _as_text(before)
    if before is not None:
        await session.delete(before)
        await session.flush()
    await _write(session, version, [parameter])
    await _record_change(session, actor, version, parameter.id, old_text, _as_text(parameter))
    return parameter


async def delete_parameter(session: AsyncSession, actor: Staff, version: int, key: str, scope: str, place: str) -> None:
    """Remove a row of the draft: a wider one counts then.

    Raises:
        WrongRole; BaselineUnknown; BaselineImmutable; NotFound: there is no such row.
    """
    _require_analyst(actor)
    await _draft(session, version)
    row = await session.get(ParameterRow, (version, key, scope, place))
    if row is None:
        raise NotFound
    await session.delete(row)
    await session.flush()
    await _record_change(session, actor, version, f"{key}|{scope}|{place}", _as_text(row), "")


async def replace_parameters(
    session: AsyncSession, actor: Staff | System, version: int, parameters: list[Parameter]
) -> int:
    """The draft's rows are these from now on; all or none. Returns how many.

    Raises:
        WrongRole; BaselineUnknown; BaselineImmutable; ParametersInvalid: rows that can't be used, or one given twice.
    """
    _require_analyst(actor)
    await _draft(session, version)
    _require_sound(parameters)
    await session.execute(delete(ParameterRow).where(ParameterRow.version == version))
    await _write(session, version, parameters)
    await _record_change(session, actor, version, "*", "", f"{len(parameters)} rows")
    return len(parameters)


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
    """Discard the draft with its rows. Its history stays in the log; the next draft takes its number.

    Raises:
        WrongRole; BaselineUnknown; BaselineImmutable: it was published.
    """
    _require_analyst(actor)
    row = await _draft(session, version)
    await session.execute(delete(ParameterRow).where(ParameterRow.version == version))
    await session.delete(row)
    await session.flush()
    await record(session, actor, DraftDiscarded(subject_id=subject_of(version), version=version))


def _require_analyst(actor: Staff | System) -> None:
    if isinstance(actor, Staff):
        require(actor, Action.MANAGE_SAVINGS)


async def _draft(session: AsyncSession, version: int) -> BaselineRow:
    row = await session.get(BaselineRow, version, with_for_update=True)
    if row is None:
        raise BaselineUnknown
    if row.published_at is not None:
        raise BaselineImmutable
    return row


def _require_sound(parameters: Iterable[Parameter]) -> None:
    wrong: list[FieldError] = []
    seen: set[str] = set()
    for number, parameter in enumerate(parameters, start=1):
        issues = validate_parameter(parameter)
        if parameter.id in seen:
            issues = [*issues, ("key", "twice")]
        seen.add(parameter.id)
        wrong += [
            FieldError(f"{number}.{field}", VALIDATION_MESSAGES[code], code.replace("-", "_")) for field, code in issues
        ]
    if wrong:
        raise ParametersInvalid(fields=wrong[:ERRORS_SHOWN])


async def _write(session: AsyncSession, version: int, parameters: Iterable[Parameter]) -> None:
    session.add_all([ParameterRow(version=version, **asdict(parameter)) for parameter in parameters])
    await session.flush()


def _as_text(parameter: Parameter | ParameterRow | None) -> str:
    if parameter is None:
        return ""
    ends = f"{parameter.low}/{parameter.value}/{parameter.high}"
    return f"{parameter.distribution} {ends} {parameter.unit} {parameter.price_year or ''}".strip()


async def _record_change(
    session: AsyncSession, actor: Actor, version: int, parameter_id: str, before: str, after: str
) -> UUID:
    event = ParameterChanged(
        subject_id=subject_of(version), version=version, parameter=parameter_id, before=before, after=after
    )
    return await record(session, actor, event)


def merged(parameters: Iterable[Parameter], newer: Iterable[Parameter]) -> list[Parameter]:
    """Rows with newer ones in place of those of the same name, in order."""
    rows = {parameter.id: parameter for parameter in parameters}
    rows |= {parameter.id: replace(parameter) for parameter in newer}
    return [rows[name] for name in sorted(rows)]


async def seed(session: AsyncSession, parameters: list[Parameter]) -> int | None:
    """Version 1, published, where there is none yet; returns it, or None."""
    if await session.scalar(select(func.count()).select_from(BaselineRow)):
        return None
    seeder = System("seed")
    made = await start_draft(session, seeder, N_("Cifras iniciales"))
    await replace_parameters(session, seeder, made.version, parameters)
    await publish(session, seeder, made.version)
    return made.version


async def require_current(session: AsyncSession, actor: Staff, version: int, if_match: str | None) -> None:
    """Lock a version, and refuse an edit based on an older state of its parameters.

    Raises:
        WrongRole; BaselineUnknown; PreconditionRequired; Stale.
    """
    await require_version(session, actor, version, lock=True)
    require_match(if_match, await versions.mark_of(session, version))


async def require_version(session: AsyncSession, actor: Staff, version: int, *, lock: bool = False) -> Baseline:
    """A version, for an analyst.

    Raises:
        WrongRole; BaselineUnknown.
    """
    require(actor, Action.MANAGE_SAVINGS)
    row = await session.get(Baseline, version, with_for_update=lock)
    if row is None:
        raise BaselineUnknown
    return row
