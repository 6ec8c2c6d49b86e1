"""A schedule that is past is refused; one that hasn't begun can be withdrawn, while no one has an appointment by it."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import text

from app.appointments.models import Schedule
from app.appointments.rules import Pattern, is_all_past
from app.appointments.service import reschedule
from app.kernel import clock, ids
from app.kernel.actor import Role
from app.places.models import Unit
from tests.appointments import factories
from tests.conftest import Database
from tests.requests.actors import hire
from tests.waiting import until_a_session_waits

PATH = "/api/v1/schedules"
MONDAY = date(2026, 11, 30)
SLOT = 30
EIGHT_TO_TEN = {"starts": 8 * 60, "ends": 10 * 60}


@dataclass
class Desk:
    """Who runs a unit, by the API."""

    client: httpx.AsyncClient
    db: Database
    unit: Unit
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return clock.today(self.unit.timezone)

    async def open(self, language: str = "es", **changed: Any) -> httpx.Response:
        pattern: dict[str, Any] = {
            "unit_id": str(self.unit.id),
            "room": 1,
            "shift": "M",
            "service": "family-medicine",
            "weekdays": [1, 2, 3, 4, 5, 6, 7],
            "starts": "08:00",
            "ends": "10:00",
            "slot_minutes": SLOT,
            "valid_from": str(self.today + timedelta(days=3)),
        }
        headers = self.keyed() | {"Accept-Language": language}
        return await self.client.post(PATH, json=pattern | changed, headers=headers)

    def keyed(self) -> dict[str, str]:
        return self.headers | {"Idempotency-Key": str(ids.new_id())}

    async def withdraw(self, schedule_id: str, version: str = "*") -> httpx.Response:
        return await self.client.delete(f"{PATH}/{schedule_id}", headers=self.headers | {"If-Match": version})

    async def count(self, statement: str) -> int:
        async with self.db.transaction() as session:
            return int(await session.scalar(text(statement)) or 0)


@pytest.fixture
async def desk(db: Database, client: httpx.AsyncClient) -> Desk:
    return await open_desk(db, client)


async def open_desk(db: Database, client: httpx.AsyncClient) -> Desk:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        await factories.room_of(session, unit, 1)
    boss = await hire(db, client, Role.SUPERVISOR, unit)
    return Desk(client, db, unit, {"Authorization": boss.keyed()["Authorization"]})


def pattern(first: date, last: date | None, *weekdays: int) -> Pattern:
    return Pattern(weekdays or (1, 2, 3, 4, 5, 6, 7), valid_from=first, valid_to=last, **EIGHT_TO_TEN)


def test_what_is_past_by_the_minute() -> None:
    ago, yesterday, tomorrow = (MONDAY + timedelta(days=days) for days in (-30, -1, 1))
    assert is_all_past(pattern(ago, yesterday), SLOT, MONDAY, 0)
    assert not is_all_past(pattern(ago, MONDAY), SLOT, MONDAY, 9 * 60 + 29), "9:30 is to come"
    assert is_all_past(pattern(ago, MONDAY), SLOT, MONDAY, 9 * 60 + 30)
    assert is_all_past(pattern(ago, tomorrow, 1), SLOT, MONDAY, 12 * 60), "only Mondays, and today's are over"
    assert not is_all_past(pattern(ago, tomorrow, 2), SLOT, MONDAY, 12 * 60)
    assert not is_all_past(pattern(ago, None), SLOT, MONDAY, 12 * 60)
    assert not is_all_past(pattern(tomorrow, tomorrow), SLOT, MONDAY, 12 * 60)
    assert not is_all_past(pattern(ago, MONDAY + timedelta(days=7), 1), SLOT, MONDAY, 12 * 60), "the next Monday"


async def test_a_past_schedule_is_refused_with_what_to_do(desk: Desk) -> None:
    ago, yesterday = desk.today - timedelta(days=30), desk.today - timedelta(days=1)
    refused = await desk.open(valid_from=str(ago), valid_to=str(yesterday))
    assert refused.status_code == 422
    body = refused.json()
    assert body["type"] == "/problems/schedule-in-past"
    assert body["fields"][0]["field"] == "valid_to"
    assert "posterior" in body["next_step"]
    assert await desk.count("SELECT count(*) FROM schedule") == 0
    english = await desk.open(language="en", valid_from=str(ago), valid_to=str(yesterday))
    assert english.json()["title"] == "That schedule would be over already"
    still = await desk.open(valid_from=str(ago), valid_to=str(desk.today + timedelta(days=1)))
    assert still.status_code == 201, "it began before and goes on"


async def test_one_that_has_not_begun_is_withdrawn_with_its_seats(desk: Desk) -> None:
    made = (await desk.open()).json()
    assert await desk.count("SELECT count(*) FROM seat") > 0
    assert (await desk.client.delete(f"{PATH}/{made['id']}", headers=desk.headers)).status_code == 428
    assert (await desk.withdraw(made["id"], '"7"')).status_code == 412
    removed = await desk.withdraw(made["id"], '"1"')
    assert (removed.status_code, removed.content) == (204, b"")
    assert await desk.count("SELECT count(*) FROM seat") == 0
    assert (await desk.client.get(f"{PATH}/{made['id']}", headers=desk.headers)).status_code == 404
    assert (await desk.withdraw(made["id"])).status_code == 404
    assert await desk.count("SELECT count(*) FROM event WHERE type = 'schedule.changed'") == 1
    assert (await desk.open()).status_code == 201, "the room is free again"


async def test_one_with_appointments_stays_as_it_is(desk: Desk) -> None:
    made = (await desk.open()).json()
    async with desk.db.transaction() as session:
        start_at = await session.scalar(text("SELECT min(start_at) FROM seat"))
        ana = await factories.person(session, desk.unit)
        await factories.booked(session, ana, factories.place(desk.unit, start_at))
    seats = await desk.count("SELECT count(*) FROM seat")
    refused = await desk.withdraw(made["id"])
    assert refused.status_code == 409
    body = refused.json()
    assert (body["type"], body["appointments"]) == ("/problems/schedule-has-appointments", 1)
    assert "/end" in body["next_step"]
    assert await desk.count("SELECT count(*) FROM seat") == seats
    assert await desk.count("SELECT count(*) FROM seat WHERE closed_by IS NOT NULL") == 0
    assert await desk.count("SELECT count(*) FROM appointment WHERE affected IS NOT NULL") == 0
    async with desk.db.transaction() as session:
        stored = await session.get(Schedule, made["id"])
        assert stored is not None
        assert (stored.version, stored.valid_to) == (1, None)


async def test_one_that_has_begun_is_ended_instead(desk: Desk) -> None:
    made = (await desk.open(valid_from=str(desk.today))).json()
    begun = await desk.withdraw(made["id"])
    assert (begun.status_code, begun.json()["type"]) == (409, "/problems/schedule-started")
    early = await desk.client.post(
        f"{PATH}/{(await desk.open(room=1, starts='10:00', ends='12:00')).json()['id']}/end",
        json={"last_day": str(desk.today)},
        headers=desk.keyed() | {"If-Match": "*"},
    )
    assert "retírela" in early.json()["fields"][0]["message"]


async def test_who_does_not_run_the_unit_withdraws_nothing(desk: Desk) -> None:
    made = (await desk.open()).json()
    async with desk.db.transaction() as session:
        other = await factories.unit(session, name="UMF 2")
    for role, units in ((Role.OFFICER, desk.unit), (Role.SUPERVISOR, other)):
        who = await hire(desk.db, desk.client, role, units)
        headers = {"Authorization": who.keyed()["Authorization"], "If-Match": "*"}
        assert (await desk.client.delete(f"{PATH}/{made['id']}", headers=headers)).status_code == 404
    assert await desk.count("SELECT count(*) FROM schedule") == 1


async def test_today_is_the_unit_s(db: Database, client: httpx.AsyncClient) -> None:
    # It is already Tuesday in UTC, and Monday at the unit.
    with time_machine.travel(datetime(2026, 12, 1, 4, tzinfo=UTC), tick=False):
        desk = await open_desk(db, client)
        assert desk.today == MONDAY
        over = await desk.open(valid_from=str(MONDAY), valid_to=str(MONDAY))
        assert over.json()["type"] == "/problems/schedule-in-past"
        evening = await desk.open(valid_from=str(MONDAY), valid_to=str(MONDAY), shift="V", starts="22:30", ends="23:30")
        assert evening.status_code == 201


async def test_a_cancellation_that_is_being_written_is_waited_for(desk: Desk) -> None:
    """Else its seat would stay, of no schedule."""
    made = (await desk.open()).json()
    first = datetime.combine(desk.today + timedelta(days=3), time(14), UTC)
    async with desk.db.transaction() as session:
        ana = await factories.person(session, desk.unit)
        booked = await factories.booked(session, ana, factories.place(desk.unit, first))
    async with desk.db.transaction() as session:
        await reschedule.cancel(session, factories.citizen(ana), booked.folio, "other", factories.once())
        withdrawn = asyncio.create_task(desk.withdraw(made["id"]))
        await until_a_session_waits(desk.db)
    assert (await withdrawn).status_code == 204
    async with desk.db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM seat")) == 0
