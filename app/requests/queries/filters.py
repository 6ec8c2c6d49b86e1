"""Which part of the queue: the same conditions for a list, its total and the next request to be taken from it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.loader import load_services
from app.kernel import clock
from app.places.rules import DEFAULT_ZONE
from app.requests.queries.facts import non_working_days
from app.requests.rules import clock as legal

Due = Literal["late", "today", "near"]
WorkKind = Literal["decision", "message", "appeal", "second-review"]
"""`decision`: any that is to be decided. `appeal`: a refusal under appeal. `second-review`: what an officer proposed
and a supervisor confirms. `message`: a message of the citizen to be answered."""

# What day it is where the request is attended decides what is late there. `z` is its unit; none is the centre's.
ZONE = f"coalesce(z.timezone, '{DEFAULT_ZONE}')"
TODAY = clock.local_day_sql("CAST(:now AS timestamptz)", ZONE)
# An appeal is nothing for who took part in the refusal.
MAY_TAKE = "(CAST(:me AS uuid) <> ALL (w.excluded_ids))"
LATE = f"w.due_on < {TODAY}"
DUE_TODAY = f"w.due_on = {TODAY}"
NEAR = f"w.due_on > {TODAY} AND w.due_on <= CAST(CAST(:near AS jsonb) -> CAST({TODAY} AS text) ->> w.service AS date)"
IS_HELD = "(w.holder_id IS NOT NULL AND (w.lease_until IS NULL OR w.lease_until > :now))"
FILTER = f"""
    (CAST(:services AS text[]) IS NULL OR w.service = ANY(CAST(:services AS text[])))
    AND (CAST(:language AS text) IS NULL OR w.language = CAST(:language AS text))
    AND (CAST(:kind AS text) IS NULL OR CASE CAST(:kind AS text) WHEN 'appeal' THEN w.is_appeal
        WHEN 'second-review' THEN w.kind = 'decision' AND w.role = 'supervisor' AND NOT w.is_appeal
        ELSE w.kind = CAST(:kind AS text) END)
    AND (CAST(:due_until AS date) IS NULL OR w.due_on <= CAST(:due_until AS date))
    AND (CAST(:due AS text) IS NULL
        OR (CAST(:due AS text) = 'late' AND {LATE}) OR (CAST(:due AS text) = 'today' AND {DUE_TODAY})
        OR (CAST(:due AS text) = 'near' AND {NEAR}))
    AND (CAST(:submitted_before AS timestamptz) IS NULL OR w.submitted_at < CAST(:submitted_before AS timestamptz))
    AND (CAST(:holder AS uuid) IS NULL OR (w.holder_id = CAST(:holder AS uuid) AND {IS_HELD}))
    AND (CAST(:state AS text) IS NULL
        OR (CAST(:state AS text) = 'free' AND NOT {IS_HELD} AND {MAY_TAKE})
        OR (CAST(:state AS text) = 'held' AND {IS_HELD})
        OR (CAST(:state AS text) = 'mine' AND w.holder_id = CAST(:me AS uuid) AND {IS_HELD})
        OR (CAST(:state AS text) = 'escalated' AND w.escalated_at IS NOT NULL))
"""
"""On `work_item w LEFT JOIN unit z`, with `filter_params`, `:me` and `:now`."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of the queue; empty is all of it. `holder_id`: held by this member of staff."""

    services: Sequence[str] | None = None
    language: str | None = None
    due_until: date | None = None
    state: str | None = None
    unit_id: UUID | None = None
    due: Due | None = None
    submitted_before: datetime | None = None
    kind: str | None = None
    holder_id: UUID | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for more than a unit and services, which the index of free work knows."""
        others = (self.language, self.due_until, self.state, self.due, self.submitted_before, self.kind, self.holder_id)
        return any(one is not None for one in others)


def days_ago(days: int | None) -> datetime | None:
    """The instant that number of days ago, for `submitted_before`; None stays none."""
    return None if days is None else clock.now() - timedelta(days=days)


async def filter_params(session: AsyncSession, chosen: Filter) -> dict[str, Any]:
    """The parameters of `FILTER`."""
    return {
        "services": list(chosen.services) if chosen.services else None,
        "language": chosen.language,
        "due_until": chosen.due_until,
        "state": chosen.state,
        "kind": chosen.kind,
        "due": chosen.due,
        "near": await near_days(session) if chosen.due == "near" else None,
        "submitted_before": chosen.submitted_before,
        "holder": chosen.holder_id,
    }


async def near_days(session: AsyncSession) -> str:
    """Until when a deadline is near, as JSON: by the date it is at the unit, then by service, the working days that
    the service's file says."""
    todays = clock.dates_in_progress()
    days_off = await non_working_days(session, None, todays[0])
    return json.dumps(
        {
            today.isoformat(): {
                one.id: legal.add_working_days(today, one.target.near_days, days_off).isoformat()
                for one in load_services().values()
            }
            for today in todays
        }
    )
