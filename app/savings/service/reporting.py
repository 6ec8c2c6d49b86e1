"""What was saved, with its uncertainty: sums of cells times draws of figures, for any question and any version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings import queries
from app.savings.problems import FigureAbsent, PricesUnknown, refused
from app.savings.queries import Row
from app.savings.rules import model
from app.savings.rules.draws import DRAWS, SEED, Floats, draw_all, one_at_a_time
from app.savings.rules.figures import Baseline, FigureMissing, Place
from app.savings.rules.model import COUNTS, Feature, Saved, Worth
from app.savings.rules.plan import Plan, Question, Refused, plan
from app.savings.rules.prices import PriceIndexMissing
from app.savings.rules.summary import Bar, Interval, intervals, tornado

READ = ("counted", "located", "metres", "seconds", "online", "observed", "visits", "completed", "started")
SHOWN = ("started", "completed", "counted", "online", "visits")
MINUTES_PER_HOUR = 60
MOST_GROUPS = 5_000
"""More groups than anybody reads; a finer answer comes from the export."""
GROUPS_AT_ONCE = 250
"""Groups whose draws are in memory together."""
MOST_FEATURES = 1_000
"""Services by place that have figures of their own: what one of each is worth takes about 0.4 MB in 2,000 draws."""


@dataclass(frozen=True, slots=True)
class Group:
    """One row of an answer: its keys, counts, and what was saved: hours, pesos out of pocket, and the value of the
    hours in pesos, which isn't part of the money."""

    keys: tuple[Any, ...]
    counts: Mapping[str, int]
    hours: Interval
    mxn: Interval
    value_mxn: Interval
    hours_in_person: Interval
    hours_online: Interval


NOTHING = Group((), dict.fromkeys(SHOWN, 0), *[Interval(0.0, 0.0, 0.0, 0.0)] * 5)
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


async def saved(session: AsyncSession, question: Question, terms: Terms = Terms(), *, bars: bool = False) -> Answer:
    """The answer to a question.

    Raises:
        Invalid: the question can't be answered from what is kept. BaselineUnknown; FigureAbsent; PricesUnknown.
    """
    where = planned(question)
    version = terms.version if terms.version is not None else await queries.newest_version(session)
    baseline = await queries.baseline_of(session, version)
    rows = await queries.sums(session, question, where, READ, features=True)
    places = await queries.places_of(session, where.level, {row.place for row in rows})
    return answer(question, where, baseline, rows, places, terms, bars=bars)


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
    where: Plan,
    baseline: Baseline,
    rows: Sequence[Row],
    places: Mapping[str, Place],
    terms: Terms,
    *,
    bars: bool,
) -> Answer:
    """From sums to what is said; no database."""
    year = year_of(baseline, question, terms)
    places = {code: baseline.narrowed(place) for code, place in places.items()}
    features = sorted(
        {Feature(row.service, places[row.place]) for row in rows}, key=lambda f: (f.place.code, f.service)
    )
    if not features:
        return Answer(question, baseline.version, year, terms.seed, terms.draws, NOTHING, (), ())
    keys = list(dict.fromkeys(row.keys for row in rows))
    if len(keys) > MOST_GROUPS or len(features) > MOST_FEATURES:
        raise refused(Refused("by", "too-fine"))
    counts, shown = _counts(rows, keys, features, places)
    try:
        figures = model.figures_used(baseline, features)
        worth = _worth(baseline, features, terms, year)
        grouped = [
            group
            for first in range(0, len(keys), GROUPS_AT_ONCE)
            for group in _groups(
                keys[first : first + GROUPS_AT_ONCE],
                shown[first : first + GROUPS_AT_ONCE],
                model.saved(counts[first : first + GROUPS_AT_ONCE], worth),
            )
        ]
        whole = model.saved(counts.sum(axis=0, keepdims=True), worth)
        total = _groups([()], [_added(shown)], whole)[0]
        found = _bars(baseline, features, figures, counts, year, terms.seed) if bars else ()
    except FigureMissing as missing:
        raise FigureAbsent(key=missing.key, service=missing.service) from missing
    except PriceIndexMissing as missing:
        raise PricesUnknown(year=missing.year) from missing
    return Answer(question, baseline.version, year, terms.seed, terms.draws, total, tuple(grouped), found)


def _counts(
    rows: Sequence[Row], keys: Sequence[tuple[Any, ...]], features: Sequence[Feature], places: Mapping[str, Place]
) -> tuple[Floats, list[dict[str, int]]]:
    """(groups, features, COUNTS), and the counts to show by group."""
    at = {key: number for number, key in enumerate(keys)}
    column = {feature: number for number, feature in enumerate(features)}
    counts = np.zeros((len(keys), len(features), len(COUNTS)))
    shown: list[dict[str, int]] = [dict.fromkeys(SHOWN, 0) for _ in keys]
    for row in rows:
        values = {**row.sums, "unseen": row.sums["online"] - row.sums["observed"]}
        place = counts[at[row.keys], column[Feature(row.service, places[row.place])]]
        place += [values[name] for name in COUNTS]
        for name in SHOWN:
            shown[at[row.keys]][name] += row.sums[name]
    return counts, shown


def _added(shown: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(counts[name] for counts in shown) for name in SHOWN}


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


def _groups(keys: Sequence[tuple[Any, ...]], shown: Sequence[Mapping[str, int]], saved_: Saved) -> list[Group]:
    columns = [
        intervals(drawn)
        for drawn in (
            saved_.minutes / MINUTES_PER_HOUR,
            saved_.mxn,
            saved_.value_mxn,
            saved_.sides["in_person_minutes"] / MINUTES_PER_HOUR,
            saved_.sides["online_minutes"] / MINUTES_PER_HOUR,
        )
    ]
    return [Group(key, counts, *row) for key, counts, row in zip(keys, shown, zip(*columns, strict=True), strict=True)]


def _bars(
    baseline: Baseline, features: Sequence[Feature], figures: Sequence[Any], counts: Floats, year: int, seed: int
) -> tuple[Bar, ...]:
    """The tornado of the hours saved in all."""
    columns, moving = one_at_a_time(figures, seed)
    result = model.saved(counts.sum(axis=0, keepdims=True), model.worth(baseline, features, columns, year))
    return tuple(tornado(result.minutes[0] / MINUTES_PER_HOUR, moving))
