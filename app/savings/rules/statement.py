"""What the portal saved one person in a year: the model of savings on their own transactions, with what they say of
each in the place of what is known of everyone.

Where a person said what they would have done without the portal, the share `would_have_visited` of that transaction is
1 or 0; elsewhere it is the share of everyone. Times and prices stay the averages of their service and place, so the
interval says how well those averages are known, not how much people differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np

from app.savings.measures import Correction, Outcome
from app.savings.problems import CorrectionClosed
from app.savings.rules import model
from app.savings.rules.model import COUNTS, Feature, Quantity, SavingsDraws
from app.savings.rules.parameters import Baseline, Place
from app.savings.rules.uncertainty import DRAWS, SEED, Floats, Interval, draw_all, intervals

CORRECTABLE_FOR = timedelta(days=400)
"""How long after its day a transaction can be corrected: the whole year after it, and the January of its statement."""
SHOWN: tuple[Quantity, ...] = ("hours", "mxn")
"""What a statement says. The value of the time isn't in it: it is what a wage says, not what the person has."""


@dataclass(frozen=True, slots=True)
class OwnTransaction:
    """A transaction that the person did online. `service` is what it counts as; `at` is when it ended, or began; `sums`
    are its measures, by name; `would_have_visited` is what the survey or the person's correction says."""

    id: UUID
    service: str
    day: date
    at: datetime
    timezone: str
    unit_id: UUID | None
    outcome: Outcome
    is_repeat: bool
    is_followed_by_visit: bool
    correction: Correction | None
    corrected_at: datetime | None
    would_have_visited: bool | None
    sums: Mapping[str, int]

    @property
    def is_counted(self) -> bool:
        """Whether it may have spared a visit."""
        return self.sums["counted"] > 0 and self.would_have_visited is not False


@dataclass(frozen=True, slots=True)
class Saved:
    """Hours and pesos out of pocket that were saved; negative is what was lost."""

    hours: Interval
    mxn: Interval


def is_correctable(transaction: OwnTransaction, today: date) -> bool:
    """Whether the person may correct it: what they completed, unless it repeats another, which counts in its place."""
    is_done = transaction.outcome == Outcome.COMPLETED and not transaction.is_repeat
    return is_done and today - transaction.day <= CORRECTABLE_FOR


def require_correctable(transaction: OwnTransaction, today: date) -> None:
    """Refuse a correction that would change nothing, or comes too late.

    Raises:
        CorrectionClosed: see `is_correctable`.
    """
    if not is_correctable(transaction, today):
        raise CorrectionClosed


def saved_of(
    transactions: Sequence[OwnTransaction], baseline: Baseline, places: Mapping[str, Place], year: int
) -> tuple[Saved, list[Saved]]:
    """What was saved in all, and by each transaction, in pesos of `year`. `places`: the units, by id, with where each
    lies.

    Raises:
        ParameterMissing; PriceIndexUnknown.
    """
    nothing = Interval(0.0, 0.0, 0.0, 0.0)
    if not transactions:
        return Saved(nothing, nothing), []
    sure = baseline.certain("would_have_visited", 1.0)
    by_answer = [
        _draws(transactions, [one.would_have_visited is not True for one in transactions], baseline, places, year),
        _draws(transactions, [one.would_have_visited is True for one in transactions], sure, places, year),
    ]
    columns = []
    for name in SHOWN:
        drawn: Floats = sum(getattr(draws, name) for draws in by_answer)
        columns.append(intervals(np.vstack([drawn.sum(axis=0), drawn])))
    total, *each = (Saved(hours, mxn) for hours, mxn in zip(*columns, strict=True))
    return total, each


def _draws(
    transactions: Sequence[OwnTransaction],
    takes: Sequence[bool],
    baseline: Baseline,
    places: Mapping[str, Place],
    year: int,
) -> SavingsDraws:
    """Draws of each transaction, (transactions, draws); zero for those not taken. The same parameter has the same draws
    in both baselines, so what is added was drawn together."""
    feature_of = [
        Feature(one.service, baseline.narrowed(places.get(str(one.unit_id), Place("")))) for one in transactions
    ]
    features = sorted(set(feature_of), key=lambda feature: (feature.place.code, feature.service))
    column = {feature: number for number, feature in enumerate(features)}
    counts = np.zeros((len(transactions), len(features), len(COUNTS)))
    for row, (one, feature, is_taken) in enumerate(zip(transactions, feature_of, takes, strict=True)):
        if is_taken:
            counts[row, column[feature]] = _counts(one)
    drawn = draw_all(model.parameters_used(baseline, features), DRAWS, SEED)
    return model.savings_draws(counts, model.worth(baseline, features, drawn, year), SHOWN)


def _counts(transaction: OwnTransaction) -> list[float]:
    """What the model multiplies. Who would not have gone spared no visit: only their time online counts."""
    values = {**transaction.sums, "unobserved": transaction.sums["online"] - transaction.sums["observed"]}
    if transaction.would_have_visited is False:
        values |= {"counted": 0, "located": 0, "metres": 0}
    return [float(values[name]) for name in COUNTS]
