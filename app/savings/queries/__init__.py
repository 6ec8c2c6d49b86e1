"""Reads of the measurement: sums that answer a question, the parameters of a baseline."""

from app.savings.queries.baselines import (
    baseline_of,
    draft_of,
    kinds_of_services,
    list_baselines,
    mark,
    mark_of,
    newest_version,
    parameters_of,
)
from app.savings.queries.filters import unknown_filter
from app.savings.queries.group_totals import GroupTotals, group_totals
from app.savings.queries.history import Change, history_of, subject_of
from app.savings.queries.released import Coverage, coverage, released_sums
from app.savings.queries.reports import list_reports, report_of
from app.savings.queries.sums import Row, places_of, regions_and_states, sums
from app.savings.queries.tickets import access_sums, reason_sums, ticket_sums

__all__ = [
    "Change",
    "Coverage",
    "GroupTotals",
    "Row",
    "access_sums",
    "baseline_of",
    "coverage",
    "draft_of",
    "group_totals",
    "history_of",
    "kinds_of_services",
    "list_baselines",
    "list_reports",
    "mark",
    "mark_of",
    "newest_version",
    "parameters_of",
    "places_of",
    "reason_sums",
    "regions_and_states",
    "released_sums",
    "report_of",
    "subject_of",
    "sums",
    "ticket_sums",
    "unknown_filter",
]
