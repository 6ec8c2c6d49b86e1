"""What was saved, with its uncertainty: sums of cells times draws of figures, for any question and any version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings import queries
from app.savings.problems import ParameterMissing, PriceIndexUnknown, refused
from app.savings.queries import Parts
from app.savings.rules import model
from app.savings.rules.draws import DRAWS, SEED, Floats, draw_all
from app.savings.rules.figures import Baseline, FigureMissing, Place
from app.savings.rules.model import COUNTS, TOLD, Feature, Told, Worth
from app.savings.rules.plan import Plan, Question, Refused, plan
from app.savings.rules.prices import PriceIndexMissing
from app.savings.rules.summary import Bar, Interval, intervals
from app.savings.rules.tornado import tornado

READ = ("counted", "located", "metres", "seconds", "online", "observed", "visits")
MOST_GROUPS = 5_000
"""More groups than anybody reads; a finer answer comes from the export."""
GROUPS_AT_ONCE = 250
"""Groups whose draws are in memory together."""
MOST_FEATURES = 1_000
"""Services by place that have figures of their own: what one of each is worth takes about 0.4 MB in 2,000 draws."""


@dataclass(frozen=True, slots=True)
class Group:
    """One row of an answer: its keys, how many errands may have saved, and what was saved, as far as it was to be told:
    hours, pesos out of pocket, and the value of the hours in pesos, which isn't part of the money."""

    keys: tuple[Any, ...]
    counted: int
    told: Mapping[Told, Interval]

    @property
    def hours(self) -> Interval:
        return self.told["hours"]

    @property
    def mxn(self) -> Interval:
        return self.told["mxn"]

    @property
    def value_mxn(self) -> Interval:
        return self.told["value_mxn"]


