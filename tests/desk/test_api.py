"""The desk over the API: a kiosk's, a counter's and a board's program see and do the same as the pages."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import time_machine

from app.kernel import clock
from app.kernel.actor import Role
from app.kernel.ids import new_id
from app.places.models import Room
from tests.appointments import factories as places
from tests.desk.factories import SERVICE
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import slug


@dataclass
class Desk:
    """The scene's unit with three windows, and who works there."""

    scene: Scene
    rosa: actors.Officer

    async def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        by: actors.Officer | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Use a route of the desk; on a ticket whatever its version, where `headers` names none."""
        sent = (by or self.rosa).keyed() | {"If-Match": "*"} | (headers or {})
        return await self.scene.client.request(method, f"/api/v1/desk/{path}", json=body, headers=sent)

    async def post(self, path: str, body: dict[str, Any] | None = None, **about: Any) -> httpx.Response:
        return await self.send("POST", path, body, **about)

    async def get(self, path: str, **about: Any) -> httpx.Response:
        return await self.send("GET", path, **about)

    @property
    def unit(self) -> str:
        return f"units/{self.scene.unit.id}"

    async def arrive(self, **body: Any) -> dict[str, Any]:
        """Someone takes a number."""
        given = await self.post(f"{self.unit}/tickets", {"service": SERVICE} | body)
        assert given.status_code == 201, given.text
        ticket: dict[str, Any] = given.json()
        return ticket

    async def sit(self, counter: int = 1, *, by: actors.Officer | None = None) -> None:
        """Open a counter."""
        body = {"unit_id": str(self.scene.unit.id), "counter": counter, "services": [SERVICE]}
        opened = await self.post("counter", body, by=by)
        assert opened.status_code == 201, opened.text

    async def appointment(self, *, minutes: int) -> str:
        """Ana's appointment, `minutes` from now on the same day; returns its folio."""
        start_at = clock.now() + timedelta(minutes=minutes)
        async with self.scene.db.transaction() as session:
            await places.seats(session, self.scene.unit, start_at=start_at)
            made = await places.booked(session, self.scene.ana, places.place(self.scene.unit, start_at))
        return made.folio


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    async with scene.db.transaction() as session:
        session.add_all(Room(unit_id=scene.unit.id, number=n, kind="window", name=f"Ventanilla {n}") for n in (1, 2, 3))
    return Desk(scene, await steps.hire(scene, Role.RECEPTIONIST))


async def test_a_day_at_the_counter(desk: Desk) -> None:
    first, second = await desk.arrive(), await desk.arrive(is_protected=True)
    assert (first["number"], second["number"]) == ("A-001", "A-002")
    waiting = (await desk.get(f"{desk.unit}/tickets")).json()
    assert [(one["number"], one["place"]) for one in waiting] == [("A-002", 1), ("A-001", 2)]
    assert (await desk.get("counter")).status_code == 409
    await desk.sit()
    called = await desk.post("counter/calls")
    assert (called.status_code, called.json()["number"], called.json()["counter"]) == (200, "A-002", 1)
    ticket = f"{desk.unit}/tickets/{second['id']}"
    assert (await desk.get("counter")).json()["ticket_number"] == "A-002"
    assert (await desk.post(f"{ticket}/serve")).json()["status"] == "serving"
    moved = await desk.post(f"{ticket}/transfer", {"service": "window"})
    assert (moved.json()["service"], moved.json()["number"]) == ("window", "A-002")
    ticket = f"{desk.unit}/tickets/{first['id']}"
    await desk.post("counter/calls")
    refused = await desk.post(f"{ticket}/leave", {"because": "no-answer"})
    assert (slug(refused), refused.json()["detail"]) == ((409, "call-again"), "Llamados que faltan: 2.")
    for _ in range(2):
        await desk.post(f"{ticket}/call-again")
    assert (await desk.post(f"{ticket}/leave", {"because": "no-answer"})).json()["left_because"] == "no-answer"
    assert (await desk.post(f"{ticket}/undo-leave")).json()["status"] == "waiting"
    assert (await desk.post(f"{ticket}/park")).json()["status"] == "parked"
    assert slug(await desk.post("counter/calls")) == (409, "desk-queue-empty")
    assert (await desk.post(f"{ticket}/return")).json()["place"] == 1
    assert (await desk.post(f"{ticket}/call")).json()["counter"] == 1
    assert slug(await desk.post("counter/close")) == (409, "counter-busy")
    await desk.post(f"{ticket}/serve")
    done = await desk.post(f"{ticket}/finish")
    assert (done.json()["status"], done.headers["etag"]) == ("done", f'"{done.json()["version"]}"')
    assert (await desk.post("counter/pause")).json()["status"] == "paused"
    assert slug(await desk.post("counter/calls")) == (409, "counter-closed")
    assert (await desk.post("counter/resume")).json()["status"] == "open"
    assert (await desk.post("counter/close")).status_code == 204
    ended = (await desk.get(f"{desk.unit}/tickets?ended=true&service={SERVICE}")).json()
    assert [one["number"] for one in ended] == ["A-001"]


