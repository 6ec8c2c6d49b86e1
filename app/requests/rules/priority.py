"""Who is attended first: the deadline, brought forward for people whom waiting harms more; then the oldest. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

OLDER_FROM, SMALL_CHILD_UNTIL = 60, 5
"""Sixty: Ley de los Derechos de las Personas Adultas Mayores, art. 3. Five: early childhood, art. 4 of its general law
is six; the agency's paediatric programmes end at five."""
PRIORITY_DAYS = {"disability": 3, "older": 2, "small-child": 1}
"""Days by which a deadline is brought forward in the queue. The agency's choice; the due date shown doesn't change."""


def priority_days(age: int, answers: Mapping[str, Any]) -> int:
    """Return the priority days for a person of this age and with these answers; the greatest that applies."""
    causes = []
    if answers.get("disability") is True or answers.get("situation") == "disability":
        causes.append("disability")
    if age >= OLDER_FROM:
        causes.append("older")
    if age < SMALL_CHILD_UNTIL:
        causes.append("small-child")
    return max((PRIORITY_DAYS[cause] for cause in causes), default=0)


def rank(due_on: date, days: int) -> date:
    """The day the queue is ordered by."""
    return due_on - timedelta(days=days)
