"""What a question to a metric is answered with: rows of groups, each a number with its interval. Pages, JSON and CSV
are made from the same value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.savings.rules.metric_query import MetricQuery
from app.savings.rules.metrics import Metric
from app.savings.rules.uncertainty import Estimate, mean, share


@dataclass(frozen=True, slots=True)
class Row:
    """A group. `value` with its 90 % interval in the unit of the table, from `n` observations. None where there are no
    observations, or where it is `suppressed`: a small cell. `partial`: some of it is published only together with
    others, or not yet."""

    keys: tuple[Any, ...]
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    suppressed: bool = False
    partial: bool = False

    def suppress(self) -> "Row":
        """Return the same group suppressed."""
        return Row(self.keys, None, None, None, None, suppressed=True, partial=self.partial)


def row_of(metric: Metric, keys: tuple[Any, ...], sums: Mapping[str, int]) -> Row:
    """A group of a metric that is a share, a mean or a count, from its sums."""
    found = _estimate(metric, sums)
    return Row(keys, found.value, _within(metric, found.low), _within(metric, found.high), found.n)


def _estimate(metric: Metric, sums: Mapping[str, int]) -> Estimate:
    n = sum(sums[name] for name in metric.over)
    if metric.kind == "count":
        return Estimate(float(sums[metric.of]), None, None, n)
    if n == 0:
        return Estimate(None, None, None, 0)
    if metric.kind == "share":
        return share(sums[metric.of], n)
    return mean(sums[metric.of], sums[metric.squares], n, metric.scale)


def _within(metric: Metric, end: float | None) -> float | None:
    """The end of an interval, within what the metric can be."""
    if end is None:
        return None
    end = max(end, metric.floor) if metric.floor is not None else end
    return min(end, metric.ceiling) if metric.ceiling is not None else end


@dataclass(frozen=True, slots=True)
class Table:
    """A metric's answer. `columns` name the keys of each row, in order; `total` is of all rows together, with no keys,
    and the one row there is where nothing is grouped by.
    `version`, `year` (of prices) and `seed` are those of the parameters, where the metric uses any."""

    query: MetricQuery
    metric: str
    unit: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row
    version: int | None = None
    year: int | None = None
    seed: int | None = None


def place_in_order(keys: Iterable[Any]) -> tuple[str | int, ...]:
    """What rows are ordered by, and what a cursor remembers: keys as JSON values."""
    return tuple(plain(key) for key in keys)


def plain(key: Any) -> str | int:
    """A key as a JSON value: dates as ISO 8601."""
    if isinstance(key, date):
        return key.isoformat()
    return str(key) if isinstance(key, UUID) else key  # keys are text or whole numbers
