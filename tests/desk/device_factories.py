"""Kiosks and boards of a clinic, added by its supervisor and paired."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service import unit_devices
from app.kernel.actor import Anonymous, DeviceKind, Role, Staff, UnitDevice
from tests.desk.factories import Clinic


async def supervisor(session: AsyncSession, here: Clinic) -> Staff:
    """The clinic's first member of staff, as its supervisor."""
    await session.execute(text("UPDATE staff SET role = 'supervisor' WHERE id = :id"), {"id": here.desk.staff_id})
    return Staff(here.desk.staff_id, Role.SUPERVISOR, frozenset({here.unit.id}))


async def paired(
    session: AsyncSession, here: Clinic, kind: DeviceKind = DeviceKind.KIOSK, name: str = "Entrada"
) -> tuple[UnitDevice, str]:
    """A device and its token."""
    made = await unit_devices.add_device(session, await supervisor(session, here), here.unit.id, kind, name)
    return await unit_devices.pair_device(session, Anonymous(), made.code)
