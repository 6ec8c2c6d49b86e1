"""Changing clinic leaves appointments behind at the old one: they are shown, to be cancelled and booked again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.appointments.queries.own import OwnAppointment, upcoming_appointments
from app.appointments.rules import policy_of
from app.catalog.definition import Service
from app.kernel.actor import Citizen

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.registry.models import Person
    from app.requests.models import Request

CHANGES_CLINIC = "assign_unit"


async def left_behind(
    session: AsyncSession, actor: Citizen, service: Service, request: Request, person: Person | None
) -> list[OwnAppointment]:
    """The person's appointments to come that only their own clinic gives, at a clinic other than the one this request
    asks for or has given; none for any other service."""
    if CHANGES_CLINIC not in service.result.effects or request.outcome not in (None, "approved"):
        return []
    asked = request.answers.get("unit_id") if request.outcome is None else person and person.unit_id
    if not asked:
        return []
    return [
        one
        for one in await upcoming_appointments(session, actor)
        if one.person_id == request.person_id and one.unit_id != UUID(str(asked)) and policy_of(one.service).own_unit
    ]
