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
from app.savings.queries.released import Coverage, coverage, released_sums
from app.savings.queries.reports import list_reports, report_of
from app.savings.queries.sums import Row, places_of, regions_and_states, sums
from app.savings.queries.tickets import access_sums, reason_sums, ticket_sums

__all__ = [
    "Change",
    "Coverage",
    "Parts",
    "Row",
    "access_sums",
    "baseline_of",
    "coverage",
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
    "regions_and_states",
    "released_sums",
    "report_of",
    "subject_of",
    "sums",
    "ticket_sums",
    "unknown_of",
]
