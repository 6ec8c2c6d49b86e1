"""Whether a person can have a service at all: asked before any time is shown."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.appointments import rules, sql
from app.appointments.service.done import Once
from app.appointments.service.loading import load, situation
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.db import Db

NO_KEY = Once("", b"")
ANY_ROOM = 1


async def require_eligible(db: Db, actor: Actor, person_id: UUID, unit_id: UUID, service: str) -> None:
    """Let the person go on to choose a time of this service at this unit, or say why not.

    Raises:
        NotFound: the actor may not act for the person.
        Problem: the first rule about the person that refuses.
    """
    target: dict[str, Any] = {"unit_id": unit_id, "service": service, "room": ANY_ROOM, "start_at": clock.now()}
    row, now = await load(db, sql.LOAD_PLACE, actor, person_id, NO_KEY, **target)
    facts = situation(row, now)
    policy = rules.policy_of(service)
    if policy.once_a_year:  # today may be too soon, and a day that can be booked not
        facts = replace(facts, on_date=facts.today + timedelta(days=facts.horizon_days))
    for refusal in rules.person_refusals(policy, facts):
        raise refusal
