"""Reads of the measurement: sums that answer a question, the figures of a baseline."""

from app.savings.queries.baselines import (
    baseline_of,
    draft_of,
    figures_of,
    kinds_of_services,
    list_baselines,
    newest_version,
)
from app.savings.queries.sums import Row, places_of, sums

__all__ = [
    "Row",
    "baseline_of",
    "draft_of",
    "figures_of",
    "kinds_of_services",
    "list_baselines",
    "newest_version",
    "places_of",
    "sums",
]
