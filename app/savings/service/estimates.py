"""Savings with their uncertainty: sums of cells times draws of parameters, for any query and any version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings.problems import unsupported
from app.savings.queries import cells, geography, versions
from app.savings.queries.cells import GroupTotals
from app.savings.queries.released import released_sums
from app.savings.rules import model
from app.savings.rules.families import SAVINGS
from app.savings.rules.metric_query import MetricQuery, plan
from app.savings.rules.model import COUNTS, QUANTITIES, Bar, Feature, Quantity, Worth, tornado
from app.savings.rules.parameters import Baseline, Parameter, Place
from app.savings.rules.uncertainty import DRAWS, SEED, Floats, Interval, draw_all, intervals

READ = ("counted", "located", "metres", "seconds", "online", "observed", "visits")
MAX_GROUPS = 5_000
"""Maximum groups of a response; finer ones come from the export."""
GROUPS_AT_ONCE = 250
"""Groups whose draws are in memory together."""
MAX_FEATURES = 1_000
"""Services by place that have parameters of their own: what one of each is worth takes up to 0.2 MB in 2,000 draws."""


@dataclass(frozen=True, slots=True)
class Group:
    """One row of an answer: its keys, how many transactions may have saved, and what was saved, in the quantities
    requested: hours, pesos out of pocket, and the value of the hours in pesos, which isn't part of the money."""

    keys: tuple[Any, ...]
    counted: int
    quantities: Mapping[Quantity, Interval]

    @property
    def hours(self) -> Interval:
        return self.quantities["hours"]

    @property
    def mxn(self) -> Interval:
        return self.quantities["mxn"]

    @property
    def value_mxn(self) -> Interval:
        return self.quantities["value_mxn"]


ALL: tuple[Quantity, ...] = tuple(QUANTITIES)
NOTHING = Group((), 0, dict.fromkeys(ALL, Interval(0.0, 0.0, 0.0, 0.0)))
"""The result without transactions."""


