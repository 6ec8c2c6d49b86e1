"""Devices of others that work offline: numbers in advance, batches, and conflicts, over the API."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.ids import new_id
from tests.appointments import factories as places
from tests.desk.factories import SERVICE
from tests.requests import actors, steps
from tests.requests.conftest import Scene


@dataclass
class Desk:
    """The scene's unit, and a receptionist with a program of their own."""

    scene: Scene
    rosa: actors.Officer

    @property
    def unit(self) -> str:
        return f"units/{self.scene.unit.id}"

    async def post(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return await self.scene.client.post(f"/api/v1/desk/{path}", json=body, headers=self.rosa.keyed())

    async def get(self, path: str) -> httpx.Response:
        return await self.scene.client.get(f"/api/v1/desk/{path}", headers=self.rosa.keyed())


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    return Desk(scene, await steps.hire(scene, Role.RECEPTIONIST))


def entry(kind: str, **about: Any) -> dict[str, Any]:
    return {"id": str(new_id()), "kind": kind, "at": (clock.now() - timedelta(minutes=5)).isoformat()} | about


def batch(device: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"device_id": device, "device_now": clock.now().isoformat(), "entries": list(entries)}


async def test_a_device_reserves_numbers_gives_them_and_reports_it(desk: Desk) -> None:
    with time_machine.travel(steps.noon(clock.today(desk.scene.unit.timezone)), tick=True) as traveller:
        await _give_and_report(desk, traveller)


async def _give_and_report(desk: Desk, traveller: time_machine.Traveller) -> None:
    device, path = str(new_id()), f"{desk.unit}/offline-entries"
    reserved = await desk.post(f"{desk.unit}/number-ranges", {"device_id": device, "service": SERVICE, "count": 5})
    assert (reserved.status_code, reserved.json()["first"], reserved.json()["last"]) == (201, 1, 5)
    traveller.shift(timedelta(minutes=10))
    start_at = clock.now() + timedelta(minutes=45)
    async with desk.scene.db.transaction() as session:
        await places.seats(session, desk.scene.unit, start_at=start_at)
        made = await places.booked(session, desk.scene.ana, places.place(desk.scene.unit, start_at))
    number = entry("number", service=SERVICE, number="A-001")
    came = entry("check-in", folio=made.folio, number="A-002")
    lost = entry("check-in", folio="C-00000-0\0000-0")
    sent = await desk.post(path, batch(device, number, came, lost))
    assert [one["status"] for one in sent.json()] == ["applied", "applied", "conflict"], sent.text
    assert sent.json()[0]["offset_seconds"] == 0
    again = await desk.post(path, batch(device, lost, came, number))
    assert again.json() == sent.json()[::-1]
    changed = await desk.post(path, batch(device, came, number | {"number": "A-003"}))
    assert (changed.status_code, changed.json()["type"]) == (422, "/problems/key-reused")
    assert [one["field"] for one in changed.json()["fields"]] == ["entries.1.id"]
    moved = await desk.post(path, batch(device, came | {"at": clock.now().isoformat()}))
    assert (moved.status_code, moved.json()["type"]) == (422, "/problems/key-reused"), "at another time"
    twice = entry("number", service=SERVICE, number="A-004")
    doubled = await desk.post(path, batch(device, twice, twice))
    assert [(one["id"], one["status"]) for one in doubled.json()] == [(twice["id"], "applied")], doubled.text
    listed = (await desk.get(f"{desk.unit}/tickets")).json()
    assert {one["number"] for one in listed} == {"A-001", "A-002", "A-004"}
    conflicts = (await desk.get(f"{path}?conflicts=true")).json()
    assert [(one["id"], one["reason"]) for one in conflicts] == [(lost["id"], "appointment-unknown")]
    shown = (await desk.get(path)).json()
    assert {one["ticket_number"] for one in shown} == {"A-001", "A-002", "A-004", None}
    traveller.shift(timedelta(days=1))
    left = (await desk.get(path)).json()
    assert [one["id"] for one in left] == [lost["id"]], "a conflict waits for someone on any day"
    resolved = await desk.post(f"{path}/{lost['id']}/resolve")
    assert (resolved.status_code, resolved.json()["resolved_at"] is not None) == (200, True)
    assert (await desk.post(f"{path}/{new_id()}/resolve")).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "number", "service": SERVICE},
        {"kind": "number", "service": SERVICE, "number": "17"},
        {"kind": "number", "service": SERVICE, "number": "A-017", "folio": "C-1"},
        {"kind": "check-in"},
        {"kind": "eaten", "folio": "C-1"},
    ],
)
async def test_an_entry_about_nothing_is_invalid(desk: Desk, wrong: dict[str, Any]) -> None:
    answer = await desk.post(f"{desk.unit}/offline-entries", batch(str(new_id()), entry(**wrong)))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "invalid")


async def test_another_unit_and_an_unknown_service_are_refused(desk: Desk) -> None:
    other, device = f"units/{new_id()}", str(new_id())
    body = {"device_id": device, "service": SERVICE}
    assert (await desk.post(f"{other}/number-ranges", body)).status_code == 403
    unknown = await desk.post(f"{desk.unit}/number-ranges", body | {"service": "Nothing"})
    assert unknown.status_code == 422, unknown.text
    given = batch(device, entry("check-in", folio="C-1"))
    assert (await desk.post(f"{other}/offline-entries", given)).status_code == 403
    assert (await desk.get(f"{other}/offline-entries")).status_code == 404
