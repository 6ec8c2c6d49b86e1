"""What transactions cost the agency: how many were done online, by telephone and in person, times what one of each
costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Channel
from app.savings.measures import ONLINE_CHANNELS
from app.savings.queries import cells, geography, versions
from app.savings.queries.released import released_sums
from app.savings.rules.families import MIX
from app.savings.rules.metric_query import MetricQuery, plan
from app.savings.rules.metrics import Metric
from app.savings.rules.parameters import Baseline, Parameter, Place, factor
from app.savings.rules.tables import Row, Table
from app.savings.rules.uncertainty import Floats, draw_all, intervals
from app.savings.service.estimates import ModelOptions, year_of

COST_PARAMETERS = {"online": "agency_online", "phone": "agency_phone", "in_person": "agency_in_person"}
"""The parameter of what a transaction of each way costs, in dollars."""


@dataclass(slots=True)
class Mix:
    """Transactions done, by the way they were done: at a desk and visits without appointment are in person. A visit
    with an appointment isn't counted again: the appointment was, when it was made."""

    online: int = 0
    phone: int = 0
    in_person: int = 0

    def as_sums(self) -> dict[str, int]:
        """The mix by the names of what metrics add up."""
        return {"online": self.online, "phone": self.phone, "in_person": self.in_person}


Key = tuple[Any, ...]


async def mixes(session: AsyncSession, query: MetricQuery, *, features: bool = False) -> dict[Key, Mix]:
    """The mix of every group; with `features` apart by service and place, which are the last two keys then."""
    found: dict[Key, Mix] = {}
    with_channel = replace(query, group_by=(*query.group_by, "channel"))
    for row in await cells.sums(session, with_channel, plan(query), ("completed",), features=features):
        *keys, channel = row.keys
        mix = _mix_of(found, keys, row, features=features)
        if channel in ONLINE_CHANNELS:
            mix.online += row.sums["completed"]
        elif channel == Channel.PHONE:
            mix.phone += row.sums["completed"]
        else:
            mix.in_person += row.sums["completed"]
    for row in await cells.ticket_sums(session, query, features=features):
        _mix_of(found, row.keys, row, features=features).in_person += row.sums["walk_ins"]
    return found


def _mix_of(found: dict[Key, Mix], keys: Iterable[Any], row: cells.Row, *, features: bool) -> Mix:
    return found.setdefault((*keys, row.service, row.place) if features else tuple(keys), Mix())


async def cost(
    session: AsyncSession, metric: Metric, query: MetricQuery, options: ModelOptions, *, released: str | None = None
) -> Table:
    """What a transaction costs on average, in pesos of the year asked for. `released`: from the public release, by this
    dimension of its blocks.

    Raises:
        BaselineUnknown; ParameterMissing; PriceIndexUnknown.
    """
    if released is None:
        found = await mixes(session, query, features=True)
        where = await geography.places_of(session, query.geography, {str(keys[-1]) for keys in found})
    else:
        rows = await released_sums(session, query, MIX, released, features=True)
        found = {(*row.keys, row.service, row.place): Mix(**row.sums) for row in rows}
        where = await geography.regions_and_states(session, {row.place for row in rows})
    baseline = await versions.baseline_of(session, options.version)
    year = year_of(baseline, query, options)
    counted = _counted(baseline, {code: baseline.narrowed(place) for code, place in where.items()}, found, year)
    used = {parameter.id: parameter for group in counted.values() for (*pair, _worth) in group for parameter in pair}
    drawn = draw_all(used.values(), options.draws, options.seed)
    made = tuple(_row(keys, group, drawn) for keys, group in counted.items())
    total = _row((), _together(counted.values()), drawn)
    return Table(query, metric.id, metric.unit, query.group_by, made, total, baseline.version, year, options.seed)


Counted = dict[tuple[Parameter, Parameter, float], int]
"""How many transactions cost a parameter in dollars at a rate, whose pesos are worth so much in those asked for."""


def _counted(
    baseline: Baseline, places: Mapping[str, Place], found: Mapping[Key, Mix], year: int
) -> dict[Key, Counted]:
    counted: dict[Key, Counted] = {}
    index = baseline.inpc()
    for keys, mix in found.items():
        group = counted.setdefault(keys[:-2], {})
        service, place = keys[-2], places[str(keys[-1])]
        rate = baseline.find("mxn_per_usd", service, place)
        worth = factor(index, rate.price_year, year)
        for way, key in COST_PARAMETERS.items():
            cost = baseline.find(key, service, place), rate, worth
            group[cost] = group.get(cost, 0) + int(getattr(mix, way))
    return counted


def _together(groups: Iterable[Counted]) -> Counted:
    added: Counted = {}
    for group in groups:
        for cost, count in group.items():
            added[cost] = added.get(cost, 0) + count
    return added


def _row(keys: Key, group: Counted, drawn: Mapping[str, Floats]) -> Row:
    n = sum(group.values())
    if n == 0:
        return Row(keys, None, None, None, 0)
    each = (count * worth * drawn[usd.id] * drawn[rate.id] for (usd, rate, worth), count in group.items())
    spent = sum(each, np.zeros(1))
    (interval,) = intervals((spent / n)[np.newaxis, :])
    return Row(keys, interval.median, interval.low, interval.high, n)
