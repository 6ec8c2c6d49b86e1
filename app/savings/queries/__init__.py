"""Reads of the measurement: sums that answer a question, the figures of a baseline."""

from app.savings.queries.baselines import (
    baseline_of,
    draft_of,
    figures_of,
    kinds_of_services,
    list_baselines,
    newest_version,
)
from app.savings.queries.sizes import sizes_of_errands
from app.savings.queries.sums import Row, places_of, sums
from app.savings.queries.tickets import access_sums, reason_sums, ticket_sizes, ticket_sums

__all__ = [
    "Row",
    "access_sums",
    "baseline_of",
    "draft_of",
    "figures_of",
    "kinds_of_services",
    "list_baselines",
    "newest_version",
    "places_of",
    "reason_sums",
    "sizes_of_errands",
    "sums",
    "ticket_sizes",
    "ticket_sums",
]