ALL: tuple[Told, ...] = tuple(TOLD)
NOTHING = Group((), 0, dict.fromkeys(ALL, Interval(0.0, 0.0, 0.0, 0.0)))
"""Where nothing was done, nothing was saved."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was saved, by group and in all, and what makes the interval wide."""

    question: Question
    version: int
    year: int
    seed: int
    draws: int
    total: Group
    groups: tuple[Group, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """With which figures and prices: None is the newest version, and the prices of the newest year it knows."""

    version: int | None = None
    year: int | None = None
    seed: int = SEED
    draws: int = DRAWS


async def saved(
    session: AsyncSession,
    question: Question,
    terms: Terms = Terms(),
    *,
    told: tuple[Told, ...] = ALL,
    bars: bool = False,
) -> Answer:
    """The answer to a question: of what was saved that which is to be `told`, with `bars` also the tornado.

    Raises:
        Invalid: the question can't be answered from what is kept. BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    where = planned(question)
    parts = await queries.parts(session, question, where, READ)
    places = await queries.places_of(session, where.level, set(parts.places))
    return await valued(session, question, parts, places, terms, told=told, bars=bars)


async def valued(
    session: AsyncSession,
    question: Question,
    parts: Parts,
    places: Mapping[str, Place],
    terms: Terms,
    *,
    told: tuple[Told, ...] = ALL,
    bars: bool = False,
) -> Answer:
    """The answer that sums give with the figures of a version.

    Raises:
        BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    version = terms.version if terms.version is not None else await queries.newest_version(session)
    baseline = await queries.baseline_of(session, version)
    return answer(question, baseline, parts, places, terms, told=told, bars=bars)


def planned(question: Question) -> Plan:
    """Where the answer is read.

    Raises:
        Invalid: it can't be told from what is kept.
    """
    try:
        return plan(question)
    except Refused as why:
        raise refused(why) from why


def year_of(baseline: Baseline, question: Question, terms: Terms) -> int:
    """Of which year the pesos of an answer are."""
    return terms.year if terms.year is not None else max(baseline.inpc(), default=question.until.year)


def answer(
    question: Question,
    baseline: Baseline,
    parts: Parts,
    places: Mapping[str, Place],
    terms: Terms,
    *,
    told: tuple[Told, ...] = ALL,
    bars: bool = False,
) -> Answer:
    """From sums to what is said; no database."""
    year = year_of(baseline, question, terms)
    narrowed = {code: baseline.narrowed(place) for code, place in places.items()}
    pairs = set(zip(parts.services, parts.places, strict=True))
    feature_of = {(service, place): Feature(service, narrowed[place]) for service, place in pairs}
    features = sorted(set(feature_of.values()), key=lambda f: (f.place.code, f.service))
    if not features:
        return Answer(question, baseline.version, year, terms.seed, terms.draws, NOTHING, (), ())
    keys = list(dict.fromkeys(parts.keys))
    if len(keys) > MOST_GROUPS or len(features) > MOST_FEATURES:
        raise refused(Refused("by", "too-fine"))
    counts = _counts(parts, keys, features, feature_of)
    try:
        worth = _worth(baseline, features, terms, year)
        grouped = [
            group
            for first in range(0, len(keys), GROUPS_AT_ONCE)
            for group in _groups(
                keys[first : first + GROUPS_AT_ONCE],
                counts[first : first + GROUPS_AT_ONCE],
                worth,
                told,
            )
        ]
        total = _groups([()], counts.sum(axis=0, keepdims=True), worth, told)[0]
        found = tornado(baseline, features, counts.sum(axis=0), terms.seed) if bars else ()
    except FigureMissing as missing:
        raise ParameterMissing(key=missing.key, service=missing.service) from missing
    except PriceIndexMissing as missing:
        raise PriceIndexUnknown(year=missing.year) from missing
    return Answer(question, baseline.version, year, terms.seed, terms.draws, total, tuple(grouped), tuple(found))


def _counts(
    parts: Parts,
    keys: Sequence[tuple[Any, ...]],
    features: Sequence[Feature],
    feature_of: Mapping[tuple[str, str], Feature],
) -> Floats:
    """(groups, features, COUNTS)."""
    at = {key: number for number, key in enumerate(keys)}
    numbered = {feature: number for number, feature in enumerate(features)}
    column = {pair: numbered[feature] for pair, feature in feature_of.items()}
    group = np.array([at[key] for key in parts.keys])
    cell = group * len(features) + np.array([column[pair] for pair in zip(parts.services, parts.places, strict=True)])
    values = {**parts.sums, "unseen": parts.sums["online"] - parts.sums["observed"]}
    size = len(keys) * len(features)
    counts = np.zeros((size, len(COUNTS)))
    for number, name in enumerate(COUNTS):
        counts[:, number] = np.bincount(cell, values[name], size)
    return counts.reshape(len(keys), len(features), len(COUNTS))


# What counts are worth depends on the version, the seed and the features alone; a published version never changes.
_KEPT: dict[tuple[Any, ...], Worth] = {}


def _worth(baseline: Baseline, features: Sequence[Feature], terms: Terms, year: int) -> Worth:
    name = (baseline.version, baseline.stamp, tuple(features), year, terms.seed, terms.draws)
    kept = _KEPT.get(name) if baseline.stamp else None
    if kept is not None:
        return kept
    drawn = draw_all(model.figures_used(baseline, features), terms.draws, terms.seed)
    made = model.worth(baseline, features, drawn, year)
    if baseline.stamp:
        while _KEPT and sum(len(kept.features) for kept in _KEPT.values()) + len(features) > MOST_FEATURES:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[name] = made
    return made


def _groups(keys: Sequence[tuple[Any, ...]], counts: Floats, worth: Worth, told: tuple[Told, ...]) -> list[Group]:
    saved_ = model.saved(counts, worth, told)
    counted = counts[:, :, COUNTS.index("counted")].sum(axis=1)
    columns = zip(*(intervals(getattr(saved_, name)) for name in told), strict=True)
    return [
        Group(key, int(number), dict(zip(told, row, strict=True)))
        for key, number, row in zip(keys, counted, columns, strict=True)
    ]
