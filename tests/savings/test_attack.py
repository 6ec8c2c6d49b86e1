"""Everything the public can ask, and the public export, given to a linear solver: no group of few follows."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import ids
from app.kernel.actor import Anonymous
from app.savings.export.files import Span, pages
from app.savings.rules.disclosure import OTHERS
from app.savings.rules.families import ROUNDED_TO
from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.metrics import FAMILIES
from app.savings.service import metrics
from app.savings.transactions import kinds_of_services
from tests.appointments import factories as places
from tests.savings import factories
from tests.savings.attack import ANY, Attack, Cell
from tests.savings.factories import Happening

pytestmark = pytest.mark.slow

YEAR = MetricQuery(date(2025, 1, 1), date(2025, 12, 31))
BEFORE, DAY = -365 * 24 * 60, 24 * 60
MONTHS = (date(2025, 3, 1), date(2025, 4, 1))
SERVICES, STATES, CHANNELS = ("weeks", "vigencia", "pension"), ("DF", "MC", "JC"), ("web", "api")
OUTCOMES = ("counted", "repeated", "refused", "left")
COUNTED = {
    ("savings", "counted"): {"counted"},
    ("savings", "online"): set(OUTCOMES),
    ("completion", "completed"): {"counted", "repeated"},
    ("completion", "started"): set(OUTCOMES),
    ("late", "decided"): {"counted", "repeated", "refused"},
    ("time-to-decide", "decided"): {"counted", "repeated", "refused"},
    ("mix", "online"): {"counted", "repeated"},
}
"""Which outcomes each published number counts."""
ASKED = {"completion": ("completion", "completed", "started"), "take-up": ("mix", "online", "online")}
ASKED |= {"savings": ("savings", "", "counted"), "late": ("late", "", "decided")}
THINGS: tuple[tuple[str, ...], ...] = ((), ("state",), ("region",), ("channel",))


def steps(cell: Cell, unit: UUID, minutes: float) -> list[Happening]:
    """A transaction of someone for themselves, as the cell says."""
    _month, service, _state, channel, outcome = cell
    who, subject = ids.new_id(), ids.new_id()
    more: dict[str, Any] = {"service": service, "channel": channel, "unit": unit, "minutes": minutes}
    if outcome == "left":
        opened = factories.request(who, outcome=None, subject=subject, **more)
        removed: dict[str, Any] = {"service": service, "channel": channel, "unit": unit, "payload": {"folio": "Q"}}
        return [*opened, Happening("request.discarded", minutes + 9, subject, who, **removed)]
    return factories.request(who, outcome="refused" if outcome == "refused" else "approved", **more)


async def world(session: AsyncSession, truth: Mapping[Cell, int]) -> dict[str, str]:
    """Make it happen and release it; who repeats has done the same in the same month already. Regions by state."""
    units = {}
    for state in STATES:
        unit = await places.unit(session)
        unit.state_code, units[state] = state, unit.id
    await session.flush()
    happened: list[Happening] = []
    for cell, count in truth.items():
        month, service, state, channel, outcome = map(str, cell)
        at = BEFORE + 9 * DAY + (30 * DAY if month == str(MONTHS[1]) else 0)
        for number in range(count):
            made = steps(cell, units[state], at + number)
            happened += made
            if outcome == "repeated":
                first = made[0]
                more: dict[str, Any] = {"service": service, "channel": channel, "unit": first.unit}
                happened += factories.request(first.person, minutes=at + number + DAY, **more)
    written = await factories.write(session, happened)
    await factories.deliver(session, written)
    await factories.release(session)
    rows = await session.execute(text("SELECT state, region FROM saving_region"))
    return {row.state: row.region for row in rows}


def as_observed(truth: Mapping[Cell, int]) -> dict[Cell, int]:
    """Someone who repeats has one that counts too."""
    found = Counter(truth)
    for (*key, outcome), count in truth.items():
        if outcome == "repeated":
            found[(*key, "counted")] += count
    return dict(found)


async def learn_export(session: AsyncSession, attack: Attack, region_of: Mapping[str, str]) -> None:
    """Every block of the public file; what isn't distinguished is with the others."""
    rows: list[Any] = []
    span = Span(version=1, is_public=True, today=date(2030, 1, 1))
    async for page in pages(session, "released", span):
        rows += page
    kinds = kinds_of_services()
    blocks: dict[tuple[Any, ...], dict[str, int]] = {}
    for month, family, dimension, kind, service, region, state, _clues, value, measure, amount in rows:
        blocks.setdefault((month, family, dimension, kind, service, region, state, value), {})[measure] = amount
    for (month, family, dimension, kind, service, region, state, value), amounts in blocks.items():
        same = [key for key in blocks if key[:3] == (month, family, dimension)]
        services = {key[3:5] for key in same}
        at = (region, state) if dimension == "place" else (value,)
        reported = {key[5:7] if dimension == "place" else key[7:] for key in same if key[3:5] == (kind, service)}

        def held(cell: Cell, services: Any = services, reported: Any = reported, at: Any = at, key: Any = None) -> bool:
            _month, of, in_state, channel, _outcome = cell
            where = (region_of[str(in_state)], in_state) if len(at) == 2 else (channel,)
            return bool(narrowest((kinds[str(of)], of), services) == key and narrowest(where, reported) == at)

        if dimension in {"place", "channel"}:
            for (of, measure), outcomes in COUNTED.items():
                if of == family:
                    cells = [
                        c for c in attack.truth if c[0] == month and c[4] in outcomes and held(c, key=(kind, service))
                    ]
                    off = ROUNDED_TO / 2 if family == "time-to-decide" else 0
                    attack.learn(cells, amounts[measure] - off, amounts[measure] + off)


