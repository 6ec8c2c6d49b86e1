"""Rows that were read for many messages at once, for the code that asks for one: kept with the session, also that there
is none."""

from collections.abc import Collection, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

Model = TypeVar("Model")
_KEY = "notifications.preloaded"


def _known(session: AsyncSession, model: type) -> dict[UUID, Any]:
    known: dict[UUID, Any] = session.info.setdefault(_KEY, {}).setdefault(model, {})
    return known


async def preload(session: AsyncSession, model: type, ids: Collection[UUID]) -> None:
    """Read the rows of these ids in one statement."""
    known = _known(session, model)
    wanted = set(ids) - known.keys()
    if wanted:
        mapper: Any = inspect(model)
        (key,) = mapper.primary_key
        rows: Sequence[Any] = (await session.scalars(select(model).where(key.in_(wanted)))).all()
        known.update(dict.fromkeys(wanted))
        known.update({inspect(row).identity[0]: row for row in rows})


def put(session: AsyncSession, model: type, id_: UUID, found: object) -> None:
    """Keep what was read otherwise."""
    _known(session, model)[id_] = found


async def get(session: AsyncSession, model: type[Model], id_: UUID) -> Model | None:
    """Return the row of this id, without a statement if it was preloaded."""
    known = _known(session, model)
    if id_ in known:
        found: Model | None = known[id_]
        return found
    return await session.get(model, id_)


def peek(session: AsyncSession, model: type[Model], id_: UUID) -> Model | None:
    """Return what was preloaded for this id."""
    found: Model | None = _known(session, model).get(id_)
    return found
