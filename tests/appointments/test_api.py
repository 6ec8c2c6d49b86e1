"""The way of an appointment over HTTP: as a program would do it."""

from uuid import UUID

import httpx
import pytest

from app.identity.service.revocation import revoke_all_access
from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel import ids
from app.kernel.actor import Assurance
from tests.appointments import factories
from tests.conftest import Database


class Scene:
    """A person with a token, in a unit with free times."""

    def __init__(self, headers: dict[str, str], unit_id: str, times: list[str], person_id: str) -> None:
        self.headers = headers
        self.unit_id = unit_id
        self.times = times
        self.person_id = person_id

    def place(self, number: int = 0) -> dict[str, object]:
        return {
            "unit_id": self.unit_id,
            "service": "family-medicine",
            "room": 1,
            "start_at": self.times[number],
        }

    def keyed(self, key: str | None = None) -> dict[str, str]:
        return self.headers | {"Idempotency-Key": key or str(ids.new_id())}


@pytest.fixture
async def scene(db: Database) -> Scene:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        times = await factories.seats(session, unit, count=3)
    token, _seconds = issue_access_token(CITIZEN, ana.id, assurance=Assurance.FULL)
    return Scene({"Authorization": f"Bearer {token}"}, str(unit.id), [time.isoformat() for time in times], str(ana.id))


async def book(client: httpx.AsyncClient, scene: Scene, number: int = 0) -> httpx.Response:
    held = await client.post("/api/v1/holds", json=scene.place(number), headers=scene.keyed())
    assert held.status_code == 201, held.text
    return await client.post("/api/v1/appointments", json={"hold_id": held.json()["id"]}, headers=scene.keyed())


async def test_find_hold_book_read_move_cancel(client: httpx.AsyncClient, scene: Scene) -> None:
    days = await client.get("/api/v1/availability?service=family-medicine", headers=scene.headers)
    assert days.status_code == 200, days.text
    day = days.json()["days"][0]
    assert (day["seats"], days.json()["third_next_at"] is not None) == (3, True)
    times = await client.get(f"/api/v1/availability/{day['day']}?service=family-medicine", headers=scene.headers)
    assert [time["is_mine"] for time in times.json()["times"]] == [True, True, True]
    booked = await book(client, scene)
    assert booked.status_code == 201, booked.text
    folio = booked.json()["folio"]
    assert (booked.headers["etag"], booked.headers["location"]) == ('"1"', f"/api/v1/appointments/{folio}")
    moved = await client.post(
        f"/api/v1/appointments/{folio}/move",
        json={"room": 1, "start_at": scene.times[1]},
        headers=scene.keyed() | {"If-Match": '"1"'},
    )
    assert (moved.status_code, moved.headers["etag"]) == (200, '"2"'), moved.text
    read = await client.get(f"/api/v1/appointments/{folio.lower().replace('-', '')}", headers=scene.headers)
    assert read.json()["version"] == 2
    cancelled = await client.post(
        f"/api/v1/appointments/{folio}/cancel", json={}, headers=scene.keyed() | {"If-Match": '"2"'}
    )
    assert cancelled.json()["status"] == "cancelled", cancelled.text


async def test_the_same_key_answers_the_same_bytes(client: httpx.AsyncClient, scene: Scene) -> None:
    key = scene.keyed()
    first = await client.post("/api/v1/holds", json=scene.place(), headers=key)
    second = await client.post("/api/v1/holds", json=scene.place(), headers=key)
    assert (second.content, second.status_code) == (first.content, 201)
    assert second.headers["idempotency-replayed"] == "true"
    other = await client.post("/api/v1/holds", json=scene.place(1), headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


async def test_a_change_needs_the_version_it_is_made_on(client: httpx.AsyncClient, scene: Scene) -> None:
    folio = (await book(client, scene)).json()["folio"]
    path = f"/api/v1/appointments/{folio}/cancel"
    assert (await client.post(path, json={}, headers=scene.keyed())).status_code == 428
    stale = await client.post(path, json={}, headers=scene.keyed() | {"If-Match": '"9"'})
    assert (stale.status_code, stale.headers["etag"]) == (412, '"1"')


async def test_refusals_name_the_rule_and_the_next_step(client: httpx.AsyncClient, scene: Scene) -> None:
    await book(client, scene)
    again = await client.post("/api/v1/holds", json=scene.place(1), headers=scene.keyed())
    problem = again.json()
    assert (again.status_code, problem["type"], problem["rule"]) == (409, "/problems/already-booked", "one-active")
    assert problem["next_step"]


async def test_appointments_are_paged_by_the_link_header(client: httpx.AsyncClient, scene: Scene, db: Database) -> None:
    for number in range(3):
        folio = (await book(client, scene, number)).json()["folio"]
        await client.post(f"/api/v1/appointments/{folio}/cancel", json={}, headers=scene.keyed() | {"If-Match": "*"})
    first = await client.get("/api/v1/appointments?limit=2", headers=scene.headers)
    assert len(first.json()) == 2
    following = first.headers["link"].split(";")[0].strip("<>")
    second = await client.get(following, headers=scene.headers)
    assert len(second.json()) == 1
    assert "link" not in second.headers
    bad = await client.get("/api/v1/appointments?cursor=WzFd", headers=scene.headers)
    assert bad.status_code == 422


@pytest.mark.parametrize("token", ["", "Bearer nonsense", "Basic abc"])
async def test_without_a_valid_token_nothing_is_revealed(client: httpx.AsyncClient, scene: Scene, token: str) -> None:
    answer = await client.get("/api/v1/me", headers={"Authorization": token} if token else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_revoked_token_holds_and_books_nothing(client: httpx.AsyncClient, scene: Scene, db: Database) -> None:
    hold_id = (await client.post("/api/v1/holds", json=scene.place(), headers=scene.keyed())).json()["id"]
    async with db.transaction() as session:
        await revoke_all_access(session, UUID(scene.person_id))
    tries: list[tuple[str, dict[str, object]]] = [
        ("/api/v1/appointments", {"hold_id": hold_id}),
        ("/api/v1/holds", scene.place(1)),
        ("/api/v1/holds", scene.place(1) | {"person_id": str(ids.new_id())}),
        ("/api/v1/holds", scene.place(1) | {"moving": "C-0000-0000-0"}),
    ]
    answers = [await client.post(path, json=body, headers=scene.keyed()) for path, body in tries]
    assert [answer.status_code for answer in answers] == [401] * len(tries)
    assert answers[0].headers["www-authenticate"].startswith("Bearer")


async def test_me_says_unit_and_rights(client: httpx.AsyncClient, scene: Scene) -> None:
    answer = await client.get("/api/v1/me", headers=scene.headers)
    assert (answer.json()["id"], answer.json()["rights_in_force"]) == (scene.person_id, True)
