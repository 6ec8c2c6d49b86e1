"""A visit to the window and its request keep in step, whichever of the two changed."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import text

from app.catalog.loader import definition_of, load_services
from app.commands.run import import_jobs
from app.kernel.actor import Role
from app.kernel.consumer_runner import catch_up
from app.places.calendar import federal_holidays
from app.requests import jobs
from app.requests.rules.clock import add_working_days
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import appointments, asked, visit, window

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


async def invited(scene: Scene, who: actors.Citizen) -> tuple[str, str]:
    """A pension that waits for the citizen at the window; its folio and the appointment's."""
    folio = await asked(scene, who)
    (start_at, _other) = await window(scene)
    await scene.officer.claim(folio)
    booked = await visit(scene.officer, folio, start_at, unit=scene.unit)
    assert booked.status_code == 201, booked.text
    return folio, booked.json()["appointment_folio"]


async def follow_all(_scene: Scene) -> None:
    """Until the desk has heard of all there is."""
    import_jobs()
    await catch_up("desk")


async def count_dead_letters(scene: Scene) -> int:
    """How much the desk gave up on."""
    async with scene.db.transaction() as session:
        return int(await session.scalar(text("SELECT count(*) FROM dead_letter_event")) or 0)


async def change(scene: Scene, who: actors.Citizen, appointment: str, verb: str, body: dict[str, Any]) -> None:
    headers = who.keyed() | {"If-Match": "*"}
    answer = await scene.client.post(f"/api/v1/appointments/{appointment}/{verb}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text


async def test_a_cancelled_visit_brings_the_request_back_to_the_officers(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio, appointment = await invited(scene, who)
    await change(scene, who, appointment, "cancel", {"reason": "another-time"})
    assert (await who.get(folio))["kind"] == "visit"
    await follow_all(scene)
    back = await who.get(folio)
    assert (back["status"], back["appointment_folio"], back["answer_by"]) == ("review", None, None)
    assert back["clock"]["runs"]
    assert "request.visit-cancelled" in [one["type"] for one in back["history"]]
    item = await steps.item(scene, folio)
    assert item is not None
    assert item.role == "officer"
    (start_at, _other) = await window(scene, room=2)
    await scene.officer.claim(folio)
    assert (await visit(scene.officer, folio, start_at, unit=scene.unit, room=2)).status_code == 201
    await follow_all(scene)
    assert (await who.get(folio))["kind"] == "visit", "what was heard of the first says nothing of the second"


async def test_a_moved_visit_is_waited_for(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio, appointment = await invited(scene, who)
    first = date.fromisoformat((await who.get(folio))["answer_by"])
    async with scene.db.transaction() as session:
        later = places.tomorrow() + timedelta(days=20)
        (start_at,) = await places.seats(session, scene.unit, service="window", start_at=later)
    await change(scene, who, appointment, "move", {"room": 1, "start_at": start_at.isoformat()})
    await follow_all(scene)
    on_date = (start_at - timedelta(hours=6)).date()
    rest = federal_holidays(on_date, on_date + timedelta(days=60))
    moved = await who.get(folio)
    assert (moved["kind"], moved["answer_by"]) == ("visit", add_working_days(on_date, 10, rest).isoformat())
    with time_machine.travel(steps.noon(first + timedelta(days=1))):
        assert await jobs.lapse_batch() == 0, "the citizen comes later"


@pytest.mark.parametrize("how", ["withdrawn", "lapsed"])
async def test_a_request_that_ended_frees_the_windows_time(scene: Scene, how: str) -> None:
    who = await steps.old_worker(scene)
    folio, _appointment = await invited(scene, who)
    if how == "withdrawn":
        assert (await who.post(folio, "withdraw")).status_code == 200
    else:
        await steps.change(scene, folio, answer_by=steps.TODAY - timedelta(days=1))
        assert await jobs.lapse_batch() == 1
    await follow_all(scene)
    stored = steps.only(await appointments(scene))
    assert (stored.status, stored.cancel_reason) == ("cancelled", "request-ended")
    ended = await who.get(folio)
    assert (ended["outcome"], ended["kind"]) == (how, "final")


@pytest.mark.parametrize("minutes", [60, 5, -5])
async def test_a_visit_is_cancelled_with_its_request_however_near_it_is(scene: Scene, minutes: int) -> None:
    who = await steps.old_worker(scene)
    folio, _appointment = await invited(scene, who)
    stored = steps.only(await appointments(scene))
    with time_machine.travel(stored.start_at - timedelta(minutes=minutes), tick=True):
        assert (await who.post(folio, "withdraw")).status_code == 200
        await follow_all(scene)
    assert steps.only(await appointments(scene)).status == "cancelled"
    assert await count_dead_letters(scene) == 0


async def test_other_appointments_are_nobodys_step(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        (start_at,) = await places.seats(session, scene.unit)
        made = await places.booked(session, scene.ana, places.place(scene.unit, start_at))
    folio = await steps.complain(scene)
    await change(scene, scene.citizen, made.folio, "cancel", {"reason": "other"})
    await follow_all(scene)
    assert (await scene.citizen.get(folio))["kind"] == "review"


async def test_a_version_without_that_way_waits_on(scene: Scene) -> None:
    """A request keeps the workflow it began with."""
    workflow = definition_of(load_services()["pension"])["workflow"]
    ways = [way for way in workflow["transitions"] if way["action"] != "cancel"]
    await steps.publish(scene, "pension", 801, workflow=workflow | {"transitions": ways})
    who = await steps.old_worker(scene)
    folio, appointment = await invited(scene, who)
    await steps.change(scene, folio, service_version=801)
    await change(scene, who, appointment, "cancel", {"reason": "other"})
    await follow_all(scene)
    assert (await who.get(folio))["status"] == "visit"
    assert await count_dead_letters(scene) == 0


async def test_who_came_before_the_day_frees_the_time_of_that_day(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio, _appointment = await invited(scene, who)
    came = await scene.officer.post(f"{folio}/attended", {"other_day": True})
    assert came.status_code == 200, came.text
    await follow_all(scene)
    stored = steps.only(await appointments(scene))
    assert (stored.status, stored.cancel_reason) == ("cancelled", "came-another-day")
    assert (await who.get(folio))["kind"] != "final"


async def test_who_is_attended_at_the_desk_has_come_for_their_request(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio, appointment = await invited(scene, who)
    rosa = await steps.hire(scene, Role.RECEPTIONIST)
    (booked,) = await appointments(scene)
    with time_machine.travel(booked.start_at, tick=True):
        unit = f"/api/v1/desk/units/{scene.unit.id}"
        given = await scene.client.post(f"{unit}/check-ins", json={"folio": appointment}, headers=rosa.keyed())
        assert given.status_code == 201, given.text
        came = await scene.client.post(f"/api/v1/desk/appointments/{appointment}/attended", headers=rosa.keyed())
        assert came.json()["status"] == "attended"
        await follow_all(scene)
        assert (await who.get(folio))["kind"] == "review"
    assert await count_dead_letters(scene) == 0


async def test_who_came_by_the_officers_word_has_not_missed_the_appointment(scene: Scene) -> None:
    folio, _appointment = await invited(scene, await steps.old_worker(scene))
    (booked,) = await appointments(scene)
    with time_machine.travel(booked.start_at, tick=True):
        assert (await scene.officer.post(f"{folio}/attended", {})).status_code == 200
        await follow_all(scene)
    assert [one.status for one in await appointments(scene)] == ["attended"]
