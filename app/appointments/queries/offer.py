"""What a person can be offered: the services of a unit, their referrals, the units that give a service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.appointments.statements import STATEMENTS

Db = AsyncConnection | AsyncSession

_SERVICES = STATEMENTS.load("offer/services")
_REFERRALS = STATEMENTS.load("offer/referrals")
_UNITS = STATEMENTS.load("offer/units")
_ACTIVE = STATEMENTS.load("offer/active")


@dataclass(frozen=True, slots=True)
class ReferralInForce:
    """A specialist a person may see, and where."""

    service: str
    unit_id: UUID
    unit_name: str
    ends_on: date


async def services_at(db: Db, unit_id: UUID, today: date) -> set[str]:
    """The services a unit gives by itself; specialists need a referral and aren't among them."""
    return set((await db.execute(_SERVICES, {"unit_id": unit_id, "today": today})).scalars())


async def referrals_of(db: Db, person_id: UUID, today: date) -> list[ReferralInForce]:
    """The specialists a person has been referred to and may still see."""
    return [ReferralInForce(*row) for row in await db.execute(_REFERRALS, {"person_id": person_id, "today": today})]


async def units_offering(db: Db, service: str, unit_ids: Sequence[UUID], today: date) -> set[UUID]:
    """Those of these units that give a service."""
    params = {"service": service, "unit_ids": list(unit_ids), "today": today}
    return set((await db.execute(_UNITS, params)).scalars())


async def active_folio(db: Db, person_id: UUID, service: str) -> str | None:
    """The folio of the appointment a person has open in a service."""
    found: str | None = (await db.execute(_ACTIVE, {"person_id": person_id, "service": service})).scalar_one_or_none()
    return found
