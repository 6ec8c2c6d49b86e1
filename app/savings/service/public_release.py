"""Releases to the public: each month of each family of numbers once, when it has settled, and never again."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.positions import log_lag
from app.savings.models import Release, ReleasedBlock
from app.savings.rules.disclosure import Block, Observed, Sums, blocks
from app.savings.rules.families import Family
from app.savings.rules.groups import month_after
from app.savings.rules.metrics import FAMILIES
from app.savings.service import rollup
from app.savings.statements import LOCAL_DAY, STATEMENTS
from app.savings.transactions import APPOINTMENTS, kinds_of_services, services_of

ROWS_AT_ONCE = 2_000
_OBSERVATIONS = {
    name: STATEMENTS.load("observations", variant=name, family=family) for name, family in FAMILIES.items()
}
_FIRST = text(f"SELECT least((SELECT min(day) FROM service_transaction), (SELECT min({LOCAL_DAY}) FROM ticket t))")


async def is_behind(session: AsyncSession) -> bool:
    """Return whether the roll-up lags behind by events old enough to be of a settled month."""
    behind = [lag for lag in (await log_lag(session)).consumers if lag.name == rollup.NAME]
    return any(lag.events and lag.seconds > timedelta(days=1).total_seconds() for lag in behind)


async def due(session: AsyncSession, today: date) -> list[tuple[Family, date]]:
    """Months that have settled and aren't released yet, oldest first."""
    first = await session.scalar(_FIRST)
    if first is None:
        return []
    done = {(row.family, row.period) for row in await session.execute(select(Release.family, Release.period))}
    found: list[tuple[Family, date]] = []
    month = first.replace(day=1)
    while month_after(month) <= today:
        for family in FAMILIES.values():
            is_settled = month_after(month) + timedelta(days=family.settled_days) <= today
            if is_settled and (family.id, month) not in done:
                found.append((family, month))
        month = month_after(month)
    return found


async def release(session: AsyncSession, family: Family, month: date) -> bool:
    """Release a month of a family as it is observed now, in the caller's transaction. False if it was released."""
    observed = await _observed(session, family, month)
    found = blocks(observed)
    row = {"family": family.id, "period": month, "is_suppressed": found is None, "released_at": clock.now()}
    new = upsert(Release).values(row).on_conflict_do_nothing().returning(Release.period)
    if (await session.execute(new)).first() is None:
        return False
    rows = [
        row
        for dimension, of_dimension in (found or {}).items()
        for row in _rows(family, month, dimension, of_dimension)
    ]
    for first in range(0, len(rows), ROWS_AT_ONCE):
        await session.execute(insert(ReleasedBlock).values(rows[first : first + ROWS_AT_ONCE]))
    return True


async def release_due(session: AsyncSession, today: date) -> int:
    """Release all that is due in the caller's transaction; returns how many months of families were."""
    return sum([await release(session, family, month) for family, month in await due(session, today)])


async def _observed(session: AsyncSession, family: Family, month: date) -> dict[str, list[Observed]]:
    kinds = kinds_of_services()
    params: dict[str, Any] = {"first": month, "last": month_after(month) - timedelta(days=1)}
    if "appointments" in _OBSERVATIONS[family.id].compile().params:
        params["appointments"] = services_of(*APPOINTMENTS)
    found: dict[str, list[Observed]] = {dimension: [] for dimension in family.dimensions}
    for dimension, service, region, state, unit, value, *numbers in (
        await session.execute(_OBSERVATIONS[family.id], params)
    ).all():
        place = (region, state, unit) if family.of == "tickets" else (region, state)
        at = place if dimension == "place" else (value,)
        found[dimension].append(Observed((kinds.get(service, ""), service), at, _sums(family, service, numbers)))
    return found


def _sums(family: Family, service: str, numbers: list[Any]) -> Sums:
    needs = [*family.requirements, *family.imputed]
    counts = Counter({name: int(numbers[2 * n]) for n, name in enumerate(family.requirements)})
    # Observations without a person are of an unknown number of people.
    people = Counter({(service, name): int(numbers[2 * n + 1]) for n, name in enumerate(needs)})
    amounts = Counter({name: int(numbers[2 * len(needs) + n]) for n, name in enumerate(family.amounts)})
    return Sums(counts, people, amounts)


def _rows(family: Family, month: date, dimension: str, of_dimension: Iterable[Block]) -> Iterator[dict[str, Any]]:
    """Rows of a dimension; those of units also added up by region and state, so that both say the same."""
    names = list(family.amounts)
    by_state: dict[tuple[str, ...], Counter[str]] = {}
    for block in of_dimension:
        amounts_published = family.published(block.sums)
        keys = dict(zip(("kind", "service"), block.service, strict=True))
        at = dict.fromkeys(("region", "state", "unit", "dimension_value"), "")
        at |= dict(
            zip(("region", "state", "unit") if dimension == "place" else ("dimension_value",), block.at, strict=False)
        )
        amounts = {"measures": names, "amounts": [int(amounts_published[name]) for name in names]}
        if at["unit"]:
            key = (*block.service, at["region"], at["state"])
            by_state.setdefault(key, Counter()).update(amounts_published)
        yield {
            "family": family.id,
            "dimension": "unit" if at["unit"] else dimension,
            "period": month,
            **keys,
            **at,
            **amounts,
        }
    for (kind, service, region, state), added in by_state.items():
        at = {"kind": kind, "service": service, "region": region, "state": state, "unit": "", "dimension_value": ""}
        amounts = {"measures": names, "amounts": [int(added[name]) for name in names]}
        yield {"family": family.id, "dimension": "place", "period": month, **at, **amounts}
