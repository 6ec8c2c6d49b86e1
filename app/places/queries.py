"""Reads of places."""

import math
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, case, false, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.kernel import clock
from app.kernel.parsing import search_words
from app.kernel.problems import NotFound
from app.places.calendar import legal_non_working_days
from app.places.models import Holiday, NonWorkingDays, PostalCode, Room, Unit
from app.places.rules import DEFAULT_ZONE, Point, plain_clues

DEMONSTRATION = "(demostración)"
"""How the names of demonstration units end."""


async def unit_by_id(session: AsyncSession, unit_id: UUID) -> Unit:
    """The unit of this id.

    Raises:
        NotFound: there is none.
    """
    found = await session.get(Unit, unit_id)
    if found is None:
        raise NotFound
    return found


async def zone_of(session: AsyncSession, unit_id: UUID | None) -> str:
    """The clock of a unit; the country's centre where there is none."""
    unit = await session.get(Unit, unit_id) if unit_id else None
    return unit.timezone if unit else DEFAULT_ZONE


def today_at(*unit_ids: Any) -> ColumnElement[date]:
    """Today's date at the first of these units (columns or ids) that isn't null: for conditions on rows."""
    there = unit_ids[0] if len(unit_ids) == 1 else func.coalesce(*(_column(one) for one in unit_ids))
    unit = aliased(Unit)
    zone = select(unit.timezone).where(unit.id == there).correlate_except(unit).scalar_subquery()
    now = literal(clock.now(), DateTime(timezone=True))
    return clock.local_day_column(now, func.coalesce(zone, DEFAULT_ZONE))


def _column(unit_id: Any) -> Any:
    return literal(unit_id, Uuid()) if unit_id is None or isinstance(unit_id, UUID) else unit_id


async def unit_by_clues(session: AsyncSession, clues: str) -> Unit:
    """The unit of this CLUES, as people write it.

    Raises:
        NotFound: there is none.
    """
    found: Unit | None = await session.scalar(select(Unit).where(Unit.clues == plain_clues(clues)))
    if found is None:
        raise NotFound
    return found


async def room_kinds(session: AsyncSession, unit_id: UUID) -> dict[int, str]:
    """The kind of each room of a unit, by its number."""
    rows = await session.execute(select(Room.number, Room.kind).where(Room.unit_id == unit_id))
    return {row.number: row.kind for row in rows}


async def units_by_id(session: AsyncSession, unit_ids: Collection[UUID]) -> list[Unit]:
    """These units, by CLUES."""
    return list((await session.scalars(select(Unit).where(Unit.id.in_(unit_ids)).order_by(Unit.clues))).all())


async def list_units(
    session: AsyncSession,
    *,
    limit: int,
    after: str | None = None,
    state_code: str | None = None,
    postal_code: str | None = None,
    named: str | None = None,
    operating_only: bool = True,
) -> list[Unit]:
    """Units by CLUES, after the given one: those in operation, unless all are asked for. `named`: words of their name,
    CLUES, municipality or state."""
    chosen = select(Unit).where(*_chosen(state_code, postal_code, named, operating_only=operating_only))
    if after is not None:
        chosen = chosen.where(Unit.clues > after)
    return list((await session.scalars(chosen.order_by(Unit.clues).limit(limit))).all())


async def count_units(
    session: AsyncSession,
    *,
    state_code: str | None = None,
    postal_code: str | None = None,
    named: str | None = None,
    operating_only: bool = True,
) -> int:
    """How many units `list_units` has in all."""
    chosen = _chosen(state_code, postal_code, named, operating_only=operating_only)
    return await session.scalar(select(func.count()).select_from(Unit).where(*chosen)) or 0


def _chosen(
    state_code: str | None, postal_code: str | None, named: str | None, *, operating_only: bool
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Unit.is_operating.is_(True)] if operating_only else []
    if named is not None:
        conditions += _named(_words(named))
    if state_code is not None:
        conditions.append(Unit.state_code == state_code)
    if postal_code is not None:
        conditions.append(Unit.postal_code == postal_code)
    return conditions


async def search_units(
    session: AsyncSession,
    typed: str,
    *,
    limit: int,
    near: str | None = None,
    among: Collection[UUID] | None = None,
) -> list[Unit]:
    """Units, operating or not, by words of their name, CLUES, municipality or state, with or without accents: a word
    may be unfinished. Whole words come first, then what operates, then the state `near` (first letters of a CLUES).
    `among`: only of these.

    Returns nothing for a text without letters or digits.
    """
    words = _words(typed)
    if not words:
        return []
    whole = sum((case((func.strpos(Unit.search, f" {word} ") > 0, 1), else_=0) for word in words), literal(0))
    order = (whole.desc(), Unit.is_operating.desc(), (Unit.state_code == (near or "")).desc(), Unit.name, Unit.clues)
    found = select(Unit).where(*_named(words)).order_by(*order).limit(limit)
    if among is not None:
        found = found.where(Unit.id.in_(among))
    return list((await session.scalars(found)).all())


MOST_WORDS, LONGEST_WORD = 8, 40


def _words(typed: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in search_words(typed)][:MOST_WORDS]


def _named(words: list[str]) -> list[ColumnElement[bool]]:
    """Each of the words begins one of the unit's; no words, no unit."""
    return [func.strpos(Unit.search, f" {word}") > 0 for word in words] or [false()]


async def nearby_units(session: AsyncSession, unit: Unit, limit: int = 6) -> list[Unit]:
    """Units in operation of the same state, nearest first; those without coordinates come last."""
    same_state = select(Unit).where(Unit.state_code == unit.state_code, Unit.is_operating, Unit.id != unit.id)
    if unit.latitude is None or unit.longitude is None:
        ordered = same_state.order_by(Unit.municipality != unit.municipality, Unit.clues)
    else:
        # Good enough to order by within a state; the distance shown is computed on the sphere.
        shrink = math.cos(math.radians(unit.latitude))
        apart = func.power(Unit.latitude - unit.latitude, 2) + func.power((Unit.longitude - unit.longitude) * shrink, 2)
        ordered = same_state.order_by(apart.nulls_last(), Unit.clues)
    return list((await session.scalars(ordered.limit(limit))).all())


async def point_of(session: AsyncSession, postal_code: str | None) -> Point | None:
    """Where a postal code is, as far as it is known."""
    found = await session.get(PostalCode, postal_code) if postal_code else None
    if found is None or found.latitude is None or found.longitude is None:
        return None
    return Point(found.latitude, found.longitude)


async def is_demonstration(session: AsyncSession) -> bool:
    """Whether the demonstration's units are here: metrics then include synthetic people, which must be disclosed."""
    found = select(select(Unit.id).where(Unit.name.endswith(DEMONSTRATION)).exists())
    return bool(await session.scalar(found))


async def days_out_of_terms(session: AsyncSession, first: date, last: date) -> frozenset[date]:
    """The days between two days that terms of the law leave out, beside weekends: those of rest, 5 May, the agency's
    non-working days, and days off of the whole agency. A unit that closes by itself stops no term."""
    spans = select(NonWorkingDays.starts_on, NonWorkingDays.ends_on).where(
        NonWorkingDays.starts_on <= last, NonWorkingDays.ends_on >= first
    )
    found = set(legal_non_working_days(first, last))
    for starts_on, ends_on in await session.execute(spans):
        found |= {starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days + 1)}
    off = select(Holiday.on_date).where(Holiday.unit_id.is_(None), Holiday.on_date.between(first, last))
    return frozenset(found | set((await session.scalars(off)).all()))