@dataclass(frozen=True, slots=True)
class SavingsEstimate:
    """What was saved, by group and in all, and what makes the interval wide."""

    query: MetricQuery
    version: int
    year: int
    seed: int
    draws: int
    total: Group
    groups: tuple[Group, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Model options: version and price year (None: the newest), seed and draws."""

    version: int | None = None
    year: int | None = None
    seed: int = SEED
    draws: int = DRAWS


async def estimate_savings(
    session: AsyncSession,
    query: MetricQuery,
    options: ModelOptions = ModelOptions(),
    *,
    released: str | None = None,
    quantities: tuple[Quantity, ...] = ALL,
    bars: bool = False,
) -> SavingsEstimate:
    """Estimate the savings of a query in the `quantities` requested; with `bars` also the tornado. `released`: from the
    public release, by this dimension of its blocks.

    Raises:
        Invalid: the query can't be answered from what is stored. BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    if released is None:
        where = plan(query)
        totals = await cells.group_totals(session, query, where, READ)
        places = await geography.places_of(session, where.geography, set(totals.places))
    else:
        totals = await _released_totals(session, query, released)
        places = await geography.regions_and_states(session, set(totals.places))
    baseline = await versions.baseline_of(session, options.version)
    return compute(query, baseline, totals, places, options, quantities=quantities, bars=bars)


async def _released_totals(session: AsyncSession, query: MetricQuery, dimension: str) -> GroupTotals:
    rows = await released_sums(session, query, SAVINGS, dimension, features=True)
    columns = {name: np.array([row.sums[name] for row in rows], dtype=float) for name in READ}
    return GroupTotals([row.keys for row in rows], [row.service for row in rows], [row.place for row in rows], columns)


def year_of(baseline: Baseline, query: MetricQuery, options: ModelOptions) -> int:
    """Of which year the pesos of an answer are."""
    return options.year if options.year is not None else max(baseline.inpc(), default=query.until.year)


def compute(
    query: MetricQuery,
    baseline: Baseline,
    totals: GroupTotals,
    places: Mapping[str, Place],
    options: ModelOptions,
    *,
    quantities: tuple[Quantity, ...] = ALL,
    bars: bool = False,
) -> SavingsEstimate:
    """Compute the estimate from totals; no database.

    Raises:
        Invalid: there are too many groups. ParameterMissing; PriceIndexUnknown.
    """
    year = year_of(baseline, query, options)
    narrowed = {code: baseline.narrowed(place) for code, place in places.items()}
    pairs = set(zip(totals.services, totals.places, strict=True))
    feature_of = {(service, place): Feature(service, narrowed[place]) for service, place in pairs}
    features = sorted(set(feature_of.values()), key=lambda f: (f.place.code, f.service))
    if not features:
        return SavingsEstimate(query, baseline.version, year, options.seed, options.draws, NOTHING, (), ())
    keys = list(dict.fromkeys(totals.keys))
    if len(keys) > MAX_GROUPS or len(features) > MAX_FEATURES:
        raise unsupported("group_by", "too-fine")
    counts = _counts(totals, keys, features, feature_of)
    worth = _worth(baseline, features, options, year)
    grouped = [
        group
        for first in range(0, len(keys), GROUPS_AT_ONCE)
        for group in _groups(
            keys[first : first + GROUPS_AT_ONCE], counts[first : first + GROUPS_AT_ONCE], worth, quantities
        )
    ]
    whole = counts.sum(axis=0)
    total = _groups([()], whole[np.newaxis], worth, quantities)[0]
    found = tuple(tornado(worth, whole, options.seed)) if bars else ()
    return SavingsEstimate(query, baseline.version, year, options.seed, options.draws, total, tuple(grouped), found)


def _counts(
    totals: GroupTotals,
    keys: Sequence[tuple[Any, ...]],
    features: Sequence[Feature],
    feature_of: Mapping[tuple[str, str], Feature],
) -> Floats:
    """(groups, features, COUNTS)."""
    at = {key: number for number, key in enumerate(keys)}
    numbered = {feature: number for number, feature in enumerate(features)}
    column = {pair: numbered[feature] for pair, feature in feature_of.items()}
    group = np.array([at[key] for key in totals.keys])
    cell = group * len(features) + np.array([column[pair] for pair in zip(totals.services, totals.places, strict=True)])
    values = {**totals.sums, "unobserved": totals.sums["online"] - totals.sums["observed"]}
    size = len(keys) * len(features)
    counts = np.zeros((size, len(COUNTS)))
    for number, name in enumerate(COUNTS):
        counts[:, number] = np.bincount(cell, values[name], size)
    return counts.reshape(len(keys), len(features), len(COUNTS))


# What counts are worth depends on the version, the seed and the features alone; a published version never changes.
_WORTH_CACHE: dict[tuple[Any, ...], Worth] = {}


def _worth(baseline: Baseline, features: Sequence[Feature], options: ModelOptions, year: int) -> Worth:
    name = (baseline.version, baseline.stamp, tuple(features), year, options.seed, options.draws)
    cached = _WORTH_CACHE.get(name) if baseline.stamp else None
    if cached is not None:
        return cached
    drawn = draw_all(model.parameters_used(baseline, features), options.draws, options.seed)
    made = model.worth(baseline, features, drawn, year)
    if baseline.stamp:
        while (
            _WORTH_CACHE
            and sum(len(cached.features) for cached in _WORTH_CACHE.values()) + len(features) > MAX_FEATURES
        ):
            _WORTH_CACHE.pop(next(iter(_WORTH_CACHE)))
        _WORTH_CACHE[name] = made
    return made


def _groups(
    keys: Sequence[tuple[Any, ...]], counts: Floats, worth: Worth, quantities: tuple[Quantity, ...]
) -> list[Group]:
    saved_ = model.savings_draws(counts, worth, quantities)
    counted = counts[:, :, COUNTS.index("counted")].sum(axis=1)
    columns = zip(*(intervals(getattr(saved_, name)) for name in quantities), strict=True)
    return [
        Group(key, int(number), dict(zip(quantities, row, strict=True)))
        for key, number, row in zip(keys, counted, columns, strict=True)
    ]


async def parameters_behind(session: AsyncSession, query: MetricQuery, version: int) -> list[Parameter]:
    """The rows of a version that the model reads for what the question is about, by key, scope and place.

    Raises:
        Invalid: the question can't be answered. BaselineUnknown.
    """
    where = plan(query)
    baseline = await versions.baseline_of(session, version)
    rows = await cells.sums(session, query, where, ("counted",), features=True)
    places = await geography.places_of(session, where.geography, {row.place for row in rows})
    features = {Feature(row.service, places[row.place]) for row in rows}
    return sorted(
        model.parameters_used(baseline, features),
        key=lambda parameter: (parameter.key, parameter.scope, parameter.place),
    )
