"""Which parameters make the interval of the hours saved wide: each moved by itself, the rest at their medians.

A parameter of one service at one place moves nothing else, so every service and place is worked out at once for each
kind of parameter, and what it moves is added up by the row of the baseline it came from.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from app.savings.rules.draws import Floats, ends
from app.savings.rules.model import (
    COUNTS,
    MINUTES_PER_HOUR,
    MULTIPLIED,
    QUANTITIES,
    SERVICE_KEYS,
    Feature,
    parameters_used,
    sides_of,
)
from app.savings.rules.parameters import Baseline
from app.savings.rules.summary import Bar, without_noise


def tornado(baseline: Baseline, features: Sequence[Feature], counts: Floats, seed: int) -> list[Bar]:
    """Bars by the size of their swing; `counts` is (features, COUNTS). A parameter that is certain has none.

    Raises:
        FigureMissing: the baseline lacks a parameter.
    """
    used = parameters_used(baseline, features)
    number = {parameter.id: n for n, parameter in enumerate(used)}
    ends_of = np.array([ends(parameter, seed) for parameter in used])
    rows = {
        key: np.array([number[baseline.find(key, f.service, f.place).id] for f in features]) for key in SERVICE_KEYS
    }
    middle = {key: ends_of[row, 1] for key, row in rows.items()}
    whole = _minutes(middle, counts)
    at = np.full((2, len(used)), whole.sum())
    for key, row in rows.items():
        for end, column in enumerate((0, 2)):
            moved = _minutes({**middle, key: ends_of[row, column]}, counts) - whole
            at[end] += np.bincount(row, moved, len(used))
    low, high = at / MINUTES_PER_HOUR
    centre = without_noise(float(whole.sum() / MINUTES_PER_HOUR))
    moving = np.flatnonzero(ends_of[:, 0] < ends_of[:, 2])
    bars = [Bar(used[n], without_noise(float(low[n])), without_noise(float(high[n])), centre) for n in moving]
    return sorted(bars, key=lambda bar: -bar.swing)


def _minutes(values: Mapping[str, Floats], counts: Floats) -> Floats:
    """Minutes saved by each feature, from the value each parameter has for it."""
    sides = sides_of(values)
    saved, spent = (
        np.einsum("cf,fc->f", sides[side], counts[:, [COUNTS.index(name) for name in MULTIPLIED[side]]])
        for side in QUANTITIES["hours"]
    )
    made: Floats = saved - spent
    return made