async def test_an_action_on_a_ticket_that_changed_since_is_refused(desk: Desk) -> None:
    path = f"{desk.unit}/tickets/{(await desk.arrive())['id']}"
    seen = (await desk.get(path)).headers["etag"]
    assert (await desk.post(f"{path}/park", headers={"If-Match": seen})).status_code == 200
    assert slug(await desk.post(f"{path}/return", headers={"If-Match": seen})) == (412, "stale")
    refused = await desk.post(f"{path}/park")
    assert slug(refused) == (409, "ticket-not-in-state")
    assert (refused.json()["status"], refused.json()["ticket_status"]) == (409, "parked")


async def test_a_refused_action_says_how_the_ticket_is_and_what_it_takes(desk: Desk) -> None:
    await desk.sit()
    path = f"{desk.unit}/tickets/{(await desk.arrive())['id']}"
    waits = (await desk.post(f"{path}/serve")).json()
    assert (waits["status"], waits["ticket_status"]) == (409, "waiting")
    assert (waits["detail"], waits["next_step"]) == (
        "El turno espera en su fila.",
        "Puede llamarlo, apartarlo o cerrarlo.",
    )
    await desk.post(f"{path}/call")
    called = (await desk.post(f"{path}/finish")).json()
    assert (called["status"], called["ticket_status"]) == (409, "called")
    assert "decir que está aquí" in called["next_step"]
    await desk.post(f"{path}/serve")
    same = await desk.post(f"{path}/transfer", {"service": SERVICE})
    assert slug(same) == (422, "invalid")
    assert [one["field"] for one in same.json()["fields"]] == ["service"]
    assert (await desk.get(path)).json()["status"] == "serving"


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("call", None),
        ("call-again", None),
        ("serve", None),
        ("finish", None),
        ("transfer", {"service": "window"}),
        ("park", None),
        ("return", None),
        ("leave", {"because": "gave-up"}),
        ("undo-leave", None),
        ("identify", {"person_id": "0192f0c4-7a51-7b6e-9d3a-3f2d8a6b1c55"}),
        ("any-room", None),
    ],
)
async def test_an_action_on_a_ticket_says_which_version_it_is_of(
    desk: Desk, action: str, body: dict[str, Any] | None
) -> None:
    ticket = await desk.arrive()
    path = f"{desk.unit}/tickets/{ticket['id']}"
    sent = {name: value for name, value in desk.rosa.keyed().items() if name != "If-Match"}
    blind = await desk.scene.client.post(f"/api/v1/desk/{path}/{action}", json=body, headers=sent)
    assert slug(blind) == (428, "precondition-required")
    stale = await desk.post(f"{path}/{action}", body, headers={"If-Match": '"7"'})
    assert (slug(stale), stale.headers["etag"]) == ((412, "stale"), '"1"')
    assert (await desk.get(path)).json()["version"] == 1


async def test_each_answer_gives_the_version_for_the_next_action(desk: Desk) -> None:
    given = await desk.post(f"{desk.unit}/tickets", {"service": SERVICE})
    path = f"{desk.unit}/tickets/{given.json()['id']}"
    parked = await desk.post(f"{path}/park", headers={"If-Match": given.headers["etag"]})
    back = await desk.post(f"{path}/return", headers={"If-Match": parked.headers["etag"]})
    assert (parked.status_code, back.status_code) == (200, 200), parked.text + back.text
    await desk.sit()
    called = await desk.post("counter/calls")
    assert called.headers["etag"] == f'"{called.json()["version"]}"'
    assert (await desk.get("counter")).json()["ticket_version"] == called.json()["version"]
    served = await desk.post(f"{path}/serve", headers={"If-Match": called.headers["etag"]})
    done = await desk.post(f"{path}/finish", headers={"If-Match": served.headers["etag"]})
    assert done.json()["status"] == "done", done.text


async def test_the_same_key_again_calls_the_same_ticket(desk: Desk) -> None:
    for _ in range(3):
        await desk.arrive()
    await desk.sit()
    key = str(new_id())
    answers = await asyncio.gather(*(desk.post("counter/calls", headers={"Idempotency-Key": key}) for _ in range(5)))
    assert {one.json()["number"] for one in answers} == {"A-001"}
    assert slug(await desk.post("counter/calls")) == (409, "counter-busy")


