"""Reads of requests."""

from app.requests.queries.facts import load_facts, rest_days
from app.requests.queries.own import (
    DECIDERS,
    WORKERS,
    Happening,
    consents_for,
    followed,
    history_of,
    messages_of,
    open_requests,
    own_request,
    own_requests,
)
from app.requests.queries.people import (
    colleagues_at,
    colleagues_of,
    consents_about,
    earlier_requests,
    family_for_work,
    people_of,
    person_for_work,
    person_of_folio,
    requests_of,
    work_of,
)
from app.requests.queries.queue import (
    Counts,
    Due,
    Filter,
    Waiting,
    counts,
    queue_of_staff,
    waiting_by_service,
)
from app.requests.queries.reach import unreachable_requests
from app.requests.queries.search import Found, search

__all__ = [
    "DECIDERS",
    "WORKERS",
    "Counts",
    "Due",
    "Filter",
    "Found",
    "Happening",
    "Waiting",
    "colleagues_at",
    "colleagues_of",
    "consents_about",
    "consents_for",
    "counts",
    "earlier_requests",
    "family_for_work",
    "followed",
    "history_of",
    "load_facts",
    "messages_of",
    "open_requests",
    "own_request",
    "own_requests",
    "people_of",
    "person_for_work",
    "person_of_folio",
    "queue_of_staff",
    "requests_of",
    "rest_days",
    "search",
    "unreachable_requests",
    "waiting_by_service",
    "work_of",
]
