"""Whether a person can have a service at all: asked before any time is shown."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from app.appointments import rules, statements
from app.appointments.queries import offer
from app.appointments.queries.availability import FreeDay
from app.appointments.service.situation import load, load_for_portal, situation
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.db import Db
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.problems import Problem
from app.places.models import Unit
from app.places.queries import nearby_units
from app.registry.rights import rights_from

NO_KEY = IdempotencyRequest("", b"")
ANY_ROOM = 1


async def require_eligible(
    db: Db, actor: Actor, person_id: UUID, unit_id: UUID, service: str, *, moving: UUID | None = None
) -> None:
    """Let the person go on to choose a time of this service at this unit, or say why not. `moving`: an appointment that
    would get that time.

    Raises:
        NotFound: the actor may not act for the person.
        Problem: the first rule about the person that refuses.
    """
    target: dict[str, Any] = {"unit_id": unit_id, "service": service, "room": ANY_ROOM, "start_at": clock.now()}
    row, now = await load(db, statements.DECIDE_ON_PLACE, actor, person_id, NO_KEY, moved_id=moving, **target)
    _require_person_allowed(service, situation(row, now))


def _require_person_allowed(service: str, facts: rules.Situation) -> None:
    policy = rules.policy_of(service)
    if policy.once_a_year:  # today may be too soon, and a day that can be booked not
        facts = replace(facts, on_date=facts.last_day)
    for refusal in rules.person_refusals(policy, facts):
        raise refusal


async def may_have_here(db: Db, actor: Actor, person_id: UUID, **place: Any) -> bool:
    """Whether no rule refuses a person who waits at a unit a time there; `place`: `unit_id`, `service`, `room` and
    `start_at`. That the seat is free is another matter."""
    try:
        row, now = await load(db, statements.DECIDE_ON_PLACE, actor, person_id, NO_KEY, **place)
        rules.require_allowed(place["service"], situation(row, now, is_here=True))
    except Problem:
        return False
    return True


async def offer_refusal(db: Db, person_id: UUID, moving: UUID | None, **place: Any) -> Problem | None:
    """The first rule that refuses a person a time that the portal offers; `place` as in `may_have_here`, `moving`: the
    appointment that would get it."""
    try:
        row, now = await load_for_portal(db, statements.DECIDE_ON_PLACE, person_id, moved_id=moving, **place)
        rules.require_allowed(place["service"], situation(row, now))
    except Problem as refusal:
        return refusal
    return None


async def is_eligible_now(db: Db, person_id: UUID, unit_id: UUID, service: str, moving: UUID | None) -> bool:
    """Whether the rules about the person let them have the service at all."""
    target: dict[str, Any] = {"unit_id": unit_id, "service": service, "room": ANY_ROOM, "start_at": clock.now()}
    row, now = await load_for_portal(db, statements.DECIDE_ON_PLACE, person_id, moved_id=moving, **target)
    try:
        _require_person_allowed(service, situation(row, now))
    except Problem:
        return False
    return True


_DAYS = statements.STATEMENTS.load("bookable_days")


async def bookable_days(
    db: Db, person_id: UUID, unit_id: UUID, service: str, days: Sequence[FreeDay], *, moving: UUID | None = None
) -> tuple[list[FreeDay], Problem | None]:
    """Of the free days those that no rule about the person refuses whole; when none is left, the first refusal."""
    refused = await _refused_days(db, person_id, unit_id, service, [one.day for one in days], moving)
    left = [one for one in days if one.day not in refused]
    return left, None if left else next(iter(refused.values()), None)


async def days_with_service(
    db: Db, person_id: UUID, unit_id: UUID, service: str, days: Sequence[date], *, moving: UUID | None = None
) -> list[date]:
    """Of these days those that no rule about the person refuses whole."""
    refused = await _refused_days(db, person_id, unit_id, service, days, moving)
    return [day for day in days if day not in refused]


async def _refused_days(
    db: Db, person_id: UUID, unit_id: UUID, service: str, days: Sequence[date], moving: UUID | None
) -> dict[date, Problem]:
    params = {"person_id": person_id, "unit_id": unit_id, "service": service, "days": list(days), "moving": moving}
    policy = rules.policy_of(service)
    refused: dict[date, Problem] = {}
    for row in await db.execute(_DAYS, params) if days else ():
        has_rights = not policy.needs_rights or rights_from(row.rights, row.day).is_in_force
        facts = rules.PersonDay(row.day, has_rights, row.has_referral, row.same_day, row.last_on)
        refusal = next(rules.day_refusals(policy, facts), None)
        if refusal is not None:
            refused[row.day] = refusal
    return refused


async def other_units(db: Any, unit: Unit, service: str) -> list[Unit]:
    """Units near this one where the rules let its people have the service too."""
    policy = rules.policy_of(service)
    if policy.own_unit or policy.needs_referral:
        return []
    near = await nearby_units(db, unit)
    offering = await offer.units_offering(db, service, [one.id for one in near], clock.today(unit.timezone))
    return [one for one in near if one.id in offering]