async def test_check_in_and_the_doctors_list(desk: Desk) -> None:
    day = clock.today(desk.scene.unit.timezone)
    with time_machine.travel(steps.noon(day), tick=True):
        await _check_in_and_list(desk, day)


async def _check_in_and_list(desk: Desk, day: date) -> None:
    folio = await desk.appointment(minutes=45)
    lines = (await desk.get(f"{desk.unit}/day-list?room=1")).json()
    assert [(one["folio"], one["ticket_number"]) for one in lines] == [(folio, None)]
    assert slug(await desk.post(f"appointments/{folio}/missed")) == (409, "not-yet-missed")
    given = await desk.post(f"{desk.unit}/check-ins", {"folio": folio})
    assert (given.status_code, given.json()["number"]) == (201, "A-001")
    assert slug(await desk.post(f"{desk.unit}/check-ins", {"folio": folio})) == (409, "already-waiting")
    came = await desk.post(f"appointments/{folio}/attended")
    assert (came.status_code, came.json()["status"]) == (200, "attended")
    (line,) = (await desk.get(f"{desk.unit}/day-list?on_date={day}")).json()
    assert (line["status"], line["ticket_status"], line["full_name"]) == ("attended", "done", "Ana Núñez Peña")


async def test_only_staff_of_the_unit(desk: Desk) -> None:
    ticket = (await desk.arrive())["id"]
    async with desk.scene.db.transaction() as session:
        other = await places.unit(session)
    stranger = await steps.hire(desk.scene, Role.RECEPTIONIST, other)
    analyst = await steps.hire(desk.scene, Role.ANALYST)
    for who in (stranger, analyst):
        for path in (
            f"{desk.unit}/tickets",
            f"{desk.unit}/tickets/{ticket}",
            f"{desk.unit}/counters",
            f"{desk.unit}/day-list",
        ):
            assert slug(await desk.get(path, by=who)) == (404, "not-found"), path
        assert slug(await desk.post(f"{desk.unit}/tickets", {"service": SERVICE}, by=who)) == (403, "wrong-role")
        assert slug(await desk.post(f"{desk.unit}/tickets/{ticket}/park", by=who)) == (404, "not-found")
    assert slug(await desk.post("counter/calls", by=analyst)) == (403, "wrong-role")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "service"),
        ({"service": ""}, "service"),
        ({"service": SERVICE, "person_id": "x"}, "person_id"),
        ({"service": SERVICE, "colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_body_says_where(desk: Desk, body: dict[str, Any], field: str) -> None:
    refused = await desk.post(f"{desk.unit}/tickets", body)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, field)


async def test_a_service_that_is_not_and_a_person_who_is_not_are_refused(desk: Desk) -> None:
    assert slug(await desk.post(f"{desk.unit}/tickets", {"service": "astrology"})) == (422, "service-unknown")
    unknown = await desk.post(f"{desk.unit}/tickets", {"service": SERVICE, "person_id": str(new_id())})
    assert slug(unknown) == (404, "not-found")


async def test_a_supervisor_sets_the_terms_for_who_arrives_from_then_on(desk: Desk) -> None:
    await desk.arrive()
    boss = await desk.scene.supervisor()
    (queue,) = (await desk.get(f"{desk.unit}/queues")).json()
    assert (queue["letter"], queue["walk_in_offset"], queue["version"]) == ("A", 20, 1)
    path, terms = f"{desk.unit}/queues/{SERVICE}", {"walk_in_offset": 0, "calls": 1}
    seen = {"If-Match": '"1"'}
    assert slug(await desk.send("PATCH", path, terms, headers=seen)) == (403, "unit-not-managed")
    changed = await desk.send("PATCH", path, terms, by=boss, headers=seen)
    assert (changed.status_code, changed.json()["calls"], changed.headers["etag"]) == (200, 1, '"2"')
    assert slug(await desk.send("PATCH", path, terms, by=boss, headers=seen)) == (412, "stale")
    too_long = await desk.send("PATCH", path, {"grace": 601}, by=boss, headers={"If-Match": '"2"'})
    assert (too_long.status_code, too_long.json()["fields"][0]["field"]) == (422, "grace")
    await desk.arrive()
    # Who comes now is before who came a minute ago, and keeps the place of then.
    waiting = (await desk.get(f"{desk.unit}/tickets")).json()
    assert [one["number"] for one in waiting] == ["A-002", "A-001"]
    other = await desk.send("PATCH", f"{desk.unit}/queues/dental", {"calls": 2}, by=boss, headers={"If-Match": "*"})
    assert (other.json()["letter"], other.json()["calls"]) == ("B", 2)
