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
from app.requests.queries.people import (
    colleagues_of,
    consents_about,
    earlier_requests,
    family_for_work,
    person_for_work,
    requests_of,
    views_of,
    work_of,
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
    "colleagues_of",
    "consents_about",
    "counts",
    "earlier_requests",
    "family_for_work",
    "followed",
    "history_of",
    "load_facts",
    "messages_of",
    "own_request",
    "own_requests",
    "person_for_work",
    "queue_of_staff",
    "requests_of",
    "rest_days",
    "search",
    "views_of",
    "waiting_by_service",
    "work_of",
    "zone_of",
]
