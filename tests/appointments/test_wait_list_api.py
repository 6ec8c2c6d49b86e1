"""The wait list over HTTP: ask, see, change, leave, answer; the odds; the supervisor's figures and log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx
import pytest

from app.appointments.service import wait_offers
from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel import ids
from app.kernel.actor import Assurance, Role
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.staff import enter, hire

SERVICE = "family-medicine"
pytestmark = pytest.mark.usefixtures("working_days")


@dataclass
class Scene:
    """Ana has the first time of a clinic, Luz the third, and Eva none."""

    db: Database
    client: httpx.AsyncClient
    unit_id: UUID
    times: list[datetime]
    tokens: dict[str, str]
    folios: dict[str, str]

    def headers(self, who: str, **more: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.tokens[who]}",
            "Idempotency-Key": str(ids.new_id()),
            **{name.replace("_", "-"): value for name, value in more.items()},
        }

    async def join(self, who: str, **wish: object) -> httpx.Response:
        body = {"unit_id": str(self.unit_id), "service": SERVICE, "notice_hours": 2} | wish
        return await self.client.post("/api/v1/wait-list", json=body, headers=self.headers(who))

    async def cancel(self, who: str) -> None:
        path = f"/api/v1/appointments/{self.folios[who]}/cancel"
        done = await self.client.post(path, json={}, headers=self.headers(who, If_Match="*"))
        assert done.status_code == 200, done.text
        await self.look()

    async def look(self) -> None:
        async with self.db.transaction() as session:
            await wait_offers.look(session, self.unit_id)

    async def entry(self, who: str) -> dict[str, object]:
        found = (await self.client.get("/api/v1/wait-list", headers=self.headers(who))).json()
        assert len(found) == 1
        return dict(found[0])


@pytest.fixture
async def scene(db: Database, client: httpx.AsyncClient) -> Scene:
    tokens, folios = {}, {}
    async with db.transaction() as session:
        unit = await factories.unit(session)
        times = await factories.seats(session, unit, count=4, start_at=factories.tomorrow())
        for number, name in ((0, "ana"), (2, "luz"), (None, "eva")):
            who = await factories.person(session, unit)
            tokens[name] = issue_access_token(CITIZEN, who.id, assurance=Assurance.FULL)[0]
            if number is not None:
                made = await factories.booked(session, who, factories.place(unit, times[number]))
                folios[name] = made.folio
    for role in (Role.SUPERVISOR, Role.RECEPTIONIST):
        await hire(db, role=role, units=[unit.id], username=role.value)
        tokens[role.value] = (await enter(client, username=role.value)).json()["access_token"]
    return Scene(db, client, unit.id, times, tokens, folios)


async def test_a_unit_that_isnt_there_is_not_found(scene: Scene) -> None:
    place = {"unit_id": str(ids.new_id()), "service": SERVICE}
    asked = await scene.join("eva", **place)
    body = place | {"room": 1, "start_at": scene.times[1].isoformat()}
    held = await scene.client.post("/api/v1/holds", json=body, headers=scene.headers("eva"))
    assert [(one.status_code, one.json()["type"].split("/")[-1]) for one in (asked, held)] == [(404, "not-found")] * 2


async def test_ask_see_change_and_leave(scene: Scene) -> None:
    made = await scene.join("luz", weekdays=[1, 1, 2])
    assert made.status_code == 201, made.text
    entry = made.json()
    assert (entry["folio"], entry["weekdays"], entry["status"], made.headers["etag"]) == (
        scene.folios["luz"],
        [1, 2],
        "active",
        '"1"',
    )
    assert entry["odds"] == {"days": 90, "entries": 0, "filled": 0, "share": None, "min_entries": 20}
    path = made.headers["location"]
    assert (await scene.join("luz")).json()["type"].endswith("/already-waiting")
    assert (await scene.client.get(path, headers=scene.headers("eva"))).status_code == 404
    wish = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "notice_hours": 2}
    unseen = await scene.client.put(path, json=wish, headers=scene.headers("luz"))
    stale = await scene.client.put(path, json=wish, headers=scene.headers("luz", If_Match='"7"'))
    assert (unseen.status_code, stale.status_code) == (428, 412)
    changed = await scene.client.put(path, json=wish, headers=scene.headers("luz", If_Match='"1"'))
    assert (changed.json()["weekdays"], changed.headers["etag"]) == ([1, 2, 3, 4, 5, 6, 7], '"2"')
    left = await scene.client.delete(path, headers=scene.headers("luz", If_Match='"2"'))
    again = await scene.client.delete(path, headers=scene.headers("luz", If_Match="*"))
    assert (left.status_code, again.status_code) == (204, 409)
    read = await scene.client.get(path, headers=scene.headers("luz"))
    assert (read.json()["status"], read.json()["end_reason"]) == ("ended", "left")


async def test_who_is_offered_a_time_accepts_it_once(scene: Scene) -> None:
    await scene.join("luz")
    await scene.cancel("ana")
    entry = await scene.entry("luz")
    offer = entry["offer"]
    assert isinstance(offer, dict)
    assert datetime.fromisoformat(offer["start_at"]) == scene.times[0]
    path = f"/api/v1/wait-offers/{offer['id']}/accept"
    headers = scene.headers("luz", If_Match=f'"{entry["version"]}"')
    assert (await scene.client.post(path, headers=scene.headers("eva", If_Match="*"))).status_code == 404
    done = await scene.client.post(path, headers=headers)
    again = await scene.client.post(path, headers=headers)
    assert (done.status_code, done.json()["folio"], done.json()["version"]) == (200, scene.folios["luz"], 2), done.text
    assert (again.content, again.headers["idempotency-replayed"]) == (done.content, "true")
    over = await scene.client.post(path, headers=scene.headers("luz", If_Match="*"))
    assert over.json()["type"].endswith("/wait-offer-over")


async def test_declined_goes_to_the_next_and_the_supervisor_sees_why(scene: Scene) -> None:
    await scene.join("luz")
    await scene.join("eva")
    await scene.cancel("ana")
    offer = (await scene.entry("eva"))["offer"]
    assert isinstance(offer, dict), "who has no appointment comes first"
    declined = await scene.client.post(f"/api/v1/wait-offers/{offer['id']}/decline", headers=scene.headers("eva"))
    assert (declined.status_code, (await scene.entry("eva"))["offer"]) == (204, None)
    assert (await scene.entry("luz"))["offer"] is not None
    there = f"/api/v1/units/{scene.unit_id}/wait-list"
    log = (await scene.client.get(f"{there}/offers?limit=1", headers=scene.headers("supervisor"))).json()
    assert [(one["need"], one["place"], one["candidates"], one["answer"]) for one in log] == [("earlier", 1, 1, None)]
    fairness = (await scene.client.get(f"{there}/fairness", headers=scene.headers("supervisor"))).json()
    assert (fairness["freed"], fairness["filled"], fairness["groups"][0]["entries"]) == (1, 0, None)
    for part in ("offers", "fairness"):
        assert (await scene.client.get(f"{there}/{part}", headers=scene.headers("receptionist"))).status_code == 404
    odds = await scene.client.get(f"{there}/odds?service={SERVICE}")
    assert (odds.status_code, odds.json()["share"]) == (200, None)


async def test_a_paused_entry_is_resumed(scene: Scene) -> None:
    made = await scene.join("eva")
    path = f"{made.headers['location']}/resume"
    again = await scene.client.post(path, headers=scene.headers("eva", If_Match="*"))
    assert (again.status_code, again.json()["status"], again.headers["etag"]) == (200, "active", '"1"')
