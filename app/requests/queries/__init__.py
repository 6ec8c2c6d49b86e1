"""Reads of requests."""

from app.requests.queries.facts import load_facts, rest_days
from app.requests.queries.own import (
    DECIDERS,
    WORKERS,
    Happening,
    followed,
    history_of,
    messages_of,
    own_request,
    own_requests,
    zone_of,
)
from app.requests.queries.queue import (
    Counts,
    Filter,
    Found,
    Waiting,
    counts,
    queue_of_staff,
    search,
    waiting_by_service,
)

__all__ = [
    "DECIDERS",
    "WORKERS",
    "Counts",
    "Filter",
    "Found",
    "Happening",
    "Waiting",
    "counts",
    "followed",
    "history_of",
    "load_facts",
    "messages_of",
    "own_request",
    "own_requests",
    "queue_of_staff",
    "rest_days",
    "search",
    "waiting_by_service",
    "zone_of",
]
