"""What a person can be offered: the services of a unit, their referrals, the units that give a service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

Db = AsyncConnection | AsyncSession

_SERVICES = text(
    """
    SELECT DISTINCT service FROM schedule
    WHERE unit_id = CAST(:unit_id AS uuid) AND service NOT LIKE 'specialist-%'
        AND (valid_to IS NULL OR valid_to >= CAST(:today AS date))
    """
)
_REFERRALS = text(
    """
    SELECT f.service, f.unit_id, u.name AS unit_name, max(f.ends_on) AS ends_on
    FROM referral f JOIN unit u ON u.id = f.unit_id
    WHERE f.person_id = CAST(:person_id AS uuid) AND f.ends_on >= CAST(:today AS date)
    GROUP BY f.service, f.unit_id, u.name ORDER BY f.service, u.name LIMIT 50
    """
)
_UNITS = text(
    """
    SELECT DISTINCT unit_id FROM schedule WHERE unit_id = ANY(CAST(:unit_ids AS uuid[])) AND service = :service
        AND (valid_to IS NULL OR valid_to >= CAST(:today AS date))
    """
)
_ACTIVE = text(
    """
    SELECT a.folio FROM active_appointment v JOIN appointment a ON a.unit_id = v.unit_id AND a.id = v.appointment_id
    WHERE v.person_id = CAST(:person_id AS uuid) AND v.service = :service AND a.status = 'booked'
    """
)


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
