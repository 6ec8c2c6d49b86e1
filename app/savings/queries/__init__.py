"""Reads of the measurement: sums that answer a question, the figures of a baseline."""

from app.savings.queries.baselines import (
    baseline_of,
    draft_of,
    figures_of,
    kinds_of_services,
    list_baselines,
    mark,
    mark_of,
    newest_version,
)
from app.savings.queries.history import Change, history_of, subject_of
from app.savings.queries.known import unknown_of
from app.savings.queries.parts import Parts, parts
from app.savings.queries.reports import list_reports, report_of
from app.savings.queries.sizes import sizes_of_errands
from app.savings.queries.sums import Row, places_of, sums
from app.savings.queries.tickets import access_sums, reason_sums, ticket_sizes, ticket_sums

__all__ = [
    "Change",
    "Parts",
    "Row",
    "access_sums",
    "baseline_of",
    "draft_of",
    "figures_of",
    "history_of",
    "kinds_of_services",
    "list_baselines",
    "list_reports",
    "mark",
    "mark_of",
    "newest_version",
    "parts",
    "places_of",
    "reason_sums",
    "report_of",
    "sizes_of_errands",
    "subject_of",
    "sums",
    "ticket_sizes",
    "ticket_sums",
    "unknown_of",
]
