"""Kiosks and boards: added by who manages the unit, paired by a code that serves once, known by a token."""

from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import may_receive
from app.identity.problems import DeviceIsRevoked, WrongPairingCode, WrongRole
from app.identity.service import unit_devices
from app.identity.tokens import STAFF, issue_access_token
from app.kernel import clock, ids
from app.kernel.actor import Anonymous, DeviceKind, UnitDevice
from app.kernel.problems import NotFound, TooManyRequests
from tests.conftest import Database
from tests.desk.device_factories import supervisor
from tests.desk.factories import clinic

CALLER = Anonymous(address="10.1.2.3")


async def events(session: AsyncSession, device_id: object) -> list[tuple[str, str]]:
    rows = await session.execute(
        text("SELECT type, actor_kind FROM event WHERE subject_id = :id ORDER BY id"), {"id": device_id}
    )
    return [(row.type, row.actor_kind) for row in rows]


async def test_a_code_is_exchanged_for_a_token_once(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        boss = await supervisor(session, here)
        made = await unit_devices.add_device(session, boss, here.unit.id, DeviceKind.KIOSK, "Entrada")
    assert len(made.code) == 9
    async with db.transaction() as session:
        paired, token = await unit_devices.pair_device(session, CALLER, made.in_threes)
    assert paired == UnitDevice(made.device.id, DeviceKind.KIOSK, here.unit.id)
    async with db.transaction() as session:
        assert await unit_devices.device_by_token(session, token) == paired
        assert await unit_devices.device_by_token(session, token + "x") is None
        with pytest.raises(WrongPairingCode):
            await unit_devices.pair_device(session, CALLER, made.code)
        stored = await session.scalar(text("SELECT row_to_json(d)::text FROM device_token d"))
        assert stored is not None
        assert token not in stored
        assert made.code not in stored
        assert await events(session, made.device.id) == [("device.added", "staff"), ("device.paired", "device")]


async def test_another_pairing_ends_the_token_before(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        boss = await supervisor(session, here)
        made = await unit_devices.add_device(session, boss, here.unit.id, DeviceKind.KIOSK, "Entrada")
        _device, first = await unit_devices.pair_device(session, CALLER, made.code)
        again = await unit_devices.issue_code(session, boss, made.device.id)
        assert await unit_devices.device_by_token(session, first), "it serves until the new code is typed"
        _device, second = await unit_devices.pair_device(session, CALLER, again.code)
        assert await unit_devices.device_by_token(session, first) is None
        assert await unit_devices.device_by_token(session, second)


async def test_a_revoked_device_may_nothing_and_gets_no_code(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        boss = await supervisor(session, here)
        made = await unit_devices.add_device(session, boss, here.unit.id, DeviceKind.KIOSK, "Entrada")
        _device, token = await unit_devices.pair_device(session, CALLER, made.code)
        another = await unit_devices.issue_code(session, boss, made.device.id)
        await unit_devices.revoke_device(session, boss, made.device.id)
        await unit_devices.revoke_device(session, boss, made.device.id)
        with pytest.raises(WrongPairingCode):
            await unit_devices.pair_device(session, CALLER, another.code)
        assert await unit_devices.device_by_token(session, token) is None
        with pytest.raises(DeviceIsRevoked):
            await unit_devices.issue_code(session, boss, made.device.id)
        assert [kind for kind, _by in await events(session, made.device.id)].count("device.revoked") == 1


async def test_a_code_ends_after_ten_minutes_and_is_of_one_kind(db: Database) -> None:
    async with db.transaction() as session:
        here = await clinic(session)
        boss = await supervisor(session, here)
        made = await unit_devices.add_device(session, boss, here.unit.id, DeviceKind.BOARD, "Sala")
        with pytest.raises(WrongPairingCode):
            await unit_devices.pair_device(session, CALLER, made.code, DeviceKind.KIOSK)
        with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True), pytest.raises(WrongPairingCode):
            await unit_devices.pair_device(session, CALLER, made.code)
        await unit_devices.pair_device(session, CALLER, made.code)


async def test_wrong_codes_are_limited_by_address(db: Database) -> None:
    async with db.transaction() as session:
        for n in range(11):
            with pytest.raises(WrongPairingCode):
                await unit_devices.pair_device(session, CALLER, f"{n:09d}")
        with pytest.raises(TooManyRequests):
            await unit_devices.pair_device(session, CALLER, "000000099")
        with pytest.raises(WrongPairingCode):
            await unit_devices.pair_device(session, Anonymous(address="10.9.9.9"), "000000099")


async def test_only_who_manages_the_unit_adds_and_revokes(db: Database) -> None:
    async with db.transaction() as session:
        here, other = await clinic(session), await clinic(session)
        boss, stranger = await supervisor(session, here), await supervisor(session, other)
        with pytest.raises(WrongRole):
            await unit_devices.add_device(session, other.desk, other.unit.id, DeviceKind.KIOSK, "Entrada")
        with pytest.raises(WrongRole):
            await unit_devices.add_device(session, stranger, here.unit.id, DeviceKind.KIOSK, "Entrada")
        with pytest.raises(WrongRole):
            await unit_devices.list_devices(session, here.desk)
        made = await unit_devices.add_device(session, boss, here.unit.id, DeviceKind.KIOSK, "Entrada")
        for attempt in (unit_devices.issue_code, unit_devices.revoke_device):
            with pytest.raises(NotFound):
                await attempt(session, stranger, made.device.id)
        assert await unit_devices.list_devices(session, stranger) == []
        assert [one.id for one in await unit_devices.list_devices(session, boss)] == [made.device.id]


def test_a_kiosk_receives_people_at_its_own_unit_only_and_a_board_nowhere() -> None:
    here, there = ids.new_id(), ids.new_id()
    assert may_receive(UnitDevice(ids.new_id(), DeviceKind.KIOSK, here), here)
    assert not may_receive(UnitDevice(ids.new_id(), DeviceKind.KIOSK, here), there)
    assert not may_receive(UnitDevice(ids.new_id(), DeviceKind.BOARD, here), here)


async def test_a_code_is_stored_nowhere_as_it_is_typed(client: httpx.AsyncClient, db: Database) -> None:
    """Nor in the response that is stored for a repetition of the request, which gives it again."""
    async with db.transaction() as session:
        here = await clinic(session)
        boss = await supervisor(session, here)
    token = issue_access_token(STAFF, boss.staff_id)[0]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(ids.new_id())}
    body = {"unit_id": str(here.unit.id), "kind": "kiosk", "name": "Entrada"}
    first, again = [await client.post("/api/v1/devices", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    code = first.json()["code"]
    async with db.transaction() as session:
        stored = await session.scalar(text("SELECT convert_from(body, 'UTF8') FROM idempotency_key"))
        assert stored is not None
        assert code not in stored
        paired, _token = await unit_devices.pair_device(session, CALLER, code)
    assert paired.unit_id == here.unit.id