def narrowest(path: tuple[Any, ...], reported: set[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    fits = [one for one in reported if all(given in (mine, OTHERS) for mine, given in zip(path, one, strict=True))]
    return min(fits, key=lambda one: one.count(OTHERS)) if fits else None


async def learn_answers(session: AsyncSession, attack: Attack, region_of: Mapping[str, str]) -> int:
    """Every public question by period, service and one thing more; returns how many numbers were read."""
    read = 0
    for metric, (family, of, over) in ASKED.items():
        for period, service, thing in product(("month", "quarter", "year"), ((), ("service",)), THINGS):
            if thing and thing[0] not in {"state", "region"} and "channel" not in FAMILIES[family].dimensions:
                continue
            group_by = (period, *service, *thing)
            table = await metrics.table(session, Anonymous(), metric, replace(YEAR, group_by=group_by))
            for row in table.rows:
                if row.n is None or OTHERS in row.keys:
                    continue
                cells = attack.cells(pattern(dict(zip(group_by, row.keys, strict=True)), region_of))
                for name, count in ((over, row.n), (of, round((row.value or 0) * row.n) if of else None)):
                    if name and count is not None:
                        these = [cell for cell in cells if cell[4] in COUNTED[family, name]]
                        attack.learn(these, count, None if not row.partial else float(10**6))
                        read += 1
    return read


def pattern(keys: Mapping[str, Any], region_of: Mapping[str, str]) -> Cell:
    months = frozenset(m for m in MONTHS if "month" not in keys or keys["month"] == m)
    months = frozenset(
        m for m in months if "quarter" not in keys or (m.month - 1) // 3 == (keys["quarter"].month - 1) // 3
    )
    states = frozenset(s for s in STATES if keys.get("region", region_of[s]) == region_of[s])
    return (months, keys.get("service", ANY), keys.get("state", states), keys.get("channel", ANY), ANY)


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_group_of_few_follows_from_all_that_is_public(session: AsyncSession, seed: int) -> None:
    rng = random.Random(seed)
    sizes = (0, 0, 1, 3, 6, 14) if seed == 1 else (0, 2, 5, 9)
    weights = {"counted": 1.0, "repeated": 0.15, "refused": 0.3, "left": 0.4}
    every = list(product(MONTHS, SERVICES, STATES, CHANNELS, OUTCOMES))
    made: dict[Cell, int] = {cell: round(rng.choice(sizes) * weights[cell[4]]) for cell in every}
    region_of = await world(session, made)
    await factories.baseline(session, factories.parameters())
    attack = Attack(as_observed(made))
    await learn_export(session, attack, region_of)
    assert await learn_answers(session, attack, region_of) > 50
    groups = list(attack.groups(5))
    regions = [frozenset(s for s in STATES if region_of[s] == region_of[one]) for one in STATES]
    groups += [
        ((m, s, r, ANY, ANY), attack.cells((m, s, r, ANY, ANY))) for m, s, r in product(MONTHS, SERVICES, regions)
    ]
    assert attack.worked_out(rng.sample(groups, 250)) == []
